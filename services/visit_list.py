"""Who waits for an officer to come: one line a person, the longest waiting first.

The code on a line is what the visitor names at the door (requirements F16, G19): staff who visit
have to know it, and it says nothing of the person.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.audit import staff_behind
from domain.beneficiary import mask_name
from domain.errors import AppError, Kind
from services.accounts import StaffMember
from services.backend import Backend
from services.reviews import caller_of
from services.shown import readable
from services.unit_of_work import Unit
from services.visit_requests import code_of
from storage.db.repositories import visit_requests

PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitWaiting:
    """One person. Name and code are None for somebody erased by law."""

    request_id: UUID
    person_id: UUID
    name: str | None
    code: str | None = field(repr=False)
    place: str
    key_groups: tuple[str, ...]
    reason: str
    by_staff: bool
    requested_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitsPage:
    """`next_after` is the request to go on behind; None on the last page."""

    lines: tuple[VisitWaiting, ...]
    next_after: UUID | None


def visits_waiting(backend: Backend, reader: StaffMember, *, after: UUID | None) -> VisitsPage:
    """List them in the own division. Raises `visit.request_not_found` for an `after` elsewhere."""
    caller = caller_of(reader)
    with backend.unit(caller.actor, caller.scope) as unit:
        behind = None if after is None else visit_requests.get(unit.session, after)
        if after is not None and behind is None:
            raise AppError(Kind.NOT_FOUND, "visit.request_not_found")
        rows = visit_requests.open_ones(unit.session, after=behind, limit=PAGE + 1)
        lines = tuple(_line(backend, unit, row) for row in rows[:PAGE])
    more = len(rows) > PAGE
    return VisitsPage(lines=lines, next_after=lines[-1].request_id if more else None)


def _line(backend: Backend, unit: Unit, row: Any) -> VisitWaiting:
    request, person = row.VisitRequest, row.Beneficiary
    opened = readable(backend, unit, person.id)
    return VisitWaiting(
        request_id=request.id,
        person_id=person.id,
        name=mask_name(opened.name) if opened else None,
        code=code_of(request, opened.key) if opened and request.code_sealed else None,
        place=row.place or person.residence_path,
        key_groups=tuple(person.key_groups),
        reason=request.reason,
        by_staff=staff_behind(request.requested_by) is not None,
        requested_at=request.requested_at,
    )
