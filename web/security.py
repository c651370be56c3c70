"""What keeps a page apart from other sites: its headers, and who may ask it to change something.

The policy lets a page run its own files only and send nothing anywhere else (ADR 0019). An act that
changes something has to come from our own page: browsers say where a request comes from, and a
script of another site cannot set `Jianzai-Page` without asking us first, which we never allow.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from domain.errors import AppError, Kind
from edge.errors import STATUS, problem

PAGE_HEADER = "Jianzai-Page"
_POLICY = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "media-src 'self' blob:",
    "connect-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
)
HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "Cache-Control": "no-store",  # pages and answers are about a person
        "Content-Security-Policy": "; ".join(_POLICY),
        "Permissions-Policy": "camera=(self), microphone=()",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
)
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def by_script(headers: Headers) -> bool:
    """Whether a script of our own page sends this."""
    return headers.get(PAGE_HEADER) == "1" and by_browser(headers)


def by_browser(headers: Headers) -> bool:
    """Believe the browser's own word on the site; older ones send an origin, the oldest neither."""
    site = headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = headers.get("Origin")
    if origin is None:
        return True
    return urlsplit(origin).netloc.lower() == headers.get("Host", "").lower()


class SameOrigin:
    """ASGI middleware; answers `request.cross_site` to an act that another site asks for."""

    def __init__(self, app: ASGIApp, proof: Callable[[Headers], bool] = by_script) -> None:
        self._app = app
        self._proof = proof

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            _refuse_cross_site(scope, self._proof)
        except AppError as refusal:
            answer = problem(STATUS[refusal.kind], refusal.code, dict(refusal.params))
            await answer(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _refuse_cross_site(scope: Scope, proof: Callable[[Headers], bool]) -> None:
    if scope["type"] != "http" or scope["method"] in _SAFE:
        return
    if not proof(Headers(scope=scope)):
        raise AppError(Kind.FORBIDDEN, "request.cross_site")
