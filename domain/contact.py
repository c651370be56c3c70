"""Trying to reach a person: what counts as a try, and when "unreachable" may be said.

Sources: requirements A.8.2 and E (contact-proof gate before any stop).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from domain.errors import AppError, Kind
from domain.policy_values import ContactRules

OLDEST = timedelta(days=365)
LONGEST_NOTE = 500


class ContactChannel(StrEnum):
    """By which means somebody tried."""

    CALL = "call"
    SMS = "sms"
    LETTER = "letter"
    VISIT = "visit"
    RELATIVE = "relative"
    VILLAGE_NOTICE = "village_notice"


class ContactOutcome(StrEnum):
    """What came of a try."""

    REACHED = "reached"
    PROMISED = "promised"  # reached, and will certify
    NO_ANSWER = "no_answer"
    WRONG_NUMBER = "wrong_number"
    REFUSED = "refused"  # reached, and does not want to
    MESSAGE_LEFT = "message_left"


UNSUCCESSFUL = frozenset(
    {ContactOutcome.NO_ANSWER, ContactOutcome.WRONG_NUMBER, ContactOutcome.MESSAGE_LEFT}
)


class Reachability(StrEnum):
    """What the staff wrote down of a person; without a word of theirs it is `reached`."""

    UNREACHABLE = "unreachable"
    REACHED = "reached"


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """One try to reach the person. `on` is its legal day, `at` its moment (aware)."""

    channel: ContactChannel
    outcome: ContactOutcome
    at: datetime
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What the tries since the person was last reached come to, and what the policy asks for."""

    attempts: int
    channels: int
    days: int
    rules: ContactRules

    @property
    def attempts_missing(self) -> int:
        """Tries that still have to be made."""
        return max(0, self.rules.attempts - self.attempts)

    @property
    def channels_missing(self) -> int:
        """Further means that still have to be tried."""
        return max(0, self.rules.channels - self.channels)

    @property
    def days_missing(self) -> int:
        """Further days on which it still has to be tried."""
        return max(0, self.rules.days - self.days)

    @property
    def is_enough(self) -> bool:
        """Whether "unreachable" may be said."""
        return not (self.attempts_missing or self.channels_missing or self.days_missing)


def reached(outcome: ContactOutcome) -> bool:
    """Tell whether somebody was there: also whoever refuses has been reached."""
    return outcome not in UNSUCCESSFUL


def proof(
    tries: Iterable[Try], rules: ContactRules, *, reached_at: datetime | None = None
) -> Proof:
    """Count the unsuccessful tries since the person was last reached.

    `reached_at` is a moment at which the person showed life in another way: a certification, an
    appeal of their own. Tries at that very moment or before do not count.
    """
    made = list(tries)
    lives = [one.at for one in made if reached(one.outcome)]
    since = max([*lives, *([reached_at] if reached_at else [])], default=None)
    counted = [
        one for one in made if not reached(one.outcome) and (since is None or one.at > since)
    ]
    return Proof(
        attempts=len(counted),
        channels=len({one.channel for one in counted}),
        days=len({one.on for one in counted}),
        rules=rules,
    )


def check_enough(found: Proof) -> None:
    """Refuse to call somebody unreachable too soon.

    Raises `AppError` CONFLICT `contact.too_few` with what is missing of each kind.
    """
    if not found.is_enough:
        raise AppError(
            Kind.CONFLICT,
            "contact.too_few",
            attempts_missing=found.attempts_missing,
            channels_missing=found.channels_missing,
            days_missing=found.days_missing,
        )


def check_contact(contacted_at: datetime, note: str, *, now: datetime) -> None:
    """Refuse a contact that lies ahead, or so far back that nobody remembers it.

    Raises `AppError` INVALID `contact.in_future`, `contact.too_old` or `contact.note_too_long`.
    """
    if contacted_at > now:
        raise AppError(Kind.INVALID, "contact.in_future")
    if contacted_at < now - OLDEST:
        raise AppError(Kind.INVALID, "contact.too_old", days=OLDEST.days)
    if len(note) > LONGEST_NOTE:
        raise AppError(Kind.INVALID, "contact.note_too_long", at_most=LONGEST_NOTE)
