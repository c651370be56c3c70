"""Whom to try to reach next: people whose clock ends, and those whom nobody could reach."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from domain.calendar import add_months
from domain.errors import AppError, Kind
from domain.policy_values import Scheme
from services.accounts import StaffMember, actor_of, scope_of
from services.backend import Backend
from services.policies import legal_day, resolved_for
from services.shown import masked_name, place_name
from services.unit_of_work import Unit
from storage.db.repositories import contacts


class Worklist(StrEnum):
    """Which of the three lists."""

    UNTRIED = "untried"
    TRIED = "tried"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonToReach:
    """One line. `masked_name` is None for somebody erased by law; `key` is what to go on behind.

    `valid_until`, `tries` and `last_try` are of the lists of who is due, `marked_at` of the list
    of who could not be reached.
    """

    key: UUID
    person_id: UUID
    masked_name: str | None = field(repr=False)
    village: str
    valid_until: date | None = None
    is_overdue: bool = False
    tries: int = 0
    last_try: datetime | None = None
    marked_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorklistPage:
    """`next_after` is the key to go on behind; None on the last page."""

    people: tuple[PersonToReach, ...]
    next_after: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which list, of which place inside the reader's own, from where on."""

    worklist: Worklist
    place: str = ""
    after: UUID | None = None
    limit: int = 50


def worklist_page(backend: Backend, reader: StaffMember, wanted: Wanted) -> WorklistPage:
    """Return one page of a list. Raises `person.not_found` for an `after` out of scope."""
    with backend.unit(actor_of(reader), scope_of(reader)) as unit:
        if wanted.worklist is Worklist.UNREACHABLE:
            found = [_unreachable_line(backend, unit, row) for row in _unreachable(unit, wanted)]
        else:
            today = legal_day(unit.now)
            rows = _due(backend, unit, reader, wanted=wanted)
            found = [_due_line(backend, unit, row, today=today) for row in rows]
    more = len(found) > wanted.limit
    people = tuple(found[: wanted.limit])
    return WorklistPage(people=people, next_after=people[-1].key if more else None)


def _due(backend: Backend, unit: Unit, reader: StaffMember, *, wanted: Wanted) -> Any:
    today = legal_day(unit.now)
    # The reader's own office warns people by its own rules; a wider seat counts by its region's.
    rules = resolved_for(
        backend, reader.division_path, scheme=Scheme.RESIDENT_PENSION, on=today
    ).values.cycle
    behind = None if wanted.after is None else contacts.clock_of(unit.session, wanted.after)
    _refuse_lost(wanted, behind)
    due = contacts.Due(
        place=wanted.place,
        until=add_months(today, rules.due_soon_months),
        window_months=rules.due_soon_months,
        is_tried=wanted.worklist is Worklist.TRIED,
    )
    return contacts.due(unit.session, due, after=behind, limit=wanted.limit + 1)


def _unreachable(unit: Unit, wanted: Wanted) -> Any:
    behind = None if wanted.after is None else contacts.state(unit.session, wanted.after)
    _refuse_lost(wanted, behind)
    return contacts.unreachable(
        unit.session, place=wanted.place, after=behind, limit=wanted.limit + 1
    )


def _refuse_lost(wanted: Wanted, behind: object) -> None:
    if wanted.after is not None and behind is None:
        raise AppError(Kind.NOT_FOUND, "person.not_found")


def _due_line(backend: Backend, unit: Unit, row: Any, *, today: date) -> PersonToReach:
    return PersonToReach(
        key=row.Validity.entitlement_id,
        person_id=row.Beneficiary.id,
        masked_name=masked_name(backend, unit, row.Beneficiary.id),
        village=place_name(unit, row.Beneficiary.residence_path),
        valid_until=row.Validity.valid_until,
        is_overdue=row.Validity.valid_until < today,
        tries=row.tries,
        last_try=row.last_try,
    )


def _unreachable_line(backend: Backend, unit: Unit, row: Any) -> PersonToReach:
    return PersonToReach(
        key=row.ContactState.id,
        person_id=row.Beneficiary.id,
        masked_name=masked_name(backend, unit, row.Beneficiary.id),
        village=place_name(unit, row.Beneficiary.residence_path),
        marked_at=row.ContactState.set_at,
    )
