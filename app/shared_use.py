"""Locks between processes of one machine. The kernel lets go of them however a process ends."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def only_one(path: Path) -> Iterator[None]:
    """Be the only process in here; others wait."""
    handle = _open(path)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


class SharedUse:
    """One of several users of a thing that the last one to leave shuts down."""

    def __init__(self, path: Path) -> None:
        """Come in; waits while somebody is shutting the thing down."""
        self._handle = _open(path)
        fcntl.flock(self._handle, fcntl.LOCK_SH)

    @contextmanager
    def leaving(self) -> Iterator[bool]:
        """Tell whether nobody else is left; nobody comes in before the block ends.

        Of several that leave at once at least one is told so: the lock is given up before the
        exclusive one is tried for.
        """
        try:
            try:
                fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                is_last = True
            except BlockingIOError:
                is_last = False
            yield is_last
        finally:
            os.close(self._handle)


def _open(path: Path) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
