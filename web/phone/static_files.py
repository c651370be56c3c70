"""Scripts, style and pictures, as they lie in the folder; small enough to be held in memory.

One digest over all of them stands in their address: scripts find each other beside themselves, and
a phone keeps them for ever.
"""

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from fastapi import APIRouter, Request, Response

from domain.errors import AppError, Kind
from edge.deps import public

router = APIRouter(tags=["static"])
FOLDER = Path(__file__).parent / "static"
VENDOR = "vendor/"
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
"""What is sent at all. Licences and notes of origin lie there too, and stay there."""
_FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True, kw_only=True)
class StaticFile:
    """One file, plain and compressed."""

    media_type: str
    plain: bytes
    packed: bytes


@cache
def files() -> Mapping[str, StaticFile]:
    """Read them all: path below the folder -> file."""
    found = {
        path.relative_to(FOLDER).as_posix(): _read(path)
        for path in sorted(FOLDER.rglob("*"))
        if path.suffix in MEDIA_TYPES
    }
    return MappingProxyType(found)


@cache
def digest() -> str:
    """Sum up all files: any change gives all of them another address."""
    total = hashlib.sha256()
    for name, file in files().items():
        total.update(f"{name} {hashlib.sha256(file.plain).hexdigest()}\n".encode())
    return total.hexdigest()[:16]


def first_scripts() -> list[str]:
    """List what runs from the start; what others wrote comes later, or never."""
    return [n for n in files() if n.endswith(".js") and not n.startswith(VENDOR)]


def answer(request: Request, file: StaticFile, headers: Mapping[str, str]) -> Response:
    """Send a file, compressed to who takes it."""
    takes = "gzip" in request.headers.get("Accept-Encoding", "")
    packing = {"Vary": "Accept-Encoding"} | ({"Content-Encoding": "gzip"} if takes else {})
    content = file.packed if takes else file.plain
    return Response(content, media_type=file.media_type, headers=dict(headers) | packing)


@router.get("/static/{asked}/{name:path}", dependencies=[public()])
def static(request: Request, asked: str, name: str) -> Response:
    """Send one file. A page from before the last change gets today's, and keeps it not."""
    file = files().get(name)
    if file is None:
        raise AppError(Kind.NOT_FOUND, "request.no_such_route")
    kept = _FOR_EVER if asked == digest() else "no-cache"
    return answer(request, file, {"Cache-Control": kept})


def packed(media_type: str, plain: bytes) -> StaticFile:
    """Compress once; the time of packing is left out, so that the same is the same."""
    return StaticFile(
        media_type=media_type, plain=plain, packed=gzip.compress(plain, compresslevel=9, mtime=0)
    )


def _read(path: Path) -> StaticFile:
    return packed(MEDIA_TYPES[path.suffix], path.read_bytes())
