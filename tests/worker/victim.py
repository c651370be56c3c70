"""A real worker process for tests of its death: `python -m tests.worker.victim URL STOP_AT`.

Its one task writes a row keyed by the attempt, as a decision does. STOP_AT says where the task
waits to be killed: `before` or `after` the row is committed, or `never`. It prints what happens.
"""

import os
import signal
import sys
import time
from typing import Any

import sqlalchemy as sa
from procrastinate import App, RetryStrategy

from storage.jobs.queue import worker_app
from worker.main import Pace, run_worker
from worker.retries import TRIES

PACE = Pace(heartbeat_s=0.3, stalled_after_s=1.0, poll_s=0.2)


def say(*words: object) -> None:
    print(*words, flush=True)  # noqa: T201 - how the test hears it


class Decide:
    """Writes its row once, however often it runs, and may be killed on the way."""

    def __init__(self, url: str, stop_at: str) -> None:
        self.engine = sa.create_engine(url, poolclass=sa.NullPool)
        self.stop_at = stop_at

    def __call__(self, attempt: str) -> None:
        self.pass_by("before")
        try:
            with self.engine.begin() as connection:
                connection.execute(
                    sa.text("insert into effects values (:attempt)"), {"attempt": attempt}
                )
        except sa.exc.IntegrityError:
            say("already")
        self.pass_by("after")

    def pass_by(self, point: str) -> None:
        say(point)
        while self.stop_at == point:
            time.sleep(0.05)


def slow(seconds: str) -> None:
    say("begun")
    time.sleep(float(seconds))
    say("ended")


def fail(attempt: str) -> None:
    say("failing", attempt)
    raise LookupError


def crash(attempt: str) -> None:
    say("crashing", attempt)
    os.kill(os.getpid(), signal.SIGKILL)


def add_tasks(app: App, decide: Decide) -> None:
    at_once = RetryStrategy(max_attempts=TRIES - 1)
    for name, task in (("decide", decide), ("slow", slow), ("fail", fail), ("crash", crash)):
        app.task(name=name, retry=at_once)(task)


def main(url: str, stop_at: str) -> None:
    app: Any = worker_app(url)
    add_tasks(app, Decide(url, stop_at))
    run_worker(
        app,
        pace=PACE,
        on_ready=lambda: say("ready"),
        on_given_up=lambda task, args: say("given up", task, args["attempt"]),
    )
    say("stopped")


if __name__ == "__main__":
    main(*sys.argv[1:])
