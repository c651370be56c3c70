"""Workers that make a bench, one process each; a single worker works in the caller's own."""

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Event
from pathlib import Path
from queue import Empty

import cv2

from app.attacks.making import (
    Job,
    Maker,
    Order,
    add_to_ledger,
    claim,
    jobs,
    key_of_row,
    write_list,
)

_LOOK_UP_S = 1.0
_LIST_EVERY = 50
Row = dict[str, str]


class MakerDied(Exception):  # noqa: N818  a state, named as it is said
    """A worker ended before its work; the message says so. What was made stays."""


def make_all(
    order: Order,
    *,
    species: Sequence[str],
    per_species: int,
    workers: int,
    report: Callable[[int, int], None],
) -> tuple[Path, int]:
    """Make what is missing; returns the list and how many presentations stand in it.

    `report(done, total)` is called after every clip. Raises `OtherBench` and `MakerDied`.
    """
    rows = claim(order)
    work = jobs(order, species, per_species, rows)
    total = sum(len(job.species) for job in work)
    report(0, total)
    for done, row in enumerate(made(order, work, workers=workers), start=1):
        add_to_ledger(order.out, row)
        rows[key_of_row(row)] = row
        report(done, total)
        if done % _LIST_EVERY == 0:
            write_list(order, rows)  # so that what is there can be measured meanwhile
    return write_list(order, rows), len(rows)


def made(order: Order, work: Sequence[Job], *, workers: int) -> Iterator[Row]:
    """Give every line as its clip is made. Raises `MakerDied`."""
    if workers <= 1 or len(work) <= 1:
        maker = Maker(order)
        for job in work:
            yield from maker.rows(job)
        return
    yield from _shared(order, work, min(workers, len(work)))


def _shared(order: Order, work: Sequence[Job], workers: int) -> Iterator[Row]:
    context = multiprocessing.get_context("spawn")
    waiting: Queue[Job | None] = context.Queue()
    rows: Queue[Row] = context.Queue()
    stop = context.Event()
    for job in (*work, *[None] * workers):
        waiting.put(job)
    crew = [
        context.Process(target=_work, args=(order, waiting, rows, stop), daemon=True)
        for _ in range(workers)
    ]
    for process in crew:
        process.start()
    try:
        left = sum(len(job.species) for job in work)
        while left:
            try:
                row = rows.get(timeout=_LOOK_UP_S)
            except Empty:
                if any(process.exitcode for process in crew):
                    raise MakerDied("a worker ended before its work; run it again") from None
                continue
            left -= 1
            yield row
    finally:
        stop.set()
        for process in crew:
            process.terminate()
            process.join()


def _work(order: Order, waiting: "Queue[Job | None]", rows: "Queue[Row]", stop: Event) -> None:
    cv2.setNumThreads(1)
    maker = Maker(order)
    while not stop.is_set():
        job = waiting.get()
        if job is None:
            return
        for row in maker.rows(job):
            rows.put(row)
