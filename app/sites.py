"""What one server answers: the API, the phone page and the township office's console."""

from starlette.types import ASGIApp

from api.main import create_app
from app.settings import Settings
from services.backend import Backend
from web.console.app import create_console_app
from web.main import create_phone_app
from web.site import Site


def site(backend: Backend, settings: Settings) -> ASGIApp:
    """Put all applications behind one door."""
    speech = settings.folder / "speech"
    return Site(
        api=create_app(backend),
        phone=create_phone_app(backend, speech=speech if speech.is_dir() else None),
        office=create_console_app(backend),
    )
