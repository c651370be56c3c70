"""Lists of people: found by blind indexes, filtered by their clocks and by what is open about them.

A list walks an index and stops at the end of its page; nothing here sorts a county. Who is shown is
loaded afterwards, some fifty people in a fixed number of statements.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session, aliased

from domain.listing import Due, OpenWork, Order
from storage.db.models.cases import (
    Appeal,
    AppealAnswer,
    ContactState,
    Lead,
    Review,
)
from storage.db.models.certification import Certification, Validity
from storage.db.models.registry import Beneficiary, Entitlement, EntitlementState
from storage.db.repositories import contacts
from storage.db.repositories.reviews import IS_UNDECIDED

Condition = sa.ColumnElement[bool]
# Written out, so that the planner knows them when it prepares a statement for any value.
_SUSPENDED = sa.literal_column("'suspended'", sa.Text())
_TERMINATED = sa.literal_column("'terminated'", sa.Text())


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Blind indexes that people are found by. What was typed as a name fits whole or as surname."""

    id_number: bytes | None = None
    phone: bytes | None = None
    name: bytes | None = None
    surname: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a list is narrowed to. `soon` is the last day that counts as due soon on `today`.

    `is_narrow` says that few people are left (a village, a name), whatever else is asked.
    """

    today: date
    soon: date
    found: Found = Found()
    place: str | None = None
    due: Due | None = None
    scheme: str | None = None
    key_group: str | None = None
    channel: str | None = None
    work: OpenWork | None = None
    suspended: bool = False
    unreachable: bool = False
    is_narrow: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Where a list stands: a person, and the nearest last valid day if the order goes by it."""

    id: UUID
    valid_until: date | None


_MANY = 500
"""Bearers of a name from which on a list by name is walked like one of everybody."""
_Last = aliased(Validity)  # the clock of a person that ends first
_REACHED = sa.tuple_(_Last.valid_until, _Last.beneficiary_id)


def lines(
    session: Session, filters: Filters, *, order: Order, after: Line | None, limit: int
) -> list[Line]:
    """Return people behind `after`, in order."""
    if order is Order.REGISTERED:
        return _registered(session, filters, after, limit)
    dated = after is None or after.valid_until is not None
    found = _dated(session, filters, after, limit) if dated else []
    if len(found) == limit:
        return found
    return found + _undated(session, filters, None if dated else after, limit - len(found))


def count(session: Session, filters: Filters, *, most: int) -> int:
    """Count people, up to one more than `most`."""
    query = _by_clock(filters) if _asks_clock(filters) else _by_person(filters)
    some = query.limit(most + 1).subquery()
    return session.scalar(sa.select(sa.func.count()).select_from(some)) or 0


def _registered(session: Session, filters: Filters, after: Line | None, limit: int) -> list[Line]:
    query = _by_person(filters)
    if _asks_clock(filters):
        query = query.join(_Last, _Last.beneficiary_id == Beneficiary.id).where(*_clock(filters))
    query = query.order_by(Beneficiary.id).limit(limit)
    if after is not None:
        query = query.where(Beneficiary.id > after.id)
    return [Line(id=person_id, valid_until=None) for person_id in session.scalars(query)]


def _dated(session: Session, filters: Filters, after: Line | None, limit: int) -> list[Line]:
    query = (
        _by_clock(_widened(session, filters))
        .order_by(_Last.valid_until, _Last.beneficiary_id)
        .limit(limit)
    )
    if after is not None:
        query = query.where((after.valid_until, after.id) < _REACHED)
    rows = session.execute(query)
    return [Line(id=row.beneficiary_id, valid_until=row.valid_until) for row in rows]


def _widened(session: Session, filters: Filters) -> Filters:
    """Take a list by name for a wide one where many people bear it: some surnames are a tenth."""
    if not filters.is_narrow or filters.found.name is None:
        return filters
    bearers = replace(filters, due=None, channel=None)
    is_wide = count(session, bearers, most=_MANY) > _MANY
    return replace(filters, is_narrow=False) if is_wide else filters


