"""Who waits for an officer: the list that a village works through, with the codes for the door."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from domain.roles import Permission
from services.visit_list import visits_waiting
from web.console.pages import page, turning
from web.console.session import CurrentDesk, requires

router = APIRouter(tags=["visits"])


@router.get("/visits", dependencies=[requires(Permission.VISIT_READ)])
def waiting(request: Request, desk: CurrentDesk, after: UUID | None = None) -> Response:
    """List them, the longest waiting first."""
    found = visits_waiting(desk.backend, desk.member, after=after)
    return page(
        request,
        desk,
        "visits.html",
        title="等待上门",
        lines=found.lines,
        now=desk.now,
        **turning("/visits", after=after, next_after=found.next_after),
    )
