"""The worker decides a home visit: certified when clean, a human otherwise, once in any case."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Barrier, Thread
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from app.demo.photos import Selfie
from app.demo.studio import Studio
from domain.beneficiary import SuspensionCause
from domain.home_visit import ID_CARD_PART, Place, VisitOutcome
from domain.policy_values import Scheme
from services import home_visits, visit_decisions
from services.accounts import StaffMember
from services.backend import Backend
from services.faces import Faces
from services.home_visits import VisitState
from services.visit_decisions import visited_on
from storage.db.models.cases import Lead, Review, VisitDecision
from storage.db.models.registry import DataKeyRow
from storage.ids import uuid7
from storage.jobs.queue import JobQueue, worker_app
from tests import attempt_world, backend_world
from tests import case_world as world
from tests.case_world import SYSTEM
from tests.clock import FixedClock
from tests.db_server import Database
from tests.places import OTHER_COUNTY_VILLAGE, OTHER_TOWNSHIP_VILLAGE
from worker.tasks import on_given_up, register_tasks


@pytest.fixture
def seeing(
    sessions: sessionmaker[Session],
    queue: JobQueue,
    clock: FixedClock,
    tmp_path: Path,
    faces: Faces,
) -> Backend:
    """A backend that shares the run's face engine, which takes a second to start."""
    made = backend_world.make_backend(sessions, queue, clock, tmp_path, faces)
    backend_world.add_places(made)
    return made


@pytest.fixture
def officer(seeing: Backend) -> StaffMember:
    return world.officer(seeing)


def visit_files(studio: Studio, who: str, *, seed: int = 0) -> dict[str, bytes]:
    made = studio.visit_photos(who, seed=seed)
    return {
        "person": made["person"],
        ID_CARD_PART: made["person_with_id_card"],
        "doorway": made["doorway"],
    }


def enrolled(seeing: Backend, studio: Studio, serial: int = 1, **given: object) -> UUID:
    person = world.add_person(seeing, serial, **given)  # type: ignore[arg-type]
    attempt_world.enrol(seeing, person, studio.reference("p1"))
    return person


def decision(seeing: Backend, visit_id: UUID) -> VisitDecision:
    with seeing.unit(SYSTEM.actor, SYSTEM.scope) as unit:
        return unit.session.get_one(VisitDecision, visit_id)


def reviews(seeing: Backend) -> list[Review]:
    with seeing.unit(SYSTEM.actor, SYSTEM.scope) as unit:
        return list(unit.session.scalars(sa.select(Review)))


@pytest.mark.faces
def test_a_clean_visit_certifies_every_benefit_in_one_commit(
    seeing: Backend, officer: StaffMember, studio: Studio
) -> None:
    both = (Scheme.RESIDENT_PENSION, Scheme.SURVIVOR_ALLOWANCE)
    person = enrolled(seeing, studio, schemes=both)
    before = world.valid_until(seeing, person)
    visit_id = world.hand_in(seeing, officer, person, "visit-0001", visit_files(studio, "p1"))
    assert visit_decisions.decide_submitted(seeing, visit_id) is VisitOutcome.CERTIFIED
    rows = world.log_of(seeing, person)
    assert {(row.channel, row.visit_id, row.captured_on) for row in rows} == {
        ("home_visit", visit_id, date(2026, 3, 2))
    }
    assert len(rows) == 2
    after = world.valid_until(seeing, person)
    assert set(before.values()) == {None}
    assert all(day is not None and day > date(2026, 12, 1) for day in after.values())
    status = home_visits.status_of(seeing, officer, "visit-0001")
    assert status.state is VisitState.CERTIFIED
    assert status.receipt is not None
    assert status.receipt.certificate_number == rows[0].certificate_number
    assert reviews(seeing) == []


@pytest.mark.faces
def test_what_was_measured_is_kept_with_models_and_policy(
    seeing: Backend, officer: StaffMember, studio: Studio
) -> None:
    person = enrolled(seeing, studio)
    visit_id = world.hand_in(seeing, officer, person, "visit-0001", visit_files(studio, "p1"))
    visit_decisions.decide_submitted(seeing, visit_id)
    row = decision(seeing, visit_id)
    names = [check["name"] for check in row.checks]
    assert names == ["person_match", "person_with_id_card_match"]
    assert row.checks[0]["value"] == pytest.approx(row.evidence["person"][0]["similarity"])
    assert row.evidence["references"] == 1
    assert row.models == row.evidence["models"]
    assert "embedder" in row.models
    assert len(row.preset_digest) == 64
    (record,) = world.audited(seeing, "visit.decided")
    assert record.details["outcome"] == "certified"


