"""The console as an application of its own, mounted at `/office`."""

from fastapi import FastAPI

from edge.guard import Guard
from services.backend import Backend
from web.console import (
    accounts,
    appeals,
    audit,
    case,
    case_files,
    contacts,
    home,
    login,
    people,
    people_export,
    person,
    policy,
    proposals,
    quality,
    queue,
    refusals,
    revocations,
    static_files,
    system,
    visits,
    watermark,
)
from web.security import HEADERS, SameOrigin, by_browser

AREAS = (
    static_files,
    login,
    watermark,
    home,
    visits,
    queue,
    case,
    case_files,
    people_export,
    people,
    person,
    policy,
    proposals,
    appeals,
    contacts,
    revocations,
    quality,
    accounts,
    audit,
    system,
)
"""Each has a `router`. The order counts where one address could be read two ways."""


def create_console_app(backend: Backend) -> FastAPI:
    """Make the application for staff."""
    app = FastAPI(
        title="Jianzai console",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.backend = backend
    refusals.install(app)
    app.add_middleware(SameOrigin, proof=by_browser)
    app.add_middleware(Guard, headers={**HEADERS, "Permissions-Policy": "camera=(), microphone=()"})
    for area in AREAS:
        app.include_router(area.router)
    return app
