"""The one PostgreSQL of a test run: started on first need, stopped and removed at the end.

With `TEST_DATABASE_URL` (a role that may create databases and roles) its server is used instead,
in databases of our own that are dropped at the end. No other configured database is ever touched.
"""

import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import sqlalchemy as sa

from storage.db import embedded
from storage.db.embedded import APP_ROLE
from storage.db.engine import normal_url
from storage.db.migrate import migrate

RUN_FOLDER = "JIANZAI_TEST_RUN_FOLDER"
PREFIX = "jianzai-tests-"
APP_PASSWORD = "only-for-tests"
FAST = ("fsync", "synchronous_commit", "full_page_writes")
"""Safety against power loss, which a test run does not need."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """A migrated database. `owner_url` may change its tables, `app_url` is for the product."""

    name: str
    owner_url: str
    app_url: str


def open_run() -> None:
    """Name this run's folder, for the workers of the run as well."""
    _sweep()
    os.environ[RUN_FOLDER] = tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-")


def close_run() -> None:
    """Leave nothing behind: no server, no database, no folder."""
    folder = Path(os.environ.pop(RUN_FOLDER))
    if (folder / "server.json").exists():
        _drop_databases(folder)
    _remove(folder)


def worker_database(worker: str) -> Database:
    """A fresh migrated database for one worker of the run (`gw0`, `main`, ...)."""
    folder = Path(os.environ[RUN_FOLDER])
    with _only_one(folder):
        server = _server(folder)
        template = _named(server, f"{server['prefix']}_template")
        name = f"{server['prefix']}_{worker}"
        with _admin(server["owner_url"]) as connection:
            if not _exists(connection, template.name):
                migrate(template.owner_url, app_password=server["app_password"])
            connection.exec_driver_sql(f'create database "{name}" template "{template.name}"')
    return _named(server, name)


def empty_database(worker: str, name: str) -> Database:
    """A database without a schema, for tests of the migrations; drop it with `drop_database`."""
    folder = Path(os.environ[RUN_FOLDER])
    with _only_one(folder):
        server = _server(folder)
    database = _named(server, f"{server['prefix']}_{worker}_{name}")
    with _admin(server["owner_url"]) as connection:
        connection.exec_driver_sql(f'create database "{database.name}"')
    return database


def drop_database(database: Database) -> None:
    with _admin(database.owner_url) as connection:
        connection.exec_driver_sql(f'drop database if exists "{database.name}" with (force)')


def _server(folder: Path) -> dict[str, str]:
    said = folder / "server.json"
    if not said.exists():
        said.write_text(json.dumps(_start(folder)))
    found: dict[str, str] = json.loads(said.read_text())
    return found


def _start(folder: Path) -> dict[str, str]:
    given = os.environ.get("TEST_DATABASE_URL")
    prefix = folder.name.replace("-", "_").lower()
    if given:
        return {"owner_url": normal_url(given), "app_password": APP_PASSWORD, "prefix": prefix}
    server = embedded.start(folder / "pg")
    with _admin(server.url(embedded.SUPERUSER, "postgres")) as connection:
        for setting in FAST:
            connection.exec_driver_sql(f"alter system set {setting} = off")
        connection.exec_driver_sql("select pg_reload_conf()")
    return {"owner_url": server.owner_url("postgres"), "app_password": "", "prefix": prefix}


def _named(server: dict[str, str], name: str) -> Database:
    owner = sa.make_url(server["owner_url"]).set(database=name)
    app = owner.set(username=APP_ROLE, password=server["app_password"] or None)
    return Database(name=name, owner_url=_text(owner), app_url=_text(app))


def _text(url: sa.URL) -> str:
    return url.render_as_string(hide_password=False)


@contextmanager
def _admin(url: str) -> Iterator[sa.Connection]:
    engine = sa.create_engine(
        sa.make_url(url).set(database="postgres"),
        poolclass=sa.NullPool,
        isolation_level="AUTOCOMMIT",
    )
    with engine.connect() as connection:
        yield connection


def _exists(connection: sa.Connection, name: str) -> bool:
    found = connection.scalar(sa.text("select 1 from pg_database where datname = :n"), {"n": name})
    return found is not None


def _drop_databases(folder: Path) -> None:
    """On a borrowed server only: our own goes as a whole."""
    if (folder / "pg").exists():
        return
    server = _server(folder)
    with _admin(server["owner_url"]) as connection:
        names = connection.scalars(
            sa.text("select datname from pg_database where starts_with(datname, :prefix)"),
            {"prefix": server["prefix"]},
        ).all()
        for name in names:
            connection.exec_driver_sql(f'drop database if exists "{name}" with (force)')


def _sweep() -> None:
    """Clear up after runs that were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        pid = folder.name.removeprefix(PREFIX).split("-")[0]
        if (
            pid.isdigit()
            and not psutil.pid_exists(int(pid))
            and folder.stat().st_uid == os.getuid()
        ):
            _remove(folder)


def _remove(folder: Path) -> None:
    if (folder / "pg" / "postmaster.pid").exists():
        embedded.start(folder / "pg").stop()
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
