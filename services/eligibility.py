"""Who may certify by face now; whoever may not is shown another road before any camera opens."""

import hmac
import unicodedata
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from domain import id_number
from domain.audit import Actor, ActorKind
from domain.beneficiary import (
    Beneficiary,
    CertificationBlock,
    Entitlement,
    blocks_certification,
    needs_guardian,
)
from domain.errors import AppError, Kind
from domain.ids import BeneficiaryId
from domain.regions import DivisionPath, SubjectScope, SystemName, SystemScope
from services.backend import Backend
from services.entitlements import drawn_by
from services.evidence import Caller
from services.gallery import standing
from services.policies import legal_day
from services.unit_of_work import Unit
from storage.crypto.errors import KeyDestroyed
from storage.db.repositories import divisions, sessions
from storage.db.repositories.people import Person
from storage.ids import uuid7

SELF_SERVICE = Caller(
    actor=Actor(kind=ActorKind.SYSTEM, id=SystemName.SELF_SERVICE),
    scope=SystemScope(name=SystemName.SELF_SERVICE),
)


DOTS = frozenset("·.•・‧∙⋅")
FAILED_LOOKUPS = 200
"""Wrong names or numbers from one address in an hour: a village hall mistypes less, whoever works
through a stolen list does not get on (requirements G17)."""
LOOKUP_WINDOW = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """Who somebody says they are, and from which network address."""

    id_number: str = field(repr=False)
    name: str = field(repr=False)
    address: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identified:
    """Who holds a ticket of the phone page: see `services.identity`."""

    person_id: UUID
    household_path: str
    ticket_id: UUID

    @property
    def caller(self) -> Caller:
        return person_caller(self.person_id, self.household_path)


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


def person_behind(backend: Backend, claimed: Claimed | Identified) -> Person:
    """Return the one who acts. Raises what `identify` and `holder_of` raise."""
    if isinstance(claimed, Claimed):
        return identify(backend, claimed)
    return holder_of(backend, claimed)


def holder_of(backend: Backend, identified: Identified) -> Person:
    """Return the one whom a ticket names. Raises `identity.needed` for somebody erased since."""
    with backend.unit(SELF_SERVICE.actor, SELF_SERVICE.scope) as unit:
        try:
            person = backend.people(unit).load(identified.person_id)
        except KeyDestroyed:
            person = None
    if person is None:
        raise AppError(Kind.UNAUTHENTICATED, "identity.needed")
    return person


def identify(backend: Backend, claimed: Claimed) -> Person:
    """Return the one whom number and name both fit.

    Raises `person.not_found`, `id_number.*`, and `rate.address` after too many wrong answers.
    """
    index = backend.index.of("lookup", claimed.address)
    with backend.unit(SELF_SERVICE.actor, SELF_SERVICE.scope) as unit:
        _refuse_guessing(unit, index)
        person = _find(backend, unit, claimed)
        if person is None:
            sessions.add_failed_lookup(unit.session, uuid7(), index, unit.now)
    # One answer for an unknown number and for a wrong name: the page must not tell them apart.
    if person is None:
        raise AppError(Kind.NOT_FOUND, "person.not_found")
    return person


def _refuse_guessing(unit: Unit, index: bytes) -> None:
    since = unit.now - LOOKUP_WINDOW
    if sessions.count_failed_lookups(unit.session, index, since) >= FAILED_LOOKUPS:
        wait = int(LOOKUP_WINDOW.total_seconds())
        raise AppError(Kind.TOO_MANY, "rate.address", retry_after_s=wait)


def _find(backend: Backend, unit: Unit, claimed: Claimed) -> Person | None:
    number = id_number.parse(claimed.id_number, on=legal_day(unit.now))
    people = backend.people(unit)
    person_id = people.find_by_id_number(number.value)
    if person_id is None:
        return None
    try:
        person = people.load(person_id)
    except KeyDestroyed:  # erased by law: nobody we know any more
        return None
    assert person is not None, "found in the same transaction"
    return person if same_name(person.name, claimed.name) else None


def same_name(known: str, given: str) -> bool:
    """Compare names as people write them: width, spaces and middle dots do not count."""
    return hmac.compare_digest(_plain(known), _plain(given))


def _plain(name: str) -> bytes:
    """Drop spaces and the dots that minority names are written with in several ways."""
    folded = unicodedata.normalize("NFKC", name)
    return "".join(char for char in folded if not char.isspace() and char not in DOTS).encode()


def check(backend: Backend, claimed: Claimed) -> Eligible:
    """Resolve the entitlement before any camera opens.

    Raises what `identify` and `check_person` raise.
    """
    return check_person(backend, identify(backend, claimed))


def check_person(backend: Backend, person: Person) -> Eligible:
    """Resolve the entitlement of somebody who is known by now.

    Raises, each with the road that is open instead: `person.no_entitlement`,
    `person.suspended_other_cause`, `person.guardian_needed` (window), `person.no_reference`
    (visit).
    """
    with backend.unit(SELF_SERVICE.actor, SELF_SERVICE.scope) as unit:
        entitlements = drawn_by(backend, unit, person)
        usable = standing(unit, person.id)
        window = named_window(window_of(unit, person.residence_path))
        today = legal_day(unit.now)
    refuse_blocked(entitlements, **window)
    if needs_guardian(_known(person, today), today):
        raise AppError(Kind.CONFLICT, "person.guardian_needed", **window)
    if not usable:
        raise AppError(Kind.CONFLICT, "person.no_reference", **window)
    return Eligible(person=person, entitlements=entitlements)


def refuse_blocked(entitlements: tuple[Entitlement, ...], **window: str) -> None:
    """Raise when no entitlement could be renewed by a certification; name the window, if known.

    The cause is not told: it may be a death that a relative should hear of from a human.
    """
    block = blocks_certification(entitlements)
    if block in (CertificationBlock.NOTHING_DRAWN, CertificationBlock.ENDED):
        raise AppError(Kind.NOT_FOUND, "person.no_entitlement", **window)
    if block is not None:
        raise AppError(Kind.CONFLICT, "person.suspended_other_cause", **window)


def _known(person: Person, today: date) -> Beneficiary:
    return Beneficiary(
        id=BeneficiaryId(person.id),
        name=person.name,
        id_number=id_number.parse(person.id_number, on=today),
        registered_in=DivisionPath(person.household_path),
        lives_in=DivisionPath(person.residence_path),
    )


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


def named_window(window: Window | None) -> dict[str, str]:
    """Return what a refusal says of the window; nothing when none is known."""
    if window is None:
        return {}
    said = {"window": window.name, "address": window.address, "hours": window.hours}
    return {key: text for key, text in said.items() if text}
