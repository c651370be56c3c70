"""A person's entitlements as the rules see them."""

from domain.audit import AuditAction
from domain.beneficiary import Entitlement, EntitlementStatus, SuspensionCause
from domain.ids import BeneficiaryId, EntitlementId
from domain.policy_values import Scheme
from domain.regions import DivisionPath
from services.appeals import refuse_open
from services.backend import Backend
from services.policies import legal_day
from services.unit_of_work import Unit
from storage.db.models.registry import EntitlementState
from storage.db.repositories import certifications
from storage.db.repositories.people import Person
from storage.ids import uuid7


def drawn_by(backend: Backend, unit: Unit, person: Person) -> tuple[Entitlement, ...]:
    """Return all entitlements of a person, each with its newest state."""
    rows = backend.people(unit).entitlements_of(person.id)
    return tuple(
        Entitlement(
            id=EntitlementId(row.id),
            beneficiary_id=BeneficiaryId(person.id),
            scheme=Scheme(row.scheme),
            division=DivisionPath(person.household_path),
            started_on=row.started_on,
            status=EntitlementStatus(row.status),
            suspended_for=SuspensionCause(row.cause) if row.cause else None,
        )
        for row in rows
    )


def resume_if_uncertified(unit: Unit, entitlement: Entitlement) -> bool:
    """Lift a suspension whose only cause was a missing certification (rule 2.7)."""
    if entitlement.suspended_for is not SuspensionCause.UNCERTIFIED:
        return False
    certifications.set_state(
        unit.session,
        _state(unit, entitlement, status=EntitlementStatus.ACTIVE),
    )
    unit.audit(AuditAction.ENTITLEMENT_RESUMED, entitlement=str(entitlement.id))
    return True


def suspend(unit: Unit, entitlement: Entitlement, cause: SuspensionCause) -> None:
    """Record that a person decided to hold a benefit. No job and no clock calls this (rule 9.8).

    Waits for a decision on the same person that is being written, and makes the next one wait.
    Raises `appeal.open` while the person waits for the answer to an appeal.
    """
    refuse_open(unit, entitlement.beneficiary_id)
    row = _state(unit, entitlement, status=EntitlementStatus.SUSPENDED, cause=cause)
    certifications.set_state(unit.session, row)
    unit.audit(
        AuditAction.ENTITLEMENT_SUSPENDED, entitlement=str(entitlement.id), cause=cause.value
    )


def _state(
    unit: Unit,
    entitlement: Entitlement,
    *,
    status: EntitlementStatus,
    cause: SuspensionCause | None = None,
) -> EntitlementState:
    return EntitlementState(
        id=uuid7(),
        entitlement_id=entitlement.id,
        beneficiary_id=entitlement.beneficiary_id,
        status=status.value,
        cause=cause.value if cause else None,
        effective_on=legal_day(unit.now),
        recorded_at=unit.now,
        recorded_by=str(unit.actor),
    )
