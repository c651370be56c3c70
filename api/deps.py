"""What routes of the API ask for: the signed-in member of staff, the pensioner's session."""

from typing import Annotated, Any

from fastapi import Depends, Header
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.schemas.self_service import DEVICE_ID
from domain.errors import AppError, Kind
from domain.roles import Permission, Role, may
from edge.deps import BackendDep, ClientAddress, declared, public
from services import accounts, certification
from services.accounts import Access, StaffMember
from services.certification import OwnSession

__all__ = ["BackendDep", "ClientAddress", "public"]

_staff_bearer = HTTPBearer(
    auto_error=False, scheme_name="staff", description="`token` of POST /v1/staff/sessions"
)
_own_bearer = HTTPBearer(
    auto_error=False, scheme_name="session", description="`token` of POST /v1/sessions"
)


def staff_token(
    given: Annotated[HTTPAuthorizationCredentials | None, Depends(_staff_bearer)],
) -> str:
    if given is None:
        raise AppError(Kind.UNAUTHENTICATED, "auth.required")
    return given.credentials


StaffToken = Annotated[str, Depends(staff_token)]


def current_access(backend: BackendDep, token: StaffToken) -> Access:
    return accounts.access_of(backend, token)


CurrentAccess = Annotated[Access, Depends(current_access)]


def current_staff(access: CurrentAccess) -> StaffMember:
    return access.member


CurrentStaff = Annotated[StaffMember, Depends(current_staff)]


def current_session(
    backend: BackendDep,
    given: Annotated[HTTPAuthorizationCredentials | None, Depends(_own_bearer)],
) -> OwnSession:
    # A pensioner has no log-in: without a token, or with one unknown, the way on is the same.
    return certification.session_of(backend, "" if given is None else given.credentials)


CurrentSession = Annotated[OwnSession, Depends(current_session)]


def same_phone(
    own: CurrentSession,
    device: Annotated[str | None, Header(alias="Device-Id", pattern=DEVICE_ID)] = None,
) -> OwnSession:
    """Hold a client that says which phone it is to the phone that opened the session.

    One that does not say is bound by the token alone, which never left the phone it was given to.
    """
    if device is not None:
        certification.refuse_other_device(own, device)
    return own


SamePhone = Annotated[OwnSession, Depends(same_phone)]


def requires(permission: Permission) -> Any:
    """Let only staff through whose role holds `permission`, with all that the role asks for."""

    def check(access: CurrentAccess) -> None:
        # The own account is where a second factor is set up and shown.
        if permission is not Permission.SIGNED_IN:
            accounts.refuse_half_open(access)
        if not may(Role(access.member.role), permission):
            raise AppError(Kind.FORBIDDEN, "permission.denied")

    return Depends(declared(check, permission))


def own_session() -> Any:
    """Declare that the route serves the holder of a pensioner's session."""

    def check(_session: CurrentSession) -> None:
        return

    return Depends(declared(check, Permission.SELF))
