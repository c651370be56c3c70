"""Who may certify by face now; whoever may not is shown another road before any camera opens."""

import hmac
from dataclasses import dataclass, field
from uuid import UUID

from domain import id_number
from domain.audit import Actor, ActorKind
from domain.beneficiary import Entitlement, blocks_certification
from domain.errors import AppError, Kind
from domain.ids import BeneficiaryId
from domain.regions import DivisionPath, SubjectScope, SystemName, SystemScope
from services.backend import Backend
from services.entitlements import drawn_by
from services.evidence import Caller
from services.policies import legal_day
from services.unit_of_work import Unit
from storage.db.repositories import divisions, references
from storage.db.repositories.people import Person

SELF_SERVICE = Caller(
    actor=Actor(kind=ActorKind.SYSTEM, id=SystemName.SELF_SERVICE),
    scope=SystemScope(name=SystemName.SELF_SERVICE),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """Who somebody says they are."""

    id_number: str = field(repr=False)
    name: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Eligible:
    """A person who may certify by face, and the entitlements that one certification renews."""

    person: Person
    entitlements: tuple[Entitlement, ...]

    @property
    def caller(self) -> Caller:
        return person_caller(self.person.id, self.person.household_path)


def person_caller(person_id: UUID, household_path: str) -> Caller:
    """Return the pensioner as an actor who sees nothing but the own case."""
    scope = SubjectScope(beneficiary_id=BeneficiaryId(person_id), path=DivisionPath(household_path))
    return Caller(actor=Actor(kind=ActorKind.PERSON, id=str(person_id)), scope=scope)


def find_person(backend: Backend, unit: Unit, claimed: Claimed) -> Person:
    """Return the one whom number and name both fit. Raises `person.not_found`, `id_number.*`."""
    number = id_number.parse(claimed.id_number, on=legal_day(unit.now))
    people = backend.people(unit)
    person_id = people.find_by_id_number(number.value)
    person = people.load(person_id) if person_id is not None else None
    # One answer for an unknown number and for a wrong name: the page must not tell them apart.
    if person is None or not _same_name(person.name, claimed.name):
        raise AppError(Kind.NOT_FOUND, "person.not_found")
    return person


def _same_name(known: str, given: str) -> bool:
    return hmac.compare_digest(_plain(known), _plain(given))


def _plain(name: str) -> bytes:
    """Drop spaces and the middle dots that minority names are written with in several ways."""
    return "".join(char for char in name if char not in " \u3000·•・").encode()


def check(backend: Backend, claimed: Claimed) -> Eligible:
    """Resolve the entitlement before any camera opens.

    Raises, each with the road that is open instead: `person.not_found`, `person.no_entitlement`,
    `person.suspended_other_cause` (window) and `person.no_reference` (visit).
    """
    with backend.unit(SELF_SERVICE.actor, SELF_SERVICE.scope) as unit:
        person = find_person(backend, unit, claimed)
        entitlements = drawn_by(backend, unit, person)
        usable = references.usable_of(unit.session, person.id)
    refuse_blocked(entitlements)
    if not usable:
        raise AppError(Kind.CONFLICT, "person.no_reference")
    return Eligible(person=person, entitlements=entitlements)


def refuse_blocked(entitlements: tuple[Entitlement, ...]) -> None:
    """Raise when no entitlement could be renewed by a certification."""
    if not entitlements:
        raise AppError(Kind.NOT_FOUND, "person.no_entitlement")
    if blocks_certification(entitlements) is not None:
        raise AppError(Kind.CONFLICT, "person.suspended_other_cause")


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Where the counter is that serves a person without a phone."""

    name: str
    address: str | None
    hours: str | None


def window_of(unit: Unit, path: str) -> Window | None:
    """Return the nearest office upwards from a village that has a window."""
    for width in (9, 6):
        division = divisions.get(unit.session, path[:width])
        if division is not None and division.window_address:
            return Window(
                name=division.name, address=division.window_address, hours=division.window_hours
            )
    return None
