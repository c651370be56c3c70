"""Stops the product at an exact place: a lock of the test's own, and a look at who waits."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from storage.db.engine import libpq_url
from tests.db_server import Database
from tests.e2e.server import until

WAITING = """
select count(*) from pg_stat_activity
where datname = current_database() and wait_event_type = 'Lock'
"""
SEES_ALL = "-c jianzai.scope=*"
END_WAITING = WAITING.replace("count(*)", "pg_terminate_backend(pid)")


class Observer:
    """Looks as the application role, whose sessions it may see; locks as the tables' owner."""

    def __init__(self, database: Database) -> None:
        self._owner = libpq_url(database.owner_url)
        self._eye = psycopg.connect(libpq_url(database.app_url), autocommit=True, options=SEES_ALL)

    def close(self) -> None:
        self._eye.close()

    def count(self, query: str, *given: object) -> int:
        row = self._eye.execute(query, given).fetchone()
        assert row is not None
        return int(row[0])

    def waits_for(self, query: str, *given: object) -> None:
        """Wait until `query` counts something."""
        until(lambda: self.count(query, *given), query)

    def waits_for_blocked(self, sessions: int = 1) -> None:
        """Wait until so many sessions of the product stand before a lock."""
        until(lambda: self.count(WAITING) >= sessions, f"{sessions} sessions wait for a lock")

    def forgets_clips(self) -> None:
        """Keep no fingerprint: here one film answers for everybody, which is seen otherwise."""
        with psycopg.connect(self._owner, autocommit=True) as owner:
            owner.execute(
                "create function forget() returns trigger language plpgsql as"
                " 'begin return null; end';"
                " create trigger forget before insert on clips"
                " for each row execute function forget()"
            )

    def end_blocked(self) -> None:
        """Cut off whoever waits, so that what it asked for never happens."""
        self._eye.execute(END_WAITING)

    @contextmanager
    def holding(self, statement: str, *given: object) -> Iterator[None]:
        """Hold what `statement` locks until the block ends."""
        with psycopg.connect(self._owner, options=SEES_ALL) as connection:
            connection.execute("set local lock_timeout = '20s'")
            connection.execute(statement, given)
            yield
            connection.rollback()


def no_writes_to(table: str) -> str:
    return f"lock table {table} in share mode"


def no_reading_of(table: str) -> str:
    return f"lock table {table} in access exclusive mode"


def no_commit_in(county: str) -> str:
    """The county's chain is locked last of all: who waits for it has written all the rest."""
    return f"select pg_advisory_xact_lock(hashtextextended('audit:{county}', 0))"
