"""Scripts, style and pictures of a page, as they lie in its folder; small enough to be held.

One digest over all of them stands in their address: scripts find each other beside themselves, and
a browser keeps them for ever.
"""

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from fastapi import Request, Response

from domain.errors import AppError, Kind

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


class Assets:
    """The files of one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def files(self) -> Mapping[str, StaticFile]:
        """Read them all: path below the folder -> file."""
        found = {
            path.relative_to(self._folder).as_posix(): _read(path)
            for path in sorted(self._folder.rglob("*"))
            if path.suffix in MEDIA_TYPES
        }
        return MappingProxyType(found)

    @cached_property
    def digest(self) -> str:
        """Sum up all files: any change gives all of them another address."""
        total = hashlib.sha256()
        for name, file in self.files.items():
            total.update(f"{name} {hashlib.sha256(file.plain).hexdigest()}\n".encode())
        return total.hexdigest()[:16]

    def send(self, request: Request, asked: str, name: str) -> Response:
        """Send one file. A page from before the last change gets today's, and keeps it not."""
        file = self.files.get(name)
        if file is None:
            raise AppError(Kind.NOT_FOUND, "request.no_such_route")
        kept = _FOR_EVER if asked == self.digest else "no-cache"
        return answer(request, file, {"Cache-Control": kept})


def answer(request: Request, file: StaticFile, headers: Mapping[str, str]) -> Response:
    """Send a file, compressed to who takes it."""
    takes = "gzip" in request.headers.get("Accept-Encoding", "")
    packing = {"Vary": "Accept-Encoding"} | ({"Content-Encoding": "gzip"} if takes else {})
    content = file.packed if takes else file.plain
    return Response(content, media_type=file.media_type, headers=dict(headers) | packing)


def packed(media_type: str, plain: bytes) -> StaticFile:
    """Compress once; the time of packing is left out, so that the same is the same."""
    return StaticFile(
        media_type=media_type, plain=plain, packed=gzip.compress(plain, compresslevel=9, mtime=0)
    )


def _read(path: Path) -> StaticFile:
    return packed(MEDIA_TYPES[path.suffix], path.read_bytes())
