"""Children, locks between processes, and sockets."""

import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from app.container import CannotStart
from app.listening import address_of, bind
from app.shared_use import SharedUse
from app.stop_signals import StopSignals

ROOT = Path(__file__).parents[2]


def run(code: str, *arguments: object) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


def said(child: "subprocess.Popen[str]") -> str:
    assert child.stdout is not None
    return child.stdout.readline().strip()


def finish(child: "subprocess.Popen[str]") -> None:
    child.kill()
    child.communicate()


def until(condition: Callable[[], bool], timeout_s: float = 10.0) -> None:
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.02)


def test_of_several_users_only_the_last_to_leave_is_told_so(tmp_path: Path) -> None:
    path = tmp_path / "users"
    first, second = SharedUse(path), SharedUse(path)
    with first.leaving() as is_last:
        assert not is_last
    with second.leaving() as is_last:
        assert is_last


def test_a_killed_user_does_not_count_any_more(tmp_path: Path) -> None:
    holding = """
    import sys, time
    from pathlib import Path
    from app.shared_use import SharedUse
    use = SharedUse(Path(sys.argv[1]))
    print("in", flush=True)
    time.sleep(60)
    """
    child = run(holding, tmp_path / "users")
    assert said(child) == "in"
    finish(child)
    with SharedUse(tmp_path / "users").leaving() as is_last:
        assert is_last


def test_nobody_comes_in_while_the_last_one_shuts_down(tmp_path: Path) -> None:
    path, came_in = tmp_path / "users", threading.Event()

    def come_in() -> None:
        SharedUse(path)
        came_in.set()

    newcomer = threading.Thread(target=come_in)
    with SharedUse(path).leaving() as is_last:
        assert is_last
        newcomer.start()
        assert not came_in.wait(0.3)
    assert came_in.wait(5)
    newcomer.join()


def test_a_taken_port_is_said_in_one_line() -> None:
    with bind("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CannotStart) as refused:
            bind("127.0.0.1", port)
    assert str(refused.value).startswith(f"port {port} on 127.0.0.1 is taken")
    assert "\n" not in str(refused.value)


def test_port_0_takes_a_free_one_and_says_which() -> None:
    with bind("127.0.0.1", 0) as taken:
        assert address_of(taken) == f"http://127.0.0.1:{taken.getsockname()[1]}"


def test_a_client_that_comes_while_the_server_starts_waits() -> None:
    with bind("127.0.0.1", 0) as taken:
        socket.create_connection(taken.getsockname(), timeout=2).close()


def test_a_stop_is_noted_and_does_not_end_the_process() -> None:
    heard: list[bool] = []
    with StopSignals() as stop:
        stop.when_asked(lambda: heard.append(True))
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGTERM)
        _wait_until(lambda: stop.asked)
    assert heard


def _wait_until(true: Callable[[], bool]) -> None:
    """Let a signal that another thread received reach this one; fails after some seconds."""
    for _ in range(500):
        if true():
            return
        time.sleep(0.01)
    pytest.fail("the signal was never heard")


def test_a_second_ctrl_c_ends_the_waiting() -> None:
    with StopSignals() as stop:
        os.kill(os.getpid(), signal.SIGINT)
        _wait_until(lambda: stop.asked)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)


PARENT = """
import sys, time
from app import logging, processes
logging.configure("INFO")
class Child(processes.Supervised):
    def _start(self):
        self._command = [sys.executable, "-c", sys.argv[1]]
        return super()._start()
child = Child([], {})
while True:
    print(child.pid, flush=True)
    time.sleep(0.05)
"""
CHILD = """
import time
from app.processes import stop_with_parent
stop_with_parent()
time.sleep(60)
"""


def test_a_child_whose_parent_was_killed_ends() -> None:
    parent = run(PARENT, CHILD)
    child = psutil.Process(int(said(parent)))
    time.sleep(0.5)  # let it come up; killing the parent earlier must work as well, see below
    finish(parent)
    until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)


def test_a_child_whose_parent_was_killed_at_once_ends_as_soon_as_it_is_up() -> None:
    parent = run(PARENT, CHILD)
    child = psutil.Process(int(said(parent)))
    finish(parent)
    until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)


def test_a_child_that_died_is_started_again() -> None:
    parent = run(PARENT, CHILD)
    try:
        first = int(said(parent))
        os.kill(first, signal.SIGKILL)
        until(lambda: int(said(parent)) != first)
    finally:
        finish(parent)
