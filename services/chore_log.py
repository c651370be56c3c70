"""A note of how each chore of the workers ended last, for whoever looks after the installation."""

from collections.abc import Callable
from contextlib import suppress
from functools import wraps

from domain.audit import Actor, ActorKind
from domain.errors import AppError
from domain.regions import SystemName, SystemScope
from services.backend import Backend
from storage.db.repositories import running

_SCHEDULER = Actor(kind=ActorKind.SYSTEM, id=SystemName.SCHEDULER)


def noted(backend: Backend, name: str, work: Callable[[], None]) -> Callable[[], None]:
    """Return `work` that also leaves a note of how it ended. It raises what `work` raises."""

    @wraps(work)
    def run() -> None:
        try:
            work()
        except Exception as error:
            # A database that is away is often why: what went wrong must not be hidden by that.
            with suppress(AppError):
                _note(backend, name, type(error).__name__)
            raise
        _note(backend, name, None)

    return run


def _note(backend: Backend, name: str, failed_with: str | None) -> None:
    with backend.unit(_SCHEDULER, SystemScope(name=SystemName.SCHEDULER)) as unit:
        running.note_chore(unit.session, name, unit.now, failed_with=failed_with)
