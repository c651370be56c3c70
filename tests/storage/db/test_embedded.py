"""The server that Jianzai brings along: started twice, stopped, killed, and found again."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import sqlalchemy as sa

from storage.db import embedded
from storage.db.embedded import EmbeddedServer
from storage.db.migrate import ensure_database

pytestmark = pytest.mark.db


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not pytest's own: its path would be too long for a socket."""
    path = Path(tempfile.mkdtemp(prefix="jianzai-embedded-"))
    yield path
    if (path / "pg" / "postmaster.pid").exists():
        embedded.start(path / "pg").stop()
    shutil.rmtree(path)


def ask(server: EmbeddedServer, sql: str) -> object:
    engine = sa.create_engine(server.owner_url("postgres"), poolclass=sa.NullPool)
    with engine.connect() as connection:
        found: object = connection.scalar(sa.text(sql))
    return found


def kill(process: psutil.Process) -> None:
    """Return when it is dead, buried or not."""
    process.kill()
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.01)


def test_it_starts_stops_and_starts_again_with_its_rows(folder: Path) -> None:
    server = embedded.start(folder / "pg")
    ensure_database(server.owner_url("kept"))

    server.stop()
    again = embedded.start(folder / "pg")

    assert ask(again, "select count(*) from pg_database where datname = 'kept'") == 1
    again.stop()
    assert not (folder / "pg" / "postmaster.pid").exists()


def test_a_folder_that_cannot_hold_a_server_is_named(folder: Path) -> None:
    (folder / "pg").mkdir()
    (folder / "pg" / "stray").touch()

    with pytest.raises(RuntimeError, match="did not start"):
        embedded.start(folder / "pg")


def test_a_second_start_joins_the_running_server(folder: Path) -> None:
    first = embedded.start(folder / "pg")
    began = ask(first, "select pg_postmaster_start_time()")

    second = embedded.start(folder / "pg")

    assert ask(second, "select pg_postmaster_start_time()") == began


def test_a_killed_server_comes_up_again(folder: Path) -> None:
    server = embedded.start(folder / "pg")
    kill(psutil.Process(server.handle.get_pid()))

    again = embedded.start(folder / "pg")

    assert ask(again, "select 1") == 1


def test_a_pid_that_now_belongs_to_another_program_is_not_taken_for_the_server(
    folder: Path,
) -> None:
    server = embedded.start(folder / "pg")
    pid_file = folder / "pg" / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    server.stop()
    pid_file.write_text("\n".join([str(psutil.Process().pid), *lines[1:]]))

    again = embedded.start(folder / "pg")

    assert ask(again, "select 1") == 1


def test_it_listens_on_no_network_address(folder: Path) -> None:
    server = embedded.start(folder / "pg")

    assert ask(server, "show listen_addresses") == ""
    assert not psutil.Process(server.handle.get_pid()).net_connections(kind="inet")
    assert (folder / "pg").stat().st_mode & 0o077 == 0


def test_the_owner_of_the_schema_is_no_superuser(folder: Path) -> None:
    server = embedded.start(folder / "pg")

    assert (
        ask(server, "select rolsuper or rolbypassrls from pg_roles where rolname = current_user")
        is False
    )


def test_a_path_too_long_for_a_private_socket_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="too long"):
        embedded.start(tmp_path / ("x" * 90))
    assert not any(tmp_path.iterdir())
