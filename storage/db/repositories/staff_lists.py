"""Accounts as those who keep them see them: lists, sessions, seats that nobody fills."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from storage.db.models.accounts import Staff, StaffFactor, StaffSession
from storage.db.models.registry import Division

VILLAGE_DIGITS = 12
_SUBTREE_END = ":"
"""Follows every digit in byte order: a subtree is the range from its path to this (0002)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which accounts; an empty condition holds for all. `login` is its beginning."""

    role: str | None = None
    division: str | None = None
    login: str | None = None
    is_disabled: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    id: UUID
    login: str
    display_name: str
    role: str
    division_path: str
    division_name: str
    created_at: datetime
    disabled_at: datetime | None
    factor_since: datetime | None
    last_seen_at: datetime | None
    live_sessions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldSession:
    """A session that is neither over nor ended."""

    token_digest: bytes = field(repr=False)
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    factor_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """A division and its name."""

    path: str
    name: str


def listed(
    session: Session, wanted: Wanted, *, now: datetime, after: UUID | None, limit: int
) -> list[Listed]:
    """Return accounts in scope by division and log-in, behind the account `after`."""
    query = _accounts(now).where(*_conditions(wanted))
    if after is not None:
        place = sa.select(Staff.division_path, Staff.login).where(Staff.id == after).subquery()
        last = sa.select(place.c.division_path, place.c.login).scalar_subquery()
        query = query.where(sa.tuple_(Staff.division_path, Staff.login) > last)
    rows = session.execute(query.order_by(Staff.division_path, Staff.login).limit(limit))
    return [Listed(**row) for row in rows.mappings()]


def one(session: Session, staff_id: UUID, *, now: datetime) -> Listed | None:
    """Return one account; None out of scope."""
    found = session.execute(_accounts(now).where(Staff.id == staff_id)).mappings().one_or_none()
    return None if found is None else Listed(**found)


def _accounts(now: datetime) -> sa.Select[*tuple[Any, ...]]:
    held = StaffSession.staff_id == Staff.id
    live = (StaffSession.revoked_at.is_(None), StaffSession.expires_at > now)
    seen = sa.select(sa.func.max(StaffSession.last_seen_at)).where(held)
    factor = sa.select(StaffFactor.proven_at).where(
        StaffFactor.staff_id == Staff.id, StaffFactor.removed_at.is_(None)
    )
    sessions = sa.select(sa.func.count()).select_from(StaffSession).where(held, *live)
    return sa.select(
        Staff.id,
        Staff.login,
        Staff.display_name,
        Staff.role,
        Staff.division_path,
        Division.name.label("division_name"),
        Staff.created_at,
        Staff.disabled_at,
        factor.scalar_subquery().label("factor_since"),
        seen.scalar_subquery().label("last_seen_at"),
        sessions.scalar_subquery().label("live_sessions"),
    ).join(Division, Division.path == Staff.division_path)


def _conditions(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    given: list[sa.ColumnElement[bool]] = []
    if wanted.role is not None:
        given.append(Staff.role == wanted.role)
    if wanted.division is not None:
        given.append(within(Staff.division_path, wanted.division))
    if wanted.login is not None:
        given.append(Staff.login.startswith(wanted.login, autoescape=True))
    if wanted.is_disabled is not None:
        given.append(Staff.disabled_at.is_not(None) == wanted.is_disabled)
    return given


def within(
    path: sa.ColumnElement[str] | sa.orm.InstrumentedAttribute[str], top: str
) -> sa.ColumnElement[bool]:
    """Say in SQL that a path lies in the subtree of `top`."""
    return sa.and_(path >= top, path < top + _SUBTREE_END)


def sessions_of(session: Session, staff_id: UUID, now: datetime) -> list[HeldSession]:
    """Return the live sessions of an account, the newest first."""
    rows = session.execute(
        sa.select(
            StaffSession.token_digest,
            StaffSession.created_at,
            StaffSession.last_seen_at,
            StaffSession.expires_at,
            StaffSession.factor_at,
        )
        .where(
            StaffSession.staff_id == staff_id,
            StaffSession.revoked_at.is_(None),
            StaffSession.expires_at > now,
        )
        .order_by(StaffSession.created_at.desc())
    )
    return [HeldSession(**row) for row in rows.mappings()]


def revoke_others(session: Session, staff_id: UUID, kept: bytes, now: datetime) -> int:
    """End all sessions of an account but one; return how many were live."""
    ended = session.execute(
        sa.update(StaffSession)
        .where(
            StaffSession.staff_id == staff_id,
            StaffSession.token_digest != kept,
            StaffSession.revoked_at.is_(None),
            StaffSession.expires_at > now,
        )
        .values(revoked_at=now)
        .returning(StaffSession.token_digest)
    )
    return len(ended.all())


def replace_password(session: Session, staff_id: UUID, before: str, after: str) -> bool:
    """Replace the hash of an account's password; False when it is no longer `before`."""
    changed = session.execute(
        sa.update(Staff)
        .where(Staff.id == staff_id, Staff.password_hash == before, Staff.disabled_at.is_(None))
        .values(password_hash=after)
        .returning(Staff.id)
    )
    return changed.first() is not None


def names_of(session: Session, ids: Sequence[UUID]) -> dict[UUID, str]:
    """Return the display names of the accounts in scope."""
    rows = session.execute(sa.select(Staff.id, Staff.display_name).where(Staff.id.in_(ids)))
    return {row.id: row.display_name for row in rows}


def id_of_login(session: Session, login: str) -> UUID | None:
    """Return the account of a log-in, closed or not; None out of scope."""
    return session.scalar(sa.select(Staff.id).where(Staff.login == login))


def seats(session: Session, top: str, *, most: int) -> list[Seat]:
    """Return the divisions at and below `top`, from the top down, villages last."""
    rows = session.execute(
        sa.select(Division.path, Division.name)
        .where(within(Division.path, top))
        .order_by(sa.func.length(Division.path), Division.path)
        .limit(most)
    )
    return [Seat(path=row.path, name=row.name) for row in rows]


def villages_without_officer(session: Session, top: str, *, after: str, limit: int) -> list[Seat]:
    """Return villages below `top` that no open account of an officer sits in, by path."""
    rows = session.execute(
        sa.select(Division.path, Division.name)
        .where(*_unserved(top), Division.path > after)
        .order_by(Division.path)
        .limit(limit)
    )
    return [Seat(path=row.path, name=row.name) for row in rows]


def count_villages_without_officer(session: Session, top: str) -> int:
    """Count the same."""
    query = sa.select(sa.func.count()).select_from(Division).where(*_unserved(top))
    return session.scalar(query) or 0


def _unserved(top: str) -> tuple[sa.ColumnElement[bool], ...]:
    officer = sa.exists().where(
        Staff.division_path == Division.path,
        Staff.role == "village_officer",
        Staff.disabled_at.is_(None),
    )
    village = sa.func.length(Division.path) == VILLAGE_DIGITS
    return within(Division.path, top), village, ~officer
