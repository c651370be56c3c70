"""How lists and pages name people and places: people in part, divisions by name."""

from dataclasses import dataclass
from uuid import UUID

from domain.beneficiary import mask_name, mask_phone
from domain.errors import AppError, Kind
from domain.id_number import mask
from services.backend import Backend
from services.unit_of_work import Unit
from storage.crypto.errors import KeyDestroyed
from storage.db.repositories import divisions
from storage.db.repositories.people import Person


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceSeen:
    """A division by path and name."""

    path: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskedPerson:
    """What tells one person from another without giving away who it is."""

    name: str
    id_number: str
    phone: str | None


def readable(backend: Backend, unit: Unit, person_id: UUID) -> Person | None:
    """Open somebody; None for who was erased by law, or is out of scope.

    Asks the database nothing where the rows of a list keep person and key in the session.
    """
    try:
        return backend.people(unit).load(person_id)
    except KeyDestroyed:
        return None


def open_known(backend: Backend, unit: Unit, person_id: UUID) -> Person:
    """Open somebody. Raises `person.not_found` out of scope, `evidence.erased`."""
    try:
        person = backend.people(unit).load(person_id)
    except KeyDestroyed as error:
        raise AppError(Kind.GONE, "evidence.erased") from error
    if person is None:
        raise AppError(Kind.NOT_FOUND, "person.not_found")
    return person


def masked(person: Person) -> MaskedPerson:
    """Return name, number and phone in part."""
    return MaskedPerson(
        name=mask_name(person.name),
        id_number=mask(person.id_number),
        phone=mask_phone(person.phone) if person.phone else None,
    )


def masked_name(backend: Backend, unit: Unit, person_id: UUID) -> str | None:
    """Name somebody in part; None for somebody erased by law."""
    person = readable(backend, unit, person_id)
    return None if person is None else mask_name(person.name)


def place_name(unit: Unit, path: str) -> str:
    """Name a division; one that is not known is shown by its path."""
    row = divisions.get(unit.session, path)
    return path if row is None else row.name


def place_of(unit: Unit, path: str) -> PlaceSeen:
    """Return a division as a page shows it."""
    return PlaceSeen(path=path, name=place_name(unit, path))
