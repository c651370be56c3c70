"""Raw bodies, read in pieces and never past their cap."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request

from domain.attempt import MediaLimits
from domain.errors import AppError, Kind

LIMITS = MediaLimits()


def capped(max_bytes: int) -> Callable[[Request], Awaitable[bytes]]:
    """Make a dependency that reads at most `max_bytes`; more is `request.too_large`."""

    async def read(request: Request) -> bytes:
        declared = request.headers.get("content-length", "0")
        if declared.isdecimal() and int(declared) > max_bytes:
            raise AppError(Kind.TOO_LARGE, "request.too_large", bytes=max_bytes)
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > max_bytes:
                raise AppError(Kind.TOO_LARGE, "request.too_large", bytes=max_bytes)
        return bytes(body)

    return read


PartBody = Annotated[bytes, Depends(capped(LIMITS.video_bytes))]
PhotoBody = Annotated[bytes, Depends(capped(LIMITS.photo_bytes))]

RAW = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
"""OpenAPI's word for a raw body, which FastAPI cannot see in a dependency."""


def media_type(request: Request) -> str:
    """Return the declared type without its parameters."""
    given = request.headers.get("content-type", "application/octet-stream")
    return given.partition(";")[0].strip().lower()[:64]


MediaType = Annotated[str, Depends(media_type)]
