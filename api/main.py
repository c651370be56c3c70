"""The JSON application for the phone page, the field app and partners."""

from typing import Any

from fastapi import FastAPI

from api import openapi
from api.routers import (
    appeals,
    enrolment,
    health,
    links,
    registry,
    reviews,
    self_service,
    staff,
    visits,
)
from edge import errors
from edge.guard import Guard
from services.backend import Backend

DESCRIPTION = """领取社会保险待遇资格认证. Every refusal is `application/problem+json` with a stable
`code`, a sentence `say` fit to be read aloud, one next step `do`, and the `next_channel`."""


class Api(FastAPI):
    """Describes itself as `field_app_spec/openapi.v1.json` does."""

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            self.openapi_schema = openapi.document(self)
        return self.openapi_schema


def create_app(backend: Backend) -> FastAPI:
    app = Api(
        title="Jianzai 健在",
        version="1",
        description=DESCRIPTION,
        generate_unique_id_function=openapi.operation_id,
        # Their pages fetch scripts from a public network, which a county's server may not reach.
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.backend = backend
    errors.install(app)
    app.add_middleware(Guard)
    for area in (health, self_service, staff, registry, links, enrolment, visits, reviews, appeals):
        app.include_router(area.router, prefix="/v1")
    return app
