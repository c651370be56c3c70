"""An appeal is answered once, by another, and what is answered happens in the same commit."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from domain.appeal import AppealOutcome
from domain.audit import AuditAction
from domain.beneficiary import SuspensionCause
from domain.review import Method, Verdict
from domain.roles import Role
from services import accounts, entitlements, reviews
from services.accounts import StaffMember
from services.appeal_answers import Finding
from services.policies import legal_day
from services.reviews import Ruling
from storage.db.models.cases import Appeal, AppealAnswer, VisitRequest
from storage.db.models.certification import Certification
from storage.db.repositories import attempts, sessions
from storage.ids import uuid7
from tests import attempt_world, case_world
from tests.acts import refusal, together
from tests.certification_world import TEST, County, Pensioner, audited, rows, valid_until
from tests.places import COUNTY, OTHER_TOWNSHIP
from tests.services.appeals.appealing import (
    CERTIFY,
    STANDS,
    answer,
    ask,
    is_suspended,
    refused_to,
    status,
    write,
)


def test_an_appeal_upheld_moves_the_validity_in_the_same_commit(
    county: County, head: StaffMember, person: Pensioner, asked_again: UUID
) -> None:
    county.suspend(person, SuspensionCause.UNCERTIFIED)
    appeal = ask(county, person)
    county.backend.clock.advance(timedelta(days=1))  # type: ignore[attr-defined]
    answered = answer(county, case_world.confirmed(county.backend, head), appeal.id)
    assert answered.certified is not None
    # Counted from the day of the attempt, as a review counts it.
    assert valid_until(county.backend, person) == {"resident_pension": date(2027, 3, 2)}
    assert not is_suspended(county, person)
    (logged,) = rows(county.backend, Certification)
    assert (logged.appeal_id, logged.review_id, logged.attempt_id) == (appeal.id, None, None)
    shown = status(county, person)
    assert (shown.state.value, shown.may_appeal) == ("certified", False)
    assert shown.receipt is not None
    assert shown.receipt.certificate_number == answered.certified.certificate_number
    assert shown.appeal is not None
    assert (shown.appeal.outcome, shown.appeal.answered_on) == (
        AppealOutcome.CERTIFIED,
        date(2026, 3, 3),
    )
    (event,) = audited(county.backend, AuditAction.APPEAL_ANSWERED)
    assert (event["outcome"], event["method"]) == ("certified", "call_back")


@pytest.mark.parametrize(
    ("method", "channel"),
    [
        (Method.DOCUMENTS, "official"),
        (Method.CALL_BACK, "remote"),
        (Method.KNOWLEDGE_QUESTIONS, "remote"),
        (Method.VISIT, "home_visit"),
    ],
)
def test_an_appeal_against_no_act_certifies_from_its_answer_on(
    county: County,
    clerk: StaffMember,
    head: StaffMember,
    person: Pensioner,
    method: Method,
    channel: str,
) -> None:
    appeal = write(county, clerk, person, "我活着，怎么说我没认证")
    county.backend.clock.advance(timedelta(days=2))  # type: ignore[attr-defined]
    sure = case_world.confirmed(county.backend, head)
    answer(county, sure, appeal, replace(CERTIFY, method=method))
    (logged,) = rows(county.backend, Certification)
    today = legal_day(county.backend.clock.now())
    assert (logged.channel, logged.captured_on) == (channel, today)


def test_to_certify_the_password_is_given_again_and_otherwise_not(
    county: County, head: StaffMember, person: Pensioner, asked_again: UUID
) -> None:
    appeal = ask(county, person)
    long_ago = replace(head, confirmed_at=county.backend.clock.now() - timedelta(minutes=16))
    assert refusal(lambda: answer(county, long_ago, appeal.id)).code == "auth.confirmation_needed"
    assert rows(county.backend, AppealAnswer) == []
    assert answer(county, long_ago, appeal.id, STANDS).certified is None


def test_after_a_stop_for_another_cause_nothing_is_certified_and_the_appeal_stays_open(
    county: County, head: StaffMember, person: Pensioner, asked_again: UUID
) -> None:
    county.suspend(person, SuspensionCause.DEATH)
    appeal = ask(county, person)
    assert refusal(lambda: answer(county, head, appeal.id)).code == "person.suspended_other_cause"
    assert rows(county.backend, AppealAnswer) == []
    assert rows(county.backend, Certification) == []


def test_upheld_by_a_visit_somebody_comes_and_the_phone_says_so(
    county: County, head: StaffMember, person: Pensioner, asked_again: UUID
) -> None:
    appeal = ask(county, person)
    answer(county, head, appeal.id, replace(STANDS, outcome=AppealOutcome.SEND_VISIT))
    (request,) = rows(county.backend, VisitRequest)
    assert request.reason == "sent_by_appeal"
    assert status(county, person).state.value == "visit"


def test_upheld_by_another_try_the_tries_count_anew(
    county: County, head: StaffMember, person: Pensioner
) -> None:
    attempt = attempt_world.add_attempt(county.backend, person.id, "phone-0001")
    record_retry(county, person, attempt)
    assert failed(county, person) == 1
    appeal = ask(county, person)
    county.backend.clock.advance(timedelta(hours=1))  # type: ignore[attr-defined]
    answer(county, head, appeal.id, replace(STANDS, outcome=AppealOutcome.ASK_AGAIN))
    assert failed(county, person) == 0
    assert status(county, person).state.value == "ask_again"


def record_retry(county: County, person: Pensioner, attempt_id: UUID) -> None:
    row: dict[str, object] = {
        "attempt_id": attempt_id,
        "beneficiary_id": person.id,
        "outcome": "retry",
        "reasons": ["selfie_too_dark"],
        "checks": [],
        "models": {},
        "evidence": {},
        "preset_digest": "00" * 32,
        "decided_at": county.backend.clock.now(),
    }
    with county.backend.unit(TEST.actor, TEST.scope) as unit:
        assert attempts.record_decision(unit.session, row)


def failed(county: County, person: Pensioner) -> int:
    with county.backend.unit(TEST.actor, TEST.scope) as unit:
        return sessions.failed_tries(unit.session, person.id)


def test_what_stands_stays_as_it_was_and_is_not_asked_again_from_the_phone(
    county: County, head: StaffMember, officer: StaffMember, person: Pensioner, asked_again: UUID
) -> None:
    appeal = ask(county, person)
    answer(county, head, appeal.id, STANDS)
    shown = status(county, person)
    assert shown.state.value == "ask_again"
    assert not shown.may_appeal
    assert shown.appeal is not None
    assert shown.appeal.outcome is AppealOutcome.STANDS
    assert refusal(lambda: ask(county, person)).code == "appeal.nothing_found"
    # A human being hears whoever still disagrees.
    assert write(county, officer, person, "我还是不同意") != appeal.id


def test_whoever_decided_wrote_or_suspended_answers_nothing(
    county: County, clerk: StaffMember, head: StaffMember, person: Pensioner, asked_again: UUID
) -> None:
    scribe = case_world.add_staff(county.backend, "scribe")
    stopper = case_world.add_staff(county.backend, "stopper", role=Role.TOWNSHIP_HEAD)
    suspended_by(county, stopper, person)
    first = ask(county, person)
    assert write(county, scribe, person, "老人在窗口说") == first.id
    for involved in (clerk, scribe, stopper):
        assert refused_to(county, involved, first.id) == "appeal.not_independent"
    answer(county, head, first.id, STANDS)


def suspended_by(county: County, by: StaffMember, person: Pensioner) -> None:
    with county.backend.unit(reviews.caller_of(by).actor, TEST.scope) as unit:
        unit.record_in(person.household)
        found = county.backend.people(unit).load(person.id)
        assert found is not None
        for entitlement in entitlements.drawn_by(county.backend, unit, found):
            entitlements.suspend(unit, entitlement, SuspensionCause.UNCERTIFIED)


def test_the_namesake_of_the_helper_answers_nothing(
    county: County, clerk: StaffMember, head: StaffMember, person: Pensioner
) -> None:
    helper = replace(head, display_name="周小明")
    review = attempt_world.flagged_attempt(county.backend, person.id, "phone-0001", helper="周小明")
    reviews.claim_case(county.backend, clerk, review)
    ruling = Ruling(verdict=Verdict.ASK_AGAIN, method=None, findings="照片看不清楚")
    reviews.decide(county.backend, clerk, review, ruling)
    appeal = ask(county, person)
    assert refusal(lambda: answer(county, helper, appeal.id)).code == "appeal.not_independent"


def test_an_answer_stands(
    county: County, head: StaffMember, person: Pensioner, asked_again: UUID
) -> None:
    appeal = ask(county, person)
    answer(county, head, appeal.id, STANDS)
    bureau = case_world.add_staff(county.backend, "bureau", role=Role.COUNTY_BUREAU, path=COUNTY)
    assert refusal(lambda: answer(county, bureau, appeal.id)).code == "appeal.already_answered"
    (row,) = rows(county.backend, AppealAnswer)
    assert (row.outcome, row.answered_by) == ("stands", head.id)


@pytest.mark.committing
def test_of_two_answers_at_once_one_stands_and_one_certificate_is_written_at_most(
    county: County, head: StaffMember, person: Pensioner, asked_again: UUID
) -> None:
    other = case_world.add_staff(county.backend, "other")
    appeal = ask(county, person)
    outcomes = together(
        [
            lambda: answer(county, head, appeal.id),
            lambda: answer(county, other, appeal.id),
            lambda: answer(county, head, appeal.id, STANDS),
        ]
    )
    assert outcomes.count("appeal.already_answered") == 2
    (row,) = rows(county.backend, AppealAnswer)
    assert len(rows(county.backend, Certification)) == (row.outcome == "certified")


def test_what_joined_an_appeal_is_answered_with_it_and_not_alone(
    county: County, head: StaffMember, officer: StaffMember, person: Pensioner, asked_again: UUID
) -> None:
    first = ask(county, person)
    write(county, officer, person, "老人又打电话来")
    joined = next(row for row in rows(county.backend, Appeal) if row.joins_id == first.id)
    assert refusal(lambda: answer(county, head, joined.id)).code == "appeal.not_found"


def test_nobody_answers_without_the_permission_or_after_the_account_was_closed(
    county: County, head: StaffMember, officer: StaffMember, person: Pensioner, asked_again: UUID
) -> None:
    appeal = ask(county, person)
    assert refused_to(county, officer, appeal.id) == "permission.denied"
    bureau = case_world.add_staff(county.backend, "bureau", role=Role.COUNTY_BUREAU, path=COUNTY)
    accounts.disable_staff(county.backend, bureau, head.id)
    assert refused_to(county, head, appeal.id) == "permission.denied"


def test_an_appeal_out_of_ones_division_is_not_there(
    county: County, person: Pensioner, asked_again: UUID
) -> None:
    elsewhere = case_world.add_staff(county.backend, "elsewhere", path=OTHER_TOWNSHIP)
    appeal = ask(county, person)
    assert refusal(lambda: answer(county, elsewhere, appeal.id)).code == "appeal.not_found"
    assert refusal(lambda: answer(county, elsewhere, uuid7())).code == "appeal.not_found"


@pytest.mark.parametrize(
    ("finding", "code"),
    [
        (replace(CERTIFY, method=None), "review.method_required"),
        (replace(STANDS, method=Method.VISIT), "review.method_unexpected"),
        (replace(STANDS, findings="  "), "review.findings_required"),
        (replace(STANDS, findings="字" * 2001), "review.findings_too_long"),
    ],
)
def test_an_incomplete_answer_is_none(
    county: County,
    head: StaffMember,
    person: Pensioner,
    asked_again: UUID,
    finding: Finding,
    code: str,
) -> None:
    appeal = ask(county, person)
    assert refusal(lambda: answer(county, head, appeal.id, finding)).code == code
    assert rows(county.backend, AppealAnswer) == []
