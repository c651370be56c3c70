"""What a worker does beside its jobs."""

import asyncio
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from app.chores import chores
from app.settings import Settings
from domain.audit import AuditAction
from services.audit_trail import verify_chains
from storage.audit.anchors import read_anchors
from storage.jobs.queue import JobQueue
from tests.backend_world import add_places, console, make_backend
from tests.clock import FixedClock
from worker.chores import Chore, repeat


def work(chore: Chore, seconds: float) -> None:
    async def some_time() -> None:
        task = asyncio.create_task(repeat(chore))
        await asyncio.sleep(seconds)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(some_time())


def test_a_chore_is_done_at_the_start_and_at_the_stop() -> None:
    done: list[int] = []
    work(Chore(name="c", every_s=60, work=lambda: done.append(1), at_stop=True), 0.2)
    assert len(done) == 2


def test_a_chore_that_fails_is_tried_again() -> None:
    tried: list[int] = []

    def fail() -> None:
        tried.append(1)
        raise OSError

    work(Chore(name="c", every_s=0.05, work=fail), 0.4)
    assert len(tried) >= 3


def test_the_heads_of_all_chains_are_anchored(
    sessions: sessionmaker[Session], queue: JobQueue, clock: FixedClock, tmp_path: Path
) -> None:
    backend = make_backend(sessions, queue, clock, tmp_path)
    settings = Settings(home=tmp_path)
    add_places(backend)
    caller = console()
    with backend.unit(caller.actor, caller.scope) as unit:
        unit.audit(AuditAction.CONSENT_RECORDED, consent="c1")
    (anchor,) = (c for c in chores(settings, backend) if c.name == "anchor")
    anchor.work()
    assert [a.chain for a in read_anchors(settings.anchors_path)] == ["990101"]
    assert verify_chains(sessions, settings.anchors_path).is_intact
    assert anchor.at_stop


@pytest.mark.parametrize(("age", "left"), [(timedelta(hours=2), 0), (timedelta(0), 1)])
def test_what_killed_writers_left_is_swept_once_it_is_old(
    sessions: sessionmaker[Session], queue: JobQueue, tmp_path: Path, age: timedelta, left: int
) -> None:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    backend = make_backend(sessions, queue, FixedClock(now), tmp_path)
    draft = tmp_path / "objects" / "evidence" / "ab" / ".abab.1234.draft"
    draft.parent.mkdir(parents=True)
    draft.write_bytes(b"half")
    moment = (now - age).timestamp()
    os.utime(draft, (moment, moment))
    (sweep,) = (c for c in chores(Settings(home=tmp_path), backend) if c.name == "sweep")
    sweep.work()
    assert len(list(draft.parent.iterdir())) == left
