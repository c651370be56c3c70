"""Bring a database to the newest schema: database, role, tables, walls, queue."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from storage.db.embedded import APP_ROLE

SCRIPTS = Path(__file__).parent / "migrations"


def alembic_config(owner_url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.set_main_option("sqlalchemy.url", owner_url.replace("%", "%%"))
    return config


def migrate(owner_url: str, *, app_password: str | None = None) -> None:
    """Create what is missing and upgrade to head. Safe to repeat.

    `app_password` is set for the application role when given; the embedded server needs none.
    """
    ensure_database(owner_url)
    engine = sa.create_engine(owner_url)
    try:
        with engine.begin() as connection:
            ensure_app_role(connection, app_password)
        command.upgrade(alembic_config(owner_url), "head")
    finally:
        engine.dispose()


def ensure_database(owner_url: str) -> None:
    """Create the database that `owner_url` names, when the server lacks it."""
    url = sa.make_url(owner_url)
    admin = sa.create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    try:
        with admin.connect() as connection:
            there = connection.scalar(
                sa.text("select 1 from pg_database where datname = :name"), {"name": url.database}
            )
            if not there:
                connection.execute(sa.text(f'create database "{url.database}"'))
    finally:
        admin.dispose()


def ensure_app_role(connection: sa.Connection, password: str | None) -> None:
    """Create the role that the product runs as: owns nothing, bypasses nothing."""
    there = connection.scalar(
        sa.text("select 1 from pg_roles where rolname = :role"), {"role": APP_ROLE}
    )
    if not there:
        connection.execute(
            sa.text(f"create role {APP_ROLE} login nosuperuser nobypassrls nocreatedb nocreaterole")
        )
    if password:
        quoted = password.replace("'", "''")
        connection.exec_driver_sql(f"alter role {APP_ROLE} password '{quoted}'")
