"""Alembic's entry: one migration at a time (advisory lock), and never a long wait for a lock."""

import sqlalchemy as sa
from alembic import context

from storage.db.models import Base
from storage.db.scope import QUEUE_PREFIX

MIGRATION_LOCK = 7_011_958


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """Leave the queue's tables to the queue when the metadata is compared."""
    return not (kind == "table" and (name or "").startswith(QUEUE_PREFIX))


def run(connection: sa.Connection) -> None:
    connection.execute(sa.text("select pg_advisory_lock(:key)"), {"key": MIGRATION_LOCK})
    # After the queue of migrations, so that only tables in use make one give up.
    connection.execute(sa.text("set lock_timeout = '4s'"))
    connection.commit()
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        compare_type=True,
        include_name=is_ours,
    )
    try:
        with context.begin_transaction():
            context.run_migrations()
    finally:
        connection.execute(sa.text("select pg_advisory_unlock(:key)"), {"key": MIGRATION_LOCK})
        connection.commit()


def run_on_own_connection() -> None:
    # No pool: a connection left open would keep the database from serving as a template.
    url = context.config.get_main_option("sqlalchemy.url") or ""
    with sa.create_engine(url, poolclass=sa.NullPool).connect() as connection:
        run(connection)


given = context.config.attributes.get("connection")
if given is None:
    run_on_own_connection()
else:
    run(given)
