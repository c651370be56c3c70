"""Who had a part in an act that others judge: helping with it counts (G13)."""

from collections.abc import Iterable
from uuid import UUID

from domain.audit import staff_behind
from domain.ids import StaffId
from services.accounts import StaffMember
from services.backend import Backend
from services.eligibility import same_name
from services.evidence import open_key
from services.unit_of_work import Unit
from storage.db.models.certification import Evidence
from storage.db.repositories import attempts, sessions, visits


def staff_of_attempt(unit: Unit, attempt_id: UUID) -> frozenset[StaffId]:
    """Name the staff who uploaded any part of an attempt."""
    return _uploaders(attempts.parts_of(unit.session, attempt_id).values())


def staff_of_visit(unit: Unit, visit_id: UUID) -> frozenset[StaffId]:
    """Name the staff who visited, or who uploaded any photo of the visit."""
    uploaded = _uploaders(visits.parts_of(unit.session, visit_id).values())
    visit = visits.get(unit.session, visit_id)
    return uploaded if visit is None else uploaded | {StaffId(visit.officer_id)}


def staff_of(unit: Unit, *, attempt_id: UUID | None, visit_id: UUID | None) -> frozenset[StaffId]:
    """Name the staff who had a part in an act, whichever of the two it is."""
    found = frozenset[StaffId]()
    if attempt_id is not None:
        found |= staff_of_attempt(unit, attempt_id)
    if visit_id is not None:
        found |= staff_of_visit(unit, visit_id)
    return found


def _uploaders(parts: Iterable[Evidence]) -> frozenset[StaffId]:
    by = (staff_behind(part.stored_by) for part in parts)
    return frozenset(staff for staff in by if staff is not None)


def is_helper(
    backend: Backend,
    unit: Unit,
    member: StaffMember,
    *,
    person_id: UUID,
    attempt_id: UUID | None,
) -> bool:
    """Whether a member of staff bears the name of the relative who held the phone.

    Two people of one name are taken for one: a colleague decides instead, nothing is lost. Raises
    `evidence.erased` for somebody erased by law, when there was a helper.
    """
    attempt = None if attempt_id is None else attempts.get(unit.session, attempt_id)
    helper = None if attempt is None else attempts.session_of(unit.session, attempt).helper
    if helper is None:
        return False
    key = open_key(backend.people(unit), person_id)
    name = key.open(bytes.fromhex(helper["name_sealed"]), sessions.HELPER_NAME).decode()
    return same_name(name, member.display_name)
