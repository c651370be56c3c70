"""What the reaper does with each kind of job it finds."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from procrastinate.jobs import Job

from storage.jobs.queue import worker_app
from tests.db_server import Database
from worker.reaper import reap
from worker.retries import BACK_OFF, TRIES, is_last_try

pytestmark = pytest.mark.committing
STALLED_AFTER_S = 20.0


class Yard:
    """A queue without a running worker: jobs are fetched by hand."""

    def __init__(self, app: Any, owner: sa.Engine) -> None:
        self.app = app
        self.owner = owner
        self.given_up: list[int | None] = []

    async def defer(self, key: str = "k") -> None:
        await self.app.configure_task("decide", queueing_lock=key, allow_unknown=True).defer_async(
            attempt="a-1"
        )

    async def fetch(self, *, silent_for_s: float = 0.0) -> None:
        """Take the next job as a worker that has been silent for so long."""
        worker = await self.app.job_manager.register_worker()
        assert await self.app.job_manager.fetch_job(queues=None, worker_id=worker)
        with self.owner.begin() as owner:
            owner.execute(
                sa.text(
                    "update procrastinate_workers"
                    " set last_heartbeat = now() - make_interval(secs => :s) where id = :id"
                ),
                {"s": silent_for_s, "id": worker},
            )

    async def reap(self) -> int:
        async def give_up(job: Job) -> None:
            self.given_up.append(job.id)

        return await reap(self.app, stalled_after_s=STALLED_AFTER_S, give_up=give_up)

    def jobs(self) -> list[tuple[str, int]]:
        sql = "select status::text, attempts from procrastinate_jobs order by id"
        with self.owner.connect() as owner:
            return [(row.status, row.attempts) for row in owner.execute(sa.text(sql))]


@pytest.fixture
def in_yard(
    database: Database, owner_engine: sa.Engine
) -> Callable[[Callable[[Yard], Awaitable[None]]], Yard]:
    def run(story: Callable[[Yard], Awaitable[None]]) -> Yard:
        yard = Yard(worker_app(database.app_url), owner_engine)

        async def told() -> None:
            async with yard.app.open_async():
                await story(yard)

        asyncio.run(told())
        return yard

    return run


Run = Callable[[Callable[[Yard], Awaitable[None]]], Yard]


def test_a_job_of_a_silent_worker_is_put_back_at_once(in_yard: Run) -> None:
    async def story(yard: Yard) -> None:
        await yard.defer()
        await yard.fetch(silent_for_s=STALLED_AFTER_S + 1)
        assert await yard.reap() == 1
        await yard.fetch()  # it is due now

    assert in_yard(story).jobs() == [("doing", 1)]


def test_a_job_of_a_worker_heard_of_lately_is_left_alone(in_yard: Run) -> None:
    async def story(yard: Yard) -> None:
        await yard.defer()
        await yard.fetch(silent_for_s=STALLED_AFTER_S - 5)
        assert await yard.reap() == 0

    assert in_yard(story).jobs() == [("doing", 0)]


def test_a_job_whose_worker_is_not_even_listed_is_put_back(in_yard: Run) -> None:
    async def story(yard: Yard) -> None:
        await yard.defer()
        await yard.fetch()
        with yard.owner.begin() as owner:
            owner.execute(sa.text("delete from procrastinate_workers"))
        assert await yard.reap() == 1

    assert in_yard(story).jobs() == [("todo", 1)]


def test_the_third_death_is_the_last(in_yard: Run) -> None:
    async def story(yard: Yard) -> None:
        await yard.defer()
        for _ in range(TRIES):
            assert yard.given_up == []
            await yard.fetch(silent_for_s=STALLED_AFTER_S + 1)
            assert await yard.reap() == 1
        assert await yard.reap() == 0

    yard = in_yard(story)
    assert yard.jobs() == [("failed", TRIES)]
    assert yard.given_up == [1]


def test_a_stalled_job_steps_aside_for_its_twin_that_waits(in_yard: Run) -> None:
    async def story(yard: Yard) -> None:
        await yard.defer("same")
        await yard.fetch(silent_for_s=STALLED_AFTER_S + 1)
        await yard.defer("same")
        await yard.reap()
        assert await yard.reap() == 0

    assert in_yard(story).jobs() == [("aborted", 1), ("todo", 0)]


def test_reapers_that_meet_put_a_job_back_once(in_yard: Run) -> None:
    async def story(yard: Yard) -> None:
        for number in range(10):
            await yard.defer(f"k{number}")
            await yard.fetch(silent_for_s=STALLED_AFTER_S + 1)
        await asyncio.gather(*(yard.reap() for _ in range(3)))

    assert in_yard(story).jobs() == [("todo", 1)] * 10


def test_a_failing_job_waits_longer_each_time_and_then_no_more() -> None:
    tries = [
        BACK_OFF.get_retry_decision(
            exception=ValueError(),
            job=Job(
                id=1, queue="q", lock=None, queueing_lock=None, task_name="t", attempts=attempts
            ),
        )
        for attempts in range(TRIES)
    ]

    now = datetime.now(UTC)  # noqa: TID251 - the strategy reads the real clock
    waits = [one.retry_at - now for one in tries if one is not None and one.retry_at is not None]
    assert [round(wait / timedelta(seconds=1)) for wait in waits] == [5, 25]
    assert tries[-1] is None
    assert [is_last_try(attempts) for attempts in range(TRIES)] == [False, False, True]