@pytest.mark.faces
@pytest.mark.parametrize("variant", [Selfie.IN_BED, Selfie.CLOSED_EYES, Selfie.EXIF_ROTATED])
def test_somebody_who_lies_in_bed_or_cannot_open_the_eyes_is_certified(
    seeing: Backend, officer: StaffMember, studio: Studio, variant: Selfie
) -> None:
    person = enrolled(seeing, studio)
    files = visit_files(studio, "p1") | {"person": studio.selfie("p1", variant)}
    visit_id = world.hand_in(seeing, officer, person, "visit-0001", files)
    assert visit_decisions.decide_submitted(seeing, visit_id) is VisitOutcome.CERTIFIED


@pytest.mark.faces
def test_one_photo_that_matches_among_several_is_enough(
    seeing: Backend, officer: StaffMember, studio: Studio
) -> None:
    person = enrolled(seeing, studio)
    files = visit_files(studio, "p1")
    dark = {"person": studio.selfie("p1", Selfie.DARK), "person_2": files["person"]}
    visit_id = world.hand_in(seeing, officer, person, "visit-0001", files | dark)
    assert visit_decisions.decide_submitted(seeing, visit_id) is VisitOutcome.CERTIFIED


@pytest.mark.faces
def test_another_person_goes_to_review_and_is_never_refused(
    seeing: Backend, officer: StaffMember, studio: Studio
) -> None:
    person = enrolled(seeing, studio)
    visit_id = world.hand_in(seeing, officer, person, "visit-0001", visit_files(studio, "p2"))
    assert visit_decisions.decide_submitted(seeing, visit_id) is VisitOutcome.REVIEW
    (review,) = reviews(seeing)
    assert review.visit_id == visit_id
    assert "visit_face_differs" in review.reasons
    assert world.log_of(seeing, person) == []
    assert home_visits.status_of(seeing, officer, "visit-0001").state is VisitState.IN_REVIEW


@pytest.mark.faces
def test_without_a_reference_photo_a_human_looks(
    seeing: Backend, officer: StaffMember, studio: Studio
) -> None:
    person = world.add_person(seeing, 1)
    visit_id = world.hand_in(seeing, officer, person, "visit-0001", visit_files(studio, "p1"))
    assert visit_decisions.decide_submitted(seeing, visit_id) is VisitOutcome.REVIEW
    assert "visit_no_reference" in reviews(seeing)[0].reasons


@pytest.mark.faces
def test_files_that_are_no_pictures_go_to_review(
    seeing: Backend, officer: StaffMember, studio: Studio
) -> None:
    person = enrolled(seeing, studio)
    visit_id = world.hand_in(seeing, officer, person, "visit-0001", world.photos("a"))
    assert visit_decisions.decide_submitted(seeing, visit_id) is VisitOutcome.REVIEW
    reasons = reviews(seeing)[0].reasons
    assert {"visit_face_unclear", "visit_id_card_photo_unclear", "visit_doorway_unclear"} <= set(
        reasons
    )


@pytest.mark.faces
def test_a_photo_handed_in_before_sends_the_second_visit_to_review(
    seeing: Backend, officer: StaffMember, studio: Studio
) -> None:
    person = enrolled(seeing, studio)
    files = visit_files(studio, "p1")
    first = world.hand_in(seeing, officer, person, "visit-0001", files)
    assert visit_decisions.decide_submitted(seeing, first) is VisitOutcome.CERTIFIED
    again = world.hand_in(seeing, officer, person, "visit-0002", files)
    assert visit_decisions.decide_submitted(seeing, again) is VisitOutcome.REVIEW
    assert decision(seeing, again).reasons == ["visit_photo_seen_before"]
    assert len(world.log_of(seeing, person)) == 1


@pytest.mark.faces
def test_a_photo_used_for_somebody_of_another_county_is_found(
    seeing: Backend, officer: StaffMember, studio: Studio
) -> None:
    stranger = world.add_person(seeing, 2, OTHER_TOWNSHIP_VILLAGE, lives_in=OTHER_COUNTY_VILLAGE)
    far_away = world.officer(seeing, "far-away", OTHER_COUNTY_VILLAGE)
    files = visit_files(studio, "p1")
    world.hand_in(seeing, far_away, stranger, "visit-0001", files)
    own = files | {"doorway": studio.selfie("p1", Selfie.NO_FACE)}
    visit_id = world.hand_in(seeing, officer, enrolled(seeing, studio), "visit-0002", own)
    assert visit_decisions.decide_submitted(seeing, visit_id) is VisitOutcome.REVIEW
    assert decision(seeing, visit_id).evidence["photos_seen_before"] == 2


