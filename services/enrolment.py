"""Enrolment: the ground first, then the gate, then the sealed photo and its sealed embedding.

A photo that is refused is measured and forgotten: nothing of it is kept but the reasons.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from biometrics.embed import Embedding
from biometrics.photo import PhotoTemplate
from biometrics.sandbox import sniff
from domain.audit import AuditAction
from domain.biometric import MediaFault, PhotoMeasure
from domain.enrolment import (
    Basis,
    Refusal,
    Source,
    check_basis,
    check_gate,
    check_taken_on,
    quality_gate,
    rank,
)
from domain.errors import AppError, Kind
from domain.regions import DivisionScope, Level, SystemScope
from services import evidence
from services.backend import Backend
from services.evidence import Caller
from services.gallery import add_reference
from services.learning import take_back
from services.policies import legal_day
from services.unit_of_work import Unit
from storage.crypto.digest import digests_of
from storage.db.models.certification import Consent, ReferencePhoto
from storage.db.repositories import references
from storage.db.repositories.people import Person
from storage.ids import uuid7

PURPOSE = "enrolment"
_TYPES = ((b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG", "image/png"), (b"RIFF", "image/webp"))


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReference:
    """A photo with its provenance."""

    content: bytes = field(repr=False)
    source: Source
    taken_on: date | None
    basis: Basis


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled:
    """The reference that stands for the photo; `added` is False when it did so before."""

    reference_id: UUID
    added: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceSeen:
    """One reference photo as the register shows it: provenance, never a score."""

    id: UUID
    source: Source
    source_rank: int
    taken_on: date | None
    basis: str
    text_version: str
    added_at: datetime
    removed_at: datetime | None


class RemovalReason(StrEnum):
    """Why a reference is compared no longer."""

    CONSENT_WITHDRAWN = "consent_withdrawn"
    WRONG_PERSON = "wrong_person"
    UNDER_SUSPICION = "under_suspicion"
    OUTDATED = "outdated"


_TAKEN_BACK = frozenset({RemovalReason.WRONG_PERSON, RemovalReason.UNDER_SUSPICION})


def enrol_reference(  # noqa: PLR0913 - a photo and its provenance, each by its own name
    backend: Backend,
    caller: Caller,
    person_id: UUID,
    *,
    photo: bytes,
    source: Source,
    taken_on: date | None,
    basis: Basis,
) -> Enrolled:
    """Add a reference photo; the same bytes again give the same reference.

    `taken_on` is None where nobody knows. JPEG, PNG or WebP, at most 10 MB.

    Raises `enrolment.no_basis`, `consent.text_outdated`, `enrolment.taken_in_future`,
    `enrolment.taken_before_birth`, `enrolment.photo_refused` (with its `reasons`),
    `permission.denied` for a source that the caller cannot vouch for, `person.not_found`, and what
    storing evidence raises.
    """
    new = NewReference(content=photo, source=source, taken_on=taken_on, basis=basis)
    return _enrol(backend, caller, person_id, new)


def _enrol(backend: Backend, caller: Caller, person_id: UUID, new: NewReference) -> Enrolled:
    basis = _ground(backend, new)
    _vouch(caller, new.source)
    sha256 = digests_of(new.content).sha256.hex()
    with backend.unit(caller.actor, caller.scope) as unit:
        person = _load(backend, unit, person_id)
        check_taken_on(new.taken_on, today=legal_day(unit.now), born_on=person.birth_date)
        there = references.standing_for(unit.session, person_id, sha256)
        if there is not None:
            return Enrolled(reference_id=there, added=False)
        consent_id = _record_ground(unit, person_id, basis)
    template = _pass_gate(backend, caller, person_id, new)
    kept = evidence.store(
        backend, caller, person_id, content=new.content, media_type=_type(new.content)
    )
    model = backend.faces.embedder()
    with backend.unit(caller.actor, caller.scope) as unit:
        row = ReferencePhoto(
            id=uuid7(),
            beneficiary_id=person_id,
            evidence_id=kept.id,
            consent_id=consent_id,
            source=new.source.value,
            source_rank=rank(new.source),
            taken_on=new.taken_on,
            embedding_sealed=references.seal_embedding(_embedding(template), person.key),
            model=model,
            quality=template.quality or 0.0,
            added_at=unit.now,
            added_by=str(unit.actor),
        )
        return _add(unit, row)


def remove_reference(
    backend: Backend, caller: Caller, reference_id: UUID, reason: RemovalReason
) -> None:
    """Take a reference out of all later comparisons; its photo stays as evidence.

    When it never was the person, all that rested on it goes with it: see `learning.take_back`.
    Doing it again changes nothing. Raises `enrolment.not_found`, `evidence.erased`.
    """
    with backend.unit(caller.actor, caller.scope) as unit:
        row = references.get(unit.session, reference_id)
        if row is None:
            raise AppError(Kind.NOT_FOUND, "enrolment.not_found")
        if row.removed_at is not None:
            return
        row.removed_at = unit.now
        unit.audit(
            AuditAction.REFERENCE_REMOVED,
            reference=str(reference_id),
            beneficiary=str(row.beneficiary_id),
            reason=reason.value,
        )
        if reason in _TAKEN_BACK:
            take_back(backend, unit, _load(backend, unit, row.beneficiary_id), row)


def references_of(backend: Backend, caller: Caller, person_id: UUID) -> tuple[ReferenceSeen, ...]:
    """List a person's references, removed ones as well. Raises `person.not_found`."""
    with backend.unit(caller.actor, caller.scope) as unit:
        if not backend.people(unit).is_visible(person_id):
            raise AppError(Kind.NOT_FOUND, "person.not_found")
        return tuple(
            ReferenceSeen(
                id=row.id,
                source=Source(row.source),
                source_rank=row.source_rank,
                taken_on=row.taken_on,
                basis=consent.basis,
                text_version=consent.text_version,
                added_at=row.added_at,
                removed_at=row.removed_at,
            )
            for row, consent in references.all_of(unit.session, person_id)
        )


