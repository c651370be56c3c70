"""A worker process that tests may listen to, stop and kill."""

import queue as queues
import signal
import subprocess
import sys
import threading
import time

import pytest

PATIENCE_S = 60.0


class Victim:
    """A worker process under the hand of a test."""

    def __init__(self, url: str, stop_at: str) -> None:
        self.child = subprocess.Popen(
            [sys.executable, "-u", "-m", "tests.worker.victim", url, stop_at],
            stdout=subprocess.PIPE,
            text=True,
        )
        self._said: queues.Queue[str] = queues.Queue()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        assert self.child.stdout is not None
        for line in self.child.stdout:
            self._said.put(line.strip())

    def hears(self, wanted: str) -> list[str]:
        """Wait until the worker says `wanted`; return what it said until then."""
        heard: list[str] = []
        deadline = time.monotonic() + PATIENCE_S
        while not heard or heard[-1] != wanted:
            try:
                heard.append(self._said.get(timeout=max(0.0, deadline - time.monotonic())))
            except queues.Empty:
                pytest.fail(f"the worker never said {wanted!r}, only {heard}")
        return heard

    def kill(self) -> None:
        self.child.kill()
        self.child.wait(PATIENCE_S)

    def end(self) -> int:
        self.child.send_signal(signal.SIGTERM)
        return self.child.wait(PATIENCE_S)

    def close(self) -> None:
        if self.child.poll() is None:
            self.kill()
        self._listener.join(PATIENCE_S)
        assert self.child.stdout is not None
        self.child.stdout.close()
