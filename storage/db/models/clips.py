"""What is kept of every clip so that the same recording is known when it comes again."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storage.db.base import Base, Key, Sealed, same_person


class Clip(Base):
    """A submitted clip's fingerprint, sealed under its person's key: erased with the person.

    `id` is that of the attempt which sent it. Device and usual picture stand there as keyed digests
    only, like an ID number's: without the index key they say nothing, so they may stay when the
    person's key is destroyed, and then lead to a fingerprint that nobody can open.
    """

    __tablename__ = "clips"
    __table_args__ = (
        same_person("id", "attempts"),
        sa.Index("ix_clips_person", "beneficiary_id", "id"),
        sa.Index("ix_clips_device", "device_index", "id"),
        sa.Index("ix_clips_picture", "picture_index", "id"),
    )
    id: Mapped[Key]
    beneficiary_id: Mapped[UUID] = mapped_column(sa.Uuid, sa.ForeignKey("beneficiaries.id"))
    device_index: Mapped[bytes]
    picture_index: Mapped[int] = mapped_column(sa.BigInteger)
    form: Mapped[int] = mapped_column(sa.SmallInteger)
    fingerprint_sealed: Mapped[Sealed]
    remembered_at: Mapped[datetime]
