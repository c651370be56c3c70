"""Kill -9 of server or worker, anywhere in a submission, loses none and decides none twice.

Real server, real workers, real database, real face models, film over real HTTP. The places are
reached by locks that the test holds and by requests cut off at a byte; there is no hook for this
in the product. `JIANZAI_KILLS` adds kills at moments drawn by a seeded chance.
"""

import os
import sys
import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest

from tests.e2e import kill_points
from tests.e2e.proof import prove
from tests.e2e.server import Command, until
from tests.e2e.stage import Stage

NEVER_S, SOON_S = 600.0, 2.0
TIMED_KILLS = int(os.environ.get("JIANZAI_KILLS", "4"))
LATEST_KILL_S = 2.5
BEING_DECIDED = """
select coalesce(max(id), 0) from procrastinate_jobs where status = 'doing' and attempts < 2
"""
"""Not on its last try: that one would be given up, not taken over."""
IN_AN_ACT = """
select count(*) from pg_stat_activity
where datname = current_database() and state like 'idle in transaction%%'
"""
DONE_BY_ANOTHER = "select count(*) from procrastinate_jobs where id = %s and status = 'succeeded'"
SETTLE_S = 0.2
OPEN_JOBS = "select count(*) from procrastinate_jobs where status in ('todo', 'doing')"
pytestmark = [
    pytest.mark.db,
    pytest.mark.e2e,
    pytest.mark.faces,
    pytest.mark.slow,
    pytest.mark.timeout(600 + 20 * TIMED_KILLS),
    pytest.mark.xdist_group("kills"),
]


@pytest.fixture
def stage(worker_name: str, known_challenge: None) -> Iterator[Stage]:
    with Stage.set_up(worker_name) as made:
        yield made


def test_no_kill_loses_a_submission_or_decides_it_twice(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    began = time.monotonic()
    points = [
        *_server_points(stage),
        *_worker_points(stage),
        *_timed_kills(stage),
        *_both_at_once(stage),
    ]
    _decide_the_rest(stage)
    seen = prove(stage)
    assert len(set(points)) >= 20
    assert seen.outcomes["pass"] >= 0.8 * seen.submissions
    lines = [f"{len(points)} kill points in {time.monotonic() - began:.0f} s: {seen}", *points]
    with capsys.disabled():
        sys.stdout.write("\n" + "\n  ".join(lines) + "\n")


def _server_points(stage: Stage) -> Iterator[str]:
    for arms in kill_points.IN_ONE_GO:
        yield from (f"server: {name}" for name in kill_points.kill_server_in_one_go(stage, arms))
    yield from (f"server: {name}" for name in kill_points.kill_server_at_its_commits(stage))
    yield f"server: {kill_points.kill_server_without_store(stage)}"
    for table, name in kill_points.BEFORE_A_ROW:
        kill_points.kill_server_before_row(stage, table)
        yield f"server: {name}"


def _worker_points(stage: Stage) -> Iterator[str]:
    """Each kill finds a case of its own: nobody takes over before all are done."""
    for name, reach in kill_points.WORKER_POINTS:
        worker = stage.start_worker(NEVER_S)
        kill_points.kill_worker(stage, worker, reach)
        yield f"worker: {name}"


def _both_at_once(stage: Stage) -> Iterator[str]:
    worker = stage.start_worker(SOON_S)
    phone = stage.phone()
    phone.hand_in()
    worker.kill()
    stage.kill_server()
    stage.restart_server()
    yield "server and worker: right after the 202"


def _timed_kills(stage: Stage) -> Iterator[str]:
    """At any moment of one phone's submission, and of the decision that follows."""
    chance = np.random.default_rng(20260302)
    for number in range(TIMED_KILLS):
        at_s = float(chance.uniform(0.02, LATEST_KILL_S))
        worker = stage.start_worker(SOON_S)
        worker.waits_to_hear("the worker is ready")
        phone = stage.phone()
        sender = threading.Thread(target=phone.hand_in)
        sender.start()
        time.sleep(at_s)
        if number % 2:
            worker.kill()
        else:
            stage.kill_server()
            stage.restart_server()
        sender.join()
        worker.close()
        yield f"{'worker' if number % 2 else 'server'}: {at_s:.2f} s after the first byte"


def _decide_the_rest(stage: Stage) -> None:
    """Two workers, one of which is frozen in the middle of a case and thawed after the other
    has taken the case over: both come to an end with it, and one decision stands."""
    stage.phone().hand_in()
    frozen = stage.start_worker(SOON_S)
    frozen.waits_to_hear("the worker is ready")
    taken_over = _freeze_while_measuring(stage, frozen)
    other = stage.start_worker(SOON_S)
    stage.eye.waits_for(DONE_BY_ANOTHER, taken_over)
    frozen.thaw()
    until(lambda: stage.eye.count(OPEN_JOBS) == 0, "all jobs have ended")
    assert frozen.stop() == 0
    assert other.stop() == 0


def _freeze_while_measuring(stage: Stage, worker: Command) -> int:
    """Freeze it in the middle of a case and return the job's number.

    Not inside an act: whoever is frozen there keeps its locks, and the others wait for it until
    the database ends its session.
    """
    found: list[int] = []

    def caught() -> bool:
        if len(worker.family()) < 3:  # a decoder's child
            return False
        worker.freeze()
        time.sleep(SETTLE_S)
        job = stage.eye.count(BEING_DECIDED)
        if job and not stage.eye.count(IN_AN_ACT):
            found.append(job)
            return True
        worker.thaw()
        return False

    until(caught, "a worker measures")
    return found[0]
