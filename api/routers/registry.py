"""People in the register: found by number, shown masked, corrected with history."""

from uuid import UUID

from fastapi import APIRouter

from api.deps import BackendDep, CurrentStaff, requires
from api.schemas.registry import CorrectPhone, PersonOut, Search
from domain.roles import Permission
from services import registry
from services.accounts import StaffMember, actor_of, scope_of
from services.evidence import Caller

router = APIRouter(prefix="/beneficiaries", tags=["registry"])


@router.post("/search", dependencies=[requires(Permission.REGISTRY_READ)])
def search(body: Search, backend: BackendDep, staff: CurrentStaff) -> PersonOut:
    """Find one person by the whole ID number, within one's own division."""
    found = registry.find_person(backend, caller_of(staff), body.id_number)
    return PersonOut.model_validate(found)


@router.get("/{person_id}", dependencies=[requires(Permission.REGISTRY_READ)])
def view(person_id: UUID, backend: BackendDep, staff: CurrentStaff) -> PersonOut:
    """Show one person's page."""
    return PersonOut.model_validate(registry.view_person(backend, caller_of(staff), person_id))


@router.put("/{person_id}/phone", dependencies=[requires(Permission.ENROLMENT_WRITE)])
def correct_phone(
    person_id: UUID, body: CorrectPhone, backend: BackendDep, staff: CurrentStaff
) -> PersonOut:
    """Correct the phone; the old one is kept as history."""
    seen = registry.correct_phone(
        backend, caller_of(staff), person_id, phone=body.phone, reason=body.reason
    )
    return PersonOut.model_validate(seen)


def caller_of(staff: StaffMember) -> Caller:
    return Caller(actor=actor_of(staff), scope=scope_of(staff))
