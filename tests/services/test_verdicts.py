"""The verdict on a case: given once, by who holds it, and in effect in the same commit."""

import json
from datetime import date
from pathlib import Path
from threading import Barrier
from uuid import UUID

import pytest

from domain.beneficiary import SuspensionCause
from domain.errors import AppError
from domain.policy_values import Scheme
from domain.regions import DivisionPath
from domain.review import Method, Verdict
from services import decisions, home_visits, review_cases, reviews
from services.accounts import StaffMember
from services.backend import Backend
from services.home_visits import VisitState
from services.reviews import ReviewState, Ruling
from storage.db.models.cases import Review, ReviewDecision, VisitRequest
from storage.db.repositories import sessions
from storage.ids import uuid7
from tests import attempt_world
from tests import case_world as world
from tests.acts import code_of, together
from tests.case_world import SYSTEM
from tests.places import OTHER_COUNTY_VILLAGE, VILLAGE
from tests.services.reviewing import CERTIFY, advance, queue_of, rows, ruling


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
    assert queue_of(backend, clerk) == []
    (record,) = world.audited(backend, "review.decided")
    assert (record.details["outcome"], record.details["method"]) == ("certified", "call_back")


@pytest.mark.parametrize("channel", ["app_self", "helper"])
def test_a_reviewed_attempt_certifies_by_its_own_channel_and_day(
    backend: Backend, clerk: StaffMember, person: UUID, channel: str
) -> None:
    case = attempt_world.flagged_attempt(backend, person, "phone-0001", channel=channel)
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
        assert [code_of(act) for act in again] == ["review.already_decided"] * 3
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

    together([decide] * 3)
    assert sorted(answers) == ["certified", *["review.already_decided"] * 2]
    assert len(world.log_of(backend, person)) == 1


def test_without_a_claim_nothing_is_decided(
    backend: Backend, clerk: StaffMember, case: UUID
) -> None:
    assert code_of(lambda: reviews.decide(backend, clerk, case, CERTIFY)) == "review.not_claimed"


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
    assert code_of(lambda: reviews.decide(backend, clerk, case, given)) == f"review.{code}"
    assert rows(backend, ReviewDecision) == []


def test_nobody_is_certified_after_a_death_was_reported(
    backend: Backend, clerk: StaffMember, case: UUID, person: UUID
) -> None:
    reviews.claim_case(backend, clerk, case)
    world.suspend(backend, person, SuspensionCause.DEATH)
    advance(backend, minutes=1)
    assert code_of(lambda: reviews.decide(backend, clerk, case, CERTIFY)) == (
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
    assert code_of(lambda: reviews.decide(backend, clerk, case, CERTIFY)) == (
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
    case = attempt_world.flagged_attempt(backend, person, "phone-0001")
    reviews.claim_case(backend, clerk, case)
    reviews.decide(backend, clerk, case, ruling(Verdict.ASK_AGAIN))
    with backend.unit(SYSTEM.actor, SYSTEM.scope) as unit:
        assert sessions.failed_tries(unit.session, person) == 0
    assert decisions.decide_attempt(backend, rows(backend, Review)[0].attempt_id or uuid7()) is None
    assert world.log_of(backend, person) == []


def test_somebody_who_lives_far_from_home_is_certified_where_he_lives(
    backend: Backend, clerk: StaffMember
) -> None:
    far = OTHER_COUNTY_VILLAGE
    person = world.add_person(backend, 1, VILLAGE, lives_in=far)
    case = world.flagged_visit(backend, world.officer(backend, path=far), person, "visit-0001")
    there = world.add_staff(backend, "there", path=DivisionPath(far[:9]))
    assert queue_of(backend, there) == queue_of(backend, clerk) == [case]
    reviews.claim_case(backend, there, case)
    assert code_of(lambda: reviews.claim_case(backend, clerk, case)) == "review.claimed_by_other"
    reviews.decide(backend, there, case, CERTIFY)
    assert world.valid_until(backend, person)["resident_pension"] is not None


def test_the_states_of_a_case_are_those_of_the_contract() -> None:
    machine = json.loads(Path("field_app_spec/state_machines/review.json").read_text("utf-8"))
    assert set(machine["states"]) == {state.value for state in ReviewState}
