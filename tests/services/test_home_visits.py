"""An officer hands in a home visit: what is accepted, what counts once, what is refused."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from uuid import UUID

import pytest
import sqlalchemy as sa

from domain.errors import AppError
from domain.home_visit import Checklist
from services import evidence, home_visits
from services.accounts import StaffMember
from services.backend import Backend
from services.home_visits import VisitState
from storage.db.models.cases import Visit, VisitPart
from storage.db.models.certification import Evidence
from storage.ids import uuid7
from tests import case_world as world
from tests.acts import code_of, together
from tests.case_world import SYSTEM
from tests.places import OTHER_COUNTY_VILLAGE, OTHER_TOWNSHIP_VILLAGE, OTHER_VILLAGE


def count(backend: Backend, model: type) -> int:
    with backend.unit(SYSTEM.actor, SYSTEM.scope) as unit:
        return unit.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def jobs(backend: Backend, visit_id: UUID) -> int:
    wanted = sa.text(
        "select count(*) from procrastinate_jobs"
        " where task_name = 'visit.decide' and args ->> 'visit_id' = :id"
    )
    with backend.unit(SYSTEM.actor, SYSTEM.scope) as unit:
        return unit.session.scalar(wanted, {"id": str(visit_id)}) or 0


def test_a_visit_is_accepted_with_its_parts_its_record_and_its_job(
    backend: Backend, officer: StaffMember, person: UUID
) -> None:
    visit_id = world.hand_in(backend, officer, person, "visit-0001")
    with backend.unit(SYSTEM.actor, SYSTEM.scope) as unit:
        parts = unit.session.scalars(sa.select(VisitPart).order_by(VisitPart.position))
        assert [part.kind for part in parts] == ["person", "person_with_id_card", "doorway"]
    assert jobs(backend, visit_id) == 1
    (record,) = world.audited(backend, "visit.submitted")
    assert record.chain == "990101"
    assert record.details["visit"] == str(visit_id)
    status = home_visits.status_of(backend, officer, "visit-0001")
    assert (status.state, status.reasons, status.receipt) == (VisitState.SUBMITTED, (), None)


def test_a_pack_comes_back_from_its_record_as_it_was_given(
    backend: Backend, officer: StaffMember, person: UUID
) -> None:
    visit = world.pack("visit-0001", world.photos("a"), backend.clock.now())
    assert home_visits.from_json(home_visits.as_json(visit)) == visit


def test_photos_are_sealed_and_come_back_as_they_were(
    backend: Backend, officer: StaffMember, person: UUID
) -> None:
    content = world.JPEG + b"a face at home"
    stored = home_visits.store_photo(
        backend,
        officer,
        person,
        sha256=world.digest(content),
        content=content,
        media_type="image/jpeg",
    )
    with backend.unit(SYSTEM.actor, SYSTEM.scope) as unit:
        row = unit.session.get_one(Evidence, stored.id)
    assert content not in backend.objects.get(row.object_key)  # type: ignore[arg-type]
    assert evidence.read(backend, SYSTEM, stored.id) == (content, "image/jpeg")


def test_a_photo_whose_bytes_are_not_those_of_its_digest_is_refused(
    backend: Backend, officer: StaffMember, person: UUID
) -> None:
    code = code_of(
        lambda: home_visits.store_photo(
            backend,
            officer,
            person,
            sha256=world.digest(b"one"),
            content=world.JPEG,
            media_type="image/jpeg",
        )
    )
    assert code == "submission.part_altered"


@pytest.mark.parametrize("village", [OTHER_VILLAGE, OTHER_COUNTY_VILLAGE])
def test_an_officer_hands_in_nothing_about_another_village(
    backend: Backend, officer: StaffMember, village: str
) -> None:
    stranger = world.add_person(backend, 2, village)  # type: ignore[arg-type]
    files = world.photos("x")
    assert code_of(lambda: world.upload(backend, officer, stranger, files)) == (
        "visit.not_own_village"
    )
    visit = world.pack("visit-0001", files, backend.clock.now())
    assert code_of(lambda: home_visits.submit(backend, officer, stranger, visit)) == (
        "visit.not_own_village"
    )
    assert count(backend, Evidence) == 0


def test_nobody_and_somebody_of_another_village_get_one_answer(
    backend: Backend, officer: StaffMember
) -> None:
    assert code_of(lambda: world.upload(backend, officer, uuid7(), world.photos("x"))) == (
        "visit.not_own_village"
    )


def test_a_visit_counts_only_when_every_part_is_there(
    backend: Backend, officer: StaffMember, person: UUID
) -> None:
    files = world.photos("a")
    visit = world.pack("visit-0001", files, backend.clock.now())
    world.upload(backend, officer, person, {"person": files["person"]})
    with pytest.raises(AppError) as refused:
        home_visits.submit(backend, officer, person, visit)
    assert refused.value.code == "submission.parts_not_received"
    assert refused.value.params["missing"] == ["doorway", "person_with_id_card"]
    assert count(backend, Visit) == 0
    (record,) = world.audited(backend, "submission.refused")
    assert record.details["code"] == "submission.parts_not_received"


def test_a_part_of_another_size_than_promised_is_refused(
    backend: Backend, officer: StaffMember, person: UUID
) -> None:
    files = world.photos("a")
    world.upload(backend, officer, person, files)
    visit = world.pack("visit-0001", files, backend.clock.now())
    first, *others = visit.manifest.parts
    parts = (replace(first, size=first.size + 1), *others)
    visit = replace(visit, manifest=replace(visit.manifest, parts=parts))
    assert code_of(lambda: home_visits.submit(backend, officer, person, visit)) == (
        "submission.content_differs"
    )


def test_photos_of_somebody_else_do_not_serve(
    backend: Backend, officer: StaffMember, person: UUID
) -> None:
    files = world.photos("a")
    world.upload(backend, officer, world.add_person(backend, 2), files)
    visit = world.pack("visit-0001", files, backend.clock.now())
    assert code_of(lambda: home_visits.submit(backend, officer, person, visit)) == (
        "submission.parts_not_received"
    )


def test_none_of_the_four_questions_may_be_left_open(
    backend: Backend, officer: StaffMember, person: UUID
) -> None:
    open_question = Checklist(
        alive=True, not_in_custody=None, name_and_id_right=True, contact_current=True
    )
    code = code_of(
        lambda: world.hand_in(backend, officer, person, "visit-0001", checklist=open_question)
    )
    assert code == "visit.checklist_incomplete"
    assert count(backend, Visit) == 0


def test_a_visit_to_come_is_refused(backend: Backend, officer: StaffMember, person: UUID) -> None:
    later = backend.clock.now() + timedelta(minutes=11)
    code = code_of(lambda: world.hand_in(backend, officer, person, "visit-0001", captured_at=later))
    assert code == "visit.time_in_future"


def test_who_draws_nothing_is_not_certified_by_a_visit(
    backend: Backend, officer: StaffMember
) -> None:
    person = world.add_person(backend, 3, schemes=())
    assert code_of(lambda: world.hand_in(backend, officer, person, "visit-0001")) == (
        "person.no_entitlement"
    )


def test_where_no_rules_are_in_force_nothing_is_taken_that_nobody_could_decide(
    backend: Backend,
) -> None:
    far = OTHER_COUNTY_VILLAGE
    stranger, there = world.add_person(backend, 3, far), world.officer(backend, path=far)
    assert code_of(lambda: world.hand_in(backend, there, stranger, "visit-0001")) == (
        "policy.region_unknown"
    )
    assert count(backend, Visit) == 0


def test_a_visit_sent_again_counts_once_however_late(
    backend: Backend, officer: StaffMember, person: UUID
) -> None:
    files = world.photos("a")
    world.upload(backend, officer, person, files)
    visit = world.pack("visit-0001", files, backend.clock.now())
    assert home_visits.submit(backend, officer, person, visit) == "visit-0001"
    backend.clock.advance(timedelta(days=400))  # type: ignore[attr-defined]
    assert home_visits.submit(backend, officer, person, visit) == "visit-0001"
    assert count(backend, Visit) == 1
    assert len(world.audited(backend, "visit.submitted")) == 1


def test_other_content_under_a_known_client_id_is_refused(
    backend: Backend, officer: StaffMember, person: UUID
) -> None:
    world.hand_in(backend, officer, person, "visit-0001", world.photos("a"))
    assert code_of(
        lambda: world.hand_in(backend, officer, person, "visit-0001", world.photos("b"))
    ) == ("submission.client_id_taken")
    assert code_of(
        lambda: world.hand_in(
            backend, officer, person, "visit-0001", world.photos("a"), device="tablet-8"
        )
    ) == ("submission.client_id_taken")


def test_a_known_client_id_for_another_person_is_refused(
    backend: Backend, officer: StaffMember, person: UUID
) -> None:
    files = world.photos("a")
    world.hand_in(backend, officer, person, "visit-0001", files)
    other = world.add_person(backend, 2)
    assert code_of(lambda: world.hand_in(backend, officer, other, "visit-0001", files)) == (
        "submission.client_id_taken"
    )


def test_a_client_id_belongs_to_the_officer_who_used_it_first(
    backend: Backend, officer: StaffMember, person: UUID
) -> None:
    files = world.photos("a")
    world.hand_in(backend, officer, person, "visit-0001", files)
    colleague = world.officer(backend, "colleague")
    assert code_of(lambda: world.hand_in(backend, colleague, person, "visit-0001", files)) == (
        "submission.client_id_taken"
    )


def test_a_client_id_used_in_another_county_is_taken_though_out_of_sight(
    backend: Backend, officer: StaffMember, person: UUID
) -> None:
    stranger = world.add_person(backend, 2, OTHER_TOWNSHIP_VILLAGE, lives_in=OTHER_COUNTY_VILLAGE)
    far_away = world.officer(backend, "far-away", OTHER_COUNTY_VILLAGE)
    world.hand_in(backend, far_away, stranger, "visit-0001")
    assert code_of(lambda: world.hand_in(backend, officer, person, "visit-0001")) == (
        "submission.client_id_taken"
    )


def test_a_visit_of_another_division_is_not_to_be_found(
    backend: Backend, officer: StaffMember, person: UUID
) -> None:
    world.hand_in(backend, officer, person, "visit-0001")
    stranger = world.officer(backend, "stranger", OTHER_VILLAGE)
    assert code_of(lambda: home_visits.status_of(backend, stranger, "visit-0001")) == (
        "visit.not_found"
    )
    assert code_of(lambda: home_visits.status_of(backend, officer, "visit-0009")) == (
        "visit.not_found"
    )


@pytest.mark.committing
def test_the_same_visit_sent_by_four_at_once_counts_once(
    backend: Backend, officer: StaffMember, person: UUID
) -> None:
    files = world.photos("a")
    world.upload(backend, officer, person, files)
    visit = world.pack("visit-0001", files, backend.clock.now())
    start, answers = Barrier(4), list[str]()

    def send() -> None:
        start.wait()
        answers.append(home_visits.submit(backend, officer, person, visit))

    together([send] * 4)
    assert answers == ["visit-0001"] * 4
    assert count(backend, Visit) == 1
    assert len(world.audited(backend, "visit.submitted")) == 1


@pytest.mark.committing
def test_of_two_officers_who_use_one_client_id_at_once_one_is_refused(
    backend: Backend, officer: StaffMember, person: UUID
) -> None:
    colleague = world.officer(backend, "colleague")
    files = world.photos("a")
    world.upload(backend, officer, person, files)
    visit = world.pack("visit-0001", files, backend.clock.now())
    start, answers = Barrier(2), list[str]()

    def sender(who: StaffMember) -> Callable[[], None]:
        def send() -> None:
            start.wait()
            try:
                answers.append(home_visits.submit(backend, who, person, visit))
            except AppError as refused:
                answers.append(refused.code)

        return send

    together([sender(officer), sender(colleague)])
    assert sorted(answers) == ["submission.client_id_taken", "visit-0001"]
    assert count(backend, Visit) == 1


def test_what_is_no_photo_at_all_is_refused_at_once(
    backend: Backend, officer: StaffMember, person: UUID
) -> None:
    files = {"person": b"<html>"}
    assert code_of(lambda: world.upload(backend, officer, person, files)) == "submission.not_media"
    assert count(backend, Evidence) == 0
