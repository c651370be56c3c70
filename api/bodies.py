"""Raw bodies: files, up to a cap of their own."""

import re
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import Depends, Request

from domain.attempt import MediaLimits
from edge.guard import lift

LIMITS = MediaLimits()
UNNAMED = "application/octet-stream"
_MEDIA_TYPE = re.compile(r"[a-z0-9.+-]{1,31}/[a-z0-9.+-]{1,32}")


def capped(max_bytes: int) -> Callable[[Request], Awaitable[bytes]]:
    """Make a dependency that reads at most `max_bytes`; more is `request.too_large`."""

    async def read(request: Request) -> bytes:
        lift(request, max_bytes)
        return await request.body()

    return read


PartBody = Annotated[bytes, Depends(capped(LIMITS.video_bytes))]
PhotoBody = Annotated[bytes, Depends(capped(LIMITS.photo_bytes))]


def _described(types: frozenset[str]) -> dict[str, Any]:
    binary = {"schema": {"type": "string", "format": "binary"}}
    content = dict.fromkeys([*sorted(types), UNNAMED], binary)
    return {"requestBody": {"required": True, "content": content}}


PART = _described(LIMITS.photo_types | LIMITS.video_types)
PHOTO = _described(LIMITS.photo_types)
"""OpenAPI's words for raw bodies, which FastAPI cannot see in a dependency."""


def media_type(request: Request) -> str:
    """Return the declared type without its parameters; what names none is plain bytes."""
    given = request.headers.get("content-type", UNNAMED).partition(";")[0].strip().lower()
    return given if _MEDIA_TYPE.fullmatch(given) else UNNAMED


MediaType = Annotated[str, Depends(media_type)]
