"""Fixtures that every test may use.

A test that asks for `sessions` is rolled back at its end. A test marked `committing` really
commits (locks, queues, chains, other processes); its database is emptied afterwards.
"""

import os
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from hypothesis import settings
from sqlalchemy.orm import Session, sessionmaker

from storage.db.engine import make_engine, make_sessions
from storage.jobs.queue import JobQueue
from tests import db_server
from tests.clock import FixedClock
from tests.db_server import Database

pytest_plugins = ["tests.backend_world", "tests.certification_world", "tests.phone_world"]

POOL_SIZE = 20
KEPT = ("alembic_version",)
# How long an example takes says how busy the machine is, and nothing of the code.
settings.register_profile("jianzai", deadline=None)
settings.load_profile("jianzai")


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        db_server.open_run()


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        db_server.close_run()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "_database" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.db)


@pytest.fixture
def clock() -> FixedClock:
    """Stands at nine in the morning of 2 March 2026 in Shanghai until the test moves it."""
    return FixedClock(datetime(2026, 3, 2, 1, 0, tzinfo=UTC))


@pytest.fixture(scope="session")
def queue() -> JobQueue:
    return JobQueue()


@pytest.fixture(scope="session")
def worker_name() -> str:
    """Tell apart what parallel workers of one run make."""
    return os.environ.get("PYTEST_XDIST_WORKER", "main")


@pytest.fixture(scope="session")
def _database(worker_name: str) -> Database:
    return db_server.worker_database(worker_name)


@pytest.fixture(scope="session")
def _app_engine(_database: Database) -> Iterator[sa.Engine]:
    engine = make_engine(_database.app_url, pool_size=POOL_SIZE)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def owner_engine(_database: Database) -> Iterator[sa.Engine]:
    """The owner of the tables, who sees all rows and may tamper; commit only when `committing`."""
    engine = sa.create_engine(
        _database.owner_url, connect_args={"options": "-c timezone=UTC -c jianzai.scope=*"}
    )
    yield engine
    engine.dispose()


@pytest.fixture
def _emptied(request: pytest.FixtureRequest, owner_engine: sa.Engine) -> Iterator[None]:
    yield
    if request.node.get_closest_marker("committing"):
        _empty(owner_engine)


@pytest.fixture
def database(request: pytest.FixtureRequest, _database: Database, _emptied: None) -> Database:
    """The addresses for the owner and for the application role. For `committing` tests only."""
    if not request.node.get_closest_marker("committing"):
        pytest.fail("whoever has the database's address can commit: mark the test `committing`")
    return _database


@pytest.fixture
def sessions(
    request: pytest.FixtureRequest, _app_engine: sa.Engine, _emptied: None
) -> Iterator[sessionmaker[Session]]:
    """Sessions as the application role: on one rolled-back connection unless `committing`."""
    if request.node.get_closest_marker("committing"):
        yield make_sessions(_app_engine)
        return
    with _app_engine.connect() as connection:
        outer = connection.begin()
        yield sessionmaker(
            connection, expire_on_commit=False, join_transaction_mode="create_savepoint"
        )
        outer.rollback()


def _empty(owner_engine: sa.Engine) -> None:
    tables = sa.text("select tablename from pg_tables where schemaname = 'public'")
    with owner_engine.begin() as connection:
        connection.exec_driver_sql("set local lock_timeout = '10s'")
        names = [name for name in connection.scalars(tables) if name not in KEPT]
        connection.exec_driver_sql(f"truncate {', '.join(names)} restart identity")