@pytest.mark.faces
def test_the_reference_photo_itself_is_no_photo_of_a_visit(
    seeing: Backend, officer: StaffMember, studio: Studio
) -> None:
    person = enrolled(seeing, studio)
    files = visit_files(studio, "p1") | {"person": studio.reference("p1")}
    visit_id = world.hand_in(seeing, officer, person, "visit-0001", files)
    assert visit_decisions.decide_submitted(seeing, visit_id) is VisitOutcome.REVIEW
    assert decision(seeing, visit_id).reasons == ["visit_photo_seen_before"]


@pytest.mark.faces
def test_a_file_uploaded_under_the_wrong_name_and_never_handed_in_is_nothing_odd(
    seeing: Backend, officer: StaffMember, studio: Studio
) -> None:
    person, files = enrolled(seeing, studio), visit_files(studio, "p1")
    world.upload(seeing, officer, world.add_person(seeing, 2), files)
    visit_id = world.hand_in(seeing, officer, person, "visit-0001", files)
    assert visit_decisions.decide_submitted(seeing, visit_id) is VisitOutcome.CERTIFIED


@pytest.mark.faces
def test_a_death_reported_meanwhile_leaves_it_to_a_human(
    seeing: Backend, officer: StaffMember, studio: Studio
) -> None:
    person = enrolled(seeing, studio)
    visit_id = world.hand_in(seeing, officer, person, "visit-0001", visit_files(studio, "p1"))
    world.suspend(seeing, person, SuspensionCause.DEATH)
    assert visit_decisions.decide_submitted(seeing, visit_id) is VisitOutcome.REVIEW
    assert decision(seeing, visit_id).reasons == ["visit_flagged_by_lead"]
    assert world.log_of(seeing, person) == []


@pytest.mark.faces
def test_a_benefit_held_for_want_of_certification_is_resumed_by_a_visit(
    seeing: Backend, officer: StaffMember, studio: Studio
) -> None:
    person = enrolled(seeing, studio)
    world.suspend(seeing, person, SuspensionCause.UNCERTIFIED)
    seeing.clock.advance(timedelta(hours=2))  # type: ignore[attr-defined]
    visit_id = world.hand_in(seeing, officer, person, "visit-0001", visit_files(studio, "p1"))
    assert visit_decisions.decide_submitted(seeing, visit_id) is VisitOutcome.CERTIFIED
    assert len(world.audited(seeing, "entitlement.resumed")) == 1


@pytest.mark.faces
def test_no_visit_passes_by_itself_while_a_lead_is_open(
    seeing: Backend, officer: StaffMember, studio: Studio
) -> None:
    person = enrolled(seeing, studio)
    with seeing.unit(SYSTEM.actor, SYSTEM.scope) as unit:
        unit.session.add(
            Lead(
                id=uuid7(),
                beneficiary_id=person,
                kind="reported_death",
                opened_at=unit.now,
                opened_by="system:test",
            )
        )
    visit_id = world.hand_in(seeing, officer, person, "visit-0001", visit_files(studio, "p1"))
    assert visit_decisions.decide_submitted(seeing, visit_id) is VisitOutcome.REVIEW


@pytest.mark.faces
def test_a_faked_place_and_a_no_on_the_checklist_go_to_review(
    seeing: Backend, officer: StaffMember, studio: Studio
) -> None:
    person = enrolled(seeing, studio)
    faked = Place(latitude=28.1, longitude=115.9, accuracy_m=12.5, mock=True)
    visit_id = world.hand_in(
        seeing,
        officer,
        person,
        "visit-0001",
        visit_files(studio, "p1"),
        place=faked,
        checklist=replace(world.ALL_WELL, contact_current=False),
    )
    visit_decisions.decide_submitted(seeing, visit_id)
    assert decision(seeing, visit_id).reasons == [
        "visit_contact_outdated",
        "visit_place_doubtful",
    ]


