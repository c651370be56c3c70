"""The reviewers are reviewed: which decisions are read again, blind, and what that shows (7.3).

At least a share of the decisions of an office is read by somebody else who is not told. Which
ones nobody can foresee: each decision has a lot, drawn with a secret key, and lies under the share
or not; when chance brought too few, those with the lowest lots of the window are taken as well, so
that the share holds after every decision. Known answers go round in the same way (G13).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import assert_never

from domain.errors import AppError, Kind
from domain.ids import ReviewId, StaffId
from domain.intervals import clopper_pearson
from domain.review import Verdict

WINDOW = timedelta(days=30)
"""The share of what is read again is kept over this time."""
LOTS = 1 << 64
LEAST_DELAY = timedelta(hours=1)
"""A re-read that followed its decision at once would give itself away."""
MOST_JITTER = timedelta(minutes=40)
MOST_EXTRA_DAYS = 2
_DAY = timedelta(days=1)

FAST = timedelta(seconds=3)
"""Nobody looks at two faces and a clip in less."""
ALWAYS_FROM = 20
"""So many decisions without one doubt are a pattern."""
AGREEMENT_WANTED = 0.95
SHORTEST_NOTE = 4
LONGEST_NOTE = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A decision of the window. `lot` is at least 0 and less than `LOTS`."""

    id: ReviewId
    lot: int
    is_drawn: bool = False


def lot_of(keyed: bytes) -> int:
    """Read a lot from the digest, under a secret key, of a decision's id."""
    return int.from_bytes(keyed[:8], "big")


def is_drawn(lot: int, share_percent: int) -> bool:
    """Tell whether chance picks a decision."""
    return lot * 100 < share_percent * LOTS


