"""Manifests that came in time, before their parts."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from storage.db.models.certification import Promise


def add(
    session: Session, session_id: UUID, manifest_digest: str, *, person_id: UUID, at: datetime
) -> None:
    """Note a promise; the same one again changes nothing."""
    session.execute(
        insert(Promise)
        .values(
            session_id=session_id,
            manifest_digest=manifest_digest,
            beneficiary_id=person_id,
            promised_at=at,
        )
        .on_conflict_do_nothing()
    )


def count(session: Session, session_id: UUID) -> int:
    query = sa.select(sa.func.count()).select_from(Promise).where(Promise.session_id == session_id)
    return session.scalar(query) or 0


def exists(session: Session, session_id: UUID, manifest_digest: str) -> bool:
    return session.get(Promise, (session_id, manifest_digest)) is not None
