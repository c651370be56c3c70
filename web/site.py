"""One door for the API, at the root, and for the phone page, under `/m`."""

from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

PHONE = "/m"


class Site:
    """Sends a request to the phone page or to the API; who opens the bare address, to the page."""

    def __init__(self, *, api: ASGIApp, phone: ASGIApp) -> None:
        self._api = api
        self._phone = phone

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._api(scope, receive, send)
            return
        path = scope["path"]
        if path in {"/", PHONE} and scope["method"] in {"GET", "HEAD"}:
            await RedirectResponse(f"{PHONE}/", status_code=302)(scope, receive, send)
        elif path.startswith(f"{PHONE}/"):
            await self._phone(_mounted(scope), receive, send)
        else:
            await self._api(scope, receive, send)


def _mounted(scope: Scope) -> Scope:
    root = scope.get("root_path", "")
    return {**scope, "root_path": root + PHONE, "app_root_path": scope.get("app_root_path", root)}
