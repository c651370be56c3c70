"""One door: the API at the root, the phone page under `/m`, the console under `/office`."""

from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

PHONE = "/m"
OFFICE = "/office"


class Site:
    """Sends a request to whom it is for; who opens the bare address comes to the phone page."""

    def __init__(self, *, api: ASGIApp, phone: ASGIApp, office: ASGIApp) -> None:
        self._api = api
        self._mounts = {PHONE: phone, OFFICE: office}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._api(scope, receive, send)
            return
        path = scope["path"]
        if path in {"/", *self._mounts} and scope["method"] in {"GET", "HEAD"}:
            home = PHONE if path == "/" else path
            await RedirectResponse(f"{home}/", status_code=302)(scope, receive, send)
            return
        first = "/" + path.split("/")[1]
        app = self._mounts.get(first) if path.startswith(f"{first}/") else None
        if app is None:
            await self._api(scope, receive, send)
        else:
            await app(_mounted(scope, first), receive, send)


def _mounted(scope: Scope, at: str) -> Scope:
    root = scope.get("root_path", "")
    return {**scope, "root_path": root + at, "app_root_path": scope.get("app_root_path", root)}
