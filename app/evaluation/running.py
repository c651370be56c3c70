"""Measure what is not yet in the ledger, with a bar, so that a stop loses nothing."""

import resource
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from app.console import bar
from app.evaluation.crew import Crew, Job, Measure, Result, cores
from app.evaluation.ledger import Ledger
from app.stop_signals import StopSignals


class Stopped(Exception):  # noqa: N818  an event, named as it is said
    """The operator stopped the run; the message says how far it came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Where a run keeps what it measured, and with what it measures."""

    folder: Path
    models: Path
    workers: int | None = None  # None: one per core


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Results by key, and what it took. `died`: a worker died over them; tried anew next time."""

    results: Mapping[str, Result]
    died: frozenset[str]
    fresh: int
    reused: int
    seconds: float
    cpu_seconds: float  # of the workers and their decoders


def measure_missing(
    desk: Desk, jobs: Mapping[str, Job], measure: Measure[Job], *, label: str
) -> Measured:
    """Measure every job that the folder's ledger does not hold. Raises `Stopped`."""
    began, cpu_began = time.perf_counter(), _children_s()
    died: set[str] = set()
    with Ledger(desk.folder) as ledger:
        missing = {key: job for key, job in jobs.items() if key not in ledger.known}
        _work(desk, missing, measure, ledger=ledger, died=died, label=label)
        left = [key for key in missing if key not in ledger.known and key not in died]
        if left:
            done = len(jobs) - len(left)
            raise Stopped(f"stopped: {done} of {len(jobs)} measured; the same command goes on")
        return Measured(
            results={key: ledger.known[key] for key in jobs if key not in died},
            died=frozenset(died),
            fresh=len(missing),
            reused=len(jobs) - len(missing),
            seconds=time.perf_counter() - began,
            cpu_seconds=_children_s() - cpu_began,
        )


def _work(
    desk: Desk,
    missing: Mapping[str, Job],
    measure: Measure[Job],
    *,
    ledger: Ledger,
    died: set[str],
    label: str,
) -> None:
    workers = cores() if desk.workers is None else desk.workers
    with (
        StopSignals() as stop,
        bar() as progress,
        Crew(measure, workers=workers, models=desk.models) as crew,
    ):
        task = progress.add_task(label, total=len(missing))
        for key, result in crew.measured(missing, stopped=lambda: stop.asked):
            if result is None:
                died.add(key)
            else:
                ledger.add(key, result)
            progress.advance(task)


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
