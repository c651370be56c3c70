"""Links by which one person comes to the phone page: made, listed and revoked by staff."""

from uuid import UUID

from fastapi import APIRouter, Response

from api.deps import BackendDep, CurrentStaff, requires
from api.routers.registry import caller_of
from api.schemas.links import Link, LinkMade
from domain.roles import Permission
from services import links

router = APIRouter(tags=["links"])
PAGE = "/m/k/{token}"


@router.post(
    "/people/{person_id}/links", status_code=201, dependencies=[requires(Permission.LINK_WRITE)]
)
def make(person_id: UUID, backend: BackendDep, staff: CurrentStaff) -> LinkMade:
    """Make a link for one person, and a code for a letter; both are shown this once."""
    made = links.make_link(backend, caller_of(staff), person_id)
    return LinkMade(
        id=made.id,
        path=PAGE.format(token=made.token),
        letter_code=made.letter_code,
        expires_at=made.expires_at,
    )


@router.get("/people/{person_id}/links", dependencies=[requires(Permission.LINK_WRITE)])
def list_all(person_id: UUID, backend: BackendDep, staff: CurrentStaff) -> list[Link]:
    """List the links that a person was given, newest first."""
    found = links.links_of(backend, caller_of(staff), person_id)
    return [Link.model_validate(one) for one in found]


@router.delete("/links/{link_id}", status_code=204, dependencies=[requires(Permission.LINK_WRITE)])
def revoke(link_id: UUID, backend: BackendDep, staff: CurrentStaff) -> Response:
    """End a link, its letter code, and what they opened."""
    links.revoke_link(backend, caller_of(staff), link_id)
    return Response(status_code=204)
