"""Whether a database is one that the product can run on, found out before anything is started."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from storage.db.scope import ALL

CONNECT_S = 5


class DatabaseUnfit(Exception):  # noqa: N818 - a state, named as it is said
    """The product must not, or cannot, run on this database; one line, fit to print."""


def check_application_role(url: str) -> None:
    """Raise `DatabaseUnfit` unless tables are there and `url` logs in as one that owns none."""
    with _looking(url) as connection:
        owned = connection.execute(sa.text(_OWNED)).one_or_none()
    if owned is None:
        raise DatabaseUnfit("the database has no tables yet: run `jianzai migrate`")
    if owned.may_too_much:
        raise DatabaseUnfit(
            "JIANZAI_APP_DATABASE_URL logs in as an owner or superuser, whom the row walls do"
            " not bind: give it the application role"
        )


# From the catalogue, which also a role sees that may not yet enter the schema.
_OWNED = """
select role.rolsuper or role.rolbypassrls or pg_has_role(tables.relowner, 'member') as may_too_much
from pg_roles role, pg_class tables
where role.rolname = current_user and tables.relname = 'attempts'
  and tables.relnamespace = to_regnamespace('public')
"""


def holds_sealed_rows(owner_url: str) -> bool:
    """Whether anything in the database can only be read with the key ring that sealed it."""
    with _looking(owner_url) as connection:
        if connection.scalar(sa.text("select to_regclass('public.data_keys')")) is None:
            return False
        connection.execute(sa.text("select set_config('jianzai.scope', :all, true)"), {"all": ALL})
        return bool(connection.scalar(sa.text("select exists (select from data_keys)")))


@contextmanager
def _looking(url: str) -> Iterator[sa.Connection]:
    engine = sa.create_engine(
        url, poolclass=sa.NullPool, connect_args={"connect_timeout": CONNECT_S}
    )
    try:
        with engine.connect() as connection:
            yield connection
    except sa.exc.OperationalError as error:
        raise unreachable(url, error) from error


def unreachable(url: str, error: sa.exc.OperationalError) -> DatabaseUnfit:
    """Say without a password which database does not answer, and what it said."""
    shown = sa.make_url(url).render_as_string(hide_password=True)
    said = str(error.orig).strip().splitlines()
    return DatabaseUnfit(f"cannot use {shown}: {said[-1] if said else 'no answer'}")