def _undated(session: Session, filters: Filters, after: Line | None, limit: int) -> list[Line]:
    """Return who has no clock that runs: nothing drawn, all of it ended, or never projected."""
    if _asks_clock(filters):
        return []
    clocks = sa.exists().where(
        Validity.beneficiary_id == Beneficiary.id,
        Validity.valid_until.is_not(None),
        ~_has_ended(Validity),
    )
    query = _by_person(filters).where(~clocks).order_by(Beneficiary.id).limit(limit)
    if after is not None:
        query = query.where(Beneficiary.id > after.id)
    return [Line(id=person_id, valid_until=None) for person_id in session.scalars(query)]


def _asks_clock(filters: Filters) -> bool:
    return filters.due is not None or filters.channel is not None


def _by_person(filters: Filters) -> sa.Select[UUID]:
    about = [*_about(filters), *_hanging(filters, Beneficiary.id)]
    return sa.select(Beneficiary.id).where(*about)


def _by_clock(filters: Filters) -> sa.Select[UUID, date | None]:
    """Select from the clocks: each person's that ends first, of those that still run.

    Behind row security the planner takes every scope for a small one, and would gather and sort a
    county to show a page of it. A wide list therefore walks the clocks in order, and asks about the
    person in a subquery that is not joined; a narrow one begins with the people.
    """
    query = sa.select(_Last.beneficiary_id, _Last.valid_until).where(
        *_clock(filters), *_hanging(filters, _Last.beneficiary_id)
    )
    about = _about(filters)
    if filters.is_narrow:
        return query.join(Beneficiary, Beneficiary.id == _Last.beneficiary_id).where(*about)
    if about:
        is_so = sa.select(sa.and_(*about)).where(Beneficiary.id == _Last.beneficiary_id)
        query = query.where(is_so.scalar_subquery())
    return query


def _clock(filters: Filters) -> list[Condition]:
    """Say that it is the nearest clock, and what is asked of it."""
    other = aliased(Validity)
    earlier = sa.tuple_(other.valid_until, other.entitlement_id) < sa.tuple_(
        _Last.valid_until, _Last.entitlement_id
    )
    nearer = sa.exists().where(
        other.beneficiary_id == _Last.beneficiary_id, earlier, ~_has_ended(other)
    )
    wanted = [_Last.valid_until.is_not(None), ~_has_ended(_Last), ~nearer, *_due(filters)]
    if filters.channel is not None:
        by = sa.select(Certification.id).where(Certification.channel == filters.channel)
        wanted.append(_Last.certification_id.in_(by))
    return wanted


def _due(filters: Filters) -> list[Condition]:
    match filters.due:
        case Due.OVERDUE:
            return [_Last.valid_until < filters.today]
        case Due.DUE_SOON:
            return [_Last.valid_until.between(filters.today, filters.soon)]
        case Due.CURRENT:
            return [_Last.valid_until > filters.soon]
        case Due.NEVER:
            any_clock = aliased(Validity)
            certified = sa.exists().where(
                any_clock.beneficiary_id == _Last.beneficiary_id,
                any_clock.certification_id.is_not(None),
            )
            return [_Last.certification_id.is_(None), ~certified]
        case None:
            return []


def _has_ended(clock: Any) -> Condition:
    """Whether the entitlement of a clock was terminated, and that still holds."""
    state = aliased(EntitlementState)
    return sa.exists().where(
        state.entitlement_id == clock.entitlement_id,
        state.status == _TERMINATED,
        ~_is_superseded(state),
    )


def _is_superseded(state: Any) -> Condition:
    later = aliased(EntitlementState)
    return sa.exists().where(
        later.entitlement_id == state.entitlement_id,
        sa.tuple_(later.recorded_at, later.id) > sa.tuple_(state.recorded_at, state.id),
    )


def _about(filters: Filters) -> list[Condition]:
    """Say what is asked of the row of a person."""
    pairs = (
        (Beneficiary.id_number_index, filters.found.id_number),
        (Beneficiary.phone_index, filters.found.phone),
    )
    wanted: list[Condition] = [column == value for column, value in pairs if value is not None]
    if filters.found.name is not None:
        wanted.append(
            sa.or_(
                Beneficiary.name_index == filters.found.name,
                Beneficiary.surname_index == filters.found.surname,
            )
        )
    if filters.place is not None:
        wanted.append(
            sa.or_(
                _within(Beneficiary.residence_path, filters.place),
                _within(Beneficiary.household_path, filters.place),
            )
        )
    if filters.key_group is not None:
        wanted.append(sa.literal(filters.key_group) == sa.any_(Beneficiary.key_groups))
    return wanted


