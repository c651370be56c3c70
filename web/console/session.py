"""Who sits at the console: the session behind the cookie, and what each route asks of it.

A session is opened with a password, in full with the second factor, and locked after a quarter of
an hour without a hand on it; nothing of it is lost by locking.
"""

import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import Depends, Request, Response

from domain.errors import AppError, Kind
from domain.roles import Permission, Role, may
from edge.deps import BackendDep, declared
from services import accounts
from services.accounts import Access, StaffMember
from services.backend import Backend
from web.site import OFFICE

COOKIE = "jz_office"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,128}")
_SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A member of staff at work: what routes and templates know of the one who asks."""

    backend: Backend
    access: Access
    token: str = field(repr=False)
    now: datetime

    @property
    def member(self) -> StaffMember:
        return self.access.member

    @property
    def role(self) -> Role:
        return Role(self.access.member.role)

    @property
    def csrf(self) -> str:
        """What every form carries: no other site can know it."""
        return csrf_of(self.token)

    @property
    def is_confirmed(self) -> bool:
        """Whether the password was given lately enough for what is hard to take back."""
        try:
            accounts.check_confirmed(self.member, self.now)
        except AppError:
            return False
        return True

    def may(self, permission: Permission) -> bool:
        """Whether the seat holds a permission; for what a page offers."""
        return may(self.role, permission)


def csrf_of(token: str) -> str:
    """Derive what the forms of a session carry."""
    return hashlib.sha256(f"csrf {token}".encode()).hexdigest()


def keep(request: Request, response: Response, token: str, *, life: timedelta) -> None:
    """Let the browser remember the session."""
    response.set_cookie(
        COOKIE,
        token,
        max_age=max(0, int(life.total_seconds())),
        path=OFFICE,
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )


def drop(request: Request, response: Response) -> None:
    """Make the browser forget the session."""
    response.delete_cookie(
        COOKIE,
        path=OFFICE,
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )


def held_desk(request: Request, backend: BackendDep) -> Desk:
    """Read the cookie, whatever state the session is in. Raises `auth.required`, `auth.*`."""
    token = request.cookies.get(COOKIE, "")
    if not _TOKEN.fullmatch(token):
        raise AppError(Kind.UNAUTHENTICATED, "auth.required")
    access = accounts.access_of(backend, token)
    desk = Desk(backend=backend, access=access, token=token, now=backend.clock.now())
    request.state.desk = desk
    return desk


HeldDesk = Annotated[Desk, Depends(held_desk)]


def is_locked(desk: Desk) -> bool:
    """Whether nobody touched the console for too long."""
    return desk.now - desk.access.last_seen_at > accounts.IDLE_LOCK


def open_desk(desk: HeldDesk) -> Desk:
    """Ask for a session in full, and not locked.

    Raises `auth.second_factor_needed`, `auth.locked_idle`.
    """
    accounts.refuse_half_open(desk.access)
    if is_locked(desk):
        raise AppError(Kind.UNAUTHENTICATED, "auth.locked_idle")
    if desk.now - desk.access.last_seen_at > _SEEN_EVERY:
        accounts.note_seen(desk.backend, desk.access)
    return desk


CurrentDesk = Annotated[Desk, Depends(open_desk)]


def requires(permission: Permission) -> Any:
    """Let only staff through whose role holds `permission`."""

    def check(desk: CurrentDesk) -> None:
        if not desk.may(permission):
            raise AppError(Kind.FORBIDDEN, "permission.denied")

    return Depends(declared(check, permission))


def own_session() -> Any:
    """Declare that the route serves who holds the session, be it half open or locked."""

    def check(_desk: HeldDesk) -> None:
        return

    return Depends(declared(check, Permission.SIGNED_IN))
