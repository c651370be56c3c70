"""`serve`, `worker` and `migrate`: the processes that make up an installation."""

import socket
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from typing import Annotated

import typer
from procrastinate.exceptions import ConnectorException

from app import container, logging
from app.chores import chores
from app.clock import SystemClock
from app.console import err
from app.container import CannotStart
from app.listening import Server, address_of, bind
from app.processes import Supervised, stop_with_parent
from app.reachable import EVERYWHERE, Place, ensure_certificate, lan_addresses
from app.settings import Settings
from app.sites import site
from app.stop_signals import StopSignals
from biometrics.models import ModelStore
from services.backend import Backend
from storage.jobs.queue import worker_app
from worker.main import Pace, run_worker
from worker.tasks import on_given_up, register_tasks

Host = Annotated[str | None, typer.Option(help="Address to listen on. [default: 127.0.0.1]")]
Port = Annotated[
    int | None,
    typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one. [default: 8080]"),
]
Workers = Annotated[
    int | None,
    typer.Option(
        min=0,
        max=64,
        help="Workers to run beside the server. [default: 1 with the embedded database, else 0]",
    ),
]
WithDemo = Annotated[
    bool, typer.Option("--with-demo", help="Seed a synthetic county and print its log-ins.")
]
AsChild = Annotated[bool, typer.Option("--as-child", hidden=True)]


Lan = Annotated[
    bool, typer.Option("--lan", help="Listen for phones in the same network; prints where.")
]
SelfSigned = Annotated[
    bool,
    typer.Option("--self-signed", help="Serve https with a certificate that the server makes."),
]


def serve(
    host: Host = None,
    port: Port = None,
    workers: Workers = None,
    *,
    with_demo: WithDemo = False,
    lan: Lan = False,
    self_signed: SelfSigned = False,
) -> None:
    """Run the server; without DATABASE_URL also a PostgreSQL of its own and a worker.

    Ctrl-C or SIGTERM ends it after the requests under way, and everything that it started.
    """
    settings = Settings()
    logging.configure(settings.log_level)
    ModelStore(settings.models_folder).verify()
    with StopSignals() as stop, ExitStack() as stack:
        usual = EVERYWHERE if lan else settings.host
        listener = stack.enter_context(
            bind(usual if host is None else host, settings.port if port is None else port)
        )
        place = _place(settings, listener, lan=lan, self_signed=self_signed)
        err.print("starting …")
        where = stack.enter_context(container.database(settings))
        backend = container.build_backend(settings, where.app_url)
        stack.callback(backend.close)
        if with_demo:
            _seed_demo(backend, settings, place.pages[0])
        server = Server(
            site(backend, settings),
            trusted_proxies=settings.trusted_proxies,
            on_ready=partial(_say_lines, place.words),
            tls=place.tls,
        )
        stop.when_asked(server.stop)
        wanted = int(where.is_embedded) if workers is None else workers
        for _ in range(0 if stop.asked else wanted):
            stack.enter_context(_supervised_worker(where))
        server.run([listener])
        err.print("stopping …")


def _place(settings: Settings, listener: socket.socket, *, lan: bool, self_signed: bool) -> Place:
    """Find out where phones reach the listener; make its certificate when one is asked for."""
    hosts = lan_addresses() if lan else []
    tls = None
    if self_signed:
        tls = ensure_certificate(settings.tls_folder, hosts, SystemClock().now())
    at = partial(address_of, listener, scheme="https" if tls else "http")
    return Place(
        address=at(), pages=tuple(at(host=host) for host in hosts) or (at(),), is_lan=lan, tls=tls
    )


def _seed_demo(backend: Backend, settings: Settings, page: str) -> None:
    # The media makers need packages that a server does without.
    from app.demo.seeding import ensure_county  # noqa: PLC0415

    say = partial(err.print, highlight=False, soft_wrap=True)
    ensure_county(backend, settings.folder, say, page=page)


def _say_lines(lines: Sequence[str]) -> None:
    for line in lines:
        err.print(line, highlight=False, soft_wrap=True)


def _supervised_worker(where: container.Database) -> Supervised:
    return Supervised(["worker", "--as-child"], {"JIANZAI_APP_DATABASE_URL": where.app_url})


def worker(*, as_child: AsChild = False) -> None:
    """Run one worker: decide submissions and visits until told to stop.

    Ctrl-C or SIGTERM ends it after the case that it is deciding.
    """
    settings = Settings()
    logging.configure(settings.log_level)
    if as_child:
        stop_with_parent()
    ModelStore(settings.models_folder).verify()
    with StopSignals() as stop, container.database(settings) as where:
        if stop.asked:
            return
        backend = container.build_backend(settings, where.app_url)
        try:
            _work(settings, backend, where.app_url, is_quiet=as_child)
        finally:
            backend.close()


def _work(settings: Settings, backend: Backend, url: str, *, is_quiet: bool) -> None:
    app = worker_app(url)
    register_tasks(app, backend)
    pace = Pace(
        heartbeat_s=settings.worker_heartbeat_s, stalled_after_s=settings.worker_stalled_after_s
    )
    try:
        run_worker(
            app,
            pace=pace,
            on_ready=None if is_quiet else partial(err.print, "the worker is ready"),
            on_given_up=partial(on_given_up, backend),
            chores=chores(settings, backend),
        )
    except ConnectorException as error:
        raise CannotStart("the database does not answer the worker") from error


def migrate() -> None:
    """Create the database, the application role and all tables, or bring them up to date.

    Needs the owner's address in JIANZAI_DATABASE_URL; the embedded database needs nothing.
    """
    settings = Settings()
    container.migrate_configured(settings)
    err.print("The database is up to date.")
