"""Small things that every worker does from time to time, beside its jobs."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import structlog

log = structlog.get_logger("worker.chores")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chore:
    """`work` runs at the start, every `every_s` seconds, and, if `at_stop`, once more at the end.

    It may run in several workers at once, and blocks a thread, not the worker.
    """

    name: str
    every_s: float
    work: Callable[[], None]
    at_stop: bool = False


async def repeat(chore: Chore) -> None:
    """Do a chore until cancelled, and then, if it asks for it, a last time."""
    try:
        while True:
            await do(chore)
            await asyncio.sleep(chore.every_s)
    finally:
        if chore.at_stop:
            await do(chore)


async def do(chore: Chore) -> None:
    """Do a chore once. A failure is written down, and no reason to stop deciding cases."""
    try:
        await asyncio.to_thread(chore.work)
    except Exception as error:  # noqa: BLE001 - the outermost handler of a chore
        log.warning("chore.failed", task=chore.name, error_type=type(error).__name__)
