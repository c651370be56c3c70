"""Reference photos and their sealed embeddings."""

from uuid import UUID

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from storage.crypto.envelope import DataKey
from storage.db.models.certification import ReferencePhoto

EMBEDDING = "reference:embedding"


def usable_of(session: Session, person_id: UUID) -> list[ReferencePhoto]:
    """Return the photos a face may be compared with, best source first."""
    rows = session.scalars(
        sa.select(ReferencePhoto)
        .where(ReferencePhoto.beneficiary_id == person_id, ReferencePhoto.removed_at.is_(None))
        .order_by(ReferencePhoto.source_rank, ReferencePhoto.added_at)
    )
    return list(rows)


def seal_embedding(vector: NDArray[np.float32], key: DataKey) -> bytes:
    """Seal a face's 128 numbers: as telling as the photo itself, and kept as closely."""
    return key.seal(vector.astype("<f4").tobytes(), EMBEDDING)


def open_embedding(row: ReferencePhoto, key: DataKey) -> NDArray[np.float32]:
    return np.frombuffer(key.open(row.embedding_sealed, EMBEDDING), dtype="<f4")
