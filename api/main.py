"""The JSON application for the phone page, the field app and partners."""

from fastapi import FastAPI

from api import errors
from api.routers import (
    enrolment,
    health,
    registry,
    reviews,
    self_service,
    staff,
    visits,
)
from services.backend import Backend

DESCRIPTION = """领取社会保险待遇资格认证. Every refusal is `application/problem+json` with a stable
`code`, a sentence `say` fit to be read aloud, one next step `do`, and the `next_channel`."""


def create_app(backend: Backend) -> FastAPI:
    app = FastAPI(
        title="Jianzai 健在",
        version="1",
        description=DESCRIPTION,
        responses={"4XX": {"model": errors.Problem, "content": {errors.PROBLEM_JSON: {}}}},
    )
    app.state.backend = backend
    errors.install(app)
    for area in (health, self_service, staff, registry, enrolment, visits, reviews):
        app.include_router(area.router, prefix="/v1")
    return app
