"""Processes that measure, one engine each. A process that dies takes one job with it, no more.

A worker holds one end of a pipe. However the parent ends, the kernel closes the other end, and the
worker that reads the end stops.
"""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from biometrics.engine import FaceEngine
from biometrics.models import ModelStore

Job = TypeVar("Job")
Result = Mapping[str, Any]
Measure = Callable[[FaceEngine, Job], Result]
"""Measures one job; a function of a module, so that another process can import it."""

_READY = "ready"
_LEAVE_S = 5.0
_LOOK_UP_S = 0.5


class WorkerFailed(Exception):  # noqa: N818  an event, named as it is said
    """A worker died before it could begin; what it wrote to standard error says why."""


def cores() -> int:
    """Count the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass(slots=True, kw_only=True)
class _Worker(Generic[Job]):
    process: BaseProcess
    channel: Connection
    ready: bool = False
    at: tuple[str, Job] | None = field(default=None)


class Crew(Generic[Job]):
    """Measures jobs in any order, in as many processes as asked for."""

    def __init__(self, measure: Measure[Job], *, workers: int, models: Path) -> None:
        self._measure = measure
        self._models = models
        self._wanted = workers
        self._workers: list[_Worker[Job]] = []
        self._context = multiprocessing.get_context("spawn")  # an engine does not survive a fork

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for worker in self._workers:
            worker.channel.close()
        for worker in self._workers:
            if error is not None:
                worker.process.terminate()
            worker.process.join(_LEAVE_S)
            if worker.process.exitcode is None:
                worker.process.kill()
                worker.process.join()
        self._workers.clear()

    def measured(
        self, jobs: Mapping[str, Job], *, stopped: Callable[[], bool]
    ) -> Iterator[tuple[str, Result | None]]:
        """Give each key its result as it comes; None: the worker died over it.

        Ends early once `stopped`. Raises `WorkerFailed`.
        """
        waiting = list(jobs.items())[::-1]
        while len(self._workers) < min(self._wanted, len(waiting)):
            self._workers.append(self._hired())
        open_jobs = len(waiting)
        while open_jobs and not stopped():
            ready = wait([worker.channel for worker in self._workers], _LOOK_UP_S)
            for worker in [w for w in self._workers if w.channel in ready]:
                done = self._heard(worker)
                if done is not None:
                    open_jobs -= 1
                    yield done
                if worker.at is None and worker.ready and waiting:
                    worker.at = waiting.pop()
                    worker.channel.send(worker.at[1])

    def _hired(self) -> _Worker[Job]:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(
            target=_serve, args=(theirs, self._models, self._measure), daemon=False
        )
        process.start()
        theirs.close()
        return _Worker(process=process, channel=ours)

    def _heard(self, worker: _Worker[Job]) -> tuple[str, Result | None] | None:
        """Take what a worker says: that it is ready, a result, or that it is no more."""
        key = None if worker.at is None else worker.at[0]
        try:
            said = worker.channel.recv()
        except (EOFError, ConnectionError):
            if not worker.ready:
                raise WorkerFailed("a worker could not start") from None
            self._replace(worker)
            return None if key is None else (key, None)
        worker.ready, worker.at = True, None
        return None if key is None else (key, said)

    def _replace(self, worker: _Worker[Job]) -> None:
        worker.channel.close()
        worker.process.join()
        fresh = self._hired()
        worker.process, worker.channel = fresh.process, fresh.channel
        worker.ready, worker.at = False, None


def _serve(channel: Connection, models: Path, measure: Measure[Any]) -> None:
    """Work in a process of its own until the parent closes the channel."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C is the parent's to answer
    with FaceEngine(ModelStore(models)) as engine:
        channel.send(_READY)
        while True:
            try:
                channel.send(measure(engine, channel.recv()))
            except (EOFError, ConnectionError):
                return
