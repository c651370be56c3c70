"""An appeal: the person asks that a result be looked at again, and a different person answers.

It may come by any channel, and while it is open nothing that harms the person goes further.
Sources: requirements D (appeal holds the stop), G13 (no sign-off by one hand).
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType

from domain.attempt import AttemptState
from domain.cycle import Channel
from domain.errors import AppError, Kind
from domain.ids import StaffId
from domain.review import Method, Verdict, check_verdict

SHORTEST_STATEMENT = 2
LONGEST_STATEMENT = 2000


class AppealChannel(StrEnum):
    """How the person asked."""

    PHONE_PAGE = "phone_page"
    WINDOW = "window"
    VILLAGE_OFFICER = "village_officer"
    LETTER = "letter"
    HOTLINE = "hotline"  # 12333


class AppealOutcome(StrEnum):
    """What the answer may be: upheld in one of three ways, or what was found stands."""

    CERTIFIED = "certified"
    ASK_AGAIN = "ask_again"
    SEND_VISIT = "send_visit"
    STANDS = "stands"


CHANNELS: Mapping[Method, Channel] = MappingProxyType(
    {
        Method.DOCUMENTS: Channel.OFFICIAL,
        Method.CALL_BACK: Channel.REMOTE,
        Method.KNOWLEDGE_QUESTIONS: Channel.REMOTE,
        Method.VISIT: Channel.HOME_VISIT,
    }
)
"""How somebody was seen alive whose appeal is against no act that could be rested on."""
UPHELD = frozenset(AppealOutcome) - {AppealOutcome.STANDS}
CONTESTABLE = frozenset(
    {
        AttemptState.RETRY,
        AttemptState.ASKED_AGAIN,
        AttemptState.VISIT_SENT,
        AttemptState.REFERRED,
    }
)
"""Results against which the phone page offers an appeal: known, and not what was hoped for."""


def check_contestable(state: AttemptState | None) -> None:
    """Refuse an appeal from the phone page where nothing stands against the person.

    `state` is that of the newest attempt, None when there is none. Raises `AppError` CONFLICT
    `appeal.nothing_found`.
    """
    if state not in CONTESTABLE:
        raise AppError(Kind.CONFLICT, "appeal.nothing_found")


def check_statement(channel: AppealChannel, statement: str) -> None:
    """Refuse an appeal that somebody wrote down without what the person said.

    On the phone page the wish itself is enough: nobody has to write on a small keyboard. Raises
    `AppError` INVALID `appeal.statement_required` or `appeal.statement_too_long`.
    """
    written_down = channel is not AppealChannel.PHONE_PAGE
    if written_down and len(statement.strip()) < SHORTEST_STATEMENT:
        raise AppError(Kind.INVALID, "appeal.statement_required", at_least=SHORTEST_STATEMENT)
    if len(statement) > LONGEST_STATEMENT:
        raise AppError(Kind.INVALID, "appeal.statement_too_long", at_most=LONGEST_STATEMENT)


def check_answer(outcome: AppealOutcome, method: Method | None, findings: str) -> None:
    """Refuse an incomplete answer.

    It asks for what a verdict of the same name asks for, and one that lets things stand for no
    less than one that sends a visit. Raises what `domain.review.check_verdict` raises.
    """
    upheld = outcome in UPHELD
    check_verdict(Verdict(outcome) if upheld else Verdict.SEND_VISIT, method, findings)


def check_other_person(answerer: StaffId, involved: Iterable[StaffId | None]) -> None:
    """Refuse whoever had a hand in what the appeal is against, or in the appeal.

    `involved` decided, proposed or seconded it, handed it in or helped with it, or wrote the
    appeal down; it may hold None for a part that no member of staff played. Raises `AppError`
    FORBIDDEN `appeal.not_independent`.
    """
    if answerer in set(involved):
        raise AppError(Kind.FORBIDDEN, "appeal.not_independent")


def adds_anything(statement: str, known: Iterable[str]) -> bool:
    """Tell whether a repeated appeal says what is not on record yet: what is, is kept once."""
    return bool(statement.strip()) and statement.strip() not in {text.strip() for text in known}
