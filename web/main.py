"""The phone page: pages and acts for the person, beside the API and over the same services."""

from pathlib import Path

from fastapi import FastAPI

from edge import errors
from edge.guard import Guard
from services.backend import Backend
from web.phone import pages, speech_files, upload, who
from web.phone.answers import ANSWER_AFTER_S
from web.security import HEADERS, SameOrigin

ACTS = "/act"


def create_phone_app(
    backend: Backend, *, speech: Path | None = None, answer_after_s: float = ANSWER_AFTER_S
) -> FastAPI:
    """Make the application that is mounted at `/m`.

    `speech` holds the spoken prompts, a folder for each voice. `answer_after_s` is the least time
    that an answer to "who is it" takes (ADR 0019).
    """
    app = FastAPI(
        title="Jianzai phone page",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.backend = backend
    app.state.speech = speech
    app.state.answer_after_s = answer_after_s
    errors.install(app)
    app.add_middleware(SameOrigin)
    app.add_middleware(Guard, headers=HEADERS)
    app.include_router(pages.router)
    app.include_router(speech_files.router)
    for acts in (who, upload):
        app.include_router(acts.router, prefix=ACTS)
    return app
