"""To propose that a certification found false be revoked, with all that hangs on it drawn."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response

from domain.errors import AppError, Kind
from domain.proposal import LONGEST_TEXT
from domain.roles import Permission
from edge.errors import STATUS
from services import revocations
from web.console.again import confirmed
from web.console.forms import PostedForm
from web.console.pages import go, page
from web.console.proposals import hanging_values
from web.console.refusals import words_of
from web.console.session import CurrentDesk, Desk, requires

router = APIRouter(tags=["revocations"])
Number = Annotated[str, Path(pattern=r"^[A-Z0-9]{4,40}$")]
"""A certificate's number, as `services.validity.certificate_number` makes them."""
ADDRESS = "/people/{person_id}/certificates/{number}/revoke"


@router.get(ADDRESS, dependencies=[requires(Permission.CERTIFICATION_REVOKE)])
def consequences(request: Request, desk: CurrentDesk, person_id: UUID, number: Number) -> Response:
    """Show what would be different without a certificate."""
    return page(request, desk, "revoke.html", **_view(desk, person_id, number))


@router.post(ADDRESS, dependencies=[requires(Permission.CERTIFICATION_REVOKE)])
def propose(
    request: Request, desk: CurrentDesk, *, person_id: UUID, number: Number, form: PostedForm
) -> Response:
    """Propose the revocation; what is refused comes back with all that was typed."""
    try:
        grounds = form.lines("grounds", most=2 * LONGEST_TEXT)
        by = confirmed(desk, form)
        made = revocations.propose_revocation(desk.backend, by, person_id, number, grounds=grounds)
    except AppError as refusal:
        if refusal.kind in (Kind.NOT_FOUND, Kind.GONE):
            raise
        values = _view(desk, person_id, number) | {
            "refusal": words_of(refusal),
            "typed": form.raw("grounds")[: 4 * LONGEST_TEXT],
        }
        return page(request, desk, "revoke.html", status=STATUS[refusal.kind], **values)
    return go(request, f"/proposals/{made}", said="已提出，等另一位同事复核；复核前认证照旧有效。")


def _view(desk: Desk, person_id: UUID, number: Number) -> dict[str, Any]:
    found = revocations.hanging_on(desk.backend, desk.member, person_id, number)
    return {
        "title": f"撤销认证 {number}",
        "refusal": None,
        "typed": "",
        **hanging_values(desk, found),
    }
