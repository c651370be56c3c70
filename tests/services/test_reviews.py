"""A human looks at a flagged case: listed, claimed by one, looked at on record, decided once."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from threading import Barrier, Thread
from typing import TypeVar
from uuid import UUID

import pytest
import sqlalchemy as sa

from domain.beneficiary import SuspensionCause
from domain.errors import AppError
from domain.policy_values import Scheme
from domain.regions import DivisionPath
from domain.review import Method, Verdict, priority
from domain.roles import Role
from services import decisions, home_visits, review_cases, reviews, visit_decisions
from services.accounts import StaffMember
from services.backend import Backend
from services.home_visits import VisitState
from services.reviews import ReviewState, Ruling
from storage.db.models.cases import Review, ReviewDecision, VisitRequest
from storage.db.models.certification import ReferencePhoto
from storage.db.models.registry import DataKeyRow
from storage.db.repositories import sessions
from storage.db.repositories.reviews import RANK_PER_DAY
from storage.ids import uuid7
from tests import case_world as world
from tests.case_world import OTHER_TOWNSHIP, SYSTEM

Row = TypeVar("Row")
CERTIFY = Ruling(verdict=Verdict.CERTIFIED, method=Method.CALL_BACK, findings="已电话核实本人健在")


def ruling(verdict: Verdict) -> Ruling:
    return Ruling(verdict=verdict, method=None, findings="照片看不清楚，无法判断")


@pytest.fixture
def officer(backend: Backend) -> StaffMember:
    return world.officer(backend)


@pytest.fixture
def clerk(backend: Backend) -> StaffMember:
    return world.add_staff(backend, "clerk")


@pytest.fixture
def head(backend: Backend) -> StaffMember:
    return world.add_staff(backend, "head", role=Role.TOWNSHIP_HEAD)


@pytest.fixture
def person(backend: Backend) -> UUID:
    return world.add_person(backend, 1)


@pytest.fixture
def case(backend: Backend, officer: StaffMember, person: UUID) -> UUID:
    """A flagged visit."""
    return world.flagged_visit(backend, officer, person, "visit-0001")


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(AppError) as refused:
        act()
    return refused.value.code


def rows(backend: Backend, model: type[Row]) -> list[Row]:
    with backend.unit(SYSTEM.actor, SYSTEM.scope) as unit:
        return list(unit.session.scalars(sa.select(model)))


def listed(backend: Backend, who: StaffMember) -> list[UUID]:
    return [case.id for case in reviews.queue_page(backend, who, after=None, limit=50).cases]


def advance(backend: Backend, **by: float) -> None:
    backend.clock.advance(timedelta(**by))  # type: ignore[attr-defined]


# the queue


def test_a_line_of_the_queue_is_masked_and_says_why_and_by_when(
    backend: Backend, clerk: StaffMember, case: UUID
) -> None:
    page = reviews.queue_page(backend, clerk, after=None, limit=20)
    (line,) = page.cases
    assert page.next_after is None
    assert (line.id, line.masked_name, line.channel) == (case, "王*试", "home_visit")
    assert line.reasons == ("visit_model_missing",)
    assert (line.state, line.is_mine, line.is_late) == (ReviewState.WAITING, False, False)
    advance(backend, days=4)
    assert reviews.queue_page(backend, clerk, after=None, limit=20).cases[0].is_late


def test_the_queue_holds_cases_of_the_own_division_only(
    backend: Backend, clerk: StaffMember, officer: StaffMember, case: UUID
) -> None:
    stranger = world.add_staff(backend, "stranger", path=OTHER_TOWNSHIP)
    assert listed(backend, clerk) == [case]
    assert listed(backend, stranger) == []
    for look in (
        lambda: review_cases.open_case(backend, stranger, case),
        lambda: reviews.claim_case(backend, stranger, case),
        lambda: reviews.release_case(backend, stranger, case),
        lambda: reviews.decide(backend, stranger, case, CERTIFY),
        lambda: review_cases.look_at(backend, stranger, case, uuid7()),
        lambda: reviews.queue_page(backend, stranger, after=case, limit=5),
    ):
        assert refusal(look) == "review.not_found"


@pytest.mark.parametrize("limit", [1, 3, 8])
def test_pages_hold_every_case_once_the_most_pressing_first(
    backend: Backend, clerk: StaffMember, officer: StaffMember, limit: int
) -> None:
    opened = []
    for serial in range(7):
        someone = world.add_person(backend, serial)
        opened.append(world.flagged_visit(backend, officer, someone, f"visit-{serial:04d}"))
        advance(backend, minutes=1)
    urgent = world.add_person(backend, 8, schemes=(Scheme.WORK_INJURY,))
    with backend.unit(SYSTEM.actor, SYSTEM.scope) as unit:
        people = backend.people(unit)
        people.session.execute(
            sa.text("update beneficiaries set key_groups = '{incapacity}' where id = :id"),
            {"id": urgent},
        )
    pressing = world.flagged_visit(backend, officer, urgent, "visit-0008")
    found, after = list[UUID](), None
    while True:
        page = reviews.queue_page(backend, clerk, after=after, limit=limit)
        found += [case.id for case in page.cases]
        after = page.next_after
        if after is None:
            break
    assert found == [pressing, *opened]


def test_a_day_of_waiting_raises_a_case_as_much_as_the_rule_says(
    backend: Backend, clerk: StaffMember, officer: StaffMember
) -> None:
    by_rule = [
        priority(days_to_deadline=None, key_group=False, days_waiting=days) for days in range(4)
    ]
    assert {later - sooner for sooner, later in pairwise(by_rule)} == {RANK_PER_DAY}
    waits = world.flagged_visit(backend, officer, world.add_person(backend, 1), "visit-0001")
    advance(backend, days=5)
    fresh = world.add_person(backend, 2)
    with backend.unit(SYSTEM.actor, SYSTEM.scope) as unit:
        unit.session.execute(
            sa.text("update beneficiaries set key_groups = '{incapacity}' where id = :id"),
            {"id": fresh},
        )
    world.flagged_visit(backend, officer, fresh, "visit-0002")
    assert listed(backend, clerk)[0] == waits


def test_somebody_erased_by_law_leaves_a_nameless_line(
    backend: Backend, clerk: StaffMember, case: UUID, person: UUID
) -> None:
    with backend.unit(SYSTEM.actor, SYSTEM.scope) as unit:
        row = unit.session.get_one(DataKeyRow, person)
        row.wrapped, row.destroyed_at = None, unit.now
    (line,) = reviews.queue_page(backend, clerk, after=None, limit=20).cases
    assert line.masked_name is None
    assert refusal(lambda: reviews.claim_case(backend, clerk, case)) == "evidence.erased"


# the claim


def test_a_claim_keeps_others_out_until_it_runs_out(
    backend: Backend, clerk: StaffMember, head: StaffMember, case: UUID
) -> None:
    until = reviews.claim_case(backend, clerk, case)
    assert until == backend.clock.now() + timedelta(minutes=30)
    assert refusal(lambda: reviews.claim_case(backend, head, case)) == "review.claimed_by_other"
    assert refusal(lambda: reviews.decide(backend, head, case, CERTIFY)) == (
        "review.claimed_by_other"
    )
    (line,) = reviews.queue_page(backend, clerk, after=None, limit=20).cases
    assert (line.state, line.is_mine) == (ReviewState.CLAIMED, True)
    advance(backend, minutes=30)
    assert refusal(lambda: reviews.decide(backend, clerk, case, CERTIFY)) == "review.claim_expired"
    reviews.claim_case(backend, head, case)
    assert refusal(lambda: reviews.decide(backend, clerk, case, CERTIFY)) == (
        "review.claimed_by_other"
    )


def test_claiming_again_prolongs_ones_own_claim(
    backend: Backend, clerk: StaffMember, case: UUID
) -> None:
    reviews.claim_case(backend, clerk, case)
    advance(backend, minutes=20)
    until = reviews.claim_case(backend, clerk, case)
    assert until == backend.clock.now() + timedelta(minutes=30)
    advance(backend, minutes=20)
    awake = world.confirmed(backend, clerk)
    assert reviews.decide(backend, awake, case, CERTIFY).certified is not None


def test_a_released_case_waits_again(
    backend: Backend, clerk: StaffMember, head: StaffMember, case: UUID
) -> None:
    reviews.claim_case(backend, clerk, case)
    assert refusal(lambda: reviews.release_case(backend, head, case)) == "review.claimed_by_other"
    reviews.release_case(backend, clerk, case)
    assert refusal(lambda: reviews.release_case(backend, clerk, case)) == "review.not_claimed"
    reviews.claim_case(backend, head, case)
    assert [row.details["review"] for row in world.audited(backend, "review.claimed")] == (
        [str(case)] * 2
    )
    assert len(world.audited(backend, "review.released")) == 1


@pytest.mark.committing
def test_of_many_who_claim_one_case_at_once_one_holds_it(
    backend: Backend, officer: StaffMember
) -> None:
    case = world.flagged_visit(backend, officer, world.add_person(backend, 1), "visit-0001")
    clerks = [world.add_staff(backend, f"clerk-{n}") for n in range(4)]
    start, answers = Barrier(len(clerks)), list[str]()

    def claimer(who: StaffMember) -> Callable[[], None]:
        def claim() -> None:
            start.wait()
            try:
                reviews.claim_case(backend, who, case)
                answers.append("mine")
            except AppError as refused:
                answers.append(refused.code)

        return claim

    run_all([claimer(who) for who in clerks])
    assert sorted(answers) == ["mine", *["review.claimed_by_other"] * 3]


# who may


def test_an_officer_never_decides_the_visit_that_he_made(backend: Backend, person: UUID) -> None:
    made_by = world.add_staff(backend, "visiting-clerk")
    case = world.flagged_visit(backend, made_by, person, "visit-0001")
    assert refusal(lambda: reviews.claim_case(backend, made_by, case)) == "review.not_independent"
    assert refusal(lambda: reviews.decide(backend, made_by, case, CERTIFY)) == (
        "review.not_independent"
    )
    assert world.log_of(backend, person) == []


def test_who_uploaded_the_photos_for_a_colleague_helped_with_the_case(
    backend: Backend, person: UUID, clerk: StaffMember, officer: StaffMember
) -> None:
    files = world.photos("a")
    world.upload(backend, clerk, person, files)
    case = world.flagged_visit(backend, officer, person, "visit-0001", files=files)
    assert refusal(lambda: reviews.claim_case(backend, clerk, case)) == "review.not_independent"


def test_who_handed_in_what_a_colleague_photographed_made_the_visit_too(
    backend: Backend, person: UUID, clerk: StaffMember, officer: StaffMember
) -> None:
    files = world.photos("a")
    world.upload(backend, officer, person, files)
    case = world.flagged_visit(backend, clerk, person, "visit-0001", files=files)
    assert refusal(lambda: reviews.claim_case(backend, clerk, case)) == "review.not_independent"


# the case and its evidence


def test_the_case_shows_reasons_checks_parts_references_and_what_came_before(
    backend: Backend, officer: StaffMember, clerk: StaffMember, person: UUID
) -> None:
    world.enrol_unread(backend, person, world.JPEG + b"old", date(2020, 3, 2))
    world.flagged_attempt(backend, person, "phone-0001", channel="helper")
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
    assert refusal(lambda: review_cases.look_at(backend, clerk, case, part.evidence_id)) == (
        "review.not_claimed"
    )
    reviews.claim_case(backend, clerk, case)
    assert refusal(lambda: review_cases.look_at(backend, head, case, part.evidence_id)) == (
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
    assert refusal(lambda: review_cases.look_at(backend, clerk, case, part.evidence_id)) == (
        "review.claim_expired"
    )


def test_only_the_case_and_the_persons_references_are_to_be_seen(
    backend: Backend, officer: StaffMember, clerk: StaffMember, case: UUID, person: UUID
) -> None:
    reference = world.enrol_unread(backend, person, world.JPEG + b"own", None)
    removed = world.enrol_unread(backend, person, world.JPEG + b"removed", None)
    with backend.unit(SYSTEM.actor, SYSTEM.scope) as unit:
        wanted = sa.select(ReferencePhoto).where(ReferencePhoto.evidence_id == removed)
        unit.session.scalars(wanted).one().removed_at = unit.now
    neighbour = world.add_person(backend, 2)
    theirs = world.enrol_unread(backend, neighbour, world.JPEG + b"theirs", None)
    other_case = world.flagged_visit(backend, officer, person, "visit-0002")
    other_part = review_cases.open_case(backend, clerk, other_case).parts[0].evidence_id
    reviews.claim_case(backend, clerk, case)
    content, _ = review_cases.look_at(backend, clerk, case, reference)
    assert content == world.JPEG + b"own"
    for hidden in (removed, theirs, other_part, uuid7()):
        assert refusal(lambda: review_cases.look_at(backend, clerk, case, hidden)) == (  # noqa: B023 - called at once
            "evidence.not_found"
        )
    assert len(world.audited(backend, "evidence.viewed")) == 1


def test_evidence_closes_with_the_case(backend: Backend, clerk: StaffMember, case: UUID) -> None:
    reviews.claim_case(backend, clerk, case)
    part = review_cases.open_case(backend, clerk, case).parts[0]
    reviews.decide(backend, clerk, case, CERTIFY)
    assert refusal(lambda: review_cases.look_at(backend, clerk, case, part.evidence_id)) == (
        "review.already_decided"
    )


# the verdict


def test_to_certify_moves_every_validity_in_the_same_commit(
    backend: Backend, officer: StaffMember, clerk: StaffMember
) -> None:
    both = (Scheme.RESIDENT_PENSION, Scheme.SURVIVOR_ALLOWANCE)
    person = world.add_person(backend, 1, schemes=both)
    case = world.flagged_visit(backend, officer, person, "visit-0001")
    advance(backend, days=2)
    reviews.claim_case(backend, clerk, case)
    ruled = reviews.decide(backend, world.confirmed(backend, clerk), case, CERTIFY)
    log = world.log_of(backend, person)
    assert {(r.channel, r.review_id, r.visit_id, r.captured_on) for r in log} == {
        ("home_visit", case, None, date(2026, 3, 2))
    }
    assert {row.recorded_by for row in log} == {f"staff:{clerk.id}"}
    assert ruled.certified is not None
    assert ruled.certified.valid_until == world.valid_until(backend, person)
    status = home_visits.status_of(backend, officer, "visit-0001")
    assert status.state is VisitState.CERTIFIED
    assert status.receipt is not None
    assert status.receipt.certificate_number == ruled.certified.certificate_number
    assert listed(backend, clerk) == []
    (record,) = world.audited(backend, "review.decided")
    assert (record.details["outcome"], record.details["method"]) == ("certified", "call_back")


@pytest.mark.parametrize("channel", ["app_self", "helper"])
def test_a_reviewed_attempt_certifies_by_its_own_channel_and_day(
    backend: Backend, clerk: StaffMember, person: UUID, channel: str
) -> None:
    case = world.flagged_attempt(backend, person, "phone-0001", channel=channel)
    advance(backend, days=2)
    reviews.claim_case(backend, clerk, case)
    reviews.decide(backend, world.confirmed(backend, clerk), case, CERTIFY)
    (row,) = world.log_of(backend, person)
    assert (row.channel, row.review_id, row.captured_on) == (channel, case, date(2026, 3, 2))


def test_nobody_decides_twice(
    backend: Backend, clerk: StaffMember, head: StaffMember, case: UUID, person: UUID
) -> None:
    reviews.claim_case(backend, clerk, case)
    reviews.decide(backend, clerk, case, CERTIFY)
    for who in (clerk, head):
        again = (
            lambda: reviews.decide(backend, who, case, CERTIFY),  # noqa: B023 - called at once
            lambda: reviews.claim_case(backend, who, case),  # noqa: B023 - called at once
            lambda: reviews.release_case(backend, who, case),  # noqa: B023 - called at once
        )
        assert [refusal(act) for act in again] == ["review.already_decided"] * 3
    assert len(world.log_of(backend, person)) == 1
    verdict = review_cases.open_case(backend, head, case).verdict
    assert verdict is not None
    assert (verdict.decided_by, verdict.findings) == (clerk.id, CERTIFY.findings)


@pytest.mark.committing
def test_a_verdict_sent_twice_at_once_counts_once(
    backend: Backend, officer: StaffMember, clerk: StaffMember
) -> None:
    person = world.add_person(backend, 1)
    case = world.flagged_visit(backend, officer, person, "visit-0001")
    reviews.claim_case(backend, clerk, case)
    start, answers = Barrier(3), list[str]()

    def decide() -> None:
        start.wait()
        try:
            answers.append(reviews.decide(backend, clerk, case, CERTIFY).verdict.value)
        except AppError as refused:
            answers.append(refused.code)

    run_all([decide] * 3)
    assert sorted(answers) == ["certified", *["review.already_decided"] * 2]
    assert len(world.log_of(backend, person)) == 1


def test_without_a_claim_nothing_is_decided(
    backend: Backend, clerk: StaffMember, case: UUID
) -> None:
    assert refusal(lambda: reviews.decide(backend, clerk, case, CERTIFY)) == "review.not_claimed"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (Ruling(verdict=Verdict.CERTIFIED, method=None, findings="已核实"), "findings_required"),
        (Ruling(verdict=Verdict.CERTIFIED, method=None, findings="已核实本人"), "method_required"),
        (
            Ruling(verdict=Verdict.ASK_AGAIN, method=Method.VISIT, findings="请再拍一次"),
            "method_unexpected",
        ),
    ],
)
def test_a_verdict_says_how_and_what_was_found(
    backend: Backend, clerk: StaffMember, case: UUID, given: Ruling, code: str
) -> None:
    reviews.claim_case(backend, clerk, case)
    assert refusal(lambda: reviews.decide(backend, clerk, case, given)) == f"review.{code}"
    assert rows(backend, ReviewDecision) == []


def test_nobody_is_certified_after_a_death_was_reported(
    backend: Backend, clerk: StaffMember, case: UUID, person: UUID
) -> None:
    reviews.claim_case(backend, clerk, case)
    world.suspend(backend, person, SuspensionCause.DEATH)
    advance(backend, minutes=1)
    assert refusal(lambda: reviews.decide(backend, clerk, case, CERTIFY)) == (
        "person.suspended_other_cause"
    )
    assert rows(backend, ReviewDecision) == []
    assert world.log_of(backend, person) == []
    referred = reviews.decide(backend, clerk, case, ruling(Verdict.REFER_AS_LEAD))
    assert referred.state is ReviewState.PROPOSED


def test_a_benefit_held_for_want_of_certification_is_resumed_by_the_verdict(
    backend: Backend, clerk: StaffMember, case: UUID, person: UUID
) -> None:
    world.suspend(backend, person, SuspensionCause.UNCERTIFIED)
    advance(backend, minutes=1)
    reviews.claim_case(backend, clerk, case)
    reviews.decide(backend, clerk, case, CERTIFY)
    assert len(world.audited(backend, "entitlement.resumed")) == 1


def test_to_certify_asks_for_the_password_of_the_last_quarter_of_an_hour(
    backend: Backend, clerk: StaffMember, case: UUID, person: UUID
) -> None:
    advance(backend, minutes=15)
    reviews.claim_case(backend, clerk, case)
    advance(backend, seconds=1)
    assert refusal(lambda: reviews.decide(backend, clerk, case, CERTIFY)) == (
        "auth.confirmation_needed"
    )
    assert (rows(backend, ReviewDecision), world.log_of(backend, person)) == ([], [])
    awake = world.confirmed(backend, clerk)
    reviews.decide(backend, awake, case, CERTIFY)
    (decision,) = rows(backend, ReviewDecision)
    assert decision.confirmed_at == awake.confirmed_at


@pytest.mark.parametrize("verdict", [Verdict.ASK_AGAIN, Verdict.SEND_VISIT])
def test_what_neither_certifies_nor_harms_asks_for_no_password(
    backend: Backend, clerk: StaffMember, case: UUID, verdict: Verdict
) -> None:
    advance(backend, hours=2)
    reviews.claim_case(backend, clerk, case)
    assert reviews.decide(backend, clerk, case, ruling(verdict)).verdict is verdict


def test_sending_a_visit_asks_for_one(
    backend: Backend, clerk: StaffMember, case: UUID, person: UUID
) -> None:
    reviews.claim_case(backend, clerk, case)
    reviews.decide(backend, clerk, case, ruling(Verdict.SEND_VISIT))
    (request,) = rows(backend, VisitRequest)
    assert (request.beneficiary_id, request.requested_by) == (person, f"staff:{clerk.id}")
    assert world.audited(backend, "visit.requested")[0].details["review"] == str(case)


def test_who_is_asked_again_has_all_tries_again(
    backend: Backend, clerk: StaffMember, person: UUID
) -> None:
    case = world.flagged_attempt(backend, person, "phone-0001")
    reviews.claim_case(backend, clerk, case)
    reviews.decide(backend, clerk, case, ruling(Verdict.ASK_AGAIN))
    with backend.unit(SYSTEM.actor, SYSTEM.scope) as unit:
        assert sessions.failed_tries(unit.session, person) == 0
    assert decisions.decide_attempt(backend, rows(backend, Review)[0].attempt_id or uuid7()) is None
    assert world.log_of(backend, person) == []


def test_somebody_who_lives_far_from_home_is_certified_where_he_lives(
    backend: Backend, clerk: StaffMember
) -> None:
    far = world.OTHER_COUNTY_VILLAGE
    person = world.add_person(backend, 1, world.VILLAGE, lives_in=far)
    case = world.flagged_visit(backend, world.officer(backend, path=far), person, "visit-0001")
    there = world.add_staff(backend, "there", path=DivisionPath(far[:9]))
    assert listed(backend, there) == listed(backend, clerk) == [case]
    reviews.claim_case(backend, there, case)
    assert refusal(lambda: reviews.claim_case(backend, clerk, case)) == "review.claimed_by_other"
    reviews.decide(backend, there, case, CERTIFY)
    assert world.valid_until(backend, person)["resident_pension"] is not None


def test_the_states_of_a_case_are_those_of_the_contract() -> None:
    machine = json.loads(Path("field_app_spec/state_machines/review.json").read_text("utf-8"))
    assert set(machine["states"]) == {state.value for state in ReviewState}


def run_all(acts: list[Callable[[], None]]) -> None:
    threads = [Thread(target=act) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
