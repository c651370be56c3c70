"""The password given again, in the form of what is hard to take back (`macros.again`)."""

from dataclasses import replace

from services import accounts
from services.accounts import StaffMember
from web.console.forms import Posted
from web.console.session import Desk


def confirmed(desk: Desk, form: Posted) -> StaffMember:
    """Take the password where the form asked for it. Raises `auth.failed`, `auth.locked`."""
    password = form.secret("password")
    if not password:
        return desk.member
    accounts.confirm(desk.backend, desk.access, password)
    return replace(desk.member, confirmed_at=desk.now)
