"""A job survives its worker: it runs again, and its effect exists exactly once (ADR 0004)."""

import time
from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from storage.jobs.queue import JobQueue
from tests.db_server import Database
from tests.worker.process import PATIENCE_S, Victim

pytestmark = pytest.mark.committing
PROMISED_S = 60.0
"""How soon a job runs again after its worker was killed; see `Pace` for the product's settings."""


@pytest.fixture
def start(database: Database, owner_engine: sa.Engine) -> Iterator[Callable[[str], Victim]]:
    victims: list[Victim] = []

    def start(stop_at: str = "never") -> Victim:
        victims.append(Victim(database.app_url, stop_at))
        victims[-1].hears("ready")
        return victims[-1]

    with owner_engine.begin() as owner:
        owner.exec_driver_sql("create table effects (attempt text primary key)")
        owner.exec_driver_sql("grant select, insert on effects to jianzai_app")
    yield start
    for victim in victims:
        victim.close()
    with owner_engine.begin() as owner:
        owner.exec_driver_sql("drop table effects")


@pytest.fixture
def defer(sessions: sessionmaker[Session], queue: JobQueue) -> Callable[..., None]:
    def defer(task: str, **args: str) -> None:
        with sessions() as session, session.begin():
            queue.defer(session, task, key=f"{task}:{args}", **args)

    return defer


def effects(sessions: sessionmaker[Session]) -> list[str]:
    with sessions() as session:
        return list(session.scalars(sa.text("select attempt from effects")))


def states(sessions: sessionmaker[Session]) -> list[tuple[str, int]]:
    with sessions() as session:
        found = session.execute(sa.text("select status::text, attempts from procrastinate_jobs"))
        return [(row.status, row.attempts) for row in found]


def until(sessions: sessionmaker[Session], wanted: list[tuple[str, int]]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while states(sessions) != wanted:
        assert time.monotonic() < deadline, states(sessions)
        time.sleep(0.05)


@pytest.mark.parametrize("point", ["before", "after"])
def test_a_job_whose_worker_was_killed_runs_again_and_counts_once(
    start: Callable[[str], Victim],
    defer: Callable[..., None],
    sessions: sessionmaker[Session],
    capsys: pytest.CaptureFixture[str],
    point: str,
) -> None:
    victim = start(point)
    defer("decide", attempt="a-1")
    victim.hears(point)
    second = start("never")

    victim.kill()
    killed = time.monotonic()
    second.hears("after")
    seconds = time.monotonic() - killed

    until(sessions, [("succeeded", 2)])
    assert effects(sessions) == ["a-1"]
    assert seconds < PROMISED_S
    with capsys.disabled():
        print(f"\nworker killed {point} its effect: run again after {seconds:.1f} s")  # noqa: T201 - the figure is wanted


def test_a_worker_started_later_finds_the_job_of_a_dead_one(
    start: Callable[[str], Victim], defer: Callable[..., None], sessions: sessionmaker[Session]
) -> None:
    """It forgets dead workers as it starts, so the job has no worker at all."""
    victim = start("before")
    defer("decide", attempt="a-1")
    victim.hears("before")
    victim.kill()
    time.sleep(1.5)

    start("never")

    until(sessions, [("succeeded", 2)])
    assert effects(sessions) == ["a-1"]


def test_a_long_job_of_a_living_worker_is_left_alone(
    start: Callable[[str], Victim], defer: Callable[..., None], sessions: sessionmaker[Session]
) -> None:
    one, other = start("never"), start("never")

    defer("slow", seconds="3")

    until(sessions, [("succeeded", 1)])
    assert (one.end(), other.end()) == (0, 0)


def test_a_stop_signal_lets_the_running_job_end(
    start: Callable[[str], Victim], defer: Callable[..., None], sessions: sessionmaker[Session]
) -> None:
    victim = start("never")
    defer("slow", seconds="2")
    victim.hears("begun")
    defer("slow", seconds="1")

    assert victim.end() == 0

    assert victim.hears("stopped") == ["ended", "stopped"]
    assert sorted(states(sessions)) == [("succeeded", 1), ("todo", 0)]


def test_a_job_that_always_fails_is_given_up_after_three_tries(
    start: Callable[[str], Victim], defer: Callable[..., None], sessions: sessionmaker[Session]
) -> None:
    victim = start("never")

    defer("fail", attempt="a-1")

    assert victim.hears("given up fail a-1").count("failing a-1") == 3
    until(sessions, [("failed", 3)])


def test_a_job_that_kills_every_worker_is_given_up_after_three_tries(
    start: Callable[[str], Victim], defer: Callable[..., None], sessions: sessionmaker[Session]
) -> None:
    defer("crash", attempt="a-1")
    for _ in range(3):
        victim = start("never")
        victim.hears("crashing a-1")
        victim.child.wait(PATIENCE_S)

    survivor = start("never")

    assert "crashing a-1" not in survivor.hears("given up crash a-1")
    until(sessions, [("failed", 3)])
    defer("decide", attempt="a-2")
    survivor.hears("after")
