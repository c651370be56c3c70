"""Engines. The pool is as large as the server's thread pool, or requests fail under load."""

import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

THREADS = 40
"""Starlette's default thread pool: one connection a thread, none waiting (measured: pool 5 lost
40 of 60 parallel requests)."""


OPTIONS = (
    "-c timezone=UTC -c statement_timeout=60000"
    # A process that hangs in the middle of an act keeps its locks: the database ends it first.
    " -c idle_in_transaction_session_timeout=120000"
)


def make_engine(url: str, *, pool_size: int = THREADS) -> sa.Engine:
    return sa.create_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=10,
        pool_pre_ping=True,
        hide_parameters=True,  # an error message must not carry what somebody is called
        connect_args={"options": OPTIONS},
    )


def make_sessions(engine: sa.Engine) -> sessionmaker[Session]:
    return sessionmaker(engine, expire_on_commit=False)


def normal_url(url: str) -> str:
    """Accept `postgres://` and `postgresql://` as operators write them; we speak psycopg 3."""
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def libpq_url(url: str) -> str:
    """Return the address as plain libpq wants it (the job queue opens its own connections)."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)