def _within(column: Any, path: str) -> Condition:
    return sa.and_(column >= path, column < f"{path}:")


def _hanging(filters: Filters, person: Any) -> list[Condition]:
    """Say what is asked of the rows that hang on a person."""
    wanted: list[Condition] = []
    if filters.scheme is not None:
        draws = sa.select(Entitlement.beneficiary_id).where(Entitlement.scheme == filters.scheme)
        wanted.append(person.in_(draws))
    if filters.suspended:
        wanted.append(person.in_(_suspended()))
    if filters.unreachable:
        wanted.append(person.in_(_unreachable()))
    if filters.work is not None:
        wanted.append(person.in_(OPEN[filters.work]()))
    return wanted


def _suspended() -> sa.Select[UUID]:
    state = aliased(EntitlementState)
    return sa.select(state.beneficiary_id).where(state.status == _SUSPENDED, ~_is_superseded(state))


def _unreachable() -> sa.Select[UUID]:
    return sa.select(ContactState.beneficiary_id).where(contacts.stands(ContactState))


def _open_reviews() -> sa.Select[UUID]:
    return sa.select(Review.beneficiary_id).where(Review.reread_of.is_(None), IS_UNDECIDED)


def _open_leads() -> sa.Select[UUID]:
    return sa.select(Lead.beneficiary_id).where(Lead.closed_at.is_(None))


def _open_appeals() -> sa.Select[UUID]:
    answered = sa.exists().where(AppealAnswer.appeal_id == Appeal.id)
    return sa.select(Appeal.beneficiary_id).where(Appeal.joins_id.is_(None), ~answered)


OPEN = {
    OpenWork.REVIEW: _open_reviews,
    OpenWork.LEAD: _open_leads,
    OpenWork.APPEAL: _open_appeals,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Flags:
    """Who of a page has something that a clerk has to know."""

    suspended: frozenset[UUID]
    unreachable: frozenset[UUID]
    work: dict[OpenWork, frozenset[UUID]]


def flags_of(session: Session, ids: Sequence[UUID]) -> Flags:
    """Tell what is open about each of `ids`."""

    def among(query: sa.Select[UUID]) -> frozenset[UUID]:
        person = query.selected_columns[0]
        return frozenset(session.scalars(query.where(person == _any_of(ids))))

    return Flags(
        suspended=among(_suspended()),
        unreachable=among(_unreachable()),
        work={kind: among(query()) for kind, query in OPEN.items()},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """One entitlement of somebody on a page, with its clock and the channel that set it."""

    person_id: UUID
    scheme: str
    valid_until: date | None
    channel: str | None


def clocks_of(session: Session, ids: Sequence[UUID]) -> list[Clock]:
    """Return what `ids` still draw, the entitlement that ends first before the others."""
    rows = session.execute(
        sa.select(
            Entitlement.beneficiary_id,
            Entitlement.scheme,
            Validity.valid_until,
            Certification.channel,
        )
        .join(Validity, Validity.entitlement_id == Entitlement.id, isouter=True)
        .join(Certification, Certification.id == Validity.certification_id, isouter=True)
        .where(Entitlement.beneficiary_id == _any_of(ids), ~_is_terminated())
        .order_by(Validity.valid_until, Entitlement.id)
    )
    return [
        Clock(
            person_id=row.beneficiary_id,
            scheme=row.scheme,
            valid_until=row.valid_until,
            channel=row.channel,
        )
        for row in rows
    ]


def _any_of(ids: Sequence[UUID]) -> Any:
    # One parameter, however many people: fifty of them take the planner longer than the search.
    return sa.any_(sa.bindparam(None, list(ids), type_=ARRAY(sa.Uuid)))


def _is_terminated() -> Condition:
    state = aliased(EntitlementState)
    return sa.exists().where(
        state.entitlement_id == Entitlement.id,
        state.status == _TERMINATED,
        ~_is_superseded(state),
    )
