"""Look people up in the register, masked, and correct what may be corrected."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from domain.audit import AuditAction
from domain.beneficiary import KeyGroup
from domain.errors import AppError, Kind
from domain.id_number import age_on, parse
from services.backend import Backend
from services.evidence import Caller
from services.gallery import standing
from services.policies import legal_day
from services.roster_cells import CellRefused, read_phone
from services.shown import PlaceSeen, masked, open_known, place_of
from services.unit_of_work import Unit
from storage.db.models.registry import BeneficiaryChange
from storage.db.repositories import certifications, registry
from storage.ids import uuid7


@dataclass(frozen=True, slots=True, kw_only=True)
class EntitlementSeen:
    """One benefit with its clock. `valid_until` is the last day of the running certification."""

    id: UUID
    scheme: str
    started_on: date
    status: str
    cause: str | None
    valid_until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSeen:
    """That something was corrected, when, by whom and why; never what it was."""

    field: str
    changed_at: datetime
    changed_by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonSeen:
    """A beneficiary as a screen shows one: identifying fields masked."""

    id: UUID
    name: str
    id_number: str
    phone: str | None
    sex: str
    age: int
    household: PlaceSeen
    residence: PlaceSeen
    key_groups: tuple[KeyGroup, ...]
    entitlements: tuple[EntitlementSeen, ...]
    usable_references: int
    changes: tuple[ChangeSeen, ...]


class ChangeReason(StrEnum):
    """Why a field was corrected."""

    TOLD_BY_PERSON = "told_by_person"
    TOLD_BY_FAMILY = "told_by_family"
    FOUND_ON_VISIT = "found_on_visit"
    TYPING_ERROR = "typing_error"


def find_person(backend: Backend, caller: Caller, id_number: str) -> PersonSeen:
    """Find by the whole ID number, within the caller's scope.

    Raises `id_number.*` for what is no number and `person.not_found` for one that is not in scope,
    whether or not it is registered elsewhere.
    """
    number = parse(id_number, on=legal_day(backend.clock.now()))
    with backend.unit(caller.actor, caller.scope) as unit:
        person_id = backend.people(unit).find_by_id_number(number.value)
        if person_id is None:
            raise AppError(Kind.NOT_FOUND, "person.not_found")
        return _seen(backend, unit, person_id)


def view_person(backend: Backend, caller: Caller, person_id: UUID) -> PersonSeen:
    """Return one person's page. Raises `person.not_found`, `evidence.erased`."""
    with backend.unit(caller.actor, caller.scope) as unit:
        return _seen(backend, unit, person_id)


def correct_phone(
    backend: Backend, caller: Caller, person_id: UUID, *, phone: str, reason: ChangeReason
) -> PersonSeen:
    """Replace the phone and keep the old one, sealed, as history.

    The same number again changes nothing. Raises `person.not_found`, `person.phone_malformed`.
    """
    number = _phone(phone)
    with backend.unit(caller.actor, caller.scope) as unit:
        person = open_known(backend, unit, person_id)
        if person.phone != number:
            change = BeneficiaryChange(
                id=uuid7(),
                beneficiary_id=person.id,
                field="phone",
                changed_at=unit.now,
                changed_by=str(unit.actor),
                reason=reason.value,
            )
            backend.people(unit).change_phone(person, number, change=change)
            unit.audit(
                AuditAction.BENEFICIARY_CHANGED,
                beneficiary=str(person.id),
                change=str(change.id),
                field="phone",
                reason=reason.value,
            )
            unit.session.flush()
            unit.session.expire_all()
        return _seen(backend, unit, person_id)


def _phone(text: str) -> str:
    try:
        number = read_phone(text)
    except CellRefused:
        number = None
    if number is None:
        raise AppError(Kind.INVALID, "person.phone_malformed")
    return number


def _seen(backend: Backend, unit: Unit, person_id: UUID) -> PersonSeen:
    person = open_known(backend, unit, person_id)
    known = masked(person)
    until = dict(certifications.validities_of(unit.session, person_id))
    return PersonSeen(
        id=person.id,
        name=known.name,
        id_number=known.id_number,
        phone=known.phone,
        sex=person.sex,
        age=age_on(person.birth_date, legal_day(unit.now)),
        household=place_of(unit, person.household_path),
        residence=place_of(unit, person.residence_path),
        key_groups=tuple(KeyGroup(group) for group in person.key_groups),
        entitlements=tuple(
            EntitlementSeen(
                id=row.id,
                scheme=row.scheme,
                started_on=row.started_on,
                status=row.status,
                cause=row.cause,
                valid_until=until.get(row.scheme),
            )
            for row in backend.people(unit).entitlements_of(person_id)
        ),
        usable_references=len(standing(unit, person_id)),
        changes=tuple(
            ChangeSeen(
                field=row.field,
                changed_at=row.changed_at,
                changed_by=row.changed_by,
                reason=row.reason,
            )
            for row in registry.changes_of(unit.session, person_id)
        ),
    )
