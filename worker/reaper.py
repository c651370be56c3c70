"""Finds jobs whose worker died in the middle and has them run again (ADR 0004).

A worker that is killed leaves its job `doing` for ever; nobody else would touch it. Every worker
runs a reaper. Two reapers may meet at one job: the second finds it no longer `doing`.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import structlog
from procrastinate import App
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import Job, Status

from worker.retries import is_last_try

log = structlog.get_logger("worker.reaper")

AT_ONCE = datetime(2000, 1, 1, tzinfo=UTC)
"""A past moment: due now, by whatever clock the database keeps."""


async def reap_for_ever(
    app: App, *, every_s: float, stalled_after_s: float, give_up: Callable[[Job], Awaitable[None]]
) -> None:
    """Reap until cancelled. A database that is away for a while is waited for."""
    while True:
        try:
            await reap(app, stalled_after_s=stalled_after_s, give_up=give_up)
        except ConnectorException as error:
            log.warning("reaper.database_away", error_type=type(error).__name__)
        await asyncio.sleep(every_s)


async def reap(
    app: App, *, stalled_after_s: float, give_up: Callable[[Job], Awaitable[None]]
) -> int:
    """Put each job of a dead worker back on the queue, or give it up after its last try.

    A worker is dead when it has not given a sign for `stalled_after_s`. A job that kills its
    worker each time is given up too. Returns the number of jobs found.
    """
    stalled = list(await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=stalled_after_s))
    for job in stalled:
        try:
            await _revive(app, job, give_up)
        except UniqueViolation:
            # The same work waits again already, under the same key: let that one do it.
            await app.job_manager.finish_job(job, Status.ABORTED, delete_job=False)
        except ConnectorException as error:
            # Another reaper was first.
            log.warning("reaper.skipped", job=job.id, error_type=type(error).__name__)
    return len(stalled)


async def _revive(app: App, job: Job, give_up: Callable[[Job], Awaitable[None]]) -> None:
    if is_last_try(job.attempts):
        await give_up(job)
        await app.job_manager.finish_job(job, Status.FAILED, delete_job=False)
        return
    await app.job_manager.retry_job(job, retry_at=AT_ONCE)
    log.warning("reaper.retried", job=job.id, task=job.task_name, attempts=job.attempts + 1)
