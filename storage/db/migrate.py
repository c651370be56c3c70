"""Bring a database to the newest schema: database, role, tables, walls, queue."""

from pathlib import Path

import psycopg.errors
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
    """Create what is missing and upgrade to head. Safe to repeat, and to run twice at once.

    `app_password` is set for the application role when given; the embedded server needs none.
    """
    ensure_database(owner_url)
    engine = sa.create_engine(owner_url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        ensure_app_role(connection, app_password)
    command.upgrade(alembic_config(owner_url), "head")


def ensure_database(owner_url: str) -> None:
    """Create the database that `owner_url` names, when the server lacks it."""
    url = sa.make_url(owner_url)
    admin = sa.create_engine(
        url.set(database="postgres"), poolclass=sa.NullPool, isolation_level="AUTOCOMMIT"
    )
    with admin.connect() as connection:
        there = connection.scalar(
            sa.text("select 1 from pg_database where datname = :name"), {"name": url.database}
        )
        if there:
            return
        try:
            connection.execute(sa.text(f'create database "{url.database}"'))
        except sa.exc.DBAPIError as error:
            # Another process of the same start-up was first; the server says so in two ways.
            twice = (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation)
            if not isinstance(error.orig, twice):
                raise


def ensure_app_role(connection: sa.Connection, password: str | None) -> None:
    """Create the role that the product runs as: owns nothing, bypasses nothing."""
    connection.exec_driver_sql(
        "do $$ begin"
        f" if not exists (select from pg_roles where rolname = '{APP_ROLE}') then"
        f" create role {APP_ROLE} login nosuperuser nobypassrls nocreatedb nocreaterole;"
        " end if;"
        " exception when duplicate_object or unique_violation then null; end $$"
    )
    if password:
        _set_password(connection, password)


def _set_password(connection: sa.Connection, password: str) -> None:
    quote = "select format('alter role %I password %L', cast(:role as text), cast(:said as text))"
    statement = connection.scalar(sa.text(quote), {"role": APP_ROLE, "said": password})
    # Past SQLAlchemy, which would read a colon or a percent sign as a parameter.
    connection.connection.cursor().execute(statement)
