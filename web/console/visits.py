"""Who waits for an officer: the list that a village works through, with the codes for the door."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from domain.roles import Permission
from services.visit_list import visits_waiting
from web.console.pages import page, url
from web.console.session import CurrentDesk, requires

router = APIRouter(tags=["visits"])
REASONS = {"sent_by_review": "复核后安排"}
"""Reasons that the system writes; people write theirs in words."""


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
        reasons=REASONS,
        now=desk.now,
        next_url=url("/visits", after=found.next_after) if found.next_after else "",
        first_url=url("/visits") if after else "",
    )
