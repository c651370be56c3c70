"""Staff and their sessions."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from storage.db.models.accounts import LoginFailure, Staff, StaffFactor, StaffSession


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffMember:
    id: UUID
    login: str
    display_name: str
    role: str
    division_path: str
    confirmed_at: datetime | None = None  # when the password was last given in this session


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """A live session and who holds it. `factor_at` is None until the second factor was shown."""

    member: StaffMember
    token_digest: bytes = field(repr=False)
    expires_at: datetime
    last_seen_at: datetime
    factor_at: datetime | None


def by_login(session: Session, login: str) -> Staff | None:
    return session.scalar(sa.select(Staff).where(Staff.login == login, Staff.disabled_at.is_(None)))


def by_token(session: Session, digest: bytes, now: datetime) -> Access | None:
    """Give the live session of that digest; None when expired, revoked or disabled."""
    row = session.execute(
        sa.select(Staff, StaffSession)
        .join(StaffSession, StaffSession.staff_id == Staff.id)
        .where(
            StaffSession.token_digest == digest,
            StaffSession.revoked_at.is_(None),
            StaffSession.expires_at > now,
            Staff.disabled_at.is_(None),
        )
    ).one_or_none()
    if row is None:
        return None
    held = row.StaffSession
    return Access(
        member=replace(as_member(row.Staff), confirmed_at=held.confirmed_at),
        token_digest=digest,
        expires_at=held.expires_at,
        last_seen_at=held.last_seen_at,
        factor_at=held.factor_at,
    )


def note_seen(session: Session, digest: bytes, now: datetime) -> None:
    """Remember that the session is in use."""
    _change(session, digest, last_seen_at=now)


def note_confirmed(session: Session, digest: bytes, now: datetime) -> None:
    """Remember that its holder gave the password again."""
    _change(session, digest, last_seen_at=now, confirmed_at=now)


def note_factor(session: Session, digest: bytes, now: datetime) -> None:
    """Remember that its holder showed the second factor."""
    _change(session, digest, last_seen_at=now, factor_at=now)


def _change(session: Session, digest: bytes, **moments: datetime) -> None:
    session.execute(
        sa.update(StaffSession).where(StaffSession.token_digest == digest).values(**moments)
    )


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


def is_active(session: Session, staff_id: UUID) -> bool:
    """Whether the account is in sight and not closed."""
    row = session.get(Staff, staff_id)
    return row is not None and row.disabled_at is None


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


def factor_of(session: Session, staff_id: UUID) -> StaffFactor | None:
    """Return the standing second factor of an account, proven or not."""
    return session.scalar(
        sa.select(StaffFactor).where(
            StaffFactor.staff_id == staff_id, StaffFactor.removed_at.is_(None)
        )
    )


def add_factor(session: Session, row: StaffFactor) -> None:
    session.add(row)
    session.flush()


def remove_factor(session: Session, staff_id: UUID, now: datetime) -> bool:
    """Take the standing factor away; False when there is none."""
    removed = session.execute(
        sa.update(StaffFactor)
        .where(StaffFactor.staff_id == staff_id, StaffFactor.removed_at.is_(None))
        .values(removed_at=now)
        .returning(StaffFactor.id)
    )
    return removed.first() is not None


def use_step(session: Session, factor_id: UUID, step: int, now: datetime) -> bool:
    """Let a code count; False when it, or a later one, counted before."""
    used = session.execute(
        sa.update(StaffFactor)
        .where(StaffFactor.id == factor_id, StaffFactor.last_step < step)
        .values(last_step=step, proven_at=sa.func.coalesce(StaffFactor.proven_at, now))
        .returning(StaffFactor.id)
    )
    return used.first() is not None
