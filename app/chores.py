"""What a worker does beside its jobs: publishes audit heads, and sweeps up after killed writers."""

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

    return (
        Chore(
            name="anchor",
            every_s=settings.anchor_every_s,
            work=noted(backend, "anchor", anchor),
            at_stop=True,
        ),
        Chore(name="sweep", every_s=SWEEP_EVERY_S, work=noted(backend, "sweep", sweep)),
        Chore(name="names", every_s=SWEEP_EVERY_S, work=lambda: _index_names(backend)),
    )


def _index_names(backend: Backend) -> None:
    index_names(backend)
