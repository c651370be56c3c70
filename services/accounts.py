"""Staff accounts: opened by the county, signed in with a password, ended by revoking a token."""

import unicodedata
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from domain.audit import Actor, ActorKind, AuditAction
from domain.errors import AppError, Kind
from domain.regions import DivisionPath, DivisionScope, SystemName, SystemScope
from domain.roles import Role, fits_division, may_create, needs_second_factor
from services.backend import Backend
from services.unit_of_work import Unit
from storage.crypto.passwords import hash_password, password_matches
from storage.crypto.tokens import new_token, stored_token
from storage.db.models.accounts import LoginFailure, Staff, StaffSession
from storage.db.repositories import accounts, divisions
from storage.db.repositories.accounts import Access, StaffMember
from storage.ids import uuid7

__all__ = ["Access", "NewStaff", "SignedIn", "StaffMember"]

SESSION_LIFE = timedelta(hours=10)
"""One working day; a longer one would leave a shared office PC signed in over night."""
IDLE_LOCK = timedelta(minutes=15)
"""A screen that nobody touched for so long asks for the password."""
CONFIRMED_FOR = timedelta(minutes=15)
"""How long a password counts for what asks for it again."""
LOCK_WINDOW = timedelta(minutes=15)
LOCK_AFTER = 10
MIN_PASSWORD = 10

SIGN_IN = Actor(kind=ActorKind.SYSTEM, id=SystemName.SIGN_IN)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """`token` is shown once; only its digest is kept."""

    token: str = field(repr=False)
    expires_at: datetime
    member: StaffMember


@dataclass(frozen=True, slots=True, kw_only=True)
class NewStaff:
    login: str
    display_name: str
    role: Role
    division_path: DivisionPath
    password: str = field(repr=False)


def actor_of(member: StaffMember) -> Actor:
    return Actor(kind=ActorKind.STAFF, id=str(member.id))


def scope_of(member: StaffMember) -> DivisionScope:
    return DivisionScope(path=DivisionPath(member.division_path))


def sign_in(backend: Backend, login: str, password: str) -> SignedIn:
    """Open a session. Raises `auth.failed`, or `auth.locked` after ten failures in 15 minutes.

    Whoever needs a second factor may do nothing with it before `second_factor.show`.
    """
    login = known_login(login)
    stored = _account(backend, login)
    # The hash takes its time outside any transaction, and as long for an unknown login.
    matches = password_matches(stored.password_hash if stored else None, password)
    if stored is None or not matches:
        record_failure(backend, login)
        raise AppError(Kind.UNAUTHENTICATED, "auth.failed")
    member = accounts.as_member(stored)
    token, digest = new_token()
    with backend.unit(actor_of(member), scope_of(member)) as unit:
        # Again: of many guesses sent at once, those behind the tenth do not count.
        refuse_locked(backend, unit, login)
        expires_at = unit.now + SESSION_LIFE
        accounts.open_session(
            unit.session,
            StaffSession(
                token_digest=digest,
                staff_id=member.id,
                created_at=unit.now,
                expires_at=expires_at,
                last_seen_at=unit.now,
                confirmed_at=unit.now,
            ),
        )
        unit.audit(AuditAction.STAFF_LOGGED_IN, staff=str(member.id))
    return SignedIn(token=token, expires_at=expires_at, member=member)


def _account(backend: Backend, login: str) -> Staff | None:
    with backend.unit(SIGN_IN, SystemScope(name=SystemName.SIGN_IN)) as unit:
        refuse_locked(backend, unit, login)
        return accounts.by_login(unit.session, login)


def known_login(given: str) -> str:
    """Return a login as it is stored: a phone's keyboard writes its first letter large."""
    return unicodedata.normalize("NFKC", given).strip().lower()


def refuse_locked(backend: Backend, unit: Unit, login: str) -> None:
    """Raise `auth.locked` after ten failures in 15 minutes."""
    since = unit.now - LOCK_WINDOW
    failures = accounts.count_failures(unit.session, _login_digest(backend, login), since)
    if failures >= LOCK_AFTER:
        raise AppError(Kind.TOO_MANY, "auth.locked", retry_after_s=int(LOCK_WINDOW.total_seconds()))


def record_failure(backend: Backend, login: str) -> None:
    """Count a wrong password or code."""
    with backend.unit(SIGN_IN, SystemScope(name=SystemName.SIGN_IN)) as unit:
        digest = _login_digest(backend, login)
        accounts.add_failure(
            unit.session, LoginFailure(id=uuid7(), login_digest=digest, failed_at=unit.now)
        )
        unit.audit(AuditAction.STAFF_LOGIN_FAILED)


def _login_digest(backend: Backend, login: str) -> bytes:
    return backend.index.of("login", login or "-")


def authenticate(backend: Backend, token: str) -> StaffMember:
    """Who holds `token`, with all that the role asks for.

    Raises `auth.session_expired` for an unknown, ended or revoked one, and
    `auth.second_factor_needed`.
    """
    access = access_of(backend, token)
    refuse_half_open(access)
    return access.member


def access_of(backend: Backend, token: str) -> Access:
    """Give the session behind `token`, be it half open. Raises `auth.session_expired`."""
    with backend.unit(SIGN_IN, SystemScope(name=SystemName.SIGN_IN)) as unit:
        access = accounts.by_token(unit.session, stored_token(token), unit.now)
    if access is None:
        raise AppError(Kind.UNAUTHENTICATED, "auth.session_expired")
    return access


