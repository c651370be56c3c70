"""What an act comes to: refused, and why; done by many at once."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from domain.errors import AppError


def refusal(act: Callable[[], object]) -> AppError:
    """The refusal that `act` comes to."""
    with pytest.raises(AppError) as refused:
        act()
    return refused.value


def code_of(act: Callable[[], object]) -> str:
    return refusal(act).code


def together(acts: Sequence[Callable[[], Any]]) -> list[Any]:
    """Do all acts at once, each in a thread; a refusal counts as its code."""
    start = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        start.wait()
        try:
            return act()
        except AppError as refused:
            return refused.code

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))
