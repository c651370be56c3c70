"""Uploads under way: which chunks of which part are here."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from storage.db.models.certification import Attempt
from storage.db.models.certification import Session as SessionRow
from storage.db.models.uploads import Upload, UploadChunk


def note(session: Session, row: dict[str, Any]) -> None:
    """Note an upload; the session's first one stays."""
    session.execute(insert(Upload).values(row).on_conflict_do_nothing())


def of_session(session: Session, session_id: UUID) -> Upload | None:
    return session.get(Upload, session_id)


def add_chunk(session: Session, row: dict[str, Any]) -> str:
    """Note a chunk unless one is there; returns the digest of the one that is."""
    session.execute(insert(UploadChunk).values(row).on_conflict_do_nothing())
    place = (row["session_id"], row["part"], row["index"])
    found = session.get(UploadChunk, place)
    assert found is not None, "inserted just now, or there before"
    return found.sha256


def chunk(session: Session, session_id: UUID, part: str, index: int) -> UploadChunk | None:
    return session.get(UploadChunk, (session_id, part, index))


def chunks(session: Session, session_id: UUID) -> Sequence[UploadChunk]:
    """Return what has come, by part and place."""
    query = sa.select(UploadChunk).where(UploadChunk.session_id == session_id)
    return session.scalars(query.order_by(UploadChunk.part, UploadChunk.index)).all()


def is_wanted(session: Session, object_key: str, now: datetime) -> bool:
    """Tell whether an upload that can still be finished needs this object."""
    grace = sa.func.make_interval(0, 0, 0, 0, 0, 0, SessionRow.upload_grace_s)
    query = (
        sa.select(UploadChunk.session_id)
        .join(SessionRow, SessionRow.id == UploadChunk.session_id)
        .where(UploadChunk.object_key == object_key)
        .where(SessionRow.expires_at + grace > now)
        .where(~sa.exists().where(Attempt.session_id == UploadChunk.session_id))
    )
    return session.scalar(sa.select(query.exists())) or False


def is_named(session: Session, object_key: str) -> bool:
    """Tell whether some chunk, wanted or not, is that object."""
    query = sa.select(sa.exists().where(UploadChunk.object_key == object_key))
    return session.scalar(query) or False
