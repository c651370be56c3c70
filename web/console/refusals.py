"""A refusal as a person reads it: what is wrong, what to do; and never what was typed lost.

Who has to sign in, unlock or show a code is sent there, and comes back. A form that htmx sent keeps
what was typed: the refusal appears above it.
"""

from typing import Any

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse

from domain.errors import AppError
from edge.errors import BY_STATUS, STATUS, registry
from web.console import pages
from web.console.session import Desk
from web.site import OFFICE

DOORS = {
    "auth.required": "/login",
    "auth.session_expired": "/login",
    "auth.second_factor_needed": "/code",
    "auth.locked_idle": "/lock",
}
"""Where to go for what is missing."""
log = structlog.get_logger("http")


def install(app: FastAPI) -> None:
    """Answer every refusal and every crash in words."""
    app.add_exception_handler(AppError, _on_refusal)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(Exception, _on_crash)


def words_of(refusal: AppError) -> dict[str, Any]:
    """Give a refusal's sentences, for a page that shows it beside its form."""
    entry = registry()[refusal.code]
    return {
        "code": refusal.code,
        "say": entry["say"],
        "do": entry["do"],
        "params": dict(refusal.params),
    }


def _on_refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, AppError)
    door = DOORS.get(error.code)
    if door is not None:
        return _to_door(request, door)
    return answer(request, STATUS[error.kind], words_of(error))


def answer(request: Request, status: int, said: dict[str, Any]) -> Response:
    """Show a refusal: as a page of its own, or above the form that htmx sent."""
    if pages.wants_part(request):
        response = pages.part("refusal_part.html", status=status, refusal=said)
        response.headers.update({"HX-Retarget": "#said", "HX-Reswap": "innerHTML"})
    else:
        desk: Desk | None = getattr(request.state, "desk", None)
        response = pages.page(
            request, desk, "refusal.html", status=status, title="没有办成", refusal=said
        )
    if "retry_after_s" in said["params"]:
        response.headers["Retry-After"] = str(said["params"]["retry_after_s"])
    return response


def _to_door(request: Request, door: str) -> Response:
    wanted = "/"  # what was posted is not posted again
    if request.method == "GET":
        query = f"?{request.url.query}" if request.url.query else ""
        wanted = request.url.path.removeprefix(OFFICE) + query
    to = pages.url(door, next=wanted if wanted != "/" else None)
    if request.headers.get("HX-Request") == "true":
        return Response(status_code=200, headers={"HX-Redirect": to})
    return RedirectResponse(to, status_code=303)


def _on_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    fields = sorted({str(item["loc"][-1]) for item in error.errors()})
    entry = registry()["request.invalid"]
    said = {"code": "request.invalid", "say": entry["say"], "do": entry["do"]}
    return answer(request, 422, said | {"params": {"fields": fields}})


def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if isinstance(error.__cause__, AppError):
        return _on_refusal(request, error.__cause__)
    code = BY_STATUS.get(error.status_code, "request.invalid")
    entry = registry()[code]
    status = error.status_code if code in BY_STATUS.values() else 422
    return answer(
        request, status, {"code": code, "say": entry["say"], "do": entry["do"], "params": {}}
    )


def _on_crash(request: Request, error: Exception) -> Response:
    log.error("request.failed", error_type=type(error).__name__)
    entry = registry()["server.internal"]
    said = {"code": "server.internal", "say": entry["say"], "do": entry["do"], "params": {}}
    return answer(request, 500, said)
