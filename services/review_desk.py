"""The queue as the console shows it: four lists, narrowed and paged, and the next case to take."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from domain.beneficiary import KeyGroup
from domain.cycle import Channel
from domain.errors import AppError
from domain.regions import DivisionPath
from domain.review import Verdict
from domain.urgency import Urgency
from services.accounts import StaffMember
from services.backend import Backend
from services.review_clock import ReviewClock, clock_of, urgency_of
from services.reviews import caller_of, check_reviewer, find, take
from services.shown import masked_name
from services.unit_of_work import Unit
from storage.db.models.cases import Review
from storage.db.repositories import divisions, review_lists
from storage.db.repositories.review_lists import COUNTED, Sieve

__all__ = ["COUNTED"]
DECIDED_FOR = timedelta(days=31)
"""How far back the list of decided cases goes; older ones are found with their person."""
_TRIED = 20


class View(StrEnum):
    """Which list."""

    WAITING = "waiting"
    MINE = "mine"
    PROPOSED = "proposed"
    DECIDED = "decided"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a list is narrowed to; `own` counts in the list of decided cases only."""

    place: DivisionPath | None = None
    channel: Channel | None = None
    reason: str | None = None
    late: bool = False
    key_group: KeyGroup | None = None
    own: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which page of which list: from behind the case `after`, at most `limit` lines."""

    view: View = View.WAITING
    filters: Filters = Filters()
    after: UUID | None = None
    limit: int = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One case in a list. `masked_name` is None for somebody erased by law.

    `holder` is None while nobody holds the case, and empty for one who is out of sight.
    """

    id: UUID
    masked_name: str | None
    place: str
    channel: Channel
    reasons: tuple[str, ...]
    key_groups: tuple[str, ...]
    opened_at: datetime
    clock: ReviewClock
    urgency: Urgency
    holder: str | None = None
    held_until: datetime | None = None
    is_mine: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedLine:
    """One decided case. `decider` is empty for one who is out of sight."""

    id: UUID
    masked_name: str | None
    place: str
    channel: Channel
    verdict: Verdict
    decided_at: datetime
    decider: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How much is in each list; `COUNTED` stands for that many or more."""

    waiting: int
    mine: int
    proposed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskPage:
    """One page of a list. `next_after` is the case to go on behind; None on the last page."""

    lines: tuple[Line, ...] = ()
    decided: tuple[DecidedLine, ...] = ()
    next_after: UUID | None = None
    counts: Counts
    places: tuple[tuple[str, str], ...]  # path and name of what the reader may narrow to


def page(backend: Backend, reader: StaffMember, wanted: Wanted) -> DeskPage:
    """Show one page of a list.

    Raises `review.not_found` for an `after` out of scope, but in the list of decided cases, which
    begins anew.
    """
    caller = caller_of(reader)
    with backend.unit(caller.actor, caller.scope) as unit:
        waiting, mine, second = review_lists.counts(unit.session, reader.id, at=unit.now)
        empty = DeskPage(
            counts=Counts(waiting=waiting, mine=mine, proposed=second),
            places=_places(unit, reader),
        )
        if wanted.view is View.DECIDED:
            decided, after = _decided(backend, unit, reader, wanted)
            return replace(empty, decided=decided, next_after=after)
        rows = _rows(unit, reader, wanted)
        names = _names(unit, rows)
        shown = rows[: wanted.limit]
        lines = tuple(_line(backend, unit, reader, row, names=names) for row in shown)
        more = lines[-1].id if len(rows) > wanted.limit else None
        return replace(empty, lines=lines, next_after=more)


def _places(unit: Unit, reader: StaffMember) -> tuple[tuple[str, str], ...]:
    around = divisions.names_around(unit.session, reader.division_path)
    return tuple(sorted((p, n) for p, n in around if p.startswith(reader.division_path)))


def _rows(unit: Unit, reader: StaffMember, wanted: Wanted) -> Sequence[Any]:
    after = None if wanted.after is None else find(unit, wanted.after)
    at, session, limit = unit.now, unit.session, wanted.limit + 1
    if wanted.view is View.MINE:
        return review_lists.held_by(session, reader.id, at=at, after=after, limit=limit)
    if wanted.view is View.PROPOSED:
        return review_lists.proposed(session, reader.id, at=at, after=after, limit=limit)
    sieve = sieve_of(wanted.filters, at)
    return review_lists.waiting(session, reader.id, sieve, at=at, after=after, limit=limit)


def sieve_of(filters: Filters, at: datetime) -> Sieve:
    """Return the filters as the store understands them."""
    visits = filters.channel is Channel.HOME_VISIT
    return Sieve(
        place=filters.place,
        channel=filters.channel.value if filters.channel and not visits else None,
        visits=visits,
        reason=filters.reason,
        late_at=at if filters.late else None,
        key_group=filters.key_group.value if filters.key_group else None,
        own=filters.own,
    )


def _names(unit: Unit, rows: Sequence[Any]) -> dict[str, str]:
    return divisions.names_of(unit.session, [row.Beneficiary.residence_path for row in rows])


def _line(
    backend: Backend, unit: Unit, reader: StaffMember, row: Any, *, names: dict[str, str]
) -> Line:
    review, person, claim = row.Review, row.Beneficiary, row.ReviewClaim
    clock = clock_of(backend, review, person.household_path)
    return Line(
        id=review.id,
        masked_name=masked_name(backend, unit, review.beneficiary_id),
        place=names.get(person.residence_path, person.residence_path),
        channel=_channel(row),
        reasons=tuple(review.reasons),
        key_groups=tuple(person.key_groups),
        opened_at=review.opened_at,
        clock=clock,
        urgency=urgency_of(review, clock, at=unit.now),
        holder=None if claim is None else row.holder or "",
        held_until=None if claim is None else claim.expires_at,
        is_mine=claim is not None and claim.staff_id == reader.id,
    )


def _channel(row: Any) -> Channel:
    return Channel(row.channel) if row.channel else Channel.HOME_VISIT


def _decided(
    backend: Backend, unit: Unit, reader: StaffMember, wanted: Wanted
) -> tuple[tuple[DecidedLine, ...], UUID | None]:
    rows = review_lists.decided(
        unit.session,
        reader.id,
        sieve_of(wanted.filters, unit.now),
        since=unit.now - DECIDED_FOR,
        after=wanted.after,
        limit=wanted.limit + 1,
    )
    names = _names(unit, rows)
    lines = tuple(_decided_line(backend, unit, row, names=names) for row in rows[: wanted.limit])
    return lines, lines[-1].id if len(rows) > wanted.limit else None


def _decided_line(backend: Backend, unit: Unit, row: Any, *, names: dict[str, str]) -> DecidedLine:
    place = row.Beneficiary.residence_path
    return DecidedLine(
        id=row.Review.id,
        masked_name=masked_name(backend, unit, row.Review.beneficiary_id),
        place=names.get(place, place),
        channel=_channel(row),
        verdict=Verdict(row.ReviewDecision.outcome),
        decided_at=row.ReviewDecision.decided_at,
        decider=row.decider or "",
    )


def claim_next(backend: Backend, reviewer: StaffMember, filters: Filters) -> UUID | None:
    """Claim the most pressing case that a reviewer may decide; None when there is none.

    Passes over what somebody else is about to take, and what the reviewer had a part in: two who
    ask at once never get the same.
    """
    caller = caller_of(reviewer)
    with backend.unit(caller.actor, caller.scope) as unit:
        sieve = sieve_of(filters, unit.now)
        behind: Review | None = None
        while found := review_lists.unheld(
            unit.session, reviewer.id, sieve, at=unit.now, after=behind, limit=_TRIED
        ):
            for review in found:
                if _taken(backend, unit, reviewer, review):
                    return review.id
            behind = found[-1]
        return None


def _taken(backend: Backend, unit: Unit, reviewer: StaffMember, review: Review) -> bool:
    if not review_lists.try_lock(unit.session, review.id):
        return False
    # Only now, behind the lock: whoever had it before may have claimed the case.
    if not review_lists.is_free(unit.session, review.id, at=unit.now):
        return False
    try:
        check_reviewer(backend, unit, reviewer, review)
        take(backend, unit, reviewer, review)
    except AppError:
        return False  # had a part in it, or the person was erased by law
    return True
