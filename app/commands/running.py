"""`serve`, `worker` and `migrate`: the processes that make up an installation."""

from contextlib import ExitStack
from functools import partial
from typing import Annotated

import typer
import uvicorn
from rich.console import Console

from api.main import create_app
from app import container, logging
from app.processes import Supervised
from app.settings import Settings
from biometrics.models import ModelStore
from storage.jobs.queue import worker_app
from worker.main import Pace, run_worker
from worker.tasks import on_given_up, register_tasks

console = Console(stderr=True)

Host = Annotated[str | None, typer.Option(help="Address to listen on; default 127.0.0.1.")]
Port = Annotated[int | None, typer.Option(help="Port to listen on; default 8080.")]
Workers = Annotated[
    int | None,
    typer.Option(
        min=0,
        max=64,
        help="Workers to run beside the server; default 1 with the embedded database.",
    ),
]


def serve(host: Host = None, port: Port = None, workers: Workers = None) -> None:
    """Run the server; without DATABASE_URL also a PostgreSQL of its own and a worker."""
    settings = Settings()
    logging.configure(settings.log_level)
    ModelStore(settings.models_folder).verify()
    with ExitStack() as stack:
        where = stack.enter_context(container.database(settings))
        if where.server is not None:
            container.prepare(settings, where)
        backend = container.build_backend(settings, where.app_url)
        stack.callback(backend.faces.close)
        wanted = workers if workers is not None else int(where.server is not None)
        for _ in range(wanted):
            env = {"JIANZAI_APP_DATABASE_URL": where.app_url}
            stack.enter_context(Supervised(["worker"], env))
        listen = (host or settings.host, port or settings.port)
        console.print(f"Jianzai listens on http://{listen[0]}:{listen[1]}  (docs at /docs)")
        uvicorn.run(
            create_app(backend),
            host=listen[0],
            port=listen[1],
            log_level="warning",
            server_header=False,
            timeout_graceful_shutdown=10,
        )


def worker() -> None:
    """Run one worker: decide submissions and visits until told to stop."""
    settings = Settings()
    logging.configure(settings.log_level)
    ModelStore(settings.models_folder).verify()
    with container.database(settings) as where:
        backend = container.build_backend(settings, where.app_url)
        app = worker_app(where.app_url)
        register_tasks(app, backend)
        pace = Pace(
            heartbeat_s=settings.worker_heartbeat_s, stalled_after_s=settings.worker_stalled_after_s
        )
        try:
            run_worker(app, pace=pace, on_given_up=partial(on_given_up, backend))
        finally:
            backend.faces.close()


def migrate() -> None:
    """Create the database, the application role and all tables, or bring them up to date."""
    settings = Settings()
    with container.database(settings) as where:
        if not where.owner_url:
            raise typer.BadParameter("JIANZAI_DATABASE_URL (the owner's address) is missing")
        container.prepare(settings, where)
    console.print("The database is up to date.")
