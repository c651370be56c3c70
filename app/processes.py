"""Child processes that belong to a command: restarted when they die, ended when it ends.

A child holds the reading end of a pipe as its standard input. The kernel closes the other end
however the parent ends, and the child that reads the end stops: no orphan goes on deciding.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

import structlog

log = structlog.get_logger("processes")

STOP_S = 20.0
"""How long a child may take to finish its work."""
RESTART_S, RESTART_MAX_S, LIVED_LONG_S = 0.5, 30.0, 60.0
"""A child that dies young is started again later each time."""


class Supervised:
    """Keeps `jianzai <arguments>` running until it is told to stop."""

    def __init__(self, arguments: Sequence[str], env: dict[str, str]) -> None:
        self._command = [sys.executable, "-m", "app.cli", *arguments]
        self._env = {**os.environ, **env}
        self._stopping = threading.Event()
        self._turn = threading.Lock()
        self._child = self._start()
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        self._watcher.start()

    @property
    def pid(self) -> int:
        return self._child.pid

    def _start(self) -> subprocess.Popen[bytes]:
        # A session of its own, so that a Ctrl-C at the terminal reaches only the parent.
        return subprocess.Popen(  # noqa: S603 - our own interpreter and code
            self._command, env=self._env, stdin=subprocess.PIPE, start_new_session=True
        )

    def _watch(self) -> None:
        pause_s = RESTART_S
        while True:
            began = time.monotonic()
            code = self._child.wait()
            if time.monotonic() - began > LIVED_LONG_S:
                pause_s = RESTART_S
            if self._stopping.wait(pause_s):
                return
            pause_s = min(2 * pause_s, RESTART_MAX_S)
            with self._turn:
                if self._stopping.is_set():
                    return
                log.warning("child.restarted", exit_code=code, pid=self._child.pid)
                _let_go(self._child)
                self._child = self._start()

    def stop(self) -> None:
        """Ask the child to finish its work; end it when it takes too long."""
        with self._turn:
            self._stopping.set()
        self._child.terminate()
        try:
            self._child.wait(STOP_S)
        except subprocess.TimeoutExpired:
            log.warning("child.killed", pid=self._child.pid, seconds=STOP_S)
            self._child.kill()
            self._child.wait()
        _let_go(self._child)
        self._watcher.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def _let_go(child: subprocess.Popen[bytes]) -> None:
    if child.stdin is not None:
        child.stdin.close()


def stop_with_parent() -> None:
    """In a child: ask this process to stop once the parent is gone, and end it soon after."""
    threading.Thread(target=_wait_for_parent, daemon=True).start()


def _wait_for_parent() -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(STOP_S)
    os._exit(1)
