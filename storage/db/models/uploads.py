"""What a phone is sending in pieces: the manifest it promised, and the chunks that have come."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from storage.db.base import Base, PersonRef, same_person


class Upload(Base):
    """One manifest a session, chunks and seals of its parts included."""

    __tablename__ = "uploads"
    __table_args__ = (same_person("session_id", "sessions"),)
    session_id: Mapped[UUID] = mapped_column(primary_key=True)
    beneficiary_id: Mapped[PersonRef]
    manifest: Mapped[dict[str, Any]]
    noted_at: Mapped[datetime] = mapped_column(index=True)


class UploadChunk(Base):
    """One chunk in the object store; gone once its part is evidence."""

    __tablename__ = "upload_chunks"
    __table_args__ = (same_person("session_id", "sessions"),)
    session_id: Mapped[UUID] = mapped_column(primary_key=True)
    part: Mapped[str] = mapped_column(primary_key=True)
    index: Mapped[int] = mapped_column(primary_key=True)
    beneficiary_id: Mapped[PersonRef]
    sha256: Mapped[str]
    object_key: Mapped[str] = mapped_column(index=True)
    sealed_by_phone: Mapped[bool]
    received_at: Mapped[datetime]
