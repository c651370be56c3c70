"""What a worker does beside its jobs: publishes audit heads, and sweeps up after killed writers."""

from collections.abc import Callable
from functools import partial

from app.settings import Settings
from app.shared_use import only_one
from services.audit_trail import anchor_heads
from services.backend import Backend
from services.chore_log import noted
from services.name_index import index_names
from services.upload_sweep import Sweep
from storage.objects.local_store import LocalStore
from worker.chores import Chore

SWEEP_EVERY_S = 3600.0


def chores(settings: Settings, backend: Backend) -> tuple[Chore, ...]:
    """Return what this installation needs done."""

    def anchor() -> None:
        path = settings.anchors_path
        with only_one(path.with_suffix(".lock")):  # several workers write this file
            anchor_heads(backend.sessions, path, backend.clock.now())

    sweep_uploads = Sweep()

    def sweep() -> None:
        if isinstance(backend.objects, LocalStore):
            backend.objects.sweep_drafts(backend.clock.now())
        sweep_uploads(backend)

    def chore(name: str, every_s: float, work: Callable[[], None], *, at_stop: bool) -> Chore:
        return Chore(name=name, every_s=every_s, work=noted(backend, name, work), at_stop=at_stop)

    return (
        chore("anchor", settings.anchor_every_s, anchor, at_stop=True),
        chore("sweep", SWEEP_EVERY_S, sweep, at_stop=False),
        chore("names", SWEEP_EVERY_S, partial(_index_names, backend), at_stop=False),
    )


def _index_names(backend: Backend) -> None:
    index_names(backend)
