"""Accounts as those who keep them work with them: lists, first passwords, sessions ended."""

from dataclasses import dataclass, field
from uuid import UUID

from domain.audit import AuditAction
from domain.errors import AppError, Kind
from domain.regions import DivisionPath
from domain.roles import Role, may_create
from services import accounts
from services.accounts import (
    MIN_PASSWORD,
    Access,
    NewStaff,
    StaffMember,
    actor_of,
    scope_of,
)
from services.backend import Backend
from storage.crypto.passwords import hash_password, new_password
from storage.db.repositories import accounts as rows
from storage.db.repositories import staff_lists
from storage.db.repositories.staff_lists import HeldSession, Listed, Seat, Wanted

__all__ = ["HeldSession", "Listed", "Seat", "Wanted"]

PAGE = 50
MOST_SEATS = 2000
"""A county has a few hundred villages; more would not fit a list to choose from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffPage:
    """`after` is the account behind which the next page begins; None on the last one."""

    staff: tuple[Listed, ...]
    after: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A new account. `password` is shown once, to be handed over."""

    id: UUID
    login: str
    password: str = field(repr=False)


def page_of_staff(
    backend: Backend, member: StaffMember, wanted: Wanted, *, after: UUID | None = None
) -> StaffPage:
    """List the accounts in scope, by division and log-in."""
    with backend.unit(actor_of(member), scope_of(member)) as unit:
        found = staff_lists.listed(unit.session, wanted, now=unit.now, after=after, limit=PAGE + 1)
    shown = tuple(found[:PAGE])
    return StaffPage(staff=shown, after=shown[-1].id if len(found) > PAGE else None)


def account(backend: Backend, member: StaffMember, staff_id: UUID) -> Listed:
    """Give one account. Raises `staff.not_found`."""
    with backend.unit(actor_of(member), scope_of(member)) as unit:
        found = staff_lists.one(unit.session, staff_id, now=unit.now)
    if found is None:
        raise AppError(Kind.NOT_FOUND, "staff.not_found")
    return found


def seats_below(backend: Backend, member: StaffMember) -> list[Seat]:
    """List the divisions in which a seat can lie."""
    with backend.unit(actor_of(member), scope_of(member)) as unit:
        return staff_lists.seats(unit.session, member.division_path, most=MOST_SEATS)


def roles_to_open(member: StaffMember) -> tuple[Role, ...]:
    """Return the roles that a member of staff may open accounts for, somewhere below."""
    top = member.division_path
    wide = [top.ljust(width, "0") for width in (6, 9, 12) if width >= len(top)]
    return tuple(
        role
        for role in Role
        if any(may_create(Role(member.role), top, role=role, division_path=path) for path in wide)
    )


def may_keep(member: StaffMember, account: Listed) -> bool:
    """Whether a member of staff may close an account and end its sessions."""
    return may_create(
        Role(member.role),
        member.division_path,
        role=Role(account.role),
        division_path=account.division_path,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Seating:
    """Who is to sit where."""

    login: str
    display_name: str
    role: Role
    division_path: DivisionPath


def open_account(backend: Backend, by: StaffMember, seating: Seating) -> Opened:
    """Open an account with a password that is drawn.

    Asks for the password given lately. Raises `auth.confirmation_needed`,
    `staff.login_malformed`, and what `accounts.create_staff` raises.
    """
    accounts.check_confirmed(by, backend.clock.now())
    login = accounts.known_login(seating.login)
    if not login.isascii() or not login.replace(".", "").replace("-", "").isalnum():
        raise AppError(Kind.INVALID, "staff.login_malformed")
    password = new_password()
    new = NewStaff(
        login=login,
        display_name=seating.display_name,
        role=seating.role,
        division_path=seating.division_path,
        password=password,
    )
    return Opened(id=accounts.create_staff(backend, by, new), login=login, password=password)


def end_sessions(backend: Backend, by: StaffMember, staff_id: UUID) -> int:
    """End every session of an account that one may open; return how many were live.

    Raises `staff.not_found`, `permission.denied`.
    """
    with backend.unit(actor_of(by), scope_of(by)) as unit:
        found = staff_lists.one(unit.session, staff_id, now=unit.now)
        if found is None:
            raise AppError(Kind.NOT_FOUND, "staff.not_found")
        if not may_keep(by, found):
            raise AppError(Kind.FORBIDDEN, "permission.denied")
        rows.revoke_all(unit.session, staff_id, unit.now)
        unit.audit(
            AuditAction.STAFF_LOGGED_OUT,
            staff=str(staff_id),
            everywhere=True,
            ended=found.live_sessions,
        )
    return found.live_sessions


def own_sessions(backend: Backend, member: StaffMember) -> list[HeldSession]:
    """List one's own live sessions, the newest first."""
    with backend.unit(actor_of(member), scope_of(member)) as unit:
        return staff_lists.sessions_of(unit.session, member.id, unit.now)


def change_password(backend: Backend, access: Access, old: str, new: str) -> int:
    """Change one's own password and end the other sessions; return how many were ended.

    Raises `auth.failed` (it counts towards the lock), `auth.locked`, `staff.password_too_short`,
    `staff.password_same`.
    """
    _refuse_weak(access.member, old, new)
    member = access.member
    with backend.unit(actor_of(member), scope_of(member)) as unit:
        kept = rows.get(unit.session, member.id)
        before = "" if kept is None else kept.password_hash
    accounts.confirm(backend, access, old)
    hashed = hash_password(new)  # outside any transaction: it takes its time
    with backend.unit(actor_of(member), scope_of(member)) as unit:
        # Of two changes at once the second does not build on a password that is no more.
        if not staff_lists.replace_password(unit.session, member.id, before, hashed):
            raise AppError(Kind.UNAUTHENTICATED, "auth.failed")
        ended = staff_lists.revoke_others(unit.session, member.id, access.token_digest, unit.now)
        unit.audit(AuditAction.STAFF_PASSWORD_CHANGED, staff=str(member.id), ended=ended)
    return ended


def _refuse_weak(member: StaffMember, old: str, new: str) -> None:
    if len(new) < MIN_PASSWORD:
        raise AppError(Kind.INVALID, "staff.password_too_short", min_length=MIN_PASSWORD)
    if new == old or accounts.known_login(new) == member.login:
        raise AppError(Kind.INVALID, "staff.password_same")
