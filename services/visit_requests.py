"""Asking that an officer comes: the road of equal standing for whoever shows no face to a phone.

Every request has a code that only its person is shown, and that the officer has to name at the
door: a fake officer cannot (requirements F16, G19).
"""

import secrets
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from domain.audit import AuditAction, staff_behind
from domain.visit_request import Progress, SentBy, progress
from services.backend import Backend
from services.eligibility import Claimed, Identified, person_behind, person_caller
from services.evidence import open_key
from services.policies import legal_day
from services.unit_of_work import Unit
from storage.crypto.envelope import DataKey
from storage.db.models.cases import VisitRequest
from storage.db.repositories import sessions, visit_requests
from storage.db.repositories.people import Person
from storage.ids import uuid7

REPEAT_WINDOW = timedelta(days=30)
"""Asking again within it gives the same request: a worried caller does not fill the list."""
SHOWN_FOR = timedelta(days=90)
CODE_DIGITS = 6
CODE = "visit_request:code"


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitAsked:
    """A request as its own person sees it."""

    request_id: UUID
    state: Progress
    code: str = field(repr=False)
    asked_on: date


def request_visit(backend: Backend, claimed: Claimed | Identified, reason: str) -> VisitAsked:
    """Note the request, for the village of residence. Raises what `person_behind` does."""
    person = person_behind(backend, claimed)
    caller = person_caller(person.id, person.household_path)
    with backend.unit(caller.actor, caller.scope) as unit:
        sessions.take_turns(unit.session, str(person.id))  # asked twice at once, noted once
        open_one = _open_request(unit, person.id)
        if open_one is not None and open_one.requested_at > unit.now - REPEAT_WINDOW:
            return _seen(unit, open_one, person.key)
        row = note_request(unit, person.id, person.key, reason=reason)
        unit.audit(AuditAction.VISIT_REQUESTED, request=str(row.id), beneficiary=str(person.id))
        return _seen(unit, row, person.key)


def note_request(unit: Unit, person_id: UUID, key: DataKey, *, reason: str) -> VisitRequest:
    """Write a request down, of the person or of a clerk; the caller records the act.

    One that is still open hands its code on: the person may have written it beside the door.
    """
    before = _open_request(unit, person_id)
    code = code_of(before, key) if before is not None else _new_code()
    row = VisitRequest(
        id=uuid7(),
        beneficiary_id=person_id,
        reason=reason,
        requested_at=unit.now,
        requested_by=str(unit.actor),
        code_sealed=key.seal(code.encode(), CODE),
    )
    visit_requests.add(unit.session, row)
    return row


def send_visit(
    backend: Backend, unit: Unit, person_id: UUID, *, reason: SentBy, **about: str
) -> None:
    """Have staff put somebody on the list, on record. `about` names the case that asked for it.

    Raises `person.not_found`, `evidence.erased`.
    """
    key = open_key(backend.people(unit), person_id)
    row = note_request(unit, person_id, key, reason=reason.value)
    unit.audit(
        AuditAction.VISIT_REQUESTED, request=str(row.id), beneficiary=str(person_id), **about
    )


def newest_request(unit: Unit, person: Person) -> VisitAsked | None:
    """Return the newest request worth showing; None when there is none."""
    since = unit.now - SHOWN_FOR
    row = visit_requests.newest_since(unit.session, person.id, since)
    return None if row is None else _seen(unit, row, person.key)


def _open_request(unit: Unit, person_id: UUID) -> VisitRequest | None:
    row = visit_requests.newest_since(unit.session, person_id, unit.now - SHOWN_FOR)
    return None if row is None or _progress(unit, row) is Progress.DONE else row


def _seen(unit: Unit, row: VisitRequest, key: DataKey) -> VisitAsked:
    return VisitAsked(
        request_id=row.id,
        state=_progress(unit, row),
        code=code_of(row, key),
        asked_on=legal_day(row.requested_at),
    )


def _progress(unit: Unit, row: VisitRequest) -> Progress:
    return progress(
        is_visited=visit_requests.is_visited_since(
            unit.session, row.beneficiary_id, row.requested_at
        ),
        by_staff=staff_behind(row.requested_by) is not None,
    )


def _new_code() -> str:
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"


def code_of(row: VisitRequest, key: DataKey) -> str:
    """Open the code of a request that has one."""
    assert row.code_sealed is not None, "only requests with a code are looked up"
    return key.open(row.code_sealed, CODE).decode()
