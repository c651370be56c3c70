"""Child processes that belong to a command: restarted when they die, ended when it ends."""

import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Self

import structlog

log = structlog.get_logger("processes")

STOP_S = 15.0
RESTART_S = 1.0


class Supervised:
    """Keeps `jianzai <arguments>` running until it is told to stop."""

    def __init__(self, arguments: Sequence[str], env: dict[str, str]) -> None:
        self._command = [sys.executable, "-m", "app.cli", *arguments]
        self._env = {**os.environ, **env}
        self._stopping = threading.Event()
        self._child = self._start()
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        self._watcher.start()

    @property
    def pid(self) -> int:
        return self._child.pid

    def _start(self) -> subprocess.Popen[bytes]:
        # A session of its own, so that a Ctrl-C at the terminal reaches only the parent.
        return subprocess.Popen(self._command, env=self._env, start_new_session=True)  # noqa: S603

    def _watch(self) -> None:
        while not self._stopping.is_set():
            code = self._child.wait()
            if self._stopping.wait(RESTART_S):
                return
            log.warning("child.restarted", exit_code=code, pid=self._child.pid)
            self._child = self._start()

    def stop(self) -> None:
        """Ask the child to finish its work; end it when it takes too long."""
        self._stopping.set()
        self._child.terminate()
        try:
            self._child.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
