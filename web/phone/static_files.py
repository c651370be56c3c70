"""The phone page's own files."""

from collections.abc import Mapping
from pathlib import Path

from fastapi import APIRouter, Request, Response

from edge.deps import public
from web.assets import VENDOR, Assets, StaticFile

router = APIRouter(tags=["static"])
FOLDER = Path(__file__).parent / "static"
_ASSETS = Assets(FOLDER)


def files() -> Mapping[str, StaticFile]:
    """Give them all: path below the folder -> file."""
    return _ASSETS.files


def digest() -> str:
    """Give what stands in the address of each."""
    return _ASSETS.digest


def first_scripts() -> list[str]:
    """List what runs from the start; what others wrote comes later, or never."""
    return [n for n in files() if n.endswith(".js") and not n.startswith(VENDOR)]


@router.get("/static/{asked}/{name:path}", dependencies=[public()])
def static(request: Request, asked: str, name: str) -> Response:
    """Send one file."""
    return _ASSETS.send(request, asked, name)
