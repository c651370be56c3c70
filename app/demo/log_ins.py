"""Log-ins of the demo's staff: opened with a password, and the second factor set up already."""

import json
import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from domain.regions import DivisionPath
from domain.roles import Role, needs_second_factor
from services import accounts, second_factor
from services.accounts import NewStaff
from services.backend import Backend
from storage.crypto.one_time_codes import code_at

FILE = "demo-county.json"
"""Where a home keeps the log-ins of its demo."""
OPENED = timedelta(hours=1)
"""How long before the demo its accounts were opened: the codes of today are still unused."""


@dataclass(frozen=True, slots=True)
class PastClock:
    """A clock that stands in the past, to play what happened then."""

    moment: datetime

    def now(self) -> datetime:
        return self.moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """Who is to sit where; `title` is what the screens call them."""

    login: str
    role: Role
    division: DivisionPath
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """Enough to sign in. `secret` is what an authenticator app would hold; None: not asked for."""

    id: UUID
    login: str
    password: str = field(repr=False)
    role: Role
    seat: str
    secret: str | None = field(default=None, repr=False)

    def code(self, at: datetime) -> str | None:
        """Make the six digits that the app would show at `at`."""
        return None if self.secret is None else code_at(self.secret, at)


def backend_at(backend: Backend, moment: datetime) -> Backend:
    """Set the clock of a backend: what it does is written down as done at `moment`."""
    return replace(backend, clock=PastClock(moment))


def open_account(backend: Backend, seat: Seat, *, opened: timedelta = OPENED) -> Login:
    """Open an account as the county does, and set its second factor up as its holder does."""
    then = backend_at(backend, backend.clock.now() - opened)
    password = secrets.token_urlsafe(9)
    new = NewStaff(
        login=seat.login,
        display_name=seat.title,
        role=seat.role,
        division_path=seat.division,
        password=password,
    )
    staff_id = accounts.create_staff_from_console(then, "demo", new)
    secret = _set_up(then, seat.login, password) if needs_second_factor(seat.role) else None
    return Login(
        id=staff_id,
        login=seat.login,
        password=password,
        role=seat.role,
        seat=seat.title,
        secret=secret,
    )


def demo_code(home: Path, login: str, moment: datetime) -> str:
    """Make the code that an account of this home's demo shows at `moment`.

    Raises `NoDemoAccount` for any other account: real secrets leave the database for nobody.
    """
    kept = home / FILE
    staff = json.loads(kept.read_text("utf-8"))["staff"] if kept.exists() else {}
    secret = staff.get(login, {}).get("secret")
    if not secret:
        raise NoDemoAccount(f"the demo of {home} has no account {login} with a second factor")
    return code_at(secret, moment)


class NoDemoAccount(Exception):  # noqa: N818 - a state, named as it is said
    """There is no such account in the demo; one line, fit to print."""


def _set_up(backend: Backend, login: str, password: str) -> str:
    signed = accounts.sign_in(backend, login, password)
    access = accounts.access_of(backend, signed.token)
    secret = second_factor.offer(backend, access).secret
    second_factor.show(backend, access, code_at(secret, backend.clock.now()))
    accounts.sign_out(backend, access.member, signed.token)
    return secret
