"""The faces a person is compared with: read, kept current with the model, and learnt from.

Photos from an enrolment are anchors. A strong certification may add its own selfie beside them
(`domain.gallery`); what was learnt never stands alone and can be taken back with all it carried.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from biometrics.embed import Embedding
from domain.audit import AuditAction
from domain.enrolment import Reference, Source, usable
from services import evidence
from services.backend import Backend
from services.evidence import Caller
from services.unit_of_work import Unit
from storage.crypto.envelope import DataKey
from storage.db.models.certification import ReferencePhoto
from storage.db.repositories import references


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFace:
    """One reference. `embedding` is None while it is that of a model no longer in use."""

    id: UUID
    evidence_id: UUID
    learnt: bool
    embedding: Embedding | None


def standing(unit: Unit, person_id: UUID) -> tuple[ReferencePhoto, ...]:
    """Return the references that may be compared, the most trusted first (`domain.enrolment`)."""
    rows = {str(row.id): row for row in references.usable_of(unit.session, person_id)}
    known = [
        Reference(key=key, source=Source(row.source), taken_on=row.taken_on)
        for key, row in rows.items()
    ]
    return tuple(rows[reference.key] for reference in usable(known))


def faces_of(unit: Unit, person_id: UUID, key: DataKey, *, model: str) -> tuple[KnownFace, ...]:
    """Return the faces to compare with, the most trusted first."""
    return tuple(_face(row, key, model=model) for row in standing(unit, person_id))


def faces_by_id(
    unit: Unit, ids: Sequence[UUID], key: DataKey, *, model: str
) -> tuple[KnownFace, ...]:
    """Return these very references, also when they were taken out since, in this order."""
    rows = [references.get(unit.session, one) for one in ids]
    return tuple(_face(row, key, model=model) for row in rows if row is not None)


def _face(row: ReferencePhoto, key: DataKey, *, model: str) -> KnownFace:
    current = row.model == model
    return KnownFace(
        id=row.id,
        evidence_id=row.evidence_id,
        learnt=row.source == Source.STRONG_SELF_CERTIFICATION,
        embedding=references.open_embedding(row, key) if current else None,
    )


def brought_up_to_date(
    backend: Backend, caller: Caller, known: Sequence[KnownFace]
) -> tuple[KnownFace, ...]:
    """Embed anew from the photo what another model embedded: two models' numbers never meet.

    Reads evidence, so no transaction may be open. A photo in which the model in use finds no face
    keeps None. Raises what `evidence.read` raises.
    """
    return tuple(
        face if face.embedding is not None else _anew(backend, caller, face) for face in known
    )


def _anew(backend: Backend, caller: Caller, face: KnownFace) -> KnownFace:
    photo, _ = evidence.read(backend, caller, face.evidence_id)
    return replace(face, embedding=backend.faces.template(photo).embedding)


def keep(
    unit: Unit, was: Sequence[KnownFace], now: Sequence[KnownFace], key: DataKey, *, model: str
) -> None:
    """Store what was embedded anew, so that it need not be done again."""
    for old, new in zip(was, now, strict=True):
        if old.embedding is None and new.embedding is not None:
            sealed = references.seal_embedding(new.embedding, key)
            references.replace_embedding(unit.session, new.id, sealed, model=model)


def anchors(known: Sequence[KnownFace]) -> tuple[Embedding, ...]:
    """Return the embeddings of enrolled photos."""
    return tuple(f.embedding for f in known if not f.learnt and f.embedding is not None)


def learnt(known: Sequence[KnownFace]) -> tuple[Embedding, ...]:
    """Return the embeddings of photos that certifications added."""
    return tuple(f.embedding for f in known if f.learnt and f.embedding is not None)


def add_reference(unit: Unit, row: ReferencePhoto) -> UUID | None:
    """Add a reference, unless the same photo is one already: then return that one's id."""
    there = references.claim(unit.session, row.beneficiary_id, row.evidence_id)
    if there is not None:
        return there
    references.add(unit.session, row)
    unit.audit(
        AuditAction.REFERENCE_ADDED,
        reference=str(row.id),
        beneficiary=str(row.beneficiary_id),
        evidence=str(row.evidence_id),
        consent=str(row.consent_id),
        source=row.source,
        model=row.model,
    )
    return None
