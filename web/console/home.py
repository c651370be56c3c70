"""The first page: what is due today for whoever sits here."""

from fastapi import APIRouter, Request, Response

from domain.roles import Permission
from web.console.pages import page
from web.console.session import CurrentDesk, requires

router = APIRouter(tags=["home"])


@router.get("/", dependencies=[requires(Permission.SIGNED_IN)])
def home(request: Request, desk: CurrentDesk) -> Response:
    """Show what waits."""
    return page(request, desk, "home.html", title="今日")
