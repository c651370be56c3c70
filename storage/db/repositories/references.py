"""Reference photos and their sealed embeddings."""

from collections.abc import Collection
from uuid import UUID

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from storage.crypto.envelope import DataKey
from storage.db.models.certification import Consent, Evidence, ReferencePhoto

EMBEDDING = "reference:embedding"


def usable_of(session: Session, person_id: UUID) -> list[ReferencePhoto]:
    """Return the photos a face may be compared with, best source first."""
    rows = session.scalars(
        sa.select(ReferencePhoto)
        .where(ReferencePhoto.beneficiary_id == person_id, ReferencePhoto.removed_at.is_(None))
        .order_by(ReferencePhoto.source_rank, ReferencePhoto.added_at)
    )
    return list(rows)


def get(session: Session, reference_id: UUID) -> ReferencePhoto | None:
    return session.get(ReferencePhoto, reference_id)


def all_of(session: Session, person_id: UUID) -> list[tuple[ReferencePhoto, Consent]]:
    """Return all photos of a person with the ground each rests on, best source first."""
    rows = session.execute(
        sa.select(ReferencePhoto, Consent)
        .join(Consent, Consent.id == ReferencePhoto.consent_id)
        .where(ReferencePhoto.beneficiary_id == person_id)
        .order_by(ReferencePhoto.source_rank, ReferencePhoto.added_at)
        .limit(200)
    )
    return [(row.ReferencePhoto, row.Consent) for row in rows]


def standing_for(session: Session, person_id: UUID, sha256: str) -> UUID | None:
    """Find the reference that a photo, by the digest of its bytes, is already."""
    return session.scalar(
        sa.select(ReferencePhoto.id)
        .join(Evidence, Evidence.id == ReferencePhoto.evidence_id)
        .where(
            ReferencePhoto.beneficiary_id == person_id,
            ReferencePhoto.removed_at.is_(None),
            Evidence.sha256 == sha256,
        )
    )


def claim(session: Session, person_id: UUID, evidence_id: UUID) -> UUID | None:
    """Make those who enrol one person take turns; returns the photo's reference if it has one."""
    session.execute(
        sa.text("select pg_advisory_xact_lock(hashtextextended('references:' || :person, 0))"),
        {"person": str(person_id)},
    )
    return session.scalar(
        sa.select(ReferencePhoto.id).where(
            ReferencePhoto.evidence_id == evidence_id, ReferencePhoto.removed_at.is_(None)
        )
    )


def standing_on(session: Session, person_id: UUID, files: Collection[UUID]) -> list[ReferencePhoto]:
    """Return the references whose photo is one of these files."""
    rows = session.scalars(
        sa.select(ReferencePhoto)
        .where(
            ReferencePhoto.beneficiary_id == person_id,
            ReferencePhoto.evidence_id.in_(files),
            ReferencePhoto.removed_at.is_(None),
        )
        .order_by(ReferencePhoto.added_at, ReferencePhoto.id)
    )
    return list(rows)


def ground_of(session: Session, person_id: UUID, wanted: dict[str, str]) -> UUID | None:
    """Find a ground that was recorded with these columns and not withdrawn."""
    return session.scalar(
        sa.select(Consent.id)
        .where(Consent.beneficiary_id == person_id, Consent.withdrawn_at.is_(None))
        .filter_by(**wanted)
        .limit(1)
    )


def add(session: Session, row: Consent | ReferencePhoto) -> None:
    session.add(row)
    session.flush()


def seal_embedding(vector: NDArray[np.float32], key: DataKey) -> bytes:
    """Seal a face's 128 numbers: as telling as the photo itself, and kept as closely."""
    return key.seal(vector.astype("<f4").tobytes(), EMBEDDING)


def replace_embedding(session: Session, reference_id: UUID, sealed: bytes, *, model: str) -> None:
    """Put another model's numbers in the place of the old ones; the photo stays the same."""
    session.execute(
        sa.update(ReferencePhoto)
        .where(ReferencePhoto.id == reference_id, ReferencePhoto.removed_at.is_(None))
        .values(embedding_sealed=sealed, model=model)
    )


def open_embedding(row: ReferencePhoto, key: DataKey) -> NDArray[np.float32]:
    return np.frombuffer(key.open(row.embedding_sealed, EMBEDDING), dtype="<f4")
