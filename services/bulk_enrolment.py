"""Many reference photos at once, each named by an ID number; safe to break off and begin again."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from domain.enrolment import Basis, Source, check_basis
from domain.errors import AppError, Kind
from domain.id_number import mask, parse
from services.backend import Backend
from services.enrolment import enrol_reference
from services.evidence import Caller
from services.policies import legal_day
from storage.photo_batch import BatchPhoto


class FileOutcome(StrEnum):
    """What became of one file."""

    ENROLLED = "enrolled"
    ALREADY = "already"  # the same photo stands for the person: an earlier run brought it
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReport:
    """One line of the report. The number is masked; `place` counts files in order of name."""

    place: int
    id_number: str
    outcome: FileOutcome
    reasons: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class BulkTally:
    """Files by outcome."""

    enrolled: int = 0
    already: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What holds for every photo of a batch."""

    source: Source
    taken_on: date | None
    basis: Basis


def enrol_batch(
    backend: Backend,
    caller: Caller,
    photos: Iterable[BatchPhoto],
    *,
    provenance: Provenance,
    report: Callable[[FileReport], None],
) -> BulkTally:
    """Enrol each photo on its own: a refused one is reported and the next one follows.

    Raises `enrolment.no_basis` before the first photo, and what makes going on useless: a store
    that is full or away, face models that are missing.
    """
    check_basis(provenance.basis)
    tally = BulkTally()
    for photo in photos:
        line = _enrol_one(backend, caller, photo, provenance=provenance)
        setattr(tally, line.outcome.value, getattr(tally, line.outcome.value) + 1)
        report(line)
    return tally


def _enrol_one(
    backend: Backend, caller: Caller, photo: BatchPhoto, *, provenance: Provenance
) -> FileReport:
    shown = mask(photo.id_number) if photo.id_number else ""
    if photo.fault is not None or photo.id_number is None:
        reasons = (photo.fault.value,) if photo.fault else ()
        return FileReport(
            place=photo.place, id_number=shown, outcome=FileOutcome.REFUSED, reasons=reasons
        )
    try:
        done = enrol_reference(
            backend,
            caller,
            _person(backend, caller, photo.id_number),
            photo=photo.content,
            source=provenance.source,
            taken_on=provenance.taken_on,
            basis=provenance.basis,
        )
    except AppError as error:
        if error.kind is Kind.UNAVAILABLE:
            raise
        return FileReport(
            place=photo.place,
            id_number=shown,
            outcome=FileOutcome.REFUSED,
            reasons=_reasons(error),
        )
    outcome = FileOutcome.ENROLLED if done.added else FileOutcome.ALREADY
    return FileReport(place=photo.place, id_number=shown, outcome=outcome)


def _person(backend: Backend, caller: Caller, id_number: str) -> UUID:
    number = parse(id_number, on=legal_day(backend.clock.now()))
    with backend.unit(caller.actor, caller.scope) as unit:
        person_id = backend.people(unit).find_by_id_number(number.value)
    if person_id is None:
        raise AppError(Kind.NOT_FOUND, "person.not_found")
    return person_id


def _reasons(error: AppError) -> tuple[str, ...]:
    """Name what is wrong with the photo where that is known, else the refusal's code."""
    reasons = error.params.get("reasons")
    return tuple(reasons) if isinstance(reasons, list) else (error.code,)
