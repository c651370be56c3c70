"""Asking that an officer comes: the road of equal standing for whoever shows no face to a phone."""

from datetime import timedelta
from uuid import UUID

from domain.audit import AuditAction
from services.backend import Backend
from services.eligibility import Claimed, identify, person_caller
from storage.db.models.cases import VisitRequest
from storage.db.repositories import sessions, visit_requests
from storage.ids import uuid7

REPEAT_WINDOW = timedelta(days=30)
"""Asking again within it gives the same request: a worried caller does not fill the list."""


def request_visit(backend: Backend, claimed: Claimed, reason: str) -> UUID:
    """Note the request, for the village of residence. Raises what `identify` does."""
    person = identify(backend, claimed)
    caller = person_caller(person.id, person.household_path)
    with backend.unit(caller.actor, caller.scope) as unit:
        sessions.take_turns(unit.session, str(person.id))  # asked twice at once, noted once
        open_one = visit_requests.newest_since(unit.session, person.id, unit.now - REPEAT_WINDOW)
        if open_one is not None:
            return open_one
        row = VisitRequest(
            id=uuid7(),
            beneficiary_id=person.id,
            reason=reason,
            requested_at=unit.now,
            requested_by=str(caller.actor),
        )
        visit_requests.add(unit.session, row)
        unit.audit(AuditAction.VISIT_REQUESTED, request=str(row.id), beneficiary=str(person.id))
        return row.id
