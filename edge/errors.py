"""Refusals as problem+json (RFC 9457): a stable code, and words fit to be read aloud."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException

from domain.errors import AppError, Kind
from edge.guard import HEADERS

REGISTRY = Path(__file__).parents[1] / "field_app_spec" / "error_codes.json"
PROBLEM_JSON = "application/problem+json"
log = structlog.get_logger("http")

STATUS = {
    Kind.INVALID: 422,
    Kind.UNAUTHENTICATED: 401,
    Kind.FORBIDDEN: 403,
    Kind.NOT_FOUND: 404,
    Kind.CONFLICT: 409,
    Kind.GONE: 410,
    Kind.TOO_LARGE: 413,
    Kind.TOO_MANY: 429,
    Kind.UNAVAILABLE: 503,
}
BY_STATUS = {
    404: "request.no_such_route",
    405: "request.method_not_allowed",
}


class Problem(BaseModel):
    """What every refusal looks like."""

    model_config = ConfigDict(extra="allow")
    type: str
    title: str
    status: int
    code: str
    say: str
    do: str
    next_channel: str
    params: dict[str, Any]


@cache
def registry() -> dict[str, dict[str, str]]:
    """Return the registered codes: code -> {kind, say, do, next_channel}."""
    return {entry["code"]: entry for entry in json.loads(REGISTRY.read_text("utf-8"))}


def problem(status: int, code: str, params: dict[str, Any]) -> JSONResponse:
    entry = registry()[code]
    body = Problem(
        type=f"urn:jianzai:error:{code}",
        title=code,
        status=status,
        code=code,
        say=entry["say"],
        do=entry["do"],
        next_channel=entry["next_channel"],
        params=params,
    )
    # The answer to a crash is made outside the guard, which puts these on all others.
    headers = dict(HEADERS)
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if "retry_after_s" in params:
        headers["Retry-After"] = str(params["retry_after_s"])
    return JSONResponse(body.model_dump(), status, headers=headers, media_type=PROBLEM_JSON)


def _on_refusal(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, AppError)
    return problem(STATUS[error.kind], error.code, dict(error.params))


def _on_invalid(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    # Where it is wrong, never what was sent: the value may be somebody's ID number.
    fields = sorted({_place(item) for item in error.errors()})
    return problem(422, "request.invalid", {"fields": fields})


def _place(fault: dict[str, Any]) -> str:
    # The name of a field that does not exist was sent as well.
    known = fault["loc"][:-1] if fault["type"] == "extra_forbidden" else fault["loc"]
    return ".".join(str(part) for part in known)


def _on_http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    if isinstance(error.__cause__, AppError):  # raised while FastAPI read the body
        return _on_refusal(request, error.__cause__)
    code = BY_STATUS.get(error.status_code)
    if code is None:
        return problem(STATUS[Kind.INVALID], "request.invalid", {})
    answer = problem(error.status_code, code, {})
    answer.headers.update(error.headers or {})
    return answer


def _on_crash(_request: Request, error: Exception) -> JSONResponse:
    log.error("request.failed", error_type=type(error).__name__)
    return problem(500, "server.internal", {})


def install(app: FastAPI) -> None:
    app.add_exception_handler(AppError, _on_refusal)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(Exception, _on_crash)
