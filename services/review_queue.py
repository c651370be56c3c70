"""Flagged cases enter the township's queue here, from whatever channel they come."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.audit import AuditAction
from domain.beneficiary import Entitlement
from domain.review import priority
from services.backend import Backend
from services.entitlements import drawn_by
from services.policies import legal_day, values_for
from services.review_clock import end_of_working_days
from services.unit_of_work import Unit
from storage.db.models.cases import Review
from storage.db.repositories import certifications, reviews
from storage.db.repositories.people import Person
from storage.ids import uuid7


@dataclass(frozen=True, slots=True, kw_only=True)
class Flagged:
    """What put the case into the queue: exactly one of the two ids."""

    reasons: list[str]
    attempt_id: UUID | None = None
    visit_id: UUID | None = None


def open_review(backend: Backend, unit: Unit, person: Person, flagged: Flagged) -> UUID:
    """Put a case into the queue of the person's division, in the caller's unit."""
    drawn = drawn_by(backend, unit, person)
    days = values_for(backend, person.household_path, [e.scheme for e in drawn]).review
    row = Review(
        id=uuid7(),
        beneficiary_id=person.id,
        attempt_id=flagged.attempt_id,
        visit_id=flagged.visit_id,
        reasons=flagged.reasons,
        priority=_priority(unit, person, drawn),
        opened_at=unit.now,
        due_at=end_of_working_days(backend, unit.now, days.clock_working_days),
    )
    reviews.add(unit.session, row)
    unit.audit(
        AuditAction.REVIEW_OPENED,
        review=str(row.id),
        beneficiary=str(person.id),
        reasons=flagged.reasons,
    )
    return row.id


def _priority(unit: Unit, person: Person, drawn: tuple[Entitlement, ...]) -> int:
    today = legal_day(unit.now)
    ends = [day for _, day in certifications.validities_of(unit.session, person.id) if day]
    nearest: date | None = min(ends, default=None) if drawn else None
    return priority(
        days_to_deadline=None if nearest is None else (nearest - today).days,
        key_group=bool(person.key_groups),
        days_waiting=0,
    )
