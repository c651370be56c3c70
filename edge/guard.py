"""What holds for every request and answer: how much is read, how browsers treat what comes back.

A request may carry `JSON_BYTES`; a route for raw files lifts that for itself, once it knows who
sends them. The limit is enforced while the body arrives, whatever length was declared.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from fastapi import Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from domain.errors import AppError, Kind

JSON_BYTES = 256 * 1024
HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "Cache-Control": "no-store",  # answers are about people
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
)
_ALLOWANCE = "jianzai.allowance"


@dataclass(slots=True)
class _Allowance:
    """How much a request may carry, and how much it has."""

    declared: int
    most: int = JSON_BYTES
    received: int = 0

    def take(self, size: int) -> None:
        self.received += size
        if max(self.declared, self.received) > self.most:
            raise AppError(Kind.TOO_LARGE, "request.too_large", bytes=self.most)


def lift(request: Request, max_bytes: int) -> None:
    """Let this request carry up to `max_bytes`."""
    allowance: _Allowance = request.scope[_ALLOWANCE]
    allowance.most = max_bytes


class Guard:
    """ASGI middleware; puts `headers` on every answer that does not say otherwise itself."""

    def __init__(self, app: ASGIApp, headers: Mapping[str, str] = HEADERS) -> None:
        self._app = app
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        allowance = scope[_ALLOWANCE] = _Allowance(_declared_length(scope))

        async def read() -> Message:
            allowance.take(0)  # what is declared too large is not even begun
            message = await receive()
            allowance.take(len(message.get("body", b"")))
            return message

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    given.setdefault(name, value)
            await send(message)

        await self._app(scope, read, answer)


def _declared_length(scope: Scope) -> int:
    declared = Headers(scope=scope).get("content-length", "")
    # The server has checked it; a longer number than this would be a claim of petabytes.
    return int(declared[:16]) if declared.isascii() and declared.isdecimal() else 0
