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


class LoginFailure(Base):
    """Wrong passwords, counted per account: the lock is a rule over these rows."""

    __tablename__ = "login_failures"
    id: Mapped[Key]
    login_digest: Mapped[bytes] = mapped_column(index=True)
    failed_at: Mapped[datetime]
