"""Evidence rows: which object holds what, under which digests."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from storage.db.models.certification import Evidence, VideoDigest


def find(session: Session, person_id: UUID, sha256: str) -> Evidence | None:
    return session.scalar(
        sa.select(Evidence).where(Evidence.beneficiary_id == person_id, Evidence.sha256 == sha256)
    )


def by_digests(session: Session, person_id: UUID, digests: list[str]) -> dict[str, Evidence]:
    rows = session.scalars(
        sa.select(Evidence).where(
            Evidence.beneficiary_id == person_id, Evidence.sha256.in_(digests)
        )
    )
    return {row.sha256: row for row in rows}


def count_from(session: Session, person_id: UUID, since: datetime, *, by: str) -> int:
    """Count what `by` stored about a person from a moment on."""
    query = sa.select(sa.func.count()).select_from(Evidence)
    query = query.where(
        Evidence.beneficiary_id == person_id, Evidence.stored_at >= since, Evidence.stored_by == by
    )
    return session.scalar(query) or 0


def get(session: Session, evidence_id: UUID) -> Evidence | None:
    return session.get(Evidence, evidence_id)


def add(session: Session, row: dict[str, object]) -> bool:
    """Insert; False when the same bytes of the same person are there already."""
    added = session.execute(
        insert(Evidence)
        .values(row)
        .on_conflict_do_nothing(index_elements=["beneficiary_id", "sha256"])
        .returning(Evidence.id)
    )
    return added.first() is not None


def claim_video(session: Session, sha256: str, attempt_id: UUID) -> bool:
    """Book a clip's digest for one attempt; False when any attempt of anyone had it before."""
    added = session.execute(
        insert(VideoDigest)
        .values(sha256=sha256, attempt_id=attempt_id)
        .on_conflict_do_nothing(index_elements=["sha256"])
        .returning(VideoDigest.sha256)
    )
    return added.first() is not None
