"""The first page: what is due today for whoever sits here; every figure opens its list."""

from fastapi import APIRouter, Request, Response

from domain.listing import COUNTED_TO
from domain.roles import Permission
from services import review_desk
from services.review_desk import Line, Wanted
from services.today import today
from web.console.pages import page
from web.console.session import CurrentDesk, Desk, requires

router = APIRouter(tags=["home"])
PRESSING = 5


@router.get("/", dependencies=[requires(Permission.SIGNED_IN)])
def home(request: Request, desk: CurrentDesk) -> Response:
    """Show what waits."""
    return page(
        request,
        desk,
        "home.html",
        title="今日",
        today=today(desk.backend, desk.member),
        pressing=_pressing(desk),
        counted=counted,
        now=desk.now,
    )


def counted(number: int) -> str:
    """Write a figure; counting stopped where nobody reads on."""
    return f"{COUNTED_TO}+" if number > COUNTED_TO else str(number)


def _pressing(desk: Desk) -> tuple[Line, ...]:
    if not desk.may(Permission.REVIEW_CLAIM):
        return ()
    return review_desk.page(desk.backend, desk.member, Wanted(limit=PRESSING)).lines
