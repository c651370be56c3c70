"""The page about one person, masked; opening what is masked, for a reason, on record."""

from dataclasses import dataclass, field
from uuid import UUID

from domain.audit import AuditAction
from domain.beneficiary import KeyGroup
from domain.errors import AppError, Kind
from domain.id_number import age_on
from domain.opening import OpenReason, check_opening
from domain.roles import Permission, Role, may
from domain.visit_request import SentBy
from services import evidence, visit_requests
from services.accounts import StaffMember
from services.backend import Backend
from services.evidence import open_key
from services.person_clocks import BenefitSeen, benefits_of
from services.person_history import History, history_of
from services.policies import legal_day
from services.reviews import caller_of
from services.shown import PlaceSeen, masked, open_known, place_of, readable
from services.unit_of_work import Unit
from storage.crypto.envelope import DataKey
from storage.db.models.registry import Beneficiary
from storage.db.repositories import evidence as files
from storage.db.repositories import person_rows

NOTE = "opening:note"


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonPage:
    """Everything masked. `name` is None for somebody erased by law."""

    id: UUID
    name: str | None
    id_number: str
    phone: str | None
    sex: str
    age: int
    household: PlaceSeen
    residence: PlaceSeen
    key_groups: tuple[KeyGroup, ...]
    benefits: tuple[BenefitSeen, ...]
    history: History

    @property
    def is_erased(self) -> bool:
        return self.name is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """The reason for looking at what is masked."""

    reason: OpenReason
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What is masked otherwise; shown once."""

    name: str = field(repr=False)
    id_number: str = field(repr=False)
    phone: str | None = field(repr=False)


def person_page(backend: Backend, reader: StaffMember, person_id: UUID) -> PersonPage:
    """Return the page of somebody in the own division. Raises `person.not_found`."""
    caller = caller_of(reader)
    with backend.unit(caller.actor, caller.scope) as unit:
        person = _find(unit, person_id)
        opened = readable(backend, unit, person_id)
        known = masked(opened) if opened else None
        return PersonPage(
            id=person.id,
            name=known.name if known else None,
            id_number=known.id_number if known else "",
            phone=known.phone if known else None,
            sex=person.sex,
            age=age_on(person.birth_date, legal_day(unit.now)),
            household=place_of(unit, person.household_path),
            residence=place_of(unit, person.residence_path),
            key_groups=tuple(KeyGroup(group) for group in person.key_groups),
            benefits=benefits_of(backend, unit, person),
            history=history_of(unit, reader, person, opened.key if opened else None),
        )


def _find(unit: Unit, person_id: UUID) -> Beneficiary:
    found = person_rows.person(unit.session, person_id)
    if found is None:
        raise AppError(Kind.NOT_FOUND, "person.not_found")
    return found[0]


def open_person(backend: Backend, member: StaffMember, person_id: UUID, *, why: Why) -> Opened:
    """Show name, number and phone in full, for a reason that stays on record.

    The words of a reason are kept sealed under the person's key, and are erased with it. Raises
    `permission.denied`, `person.not_found`, `evidence.erased`, `person.reason_*`.
    """
    said = _checked(member, why)
    caller = caller_of(member)
    with backend.unit(caller.actor, caller.scope) as unit:
        person = open_known(backend, unit, person_id)
        unit.audit(
            AuditAction.PERSON_OPENED,
            beneficiary=str(person_id),
            reason=why.reason.value,
            note_sealed=_sealed(person.key, said),
        )
        return Opened(name=person.name, id_number=person.id_number, phone=person.phone)


def look_at(
    backend: Backend,
    member: StaffMember,
    person_id: UUID,
    evidence_id: UUID,
    *,
    why: Why,
) -> tuple[bytes, str]:
    """Give one file of a person: plain bytes and media type; the look is on record before.

    Raises `permission.denied`, `person.not_found`, `person.reason_*`, and what `evidence.read`
    raises; a file of somebody else is `evidence.not_found`.
    """
    said = _checked(member, why)
    if not may(Role(member.role), Permission.EVIDENCE_READ):
        raise AppError(Kind.FORBIDDEN, "permission.denied")
    caller = caller_of(member)
    with backend.unit(caller.actor, caller.scope) as unit:
        key = open_key(backend.people(unit), person_id)
        row = files.get(unit.session, evidence_id)
        if row is None or row.beneficiary_id != person_id:
            raise AppError(Kind.NOT_FOUND, "evidence.not_found")
        unit.audit(
            AuditAction.EVIDENCE_VIEWED,
            beneficiary=str(person_id),
            evidence=str(evidence_id),
            reason=why.reason.value,
            note_sealed=_sealed(key, said),
        )
    return evidence.read(backend, caller, evidence_id)


def _checked(member: StaffMember, why: Why) -> str:
    if not may(Role(member.role), Permission.PERSON_OPEN):
        raise AppError(Kind.FORBIDDEN, "permission.denied")
    return check_opening(why.reason, why.note)


def _sealed(key: DataKey, said: str) -> str | None:
    return key.seal(said.encode(), NOTE).hex() if said else None


def send_visit(backend: Backend, member: StaffMember, person_id: UUID) -> None:
    """Put the person on the list of who waits for an officer.

    Raises `permission.denied`, `person.not_found`, `evidence.erased`.
    """
    if not may(Role(member.role), Permission.CONTACT_WRITE):
        raise AppError(Kind.FORBIDDEN, "permission.denied")
    caller = caller_of(member)
    with backend.unit(caller.actor, caller.scope) as unit:
        visit_requests.send_visit(backend, unit, person_id, reason=SentBy.STAFF)
