"""Staff and their sessions."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from storage.db.models.accounts import LoginFailure, Staff, StaffSession


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffMember:
    id: UUID
    login: str
    display_name: str
    role: str
    division_path: str


def by_login(session: Session, login: str) -> Staff | None:
    return session.scalar(sa.select(Staff).where(Staff.login == login, Staff.disabled_at.is_(None)))


def by_token(session: Session, digest: bytes, now: datetime) -> StaffMember | None:
    """Who holds a live session of that digest; None when expired, revoked or disabled."""
    row = session.scalar(
        sa.select(Staff)
        .join(StaffSession, StaffSession.staff_id == Staff.id)
        .where(
            StaffSession.token_digest == digest,
            StaffSession.revoked_at.is_(None),
            StaffSession.expires_at > now,
            Staff.disabled_at.is_(None),
        )
    )
    return None if row is None else as_member(row)


def as_member(row: Staff) -> StaffMember:
    return StaffMember(
        id=row.id,
        login=row.login,
        display_name=row.display_name,
        role=row.role,
        division_path=row.division_path,
    )


def get(session: Session, staff_id: UUID) -> Staff | None:
    return session.get(Staff, staff_id)


def add(session: Session, row: dict[str, object]) -> UUID | None:
    """Insert; None when the login is taken, be it by somebody out of sight."""
    statement = insert(Staff).values(row).on_conflict_do_nothing(index_elements=["login"])
    return session.scalar(statement.returning(Staff.id))


def open_session(session: Session, row: StaffSession) -> None:
    session.add(row)


def revoke(session: Session, digest: bytes, now: datetime) -> None:
    session.execute(
        sa.update(StaffSession)
        .where(StaffSession.token_digest == digest, StaffSession.revoked_at.is_(None))
        .values(revoked_at=now)
    )


def revoke_all(session: Session, staff_id: UUID, now: datetime) -> None:
    session.execute(
        sa.update(StaffSession)
        .where(StaffSession.staff_id == staff_id, StaffSession.revoked_at.is_(None))
        .values(revoked_at=now)
    )


def disable(session: Session, staff_id: UUID, now: datetime) -> None:
    session.execute(sa.update(Staff).where(Staff.id == staff_id).values(disabled_at=now))


def count_failures(session: Session, login_digest: bytes, since: datetime) -> int:
    return (
        session.scalar(
            sa.select(sa.func.count())
            .select_from(LoginFailure)
            .where(LoginFailure.login_digest == login_digest, LoginFailure.failed_at > since)
        )
        or 0
    )


def add_failure(session: Session, row: LoginFailure) -> None:
    session.add(row)
