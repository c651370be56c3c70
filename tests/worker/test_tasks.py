"""A real worker takes real jobs: it decides, tries again, and hands over what it cannot do."""

import os
import signal
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Thread

import pytest
import sqlalchemy as sa

from services.backend import Backend
from storage.db.models.cases import Review
from storage.db.models.certification import AttemptDecision, Certification, Evidence
from storage.jobs.queue import worker_app
from tests.certification_world import County, Pensioner, rows
from tests.db_server import Database
from tests.phone_world import Phone, broken_clip, broken_photo
from worker.main import Pace, run_worker
from worker.retries import TRIES
from worker.tasks import on_given_up, register_tasks

pytestmark = [pytest.mark.committing, pytest.mark.faces]
PACE = Pace(heartbeat_s=0.3, stalled_after_s=5.0, poll_s=0.2)
PATIENCE_S = 60.0


@pytest.fixture
def person(county: County) -> Pensioner:
    found = county.person()
    county.enrol_nobody(found)
    return found


@pytest.fixture
def work_until(
    county: County, database: Database, owner_engine: sa.Engine
) -> Callable[[Callable[[], bool]], None]:
    """Run a worker in this thread until something is so; its waits between tries are skipped."""

    def watch(is_done: Callable[[], bool]) -> None:
        until = time.monotonic() + PATIENCE_S
        while not is_done() and time.monotonic() < until:
            with owner_engine.begin() as owner:
                owner.execute(
                    sa.text(
                        "update procrastinate_jobs set scheduled_at = now() where status = 'todo'"
                    )
                )
            time.sleep(0.1)
        os.kill(os.getpid(), signal.SIGTERM)

    def run(is_done: Callable[[], bool]) -> None:
        app = worker_app(database.app_url)
        register_tasks(app, county.backend)
        watcher = Thread(target=watch, args=(is_done,))
        watcher.start()
        run_worker(app, pace=PACE, on_given_up=partial(on_given_up, county.backend))
        watcher.join()

    return run


def hand_in(person: Pensioner, phone: Phone) -> None:
    phone.open(person)
    assert phone.hand_in("broken-0001", broken_photo(), broken_clip()).is_success


def jobs(owner_engine: sa.Engine) -> list[tuple[str, int]]:
    with owner_engine.connect() as owner:
        found = owner.execute(sa.text("select status::text, attempts from procrastinate_jobs"))
        return [(row.status, row.attempts) for row in found]


def is_decided(backend: Backend) -> bool:
    return len(rows(backend, AttemptDecision)) == 1


def test_a_worker_decides_what_a_phone_handed_in(
    county: County,
    person: Pensioner,
    phone: Phone,
    owner_engine: sa.Engine,
    work_until: Callable[[Callable[[], bool]], None],
) -> None:
    hand_in(person, phone)
    work_until(lambda: jobs(owner_engine) == [("succeeded", 1)])
    assert jobs(owner_engine) == [("succeeded", 1)]
    assert phone.status("broken-0001")["state"] == "retry"


def test_evidence_damaged_for_good_is_tried_three_times_and_then_goes_to_a_human(
    county: County,
    person: Pensioner,
    phone: Phone,
    owner_engine: sa.Engine,
    tmp_path: Path,
    work_until: Callable[[Callable[[], bool]], None],
) -> None:
    hand_in(person, phone)
    (video,) = rows(county.backend, Evidence, media_type="video/webm")
    (file,) = (tmp_path / "objects").rglob(video.object_key.split("/")[1])
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.chmod(0o600)
    file.write_bytes(content)
    work_until(lambda: jobs(owner_engine) == [("failed", TRIES)])
    assert jobs(owner_engine) == [("failed", TRIES)]
    assert is_decided(county.backend)
    (review,) = rows(county.backend, Review)
    assert review.reasons == ["not_measured"]
    assert rows(county.backend, Certification) == []
    assert phone.status("broken-0001")["state"] == "review"


def test_evidence_that_comes_back_in_time_is_decided_as_if_nothing_had_been(
    county: County,
    person: Pensioner,
    phone: Phone,
    owner_engine: sa.Engine,
    tmp_path: Path,
    work_until: Callable[[Callable[[], bool]], None],
) -> None:
    hand_in(person, phone)
    (video,) = rows(county.backend, Evidence, media_type="video/webm")
    (file,) = (tmp_path / "objects").rglob(video.object_key.split("/")[1])
    away = file.rename(tmp_path / "away")

    def comes_back() -> bool:
        if away.exists() and jobs(owner_engine) == [("todo", 1)]:
            away.rename(file)
        return jobs(owner_engine)[0][0] in {"succeeded", "failed"}

    work_until(comes_back)
    assert jobs(owner_engine) == [("succeeded", 2)]
    assert phone.status("broken-0001")["state"] == "retry"


def test_a_task_given_up_twice_opens_one_review(
    county: County, person: Pensioner, phone: Phone, owner_engine: sa.Engine
) -> None:
    hand_in(person, phone)
    with owner_engine.connect() as owner:
        task, args = owner.execute(sa.text("select task_name, args from procrastinate_jobs")).one()
    on_given_up(county.backend, task, args)
    on_given_up(county.backend, task, args)
    on_given_up(county.backend, "some.other_task", {})
    assert len(rows(county.backend, Review)) == 1
    assert is_decided(county.backend)
