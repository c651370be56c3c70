"""Whether the installation is sound: every part that breaks is said to be broken."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.chores import chores
from app.settings import Settings
from biometrics.models import ModelStore, manifest
from biometrics.models import Role as ModelRole
from domain.holidays import HolidayTable
from domain.roles import Role
from services import accounts, chore_log, system_status
from services.accounts import StaffMember
from services.backend import Backend
from services.system_status import KeyUse, Soundness
from storage.objects.s3_store import Patience, S3Place, S3Store
from tests.certification_world import PASSWORD, TEST, County
from tests.clock import FixedClock
from tests.places import COUNTY, OTHER_COUNTY_VILLAGE


@pytest.fixture
def admin(county: County) -> StaffMember:
    account = county.staff(Role.COUNTY_ADMIN, COUNTY)
    token = accounts.sign_in(county.backend, account.login, PASSWORD).token
    return accounts.access_of(county.backend, token).member


def run(backend: Backend, sql: str, **values: object) -> None:
    with backend.unit(TEST.actor, TEST.scope) as unit:
        unit.session.execute(sa.text(sql), values)


def add_job(
    backend: Backend,
    status: str,
    *,
    task: str = "certification.decide",
    age: timedelta = timedelta(0),
    heartbeat: timedelta | None = None,
) -> None:
    """Put a job on the queue as a worker would have left it."""
    run(
        backend,
        "with w as (insert into procrastinate_workers (last_heartbeat)"
        " select now() - cast(:beat as interval) where cast(:beat as interval) is not null"
        " returning id) insert into procrastinate_jobs (queue_name, task_name, status, worker_id)"
        " values ('default', :task, cast(:status as procrastinate_job_status),"
        " (select id from w))",
        beat=heartbeat,
        task=task,
        status=status,
    )
    newest = "(select max(id) from procrastinate_jobs)"
    if status == "succeeded":
        run(
            backend,
            f"insert into procrastinate_events (job_id, type) values ({newest}, 'succeeded')",
        )
    run(
        backend,
        "update procrastinate_events set at = now() - cast(:age as interval)"
        f" where job_id = {newest}",
        age=age,
    )


def live_worker(backend: Backend) -> None:
    run(backend, "insert into procrastinate_workers (last_heartbeat) values (now())")


def test_every_use_of_the_ring_is_shown_and_never_a_key(county: County, admin: StaffMember) -> None:
    county.person()
    shown = system_status.key_ring(county.backend, admin)
    assert {each.use for each in shown} == set(KeyUse)
    (wrapping,) = (each for each in shown if each.use is KeyUse.WRAPPING)
    assert (wrapping.current, wrapping.kept) == (1, (1,))
    assert (wrapping.under_current, wrapping.older) == (1, 0)
    keys = county.backend.installation.keys
    assert not any(str(keys.key(use)) in repr(shown) for use in KeyUse)


def test_rows_under_an_older_version_are_counted_until_they_are_wrapped_anew(
    county: County, admin: StaffMember
) -> None:
    county.person()
    county.backend.installation.keys.rotate()
    county.person()
    (wrapping, *_) = system_status.key_ring(county.backend, admin)
    assert (wrapping.current, wrapping.kept) == (2, (1, 2))
    assert (wrapping.under_current, wrapping.older) == (1, 1)
    assert wrapping.soundness is Soundness.WATCH


def test_rows_whose_version_was_forgotten_are_an_alarm(county: County, admin: StaffMember) -> None:
    county.person()
    keys = county.backend.installation.keys
    keys.rotate()
    keys.forget(1)
    (wrapping, *_) = system_status.key_ring(county.backend, admin)
    assert wrapping.soundness is Soundness.BROKEN


def test_a_ring_that_cannot_be_read_shows_none(
    county: County, admin: StaffMember, tmp_path: Path
) -> None:
    (tmp_path / "keyring.json").chmod(0o644)
    (tmp_path / "keyring.json").write_text("{}")
    assert system_status.key_ring(county.backend, admin) == ()


def test_without_a_worker_the_work_is_broken(county: County, admin: StaffMember) -> None:
    assert system_status.work(county.backend, admin).soundness is Soundness.BROKEN
    live_worker(county.backend)
    found = system_status.work(county.backend, admin)
    assert (found.soundness, found.lost, len(found.signs)) == (Soundness.SOUND, 0, 1)


def test_jobs_are_told_by_task_and_state(county: County, admin: StaffMember) -> None:
    backend = county.backend
    live_worker(backend)
    add_job(backend, "todo", age=timedelta(minutes=3))
    add_job(backend, "todo", age=timedelta(minutes=1))
    add_job(backend, "doing", heartbeat=timedelta(seconds=1))
    add_job(backend, "succeeded", age=timedelta(hours=2))
    add_job(backend, "succeeded", age=timedelta(hours=1))
    add_job(backend, "failed", task="visit.decide")
    first, second = system_status.work(backend, admin).tasks
    health = first.health
    assert (health.task, health.waiting) == ("certification.decide", 2)
    assert (health.running, health.stalled) == (1, 0)
    assert (health.failed, health.done) == (0, 2)
    assert first.waiting_for is not None
    assert timedelta(minutes=3) <= first.waiting_for < timedelta(minutes=4)
    assert health.last_success is not None
    assert first.soundness is Soundness.SOUND
    assert (second.health.failed, second.soundness) == (1, Soundness.WATCH)


@pytest.mark.parametrize("heartbeat", [timedelta(minutes=5), None])
def test_a_job_whose_worker_gives_no_sign_is_stalled(
    county: County, admin: StaffMember, heartbeat: timedelta | None
) -> None:
    live_worker(county.backend)
    add_job(county.backend, "doing", heartbeat=heartbeat)
    found = system_status.work(county.backend, admin)
    (task,) = found.tasks
    assert (task.health.running, task.health.stalled) == (1, 1)
    assert task.soundness is found.soundness is Soundness.BROKEN


def test_a_job_that_waits_too_long_is_an_alarm(county: County, admin: StaffMember) -> None:
    live_worker(county.backend)
    add_job(county.backend, "todo", age=timedelta(minutes=11))
    (task,) = system_status.work(county.backend, admin).tasks
    assert task.soundness is Soundness.BROKEN


def test_a_worker_without_a_sign_is_said_to_be_lost(county: County, admin: StaffMember) -> None:
    live_worker(county.backend)
    run(
        county.backend,
        "insert into procrastinate_workers (last_heartbeat) values (now() - interval '1 hour')",
    )
    assert system_status.work(county.backend, admin).lost == 1


def test_a_chore_leaves_a_note_of_how_it_ended(
    county: County, admin: StaffMember, tmp_path: Path, clock: FixedClock
) -> None:
    anchor, *_ = chores(Settings(home=tmp_path), county.backend)
    anchor.work()
    (noted,) = system_status.work(county.backend, admin).chores
    assert (noted.name, noted.succeeded_at, noted.failed_with) == ("anchor", clock.now(), None)
    assert noted.soundness is Soundness.SOUND


def test_a_chore_that_fails_is_watched_and_one_that_keeps_failing_is_broken(
    county: County, admin: StaffMember, clock: FixedClock
) -> None:
    def fail() -> None:
        raise OSError("a message that might name somebody")

    chore_log.noted(county.backend, "sweep", lambda: None)()
    clock.advance(timedelta(minutes=1))
    with pytest.raises(OSError, match="message"):
        chore_log.noted(county.backend, "sweep", fail)()
    (noted,) = system_status.work(county.backend, admin).chores
    assert (noted.failed_with, noted.soundness) == ("OSError", Soundness.WATCH)
    assert noted.succeeded_at == clock.now() - timedelta(minutes=1)
    clock.advance(system_status.CHORE_LATE)
    (noted,) = system_status.work(county.backend, admin).chores
    assert noted.soundness is Soundness.BROKEN


def test_a_late_note_of_an_earlier_end_does_not_replace_a_newer(
    county: County, admin: StaffMember, clock: FixedClock
) -> None:
    chore_log.noted(county.backend, "sweep", lambda: None)()
    ended = clock.now()
    clock.set(ended - timedelta(minutes=5))
    chore_log.noted(county.backend, "sweep", lambda: None)()
    (noted,) = system_status.work(county.backend, admin).chores
    assert noted.ended_at == ended


def test_stores_that_answer_are_sound(county: County, admin: StaffMember) -> None:
    person = county.person()
    county.enrol_nobody(person)
    found = system_status.stores(county.backend, admin)
    assert (found.objects, found.anchors) == (Soundness.SOUND, Soundness.WATCH)
    assert found.database.startswith("18")
    assert found.database_s >= 0


def test_evidence_that_is_gone_from_the_store_is_an_alarm(
    county: County, admin: StaffMember
) -> None:
    person = county.person()
    county.enrol_nobody(person)
    for key in list(county.backend.objects.keys("evidence")):
        county.backend.objects.delete(key)
    found = system_status.stores(county.backend, admin)
    assert (found.objects, found.objects_fault) == (Soundness.BROKEN, "ObjectMissing")


def test_a_store_that_does_not_answer_is_an_alarm(county: County, admin: StaffMember) -> None:
    nobody = S3Place(
        endpoint="127.0.0.1:9", bucket="evidence", access_key="a", secret_key="b", secure=False
    )
    patience = Patience(connect_s=0.2, answer_s=0.2, give_up_s=0.2)
    backend = replace(county.backend, objects=S3Store(nobody, patience))
    found = system_status.stores(backend, admin)
    assert (found.objects, found.objects_fault) == (Soundness.BROKEN, "StoreUnavailable")


def test_a_damaged_file_of_published_heads_is_an_alarm(county: County, admin: StaffMember) -> None:
    county.backend.installation.anchors.write_text("not an anchor\n")
    assert system_status.stores(county.backend, admin).anchors is Soundness.BROKEN


def test_model_files_are_held_against_their_digests(county: County, tmp_path: Path) -> None:
    folder = tmp_path / "models"
    folder.mkdir()
    entry = manifest()[ModelRole.DETECTOR]
    (folder / entry.file).write_bytes(b"not the model")
    installation = replace(county.backend.installation, models=ModelStore(folder))
    found = system_status.models(replace(county.backend, installation=installation))
    states = {each.role: each.soundness for each in found}
    assert states[ModelRole.DETECTOR] is Soundness.BROKEN  # altered
    assert states[ModelRole.EMBEDDER] is Soundness.BROKEN  # missing
    assert {states[each.role] for each in found if each.is_optional} <= {Soundness.ABSENT}
    assert set(states) == set(ModelRole)


@pytest.mark.faces
def test_models_that_were_fetched_are_sound(county: County) -> None:
    installation = replace(county.backend.installation, models=ModelStore())
    found = system_status.models(replace(county.backend, installation=installation))
    assert {each.soundness for each in found if not each.is_optional} == {Soundness.SOUND}


def test_consents_are_counted_by_text_in_the_own_division(
    county: County, admin: StaffMember, clock: FixedClock
) -> None:
    for _ in range(2):
        county.enrol_nobody(county.person())
    county.enrol_nobody(county.person(household=OTHER_COUNTY_VILLAGE))
    run(
        county.backend,
        "update consents set withdrawn_at = now() where id = (select id from consents"
        " where beneficiary_id in (select id from beneficiaries where household_path like"
        " '990101%') limit 1)",
    )
    found = system_status.texts(county.backend, admin)
    (text,) = found.consents
    assert (text.text_version, text.given, text.withdrawn) == ("test", 1, 1)
    assert (found.version, text.last_given) == ("test-1", clock.now())


@pytest.mark.parametrize(
    ("today", "years", "missing", "soundness"),
    [
        (datetime(2026, 3, 2, tzinfo=UTC), {2025, 2026}, (), Soundness.SOUND),
        (datetime(2026, 10, 31, tzinfo=UTC), {2026}, (), Soundness.SOUND),
        (datetime(2026, 10, 31, 16, tzinfo=UTC), {2026}, (2027,), Soundness.WATCH),
        (datetime(2026, 12, 1, tzinfo=UTC), {2026, 2027}, (), Soundness.SOUND),
        (datetime(2027, 1, 1, tzinfo=UTC), {2026}, (2027,), Soundness.BROKEN),
    ],
)
def test_the_calendar_must_know_this_year_and_from_november_the_next(
    county: County,
    clock: FixedClock,
    today: datetime,
    years: set[int],
    missing: tuple[int, ...],
    soundness: Soundness,
) -> None:
    clock.set(today)
    table = HolidayTable(years=frozenset(years), closed=frozenset(), makeup=frozenset())
    found = system_status.holidays(replace(county.backend, holidays=table))
    assert (found.missing, found.soundness) == (missing, soundness)
