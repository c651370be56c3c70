"""How the reviewers of a division did: pace, agreement, known answers, what did not stand (7.3).

The head sees the own township, the county all of them; a reviewer sees nobody but himself.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID

from domain.audit import AuditAction
from domain.errors import AppError, Kind
from domain.policy_values import ReviewRules
from domain.quality import (
    FAST,
    WINDOW,
    Comparison,
    Flag,
    Record,
    Resolution,
    compare,
    flags_of,
    overturns,
    quantile,
)
from domain.review import Method, Verdict
from services import rereads
from services.accounts import StaffMember, actor_of, scope_of
from services.backend import Backend
from services.policies import common_rules, legal_day
from services.shown import masked_name, place_name
from services.unit_of_work import Unit
from storage.db.models.cases import Review
from storage.db.repositories import accounts, quality
from storage.db.repositories import rereads as readings
from storage.db.repositories.quality import PaceRow, PairRow, WaitRow

WINDOWS = (30, 90)
"""Days that may be looked back."""
P95 = Fraction(95, 100)
_OVERTURNING = tuple(answer.value for answer in Resolution if overturns(answer))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewerQuality:
    """One reviewer. Name and seat are None for somebody of a division above."""

    staff_id: UUID
    display_name: str | None
    seat: str | None
    record: Record
    median_s: float | None
    p90_s: float | None
    flags: tuple[Flag, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TownshipWait:
    """How long people of a township waited. In working days; 0 is the day of the opening."""

    township: str
    name: str
    decided: int
    p95_days: int
    target_days: int
    limit_days: int
    in_target: int
    late: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeShare:
    """How many decisions of an office are read again, in the window of the rule."""

    office: str
    name: str
    decisions: int
    drawn: int
    wanted_percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """`unread` second looks wait, `overdue` of them too long; `without_reader` find nobody here."""

    days: int
    reviewers: tuple[ReviewerQuality, ...]
    townships: tuple[TownshipWait, ...]
    shares: tuple[OfficeShare, ...]
    unread: int
    overdue: int
    without_reader: int
    disagreements: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionLine:
    """One decision of a reviewer. `seconds` is from the claim; None when none is known."""

    review_id: UUID
    masked_name: str | None
    place: str
    verdict: Verdict
    method: Method | None
    decided_at: datetime
    seconds: float | None
    is_fast: bool
    is_reread: bool
    expected: Verdict | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionPage:
    """One reviewer's decisions; `next_after` is the case to go on behind."""

    display_name: str
    lines: tuple[DecisionLine, ...]
    next_after: UUID | None


def overview(backend: Backend, reader: StaffMember, *, days: int) -> Overview:
    """Show the reviewers of the own division. Raises `request.invalid` for an odd window."""
    check_window(days)
    with backend.unit(actor_of(reader), scope_of(reader)) as unit:
        since = unit.now - timedelta(days=days)
        waiting = quality.pending(unit.session, unit.now)
        unit.audit(AuditAction.QUALITY_VIEWED, days=days)
        return Overview(
            days=days,
            reviewers=_reviewers(unit, since),
            townships=_townships(backend, unit, reader, since),
            shares=_shares(backend, unit),
            unread=len(waiting),
            overdue=sum(unit.now > review.due_at for review in waiting),
            without_reader=sum(_has_no_reader(unit, review) for review in waiting),
            disagreements=quality.count_opposed(unit.session),
        )


def check_window(days: int) -> None:
    """Refuse a window that is not offered. Raises `request.invalid`."""
    if days not in WINDOWS:
        raise AppError(Kind.INVALID, "request.invalid", fields=["days"])


def own(backend: Backend, member: StaffMember, *, days: int) -> ReviewerQuality:
    """Show a reviewer the own figures. Raises `request.invalid` for an odd window."""
    check_window(days)
    with backend.unit(actor_of(member), scope_of(member)) as unit:
        found = _reviewers(unit, unit.now - timedelta(days=days))
    mine = next((one for one in found if one.staff_id == member.id), None)
    return mine if mine is not None else _nothing(member)


def _nothing(member: StaffMember) -> ReviewerQuality:
    record = Record(
        decisions=0, certified=0, fast=0, reread=0, agreed=0, known=0, known_right=0, overturned=0
    )
    return ReviewerQuality(
        staff_id=member.id,
        display_name=member.display_name,
        seat=None,
        record=record,
        median_s=None,
        p90_s=None,
        flags=(),
    )


def _reviewers(unit: Unit, since: datetime) -> tuple[ReviewerQuality, ...]:
    again = _met(quality.reread_pairs(unit.session, since))
    known = _met(quality.known_pairs(unit.session, since))
    fallen = quality.overturned(unit.session, since, _OVERTURNING)
    paces = quality.pace(unit.session, since, FAST.total_seconds())
    return tuple(
        _reviewer(
            unit,
            row,
            again=again.get(row.staff_id, (0, 0)),
            known=known.get(row.staff_id, (0, 0)),
            overturned=fallen.get(row.staff_id, 0),
        )
        for row in paces
    )