@pytest.mark.faces
def test_photos_older_than_policy_allows_go_to_review(
    seeing: Backend, officer: StaffMember, studio: Studio
) -> None:
    person = enrolled(seeing, studio)
    old = seeing.clock.now() - timedelta(hours=73)
    visit_id = world.hand_in(
        seeing, officer, person, "visit-0001", visit_files(studio, "p1"), captured_at=old
    )
    visit_decisions.decide_submitted(seeing, visit_id)
    assert decision(seeing, visit_id).reasons == ["visit_photo_stale"]


@pytest.mark.faces
def test_a_visit_is_decided_once_however_often_its_job_runs(
    seeing: Backend, officer: StaffMember, studio: Studio
) -> None:
    person = enrolled(seeing, studio)
    visit_id = world.hand_in(seeing, officer, person, "visit-0001", visit_files(studio, "p1"))
    assert visit_decisions.decide_submitted(seeing, visit_id) is VisitOutcome.CERTIFIED
    assert visit_decisions.decide_submitted(seeing, visit_id) is None
    visit_decisions.give_up(seeing, visit_id)
    assert len(world.log_of(seeing, person)) == 1
    assert reviews(seeing) == []


@pytest.mark.faces
@pytest.mark.committing
def test_a_visit_decided_by_two_workers_at_once_is_decided_once(
    seeing: Backend, officer: StaffMember, studio: Studio
) -> None:
    person = enrolled(seeing, studio)
    visit_id = world.hand_in(seeing, officer, person, "visit-0001", visit_files(studio, "p1"))
    start, outcomes = Barrier(2), list[VisitOutcome | None]()

    def work() -> None:
        start.wait()
        outcomes.append(visit_decisions.decide_submitted(seeing, visit_id))

    threads = [Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(outcomes, key=str) == [None, VisitOutcome.CERTIFIED]
    assert len(world.log_of(seeing, person)) == 1


def test_a_visit_that_no_worker_could_measure_reaches_a_human_once(backend: Backend) -> None:
    person = world.add_person(backend, 1)
    visit_id = world.hand_in(backend, world.officer(backend), person, "visit-0001")
    on_given_up(backend, "visit.decide", {"visit_id": str(visit_id)})
    on_given_up(backend, "visit.decide", {"visit_id": str(visit_id)})
    (review,) = reviews(backend)
    assert review.reasons == ["visit_model_missing"]
    assert decision(backend, visit_id).outcome == "review"


def test_a_clock_that_runs_ahead_never_makes_a_visit_of_tomorrow() -> None:
    received = datetime(2026, 3, 2, 15, 58, tzinfo=UTC)  # two minutes to midnight in Shanghai
    assert visited_on(received + timedelta(minutes=5), received) == date(2026, 3, 2)
    assert visited_on(received - timedelta(days=2), received) == date(2026, 2, 28)


def test_an_unknown_visit_is_nothing_to_decide(backend: Backend) -> None:
    assert visit_decisions.decide_submitted(backend, uuid7()) is None


def test_somebody_erased_by_law_meanwhile_leaves_nothing_to_decide(backend: Backend) -> None:
    person = world.add_person(backend, 1)
    visit_id = world.hand_in(backend, world.officer(backend), person, "visit-0001")
    with backend.unit(SYSTEM.actor, SYSTEM.scope) as unit:
        row = unit.session.get_one(DataKeyRow, person)
        row.wrapped, row.destroyed_at = None, unit.now
    assert visit_decisions.decide_submitted(backend, visit_id) is None
    visit_decisions.give_up(backend, visit_id)
    assert reviews(backend) == []


@pytest.mark.faces
@pytest.mark.committing
def test_the_job_that_came_with_a_visit_has_the_worker_decide_it(
    seeing: Backend, officer: StaffMember, studio: Studio, database: Database
) -> None:
    person = enrolled(seeing, studio)
    world.hand_in(seeing, officer, person, "visit-0001", visit_files(studio, "p1"))
    asyncio.run(work_once(seeing, database.app_url))
    assert home_visits.status_of(seeing, officer, "visit-0001").state is VisitState.CERTIFIED


async def work_once(backend: Backend, url: str) -> None:
    """Do every job that waits, as the real worker's queue does it."""
    app = worker_app(url)
    register_tasks(app, backend)
    async with app.open_async():
        await app.run_worker_async(wait=False, install_signal_handlers=False)


def test_the_states_of_a_visit_are_those_of_the_contract() -> None:
    machine = json.loads(Path("field_app_spec/state_machines/visit.json").read_text("utf-8"))
    assert set(machine["states"]) == {state.value for state in VisitState}
