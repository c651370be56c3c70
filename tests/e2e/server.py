"""The real commands as real processes, in a home of their own, on a free port of loopback."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from biometrics.models import ModelStore, default_folder

ROOT = Path(__file__).parents[2]
START_S, STOP_S = 90.0, 60.0


def until(condition: Callable[[], object], what: str, timeout_s: float = START_S) -> None:
    """Wait until something is so; fail with `what` when it never is."""
    end = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > end:
            pytest.fail(f"it never came to this: {what}")
        time.sleep(0.01)


@contextmanager
def home() -> Iterator[Path]:
    """A home with the face models of this machine, and nothing else."""
    ModelStore().verify()
    with tempfile.TemporaryDirectory(prefix="jianzai-e2e-") as folder:
        path = Path(folder)
        (path / "models").symlink_to(default_folder())
        yield path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def listening() -> Iterator[int]:
    """Something else that listens on a port."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


class Command:
    """One `jianzai` process, started at once; its words go to a file beside the home."""

    def __init__(
        self, folder: Path, env: Mapping[str, str], *arguments: object, program: str = "app.cli"
    ) -> None:
        self._log = folder / f"{arguments[0]}.log"
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("JIANZAI_", "DATABASE_"))}
        with self._log.open("ab") as log:
            self._said_before = log.tell()
            self.child = subprocess.Popen(
                [sys.executable, "-m", program, *map(str, arguments)],
                cwd=ROOT,
                env={**kept, **env, "COLUMNS": "200"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    @property
    def pid(self) -> int:
        return self.child.pid

    def said(self) -> str:
        return self._log.read_bytes()[self._said_before :].decode()

    def waits_to_hear(self, words: str) -> None:
        def heard() -> bool:
            if self.child.poll() is not None and words not in self.said():
                pytest.fail(f"ended with {self.child.returncode}:\n{self.said()}")
            return words in self.said()

        until(heard, f"{words!r} in {self.said()}")

    def family(self) -> list[psutil.Process]:
        """The process and all that descends from it."""
        own = psutil.Process(self.pid)
        return [own, *own.children(recursive=True)]

    def kill(self) -> None:
        """End it between two instructions, and nothing else."""
        self.child.kill()
        self.child.wait(STOP_S)

    def freeze(self) -> None:
        self.child.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.child.send_signal(signal.SIGCONT)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to end; return its exit code."""
        self.child.send_signal(number)
        return self.child.wait(STOP_S)

    def close(self) -> None:
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGCONT)
            self.kill()


def wait_until_ready(address: str, server: Command) -> None:
    def ready(http: httpx.Client) -> bool:
        if server.child.poll() is not None:
            pytest.fail(f"the server ended with {server.child.returncode}:\n{server.said()}")
        try:
            return http.get("/v1/health/ready").is_success
        except httpx.TransportError:
            return False

    with httpx.Client(base_url=address, timeout=5) as http:
        until(lambda: ready(http), f"the server is ready; it said\n{server.said()}")


def ended(processes: list[psutil.Process]) -> bool:
    """Whether none of them runs any more."""
    return not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in _there(processes))


def _there(processes: list[psutil.Process]) -> list[psutil.Process]:
    return [p for p in processes if psutil.pid_exists(p.pid)]


def postgres_of(folder: Path) -> list[psutil.Process]:
    """The embedded server's processes of one home, found by its pid file."""
    file = folder / "postgres" / "postmaster.pid"
    if not file.exists():
        return []
    try:
        own = psutil.Process(int(file.read_text().split()[0]))
        return [own, *own.children(recursive=True)]
    except (psutil.NoSuchProcess, IndexError, ValueError):  # `initdb` writes other things there
        return []
