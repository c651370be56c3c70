"""Log-in, log-out, and opening accounts below one's own seat."""

from uuid import UUID

from fastapi import APIRouter, Response

from api.deps import BackendDep, CurrentAccess, CurrentStaff, StaffToken, public, requires
from api.schemas.staff import (
    Code,
    Confirm,
    Created,
    CreateStaff,
    FactorOffered,
    Me,
    SignedIn,
    SignIn,
)
from domain.regions import parse_division
from domain.roles import Permission, Role
from services import accounts, second_factor
from services.accounts import NewStaff, StaffMember

router = APIRouter(prefix="/staff", tags=["staff"])


@router.post("/sessions", status_code=201, dependencies=[public()])
def sign_in(body: SignIn, backend: BackendDep) -> SignedIn:
    """Open a session with login and password."""
    signed = accounts.sign_in(backend, body.login, body.password.get_secret_value())
    return SignedIn(token=signed.token, expires_at=signed.expires_at, staff=as_me(signed.member))


@router.delete("/sessions/current", status_code=204, dependencies=[requires(Permission.SIGNED_IN)])
def sign_out(backend: BackendDep, staff: CurrentStaff, token: StaffToken) -> Response:
    """End this session at once."""
    accounts.sign_out(backend, staff, token)
    return Response(status_code=204)


@router.delete("/sessions", status_code=204, dependencies=[requires(Permission.SIGNED_IN)])
def sign_out_everywhere(backend: BackendDep, staff: CurrentStaff) -> Response:
    """End every session of this account."""
    accounts.sign_out_everywhere(backend, staff)
    return Response(status_code=204)


@router.get("/me", dependencies=[requires(Permission.SIGNED_IN)])
def me(staff: CurrentStaff) -> Me:
    """Say who is signed in."""
    return as_me(staff)


@router.post(
    "/sessions/current/factor", status_code=201, dependencies=[requires(Permission.SIGNED_IN)]
)
def offer_factor(backend: BackendDep, access: CurrentAccess) -> FactorOffered:
    """Give the secret of a second factor to set up; the same until its first code is shown."""
    offered = second_factor.offer(backend, access)
    return FactorOffered(secret=offered.secret, address=offered.address)


@router.post(
    "/sessions/current/code", status_code=204, dependencies=[requires(Permission.SIGNED_IN)]
)
def show_code(body: Code, backend: BackendDep, access: CurrentAccess) -> Response:
    """Show the second factor; the first code sets it up."""
    second_factor.show(backend, access, body.code)
    return Response(status_code=204)


@router.post(
    "/sessions/current/confirmation", status_code=204, dependencies=[requires(Permission.SIGNED_IN)]
)
def confirm(body: Confirm, backend: BackendDep, access: CurrentAccess) -> Response:
    """Give the password again, before what is hard to take back."""
    accounts.confirm(backend, access, body.password.get_secret_value())
    return Response(status_code=204)


@router.post("", status_code=201, dependencies=[requires(Permission.STAFF_CREATE)])
def create(body: CreateStaff, backend: BackendDep, staff: CurrentStaff) -> Created:
    """Open an account for an officer, a township or a unit below one's own division."""
    new = NewStaff(
        login=body.login,
        display_name=body.display_name,
        role=body.role,
        division_path=parse_division(body.division),
        password=body.password.get_secret_value(),
    )
    return Created(id=accounts.create_staff(backend, staff, new))


@router.delete("/{staff_id}", status_code=204, dependencies=[requires(Permission.STAFF_CREATE)])
def disable(staff_id: UUID, backend: BackendDep, staff: CurrentStaff) -> Response:
    """Close an account below one's own seat and end its sessions."""
    accounts.disable_staff(backend, staff, staff_id)
    return Response(status_code=204)


def as_me(member: StaffMember) -> Me:
    return Me(
        id=member.id,
        login=member.login,
        display_name=member.display_name,
        role=Role(member.role),
        division=member.division_path,
    )
