"""What harms a person is proposed by one member of staff and takes effect by a second (G13).

The second is neither the first, nor anybody who had a part in what is judged: who visited, who
uploaded, who decided it before, who helped the person. Nobody answers twice, and an answer stands.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from domain.errors import AppError, Kind
from domain.ids import StaffId

SHORTEST_TEXT = 4
LONGEST_TEXT = 2000


class ProposalKind(StrEnum):
    """What harms a person, so that one hand must not do it."""

    REFER_AS_LEAD = "refer_as_lead"
    REVOKE_CERTIFICATION = "revoke_certification"


class Answer(StrEnum):
    """What a proposal came to. Only `confirmed` lets anything happen."""

    CONFIRMED = "confirmed"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What a second person has to know. `involved` had a part in what is judged."""

    proposed_by: StaffId
    involved: frozenset[StaffId]
    answer: Answer | None = None


def propose(
    first: StaffId, *, took_part: Collection[StaffId], decided: Collection[StaffId] = ()
) -> Proposal:
    """Make a proposal about an act that `took_part` handed in and `decided` certified before.

    Who certified may find out that it was wrong and say so, but is no second. Raises `AppError`
    FORBIDDEN `proposal.not_independent` for a first who handed it in.
    """
    if first in took_part:
        raise AppError(Kind.FORBIDDEN, "proposal.not_independent")
    return Proposal(proposed_by=first, involved=frozenset(took_part) | frozenset(decided))


def check_second(proposal: Proposal, second: StaffId) -> None:
    """Refuse who may not be the second person.

    Raises `AppError` FORBIDDEN `proposal.own` or `proposal.not_independent`.
    """
    if second == proposal.proposed_by:
        raise AppError(Kind.FORBIDDEN, "proposal.own")
    if second in proposal.involved:
        raise AppError(Kind.FORBIDDEN, "proposal.not_independent")


def settle(proposal: Proposal, answer: Answer, *, by: StaffId) -> Answer:
    """Return `answer` when `by` may give it.

    Raises `AppError` CONFLICT `proposal.already_answered`, FORBIDDEN `proposal.not_yours` for a
    withdrawal by another than the first, and what `check_second` raises.
    """
    if proposal.answer is not None:
        raise AppError(Kind.CONFLICT, "proposal.already_answered", answer=proposal.answer.value)
    if answer is not Answer.WITHDRAWN:
        check_second(proposal, by)
    elif by != proposal.proposed_by:
        raise AppError(Kind.FORBIDDEN, "proposal.not_yours")
    return answer


def check_grounds(grounds: str) -> None:
    """Refuse a proposal that does not say why.

    Raises `AppError` INVALID `proposal.grounds_required` or `proposal.grounds_too_long`.
    """
    if len(grounds.strip()) < SHORTEST_TEXT:
        raise AppError(Kind.INVALID, "proposal.grounds_required", at_least=SHORTEST_TEXT)
    if len(grounds) > LONGEST_TEXT:
        raise AppError(Kind.INVALID, "proposal.grounds_too_long", at_most=LONGEST_TEXT)


def check_note(answer: Answer, note: str) -> None:
    """Refuse to return without a word why: the next reviewer reads it.

    Raises `AppError` INVALID `proposal.note_required` or `proposal.note_too_long`.
    """
    if answer is Answer.RETURNED and len(note.strip()) < SHORTEST_TEXT:
        raise AppError(Kind.INVALID, "proposal.note_required", at_least=SHORTEST_TEXT)
    if len(note) > LONGEST_TEXT:
        raise AppError(Kind.INVALID, "proposal.note_too_long", at_most=LONGEST_TEXT)
