"""The job queue in the same database: jobs join the business transaction (ADR 0004)."""

from typing import Any

import sqlalchemy as sa
from procrastinate import App, PsycopgConnector, SyncPsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued
from sqlalchemy.orm import Session

from storage.db.engine import libpq_url


class JobQueue:
    """Defers jobs on a caller's own connection, so that job and rows commit together."""

    def __init__(self) -> None:
        # It never opens a pool: every job goes out on the connection of its unit of work.
        self._app = App(connector=SyncPsycopgConnector())

    def defer(self, session: Session, task: str, *, key: str, **args: str) -> bool:
        """Put `task` on the queue; False when a job with the same `key` already waits.

        `args` are ids only: the queue's tables are not behind row security.
        """
        try:
            # The savepoint keeps a refused duplicate from spoiling the transaction; the connection
            # is taken inside it, because the savepoint is only sent on first use.
            with session.begin_nested():
                connection = session.connection().connection.driver_connection
                self._app.configure_task(
                    task, queueing_lock=key, allow_unknown=True, connection=connection
                ).defer(**args)
        except AlreadyEnqueued:
            return False
        return True


def worker_app(url: str) -> Any:
    """Return the queue as a worker runs it, on its own connections. `url` is SQLAlchemy's."""
    return App(connector=PsycopgConnector(conninfo=libpq_url(url), min_size=1, max_size=4))


def waiting(session: Session) -> int:
    """How many jobs wait to be done."""
    query = sa.text("select count(*) from procrastinate_jobs where status = 'todo'")
    return session.scalar(query) or 0
