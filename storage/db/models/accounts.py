"""Staff and their log-ins. Passwords are argon2 hashes, session tokens are stored as digests."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storage.db.base import Base, Key, Path


class Staff(Base):
    __tablename__ = "staff"
    id: Mapped[Key]
    login: Mapped[str] = mapped_column(unique=True)
    display_name: Mapped[str]
    role: Mapped[str]
    division_path: Mapped[Path] = mapped_column(sa.ForeignKey("divisions.path"), index=True)
    password_hash: Mapped[str]
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    disabled_at: Mapped[datetime | None]


class StaffSession(Base):
    __tablename__ = "staff_sessions"
    token_digest: Mapped[bytes] = mapped_column(primary_key=True)
    staff_id: Mapped[UUID] = mapped_column(sa.ForeignKey("staff.id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    last_seen_at: Mapped[datetime]
    factor_at: Mapped[datetime | None]  # when the second factor was shown
    confirmed_at: Mapped[datetime]  # when the password was last given


class StaffFactor(Base):
    """A second factor: the secret of an authenticator app, sealed; taken away, never changed."""

    __tablename__ = "staff_factors"
    __table_args__ = (
        sa.Index(
            "uq_staff_factors_standing",
            "staff_id",
            unique=True,
            postgresql_where=sa.text("removed_at is null"),
        ),
    )
    id: Mapped[Key]
    staff_id: Mapped[UUID] = mapped_column(sa.ForeignKey("staff.id"), index=True)
    secret_sealed: Mapped[bytes]
    made_at: Mapped[datetime]
    proven_at: Mapped[datetime | None]
    last_step: Mapped[int] = mapped_column(sa.BigInteger)  # a code counts once
    removed_at: Mapped[datetime | None]


class LoginFailure(Base):
    """Wrong passwords, counted per account: the lock is a rule over these rows."""

    __tablename__ = "login_failures"
    id: Mapped[Key]
    login_digest: Mapped[bytes] = mapped_column(index=True)
    failed_at: Mapped[datetime]
