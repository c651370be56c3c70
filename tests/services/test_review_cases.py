"""What the holder of a case sees of it: reasons, checks, evidence, each look on record."""

from datetime import date
from uuid import UUID

import sqlalchemy as sa

from services import review_cases, reviews, visit_decisions
from services.accounts import StaffMember
from services.backend import Backend
from services.reviews import ReviewState
from storage.db.models.cases import Review
from storage.db.models.certification import ReferencePhoto
from storage.ids import uuid7
from tests import attempt_world
from tests import case_world as world
from tests.acts import code_of
from tests.case_world import SYSTEM
from tests.services.reviewing import CERTIFY, advance, rows


def test_the_case_shows_reasons_checks_parts_references_and_what_came_before(
    backend: Backend, officer: StaffMember, clerk: StaffMember, person: UUID
) -> None:
    attempt_world.enrol_unread(backend, person, world.JPEG + b"old", date(2020, 3, 2))
    attempt_world.flagged_attempt(backend, person, "phone-0001", channel="helper")
    advance(backend, hours=1)
    no_model = world.hand_in(backend, officer, person, "visit-0001")
    decide_unread(backend, no_model)
    (case,) = [row.id for row in rows(backend, Review) if row.visit_id == no_model]
    found = review_cases.open_case(backend, clerk, case)
    assert (found.channel, found.state) == ("home_visit", ReviewState.WAITING)
    assert found.reasons == ("visit_model_missing",)
    assert [part.name for part in found.parts] == ["person", "person_with_id_card", "doorway"]
    (known,) = found.references
    assert (known.source, known.taken_on, known.age_days) == (
        "window_capture",
        date(2020, 3, 2),
        2191,
    )
    (earlier,) = found.earlier
    assert (earlier.channel, earlier.outcome, earlier.reasons) == (
        "helper",
        "review",
        ("not_measured",),
    )
    assert found.pack["checklist"]["alive"] is True
    assert found.pack["place"]["accuracy_m"] == 12.5
    assert found.verdict is None


def decide_unread(backend: Backend, visit_id: UUID) -> None:
    visit_decisions.give_up(backend, visit_id)


def test_name_and_phone_open_to_the_one_who_holds_the_case(
    backend: Backend, clerk: StaffMember, head: StaffMember, case: UUID
) -> None:
    reviews.claim_case(backend, clerk, case)
    mine = review_cases.open_case(backend, clerk, case)
    others = review_cases.open_case(backend, head, case)
    assert (mine.subject.name, mine.subject.phone) == ("王测试", "13800001234")
    assert (others.subject.name, others.subject.phone) == ("王*试", "*******1234")
    assert "*" in mine.subject.id_number_masked
    assert (mine.is_mine, others.is_mine, others.state) == (True, False, ReviewState.CLAIMED)
    looks = world.audited(backend, "review.viewed")
    assert [row.details["unmasked"] for row in looks] == [True, False]


def test_evidence_goes_to_the_holder_only_and_each_look_is_on_record(
    backend: Backend, clerk: StaffMember, head: StaffMember, case: UUID, person: UUID
) -> None:
    part = review_cases.open_case(backend, clerk, case).parts[0]
    assert code_of(lambda: review_cases.look_at(backend, clerk, case, part.evidence_id)) == (
        "review.not_claimed"
    )
    reviews.claim_case(backend, clerk, case)
    assert code_of(lambda: review_cases.look_at(backend, head, case, part.evidence_id)) == (
        "review.claimed_by_other"
    )
    for _ in range(2):
        content, media_type = review_cases.look_at(backend, clerk, case, part.evidence_id)
        assert (world.digest(content), media_type) == (part.sha256, "image/jpeg")
    looks = world.audited(backend, "evidence.viewed")
    assert [(row.details["evidence"], row.details["review"]) for row in looks] == (
        [(str(part.evidence_id), str(case))] * 2
    )
    assert [row.details["reason"] for row in looks] == ["review"] * 2
    advance(backend, minutes=30)
    assert code_of(lambda: review_cases.look_at(backend, clerk, case, part.evidence_id)) == (
        "review.claim_expired"
    )


def test_only_the_case_and_the_persons_references_are_to_be_seen(
    backend: Backend, officer: StaffMember, clerk: StaffMember, case: UUID, person: UUID
) -> None:
    reference = attempt_world.enrol_unread(backend, person, world.JPEG + b"own", None)
    removed = attempt_world.enrol_unread(backend, person, world.JPEG + b"removed", None)
    with backend.unit(SYSTEM.actor, SYSTEM.scope) as unit:
        wanted = sa.select(ReferencePhoto).where(ReferencePhoto.evidence_id == removed)
        unit.session.scalars(wanted).one().removed_at = unit.now
    neighbour = world.add_person(backend, 2)
    theirs = attempt_world.enrol_unread(backend, neighbour, world.JPEG + b"theirs", None)
    other_case = world.flagged_visit(backend, officer, person, "visit-0002")
    other_part = review_cases.open_case(backend, clerk, other_case).parts[0].evidence_id
    reviews.claim_case(backend, clerk, case)
    content, _ = review_cases.look_at(backend, clerk, case, reference)
    assert content == world.JPEG + b"own"
    for hidden in (removed, theirs, other_part, uuid7()):
        assert code_of(lambda: review_cases.look_at(backend, clerk, case, hidden)) == (  # noqa: B023 - called at once
            "evidence.not_found"
        )
    assert len(world.audited(backend, "evidence.viewed")) == 1


def test_evidence_closes_with_the_case(backend: Backend, clerk: StaffMember, case: UUID) -> None:
    reviews.claim_case(backend, clerk, case)
    part = review_cases.open_case(backend, clerk, case).parts[0]
    reviews.decide(backend, clerk, case, CERTIFY)
    assert code_of(lambda: review_cases.look_at(backend, clerk, case, part.evidence_id)) == (
        "review.already_decided"
    )