def _ground(backend: Backend, new: NewReference) -> Basis:
    """Refuse a photo without a ground, and a digest that is not that of the named text."""
    basis = check_basis(new.basis)
    notice = backend.notice
    if basis.version == notice.version and basis.digest != notice.digest:
        raise AppError(Kind.CONFLICT, "consent.text_outdated", version=notice.version)
    return basis


def _vouch(caller: Caller, source: Source) -> None:
    """Let nobody state a source he cannot have: it decides how far the photo is trusted (G7)."""
    scope = caller.scope
    at_county = isinstance(scope, SystemScope) or (
        isinstance(scope, DivisionScope) and len(scope.path) <= Level.COUNTY.digits
    )
    learnt = source is Source.STRONG_SELF_CERTIFICATION  # written by the decision itself only
    if learnt or (source is Source.POLICE_DATABASE and not at_county):
        raise AppError(Kind.FORBIDDEN, "permission.denied")


def _load(backend: Backend, unit: Unit, person_id: UUID) -> Person:
    people = backend.people(unit)
    evidence.open_key(people, person_id)
    person = people.load(person_id)
    assert person is not None
    return person


def _record_ground(unit: Unit, person_id: UUID, basis: Basis) -> UUID:
    """Write down the ground, once for all photos that rest on it."""
    there = references.ground_of(
        unit.session,
        person_id,
        {"purpose": PURPOSE, "basis": basis.kind.value, "text_digest": basis.digest},
    )
    if there is not None:
        return there
    consent = Consent(
        id=uuid7(),
        beneficiary_id=person_id,
        purpose=PURPOSE,
        basis=basis.kind.value,
        text_version=basis.version,
        text_digest=basis.digest,
        given_at=unit.now,
        given_by=str(unit.actor),
    )
    references.add(unit.session, consent)
    unit.audit(
        AuditAction.CONSENT_RECORDED,
        consent=str(consent.id),
        beneficiary=str(person_id),
        purpose=PURPOSE,
        basis=basis.kind.value,
        version=basis.version,
        digest=basis.digest,
    )
    return consent.id


def _pass_gate(
    backend: Backend, caller: Caller, person_id: UUID, new: NewReference
) -> PhotoTemplate:
    """Measure with no transaction open; a refusal is recorded with its reasons."""
    template = backend.faces.template(new.content)
    refusals = _refusals(template, new)
    if refusals:
        with backend.unit(caller.actor, caller.scope) as unit:
            unit.audit(
                AuditAction.REFERENCE_REFUSED,
                beneficiary=str(person_id),
                source=new.source.value,
                reasons=[refusal.value for refusal in refusals],
            )
    check_gate(refusals)
    return template


def _refusals(template: PhotoTemplate, new: NewReference) -> tuple[Refusal, ...]:
    header = sniff.photo(new.content)
    if isinstance(header, MediaFault):
        return (Refusal(f"reference_{header.value}"),)
    measure = PhotoMeasure(
        faults=template.faults,
        similarity=None,
        quality=template.quality,
        rotation_deg=template.rotation_deg,
        closed_eyes=template.closed_eyes,
    )
    return quality_gate(measure, new.source, width=header.width, height=header.height)


def _embedding(template: PhotoTemplate) -> Embedding:
    assert template.embedding is not None, "a photo without a face does not pass the gate"
    return template.embedding


def _add(unit: Unit, row: ReferencePhoto) -> Enrolled:
    """Insert unless the same photo came in beside us; people take turns here."""
    there = add_reference(unit, row)
    return Enrolled(reference_id=there or row.id, added=there is None)


def _type(content: bytes) -> str:
    return next(kind for start, kind in _TYPES if content.startswith(start))
