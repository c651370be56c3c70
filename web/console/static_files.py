"""The console's style, scripts and pictures."""

from pathlib import Path

from fastapi import APIRouter, Request, Response

from edge.deps import public
from web.assets import Assets
from web.site import OFFICE

router = APIRouter(tags=["static"])
ASSETS = Assets(Path(__file__).parent / "static")


@router.get("/static/{asked}/{name:path}", dependencies=[public()])
def static(request: Request, asked: str, name: str) -> Response:
    """Send one file."""
    return ASSETS.send(request, asked, name)


def address(name: str) -> str:
    """Write the address of a file; `KeyError` when there is none."""
    assert name in ASSETS.files, name
    return f"{OFFICE}/static/{ASSETS.digest}/{name}"