def _met(pairs: Iterable[PairRow]) -> Mapping[UUID, tuple[int, int]]:
    """Return reviewer -> (readings that met another, those not opposed)."""
    found: dict[UUID, tuple[int, int]] = {}
    for pair in pairs:
        opposed = compare(Verdict(pair.wanted), Verdict(pair.found)) is Comparison.OPPOSED
        count, alike = found.get(pair.staff_id, (0, 0))
        found[pair.staff_id] = (count + pair.count, alike + pair.count * (not opposed))
    return found


def _reviewer(
    unit: Unit, row: PaceRow, *, again: tuple[int, int], known: tuple[int, int], overturned: int
) -> ReviewerQuality:
    record = Record(
        decisions=row.decisions,
        certified=row.certified,
        fast=row.fast,
        reread=again[0],
        agreed=again[1],
        known=known[0],
        known_right=known[1],
        overturned=overturned,
    )
    return ReviewerQuality(
        staff_id=row.staff_id,
        display_name=row.display_name,
        seat=None if row.division_path is None else place_name(unit, row.division_path),
        record=record,
        median_s=row.median_s,
        p90_s=row.p90_s,
        flags=flags_of(record),
    )


def _townships(
    backend: Backend, unit: Unit, reader: StaffMember, since: datetime
) -> tuple[TownshipWait, ...]:
    grouped: dict[str, list[WaitRow]] = {}
    for row in quality.waits(unit.session, reader.division_path, since):
        grouped.setdefault(row.township, []).append(row)
    return tuple(
        _township(backend, unit, township, rows) for township, rows in sorted(grouped.items())
    )


def _township(backend: Backend, unit: Unit, township: str, rows: Sequence[WaitRow]) -> TownshipWait:
    days = sorted(_working_days(backend, row) for row in rows)
    rules = _rules(backend, unit, township)
    return TownshipWait(
        township=township,
        name=place_name(unit, township),
        decided=len(rows),
        p95_days=int(quantile(days, P95) or 0),
        target_days=rules.target_working_days,
        limit_days=rules.clock_working_days,
        in_target=sum(day <= rules.target_working_days for day in days),
        late=sum(row.decided_at > row.due_at for row in rows),
    )


def _rules(backend: Backend, unit: Unit, place: str) -> ReviewRules:
    return common_rules(backend, place, on=legal_day(unit.now)).review


def _working_days(backend: Backend, row: WaitRow) -> int:
    """Count from the day of the opening; in a year without a notice every day counts."""
    opened, decided = legal_day(row.opened_at), legal_day(row.decided_at)
    if {opened.year, decided.year} <= backend.holidays.years:
        return backend.holidays.working_days_between(opened, decided)
    return (decided - opened).days


def _shares(backend: Backend, unit: Unit) -> tuple[OfficeShare, ...]:
    found = quality.share_of(unit.session, unit.now - WINDOW)
    return tuple(
        OfficeShare(
            office=path,
            name=place_name(unit, path),
            decisions=count,
            drawn=drawn,
            wanted_percent=_rules(backend, unit, path).reread_share_percent,
        )
        for path, (count, drawn) in found.items()
    )


def _has_no_reader(unit: Unit, review: Review) -> bool:
    assert review.reread_of is not None, "a second look"
    place = readings.household_of(unit.session, review.beneficiary_id)
    reviewers = readings.reviewers(unit.session, rereads.REVIEWERS, place)
    return not set(reviewers) - readings.took_part(unit.session, review.reread_of, but=review.id)


def decisions_of(
    backend: Backend, reader: StaffMember, staff_id: UUID, *, only_fast: bool, after: UUID | None
) -> DecisionPage:
    """List one reviewer's decisions, newest first. Raises `staff.not_found`."""
    limit, below = 50, FAST.total_seconds() if only_fast else None
    with backend.unit(actor_of(reader), scope_of(reader)) as unit:
        found = accounts.get(unit.session, staff_id)
        if found is None:
            raise AppError(Kind.NOT_FOUND, "staff.not_found")
        rows = quality.decided_by(
            unit.session, staff_id, after=after, limit=limit + 1, below_s=below
        )
        lines = tuple(_line(backend, unit, row) for row in rows[:limit])
        unit.audit(AuditAction.QUALITY_VIEWED, staff=str(staff_id), decisions=len(lines))
    more = len(rows) > limit
    return DecisionPage(
        display_name=found.display_name,
        lines=lines,
        next_after=lines[-1].review_id if more else None,
    )


def _line(backend: Backend, unit: Unit, row: Any) -> DecisionLine:
    review, decided = row.Review, row.ReviewDecision
    seconds = None if row.seconds is None else float(row.seconds)
    return DecisionLine(
        review_id=review.id,
        masked_name=masked_name(backend, unit, review.beneficiary_id),
        place=place_name(unit, row.Beneficiary.residence_path),
        verdict=Verdict(decided.outcome),
        method=Method(decided.method) if decided.method else None,
        decided_at=decided.decided_at,
        seconds=seconds,
        is_fast=seconds is not None and seconds < FAST.total_seconds(),
        is_reread=rereads.is_reread(review),
        expected=Verdict(review.expected) if review.expected else None,
    )
