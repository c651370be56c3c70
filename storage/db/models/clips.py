"""What is kept of every clip so that the same recording is known when it comes again."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storage.db.base import Base, Key, Sealed, one_person, same_person


class Clip(Base):
    """A submitted clip's fingerprint, sealed under its person's key: erased with the person.

    `id` is that of the attempt which sent it. Whose device it was stands there as a keyed digest.
    """

    __tablename__ = "clips"
    __table_args__ = (
        one_person(),
        same_person("id", "attempts"),
        sa.Index("ix_clips_person", "beneficiary_id", "id"),
        sa.Index("ix_clips_device", "device_index", "id"),
    )
    id: Mapped[Key]
    beneficiary_id: Mapped[UUID] = mapped_column(sa.Uuid, sa.ForeignKey("beneficiaries.id"))
    device_index: Mapped[bytes]
    form: Mapped[int] = mapped_column(sa.SmallInteger)
    fingerprint_sealed: Mapped[Sealed]
    remembered_at: Mapped[datetime]


class ClipKey(Base):
    """A keyed digest of some bits of a clip's usual picture: clips that share one may be alike.

    Without the index key the digests say nothing, like those of ID numbers; so they may stay when
    the person's key is destroyed, and lead to a fingerprint that nobody can open.
    """

    __tablename__ = "clip_keys"
    __table_args__ = (same_person("clip_id", "clips"),)
    key: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True)
    clip_id: Mapped[UUID] = mapped_column(primary_key=True)
    beneficiary_id: Mapped[UUID] = mapped_column(sa.Uuid, sa.ForeignKey("beneficiaries.id"))
