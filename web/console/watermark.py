"""Who looks, over every screen: a photograph of a screen names the one who sat before it."""

from html import escape

from fastapi import APIRouter, Response

from domain.roles import Permission
from web.console.pages import moment
from web.console.session import CurrentDesk, requires

router = APIRouter(tags=["watermark"])
_SVG = """<svg xmlns="http://www.w3.org/2000/svg" width="420" height="220">\
<text x="20" y="150" transform="rotate(-18 20 150)" font-family="sans-serif" font-size="17"\
 fill="#0b2d4d" fill-opacity=".085">{text}</text></svg>"""


@router.get("/watermark.svg", dependencies=[requires(Permission.SIGNED_IN)])
def watermark(desk: CurrentDesk) -> Response:
    """Draw log-in and minute; repeated over the page by the style."""
    text = escape(f"{desk.member.display_name} {desk.member.login} {moment(desk.now)}")
    return Response(_SVG.format(text=text), media_type="image/svg+xml")
