"""A worker outlives its database."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.db import embedded
from storage.db.engine import make_engine, make_sessions
from storage.db.migrate import migrate
from storage.jobs.queue import JobQueue
from tests.worker.process import Victim

pytestmark = pytest.mark.db
OUTAGE_S = 2.0


@pytest.fixture
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="jianzai-outage-"))
    yield path
    if (path / "postmaster.pid").exists():
        embedded.start(path).stop()
    shutil.rmtree(path)


def defer(url: str, seconds: str) -> None:
    engine = make_engine(url, pool_size=1)
    with make_sessions(engine)() as session, session.begin():
        JobQueue().defer(session, "slow", key=seconds, seconds=seconds)
    engine.dispose()


def test_a_worker_waits_for_its_database_and_goes_on(folder: Path) -> None:
    server = embedded.start(folder)
    migrate(server.owner_url())
    url = server.app_url()
    victim = Victim(url, "never")
    try:
        victim.hears("ready")
        defer(url, "0")
        victim.hears("ended")

        server.stop()
        time.sleep(OUTAGE_S)
        embedded.start(folder)

        defer(url, "0.1")
        victim.hears("ended")
        assert victim.end() == 0
    finally:
        victim.close()