def is_half_open(access: Access) -> bool:
    """Whether the second factor is still to be shown."""
    return access.factor_at is None and needs_second_factor(Role(access.member.role))


def refuse_half_open(access: Access) -> None:
    """Raise `auth.second_factor_needed`."""
    if is_half_open(access):
        raise AppError(Kind.FORBIDDEN, "auth.second_factor_needed")


def confirm(backend: Backend, access: Access, password: str) -> None:
    """Give the password again: what is hard to take back asks for it, and a locked screen.

    Raises `auth.failed`, `auth.locked`.
    """
    member = access.member
    stored = _account(backend, member.login)
    if stored is None or not password_matches(stored.password_hash, password):
        record_failure(backend, member.login)
        raise AppError(Kind.UNAUTHENTICATED, "auth.failed")
    with backend.unit(actor_of(member), scope_of(member)) as unit:
        refuse_locked(backend, unit, member.login)
        accounts.note_confirmed(unit.session, access.token_digest, unit.now)
        unit.audit(AuditAction.STAFF_CONFIRMED, staff=str(member.id))


def check_confirmed(member: StaffMember, now: datetime) -> None:
    """Refuse who did not give the password in the last quarter of an hour.

    Raises `auth.confirmation_needed`.
    """
    if member.confirmed_at is None or now - member.confirmed_at > CONFIRMED_FOR:
        raise AppError(Kind.FORBIDDEN, "auth.confirmation_needed")


def note_seen(backend: Backend, access: Access) -> None:
    """Remember that the session is in use, for the idle lock."""
    with backend.unit(actor_of(access.member), scope_of(access.member)) as unit:
        accounts.note_seen(unit.session, access.token_digest, unit.now)


def sign_out(backend: Backend, member: StaffMember, token: str) -> None:
    with backend.unit(actor_of(member), scope_of(member)) as unit:
        accounts.revoke(unit.session, stored_token(token), unit.now)
        unit.audit(AuditAction.STAFF_LOGGED_OUT, staff=str(member.id))


def sign_out_everywhere(backend: Backend, member: StaffMember) -> None:
    with backend.unit(actor_of(member), scope_of(member)) as unit:
        accounts.revoke_all(unit.session, member.id, unit.now)
        unit.audit(AuditAction.STAFF_LOGGED_OUT, staff=str(member.id), everywhere=True)


def create_staff(backend: Backend, by: StaffMember, new: NewStaff) -> UUID:
    """Open an account below the creator's own seat.

    Raises `permission.denied`, `division.unknown`, `staff.login_taken`, `staff.password_too_short`.
    """
    allowed = may_create(
        Role(by.role), by.division_path, role=new.role, division_path=new.division_path
    )
    if not allowed:
        raise AppError(Kind.FORBIDDEN, "permission.denied")
    with backend.unit(actor_of(by), scope_of(by)) as unit:
        return _add_staff(unit, new)


def disable_staff(backend: Backend, by: StaffMember, staff_id: UUID) -> None:
    """Close an account and end its sessions at once; only whoever could open it may close it.

    Raises `staff.not_found`, `permission.denied`.
    """
    with backend.unit(actor_of(by), scope_of(by)) as unit:
        check_keeps(unit, by, staff_id)
        accounts.disable(unit.session, staff_id, unit.now)
        accounts.revoke_all(unit.session, staff_id, unit.now)
        unit.audit(AuditAction.STAFF_DISABLED, staff=str(staff_id))


def check_keeps(unit: Unit, by: StaffMember, staff_id: UUID) -> None:
    """Refuse who could not open an account. Raises `staff.not_found`, `permission.denied`."""
    found = accounts.get(unit.session, staff_id)
    if found is None:
        raise AppError(Kind.NOT_FOUND, "staff.not_found")
    role, seat = Role(found.role), found.division_path
    if not may_create(Role(by.role), by.division_path, role=role, division_path=seat):
        raise AppError(Kind.FORBIDDEN, "permission.denied")


def create_staff_from_console(backend: Backend, operator: str, new: NewStaff) -> UUID:
    """Open any account that fits its division: for the command line, where the county sits."""
    if not fits_division(new.role, new.division_path):
        raise AppError(Kind.INVALID, "staff.role_misplaced", role=new.role)
    actor = Actor(kind=ActorKind.SYSTEM, id=f"{SystemName.COMMAND_LINE}:{operator}")
    with backend.unit(actor, DivisionScope(path=new.division_path)) as unit:
        return _add_staff(unit, new)


def _add_staff(unit: Unit, new: NewStaff) -> UUID:
    if len(new.password) < MIN_PASSWORD:
        raise AppError(Kind.INVALID, "staff.password_too_short", min_length=MIN_PASSWORD)
    if divisions.get(unit.session, new.division_path) is None:
        raise AppError(Kind.INVALID, "division.unknown", division=new.division_path)
    row: dict[str, object] = {
        "id": uuid7(),
        "login": known_login(new.login),
        "display_name": new.display_name,
        "role": new.role.value,
        "division_path": new.division_path,
        "password_hash": hash_password(new.password),
        "created_at": unit.now,
        "created_by": str(unit.actor),
    }
    staff_id = accounts.add(unit.session, row)
    if staff_id is None:
        raise AppError(Kind.CONFLICT, "staff.login_taken")
    unit.audit(AuditAction.STAFF_CREATED, staff=str(staff_id), role=new.role.value)
    return staff_id