def owed(decisions: int, drawn: int, share_percent: int) -> int:
    """Return how many must be drawn besides, so that the share is kept."""
    wanted = -(-share_percent * decisions // 100)
    return max(0, wanted - drawn)


def draw(window: Sequence[Decided], newest: ReviewId, share_percent: int) -> tuple[ReviewId, ...]:
    """Return what is read again now that `newest`, a decision of `window`, has been made."""
    waiting = sorted((one for one in window if not one.is_drawn), key=lambda one: (one.lot, one.id))
    chance = [one.id for one in waiting if one.id == newest and is_drawn(one.lot, share_percent)]
    missing = owed(len(window), len(window) - len(waiting) + len(chance), share_percent)
    others = [one.id for one in waiting if one.id not in chance]
    return (*chance, *others[:missing])


def appears_at(first_opened: datetime, *, now: datetime, lot: int) -> datetime:
    """Return when a second look joins the queue: later, about the hour of the day of the first.

    All moments aware. A whole number of days lies between (and some minutes), so that a clip of
    the morning is not handed in at night; how many, chance says.
    """
    jitter = MOST_JITTER * (lot / LOTS)
    earliest = now + LEAST_DELAY - first_opened - jitter
    days = max(1, -(-earliest // _DAY))
    return first_opened + jitter + _DAY * (days + lot % (MOST_EXTRA_DAYS + 1))


class Comparison(StrEnum):
    """How two readings of one case compare."""

    SAME = "same"
    ALIKE = "alike"  # both doubt, and took different roads
    OPPOSED = "opposed"  # one certified


def compare(one: Verdict, other: Verdict) -> Comparison:
    """Compare two readings; which of them came first does not matter."""
    if one is other:
        return Comparison.SAME
    certified = Verdict.CERTIFIED in {one, other}
    return Comparison.OPPOSED if certified else Comparison.ALIKE


class Resolution(StrEnum):
    """What the head makes of two opposed readings."""

    STANDS = "stands"
    REVIEW_AGAIN = "review_again"
    REVOKE = "revoke"


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """Two opposed readings. `readers` decided one of them, or sealed it."""

    first: Verdict
    second: Verdict
    readers: frozenset[StaffId]


def check_resolution(
    found: Disagreement, resolution: Resolution, note: str, *, by: StaffId
) -> None:
    """Refuse a resolution that does not fit, or by one of the two.

    Raises `AppError` CONFLICT `quality.no_disagreement`, FORBIDDEN `quality.not_independent`,
    INVALID `quality.nothing_to_revoke`, `quality.note_required`, `quality.note_too_long`.
    """
    if compare(found.first, found.second) is not Comparison.OPPOSED:
        raise AppError(Kind.CONFLICT, "quality.no_disagreement")
    if by in found.readers:
        raise AppError(Kind.FORBIDDEN, "quality.not_independent")
    if resolution is Resolution.REVOKE and found.first is not Verdict.CERTIFIED:
        raise AppError(Kind.INVALID, "quality.nothing_to_revoke")
    check_note(note)


def check_note(note: str) -> None:
    """Refuse an act without a reason.

    Raises `AppError` INVALID `quality.note_required` or `quality.note_too_long`.
    """
    if len(note.strip()) < SHORTEST_NOTE:
        raise AppError(Kind.INVALID, "quality.note_required", at_least=SHORTEST_NOTE)
    if len(note) > LONGEST_NOTE:
        raise AppError(Kind.INVALID, "quality.note_too_long", at_most=LONGEST_NOTE)


def overturns(resolution: Resolution) -> bool:
    """Tell whether the first reading does not stand."""
    match resolution:
        case Resolution.STANDS:
            return False
        case Resolution.REVIEW_AGAIN | Resolution.REVOKE:
            return True
        case _:  # pragma: no cover - mypy proves the match exhaustive
            assert_never(resolution)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What is known of a case beyond its first reading.

    `rereads` are blind second readings, `visited_since` a home visit after it that found the
    person, `document` the number of a paper (a death certificate, a court's finding), or empty.
    """

    rereads: tuple[Verdict, ...]
    visited_since: bool
    document: str


def check_truth(expected: Verdict, proof: Proof) -> None:
    """Refuse a known answer that is not known: a second reader and the world outside must say so.

    A visit proves only that the person was there. Raises `AppError` CONFLICT
    `quality.truth_not_established`.
    """
    read_alike = any(compare(expected, seen) is not Comparison.OPPOSED for seen in proof.rereads)
    visited = proof.visited_since and expected is Verdict.CERTIFIED
    if not (read_alike and (visited or proof.document.strip())):
        raise AppError(Kind.CONFLICT, "quality.truth_not_established")


class Flag(StrEnum):
    """What a head should look into; a flag accuses nobody."""

    FAST = "fast"
    ALWAYS_CERTIFIES = "always_certifies"
    DISAGREEING = "disagreeing"
    MISSES_KNOWN = "misses_known"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What a reviewer did in a window, counted.

    `reread` of the own decisions were read again, `agreed` of them not opposed. `known` answers
    were given, `known_right` of them not opposed. `overturned` did not stand.
    """

    decisions: int
    certified: int
    fast: int
    reread: int
    agreed: int
    known: int
    known_right: int
    overturned: int

    def __post_init__(self) -> None:
        pairs = (
            (self.certified, self.decisions),
            (self.fast, self.decisions),
            (self.agreed, self.reread),
            (self.known_right, self.known),
        )
        if any(not 0 <= part <= whole for part, whole in pairs) or self.overturned < 0:
            raise ValueError("a part is more than its whole")

    @property
    def agreement(self) -> tuple[float, float] | None:
        """The 95 % Clopper-Pearson interval of the share agreed; None when nothing was re-read."""
        return clopper_pearson(self.agreed, self.reread) if self.reread else None


def flags_of(record: Record) -> tuple[Flag, ...]:
    """Name what stands out.

    `disagreeing` only when chance does not explain it: the whole interval lies under what is
    wanted.
    """
    agreement = record.agreement
    found = {
        Flag.FAST: record.fast > 0,
        Flag.ALWAYS_CERTIFIES: ALWAYS_FROM <= record.decisions == record.certified,
        Flag.DISAGREEING: agreement is not None and agreement[1] < AGREEMENT_WANTED,
        Flag.MISSES_KNOWN: record.known_right < record.known,
    }
    return tuple(flag for flag, stands_out in found.items() if stands_out)


def quantile(sorted_values: Sequence[float], share: Fraction) -> float | None:
    """Return the smallest value with at least `share` of all at or below it; None of nothing."""
    if not sorted_values:
        return None
    rank = -(-share.numerator * len(sorted_values) // share.denominator)
    return sorted_values[max(0, rank - 1)]
