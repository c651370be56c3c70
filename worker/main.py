"""The worker: runs jobs, and has those of dead workers run again."""

import asyncio
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import structlog
from procrastinate import App
from procrastinate.exceptions import ConnectorException
from procrastinate.job_context import JobContext
from procrastinate.jobs import Job

from worker.chores import Chore, repeat
from worker.reaper import reap_for_ever
from worker.retries import is_last_try

log = structlog.get_logger("worker")

GivenUp = Callable[[str, dict[str, str]], None]
"""Called with a task's name and arguments when its job will not be tried again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How a worker works. Face work fills a core, so more than one at a time only thrashes."""

    concurrency: int = 1
    heartbeat_s: float = 5.0
    stalled_after_s: float = 20.0
    poll_s: float = 5.0


def run_worker(
    app: App,
    *,
    pace: Pace | None = None,
    on_ready: Callable[[], None] | None = None,
    on_given_up: GivenUp | None = None,
    chores: Sequence[Chore] = (),
) -> None:
    """Work until SIGTERM or SIGINT; running jobs are finished first.

    `app` holds the tasks: plain functions, which run in threads. `on_ready` is called each time
    the database has answered. `on_given_up` is called when a job has failed, or killed its
    worker, on its last try; it may be called twice for one job. Each of `chores` is done from time
    to time. Raises ConnectorException when the database cannot be reached at the start; a later
    loss is waited out.
    """
    worker = _Worker(
        app=app,
        pace=Pace() if pace is None else pace,
        on_ready=on_ready,
        on_given_up=on_given_up,
        chores=chores,
    )
    asyncio.run(worker.work())


@dataclass(slots=True, kw_only=True)
class _Worker:
    app: App
    pace: Pace
    on_ready: Callable[[], None] | None
    on_given_up: GivenUp | None
    chores: Sequence[Chore]
    was_ready: bool = False

    async def work(self) -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        aside = [asyncio.create_task(repeat(chore)) for chore in self.chores]
        try:
            await self._work_while_reached(stop)
        finally:
            await _end(*aside)  # after the last job, so that its records are anchored too

    async def _work_while_reached(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                await self._work_until(stop)
            except ConnectorException as error:
                if not self.was_ready:
                    raise
                log.warning("worker.database_away", error_type=type(error).__name__)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), self.pace.poll_s)

    async def _work_until(self, stop: asyncio.Event) -> None:
        async with self.app.open_async():
            await self.app.check_connection_async()
            self.was_ready = True
            if self.on_ready is not None:
                self.on_ready()
            running = asyncio.create_task(self._run_jobs())
            reaping = asyncio.create_task(self._reap())
            stopping = asyncio.create_task(stop.wait())
            await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
            await _end(reaping, stopping)
            await _end(running)

    async def _run_jobs(self) -> None:
        """Run jobs until cancelled, which is graceful: a running job is finished first."""
        await self.app.run_worker_async(
            concurrency=self.pace.concurrency,
            fetch_job_polling_interval=self.pace.poll_s,
            update_heartbeat_interval=self.pace.heartbeat_s,
            stalled_worker_timeout=self.pace.stalled_after_s,
            install_signal_handlers=False,
            task_middleware=[self._note_last_failure],
        )

    async def _reap(self) -> None:
        await reap_for_ever(
            self.app,
            every_s=self.pace.heartbeat_s,
            stalled_after_s=self.pace.stalled_after_s,
            give_up=lambda job: asyncio.to_thread(self._give_up, job),
        )

    def _note_last_failure(
        self, run: Callable[[], Any], context: JobContext, _worker: object
    ) -> Any:
        try:
            return run()
        except Exception:
            if is_last_try(context.job.attempts):
                self._give_up(context.job)
            raise

    def _give_up(self, job: Job) -> None:
        log.error("job.given_up", job=job.id, task=job.task_name, attempts=job.attempts + 1)
        if self.on_given_up is not None:
            named = {name: str(value) for name, value in job.task_kwargs.items()}
            self.on_given_up(job.task_name, named)


async def _end(*tasks: asyncio.Task[Any]) -> None:
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
