"""Answers whose time says nothing: none comes before its moment (ADR 0019)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic

ANSWER_AFTER_S = 0.4
"""Longer than a look-up takes on a loaded server, shorter than a person notices."""


@asynccontextmanager
async def not_before(least_s: float) -> AsyncIterator[None]:
    """Let the block end, well or badly, no sooner than `least_s` after it began."""
    began = monotonic()
    try:
        yield
    finally:
        await asyncio.sleep(max(0.0, began + least_s - monotonic()))
