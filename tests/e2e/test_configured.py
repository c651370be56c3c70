"""With a database of one's own: `migrate` as the owner, the rest as a role that owns nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests import db_server
from tests.db_server import Database
from tests.e2e import server
from tests.e2e.server import Command, wait_until_ready

pytestmark = [pytest.mark.db, pytest.mark.e2e, pytest.mark.faces, pytest.mark.slow]


@pytest.fixture
def folder() -> Iterator[Path]:
    with server.home() as made:
        yield made


@pytest.fixture
def empty(worker_name: str) -> Iterator[Database]:
    database = db_server.empty_database(worker_name, "configured")
    yield database
    db_server.drop_database(database)


def run(folder: Path, *arguments: object, **env: str) -> Command:
    own = {"JIANZAI_HOME": str(folder), "JIANZAI_PORT": "0"}
    command = Command(folder, {**own, **env}, *arguments)
    command.child.wait(60)
    return command


def as_app(database: Database) -> dict[str, str]:
    return {"JIANZAI_APP_DATABASE_URL": database.app_url}


def as_owner(database: Database) -> dict[str, str]:
    password = str(sa.make_url(database.app_url).password or "")
    return {
        "JIANZAI_DATABASE_URL": database.owner_url,
        "JIANZAI_APP_DATABASE_PASSWORD": password,
    }


def refused(command: Command) -> str:
    """The one line that a refused command says."""
    assert command.child.returncode == 1, command.said()
    said = command.said().removeprefix("starting …\n")
    assert said.count("\n") == 1, said
    return said


def test_migrate_twice_then_serve_as_the_application_role(folder: Path, empty: Database) -> None:
    for _ in range(2):
        migrated = run(folder, "migrate", **as_owner(empty))
        assert migrated.child.returncode == 0, migrated.said()
    port = server.free_port()
    env = {"JIANZAI_HOME": str(folder), **as_app(empty)}
    served = Command(folder, env, "serve", "--host", "127.0.0.1", "--port", port)
    try:
        wait_until_ready(f"http://127.0.0.1:{port}", served)
        assert len(served.family()) == 1  # a worker is a service of its own here
        assert served.stop() == 0
    finally:
        served.close()
    assert not (folder / "postgres").exists()


def test_a_database_without_tables_names_the_command_that_makes_them(
    folder: Path, empty: Database
) -> None:
    run(folder, "migrate", **as_owner(empty))
    owner = sa.create_engine(empty.owner_url)
    with owner.begin() as connection:
        connection.exec_driver_sql("drop schema public cascade; create schema public")
    owner.dispose()
    assert "run `jianzai migrate`" in refused(run(folder, "serve", "--port", 0, **as_app(empty)))


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_nothing_runs_as_the_owner_of_the_tables(
    folder: Path, empty: Database, command: str
) -> None:
    run(folder, "migrate", **as_owner(empty))
    said = refused(run(folder, command, JIANZAI_APP_DATABASE_URL=empty.owner_url))
    assert "give it the application role" in said


@pytest.mark.parametrize("command", ["serve", "worker", "migrate"])
def test_a_database_that_does_not_answer_is_said_without_its_password(
    folder: Path, command: str
) -> None:
    nowhere = f"postgresql://jianzai_app:S3cr3t@127.0.0.1:{server.free_port()}/jianzai"
    env = {"JIANZAI_DATABASE_URL": nowhere, "JIANZAI_APP_DATABASE_URL": nowhere}
    said = refused(run(folder, command, **env))
    assert "cannot use postgresql+psycopg://jianzai_app:***@127.0.0.1" in said
    assert "S3cr3t" not in said


def test_without_the_application_roles_address_nothing_starts(
    folder: Path, empty: Database
) -> None:
    said = refused(run(folder, "serve", "--port", 0, **as_owner(empty)))
    assert "JIANZAI_APP_DATABASE_URL is missing" in said


def test_serve_alone_never_makes_a_key_ring(folder: Path, empty: Database) -> None:
    run(folder, "migrate", **as_owner(empty))
    (folder / "keyring.json").unlink()
    refused(run(folder, "serve", "--port", 0, **as_app(empty)))
    assert not (folder / "keyring.json").exists()
