"""An appeal is raised in any way, holds what would harm, and is answered once by another."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from uuid import UUID

import pytest

from domain.appeal import AppealChannel, AppealOutcome
from domain.audit import AuditAction
from domain.beneficiary import EntitlementStatus, SuspensionCause
from domain.review import Method, Verdict
from domain.roles import Role
from services import accounts, appeal_answers, appeal_raising, entitlements, reviews
from services.accounts import StaffMember
from services.appeal_answers import Finding
from services.appeal_raising import WrittenDown
from services.appeal_views import AppealSeen
from services.attempt_status import AttemptStatus, status_within
from services.eligibility import Identified
from services.policies import legal_day
from services.reviews import Ruling
from storage.db.models.cases import Appeal, AppealAnswer, VisitRequest
from storage.db.models.certification import Certification
from storage.db.repositories import attempts, sessions
from storage.ids import uuid7
from tests import case_world
from tests.certification_world import (
    OTHER_TOWNSHIP,
    TEST,
    County,
    Pensioner,
    audited,
    refusal,
    rows,
    ruled_by,
    together,
    valid_until,
)

FINDINGS = "换人重看，与本人照片一致"
CERTIFY = Finding(outcome=AppealOutcome.CERTIFIED, method=Method.CALL_BACK, findings=FINDINGS)
STANDS = Finding(outcome=AppealOutcome.STANDS, method=None, findings=FINDINGS)


@pytest.fixture
def person(county: County) -> Pensioner:
    return county.person()


@pytest.fixture
def clerk(county: County) -> StaffMember:
    """Who decided first."""
    return case_world.add_staff(county.backend, "clerk")


@pytest.fixture
def head(county: County) -> StaffMember:
    """Who had no part in it."""
    return case_world.add_staff(county.backend, "head", role=Role.TOWNSHIP_HEAD)


@pytest.fixture
def officer(county: County) -> StaffMember:
    return case_world.officer(county.backend)


@pytest.fixture
def asked_again(county: County, clerk: StaffMember, person: Pensioner) -> UUID:
    """An attempt that the clerk asked to be made again; returns its review."""
    return decided(county, clerk, person, Verdict.ASK_AGAIN)


def decided(
    county: County, by: StaffMember, person: Pensioner, verdict: Verdict, name: str = "phone-0001"
) -> UUID:
    review = case_world.flagged_attempt(county.backend, person.id, name)
    reviews.claim_case(county.backend, by, review)
    ruling = Ruling(verdict=verdict, method=None, findings="照片看不清楚，无法判断")
    reviews.decide(county.backend, by, review, ruling)
    return review


def holder(person: Pensioner) -> Identified:
    return Identified(person_id=person.id, household_path=person.household, ticket_id=uuid7())


def ask(county: County, person: Pensioner, statement: str = "") -> AppealSeen:
    return appeal_raising.appeal_by_ticket(county.backend, holder(person), statement)


def write(
    county: County, by: StaffMember, person: Pensioner, statement: str = "我就是本人", **more: bool
) -> UUID:
    wish = WrittenDown(
        person_id=person.id, channel=AppealChannel.WINDOW, statement=statement, **more
    )
    return appeal_raising.write_down(county.backend, by, wish)


def answer(
    county: County, by: StaffMember, appeal_id: UUID, finding: Finding = CERTIFY
) -> appeal_answers.Answered:
    return appeal_answers.answer(county.backend, by, appeal_id, finding)


def refused_to(county: County, who: StaffMember, appeal_id: UUID) -> str:
    return refusal(lambda: answer(county, who, appeal_id, STANDS)).code


def status(county: County, person: Pensioner) -> AttemptStatus:
    with county.backend.unit(TEST.actor, TEST.scope) as unit:
        found = county.backend.people(unit).load(person.id)
        attempt = attempts.newest_of(unit.session, person.id)
        assert found is not None
        assert attempt is not None
        return status_within(county.backend, unit, found, attempt)


def suspend(county: County, person: Pensioner) -> None:
    with county.backend.unit(TEST.actor, TEST.scope) as unit:
        unit.record_in(person.household)
        found = county.backend.people(unit).load(person.id)
        assert found is not None
        for entitlement in entitlements.drawn_by(county.backend, unit, found):
            entitlements.suspend(unit, entitlement, SuspensionCause.UNCERTIFIED)


def is_suspended(county: County, person: Pensioner) -> bool:
    with county.backend.unit(TEST.actor, TEST.scope) as unit:
        states = county.backend.people(unit).entitlements_of(person.id)
    return any(row.status == EntitlementStatus.SUSPENDED for row in states)


# -- raising


def test_the_person_asks_again_with_one_tap_and_hears_by_when(
    county: County, person: Pensioner, asked_again: UUID
) -> None:
    assert status(county, person).may_appeal
    seen = ask(county, person)
    # Monday 2026-03-02 and five working days
    assert (seen.raised_on, seen.answer_by) == (date(2026, 3, 2), date(2026, 3, 9))
    assert (seen.outcome, seen.answered_on) == (None, None)
    (row,) = rows(county.backend, Appeal)
    assert (row.review_id, row.channel, row.statement) == (asked_again, "phone_page", "")
    assert row.raised_by == f"person:{person.id}"
    shown = status(county, person)
    assert (shown.may_appeal, shown.appeal) == (False, seen)
    (event,) = audited(county.backend, AuditAction.APPEAL_RAISED)
    assert event["appeal"] == str(row.id)
    assert event["review"] == str(asked_again)


def test_a_county_may_promise_an_earlier_answer(county: County) -> None:
    quick = ruled_by(county, appeal__answer_working_days=1)
    person, clerk = quick.person(), case_world.add_staff(quick.backend, "clerk")
    decided(quick, clerk, person, Verdict.SEND_VISIT)
    assert ask(quick, person).answer_by == date(2026, 3, 3)


def test_holidays_are_not_counted(county: County) -> None:
    county.backend.clock.set(  # type: ignore[attr-defined]
        county.backend.clock.now().replace(month=9, day=30, hour=1)
    )
    clerk, person = case_world.add_staff(county.backend, "clerk"), county.person()
    decided(county, clerk, person, Verdict.ASK_AGAIN)
    by = ask(county, person).answer_by
    table = county.backend.holidays
    assert by == table.add_working_days(date(2026, 9, 30), 5)
    assert by > date(2026, 10, 8)


@pytest.mark.parametrize("verdict", [Verdict.ASK_AGAIN, Verdict.SEND_VISIT])
def test_any_verdict_but_a_certification_is_contested(
    county: County, clerk: StaffMember, person: Pensioner, verdict: Verdict
) -> None:
    decided(county, clerk, person, verdict)
    assert status(county, person).may_appeal
    assert ask(county, person).outcome is None


def test_what_is_still_looked_at_or_went_well_is_not_contested_from_the_phone(
    county: County, clerk: StaffMember, person: Pensioner
) -> None:
    assert refusal(lambda: ask(county, person)).code == "appeal.nothing_found"
    review = case_world.flagged_attempt(county.backend, person.id, "phone-0001")
    assert not status(county, person).may_appeal
    assert refusal(lambda: ask(county, person)).code == "appeal.nothing_found"
    reviews.claim_case(county.backend, clerk, review)
    ruling = Ruling(verdict=Verdict.CERTIFIED, method=Method.DOCUMENTS, findings=FINDINGS)
    reviews.decide(county.backend, case_world.confirmed(county.backend, clerk), review, ruling)
    assert not status(county, person).may_appeal
    assert refusal(lambda: ask(county, person)).code == "appeal.nothing_found"


def test_asked_twice_the_same_appeal_is_open_and_nothing_is_written_twice(
    county: County, person: Pensioner, asked_again: UUID
) -> None:
    first = ask(county, person)
    assert ask(county, person) == first
    assert len(rows(county.backend, Appeal)) == 1
    assert len(audited(county.backend, AuditAction.APPEAL_RAISED)) == 1


def test_what_is_said_later_joins_the_open_appeal_and_none_of_it_is_lost(
    county: County, officer: StaffMember, person: Pensioner, asked_again: UUID
) -> None:
    first = ask(county, person)
    assert write(county, officer, person, "老人说拍的时候戴着口罩") == first.id
    assert write(county, officer, person, " 老人说拍的时候戴着口罩 ") == first.id
    assert ask(county, person, "我就是本人") == first
    parts = sorted(rows(county.backend, Appeal), key=lambda row: row.id)
    assert [part.statement for part in parts] == ["", "老人说拍的时候戴着口罩", "我就是本人"]
    assert [part.joins_id for part in parts] == [None, first.id, first.id]
    assert {part.due_at for part in parts} == {parts[0].due_at}


@pytest.mark.committing
def test_many_taps_at_once_open_one_appeal(
    county: County, person: Pensioner, asked_again: UUID
) -> None:
    seen = together([lambda: ask(county, person)] * 4)
    assert len({one.id for one in seen}) == 1
    assert len(rows(county.backend, Appeal)) == 1


def test_staff_take_it_down_for_somebody_of_their_own_division_only(
    county: County, officer: StaffMember, person: Pensioner, asked_again: UUID
) -> None:
    elsewhere = case_world.add_staff(county.backend, "elsewhere", path=OTHER_TOWNSHIP)
    assert refusal(lambda: write(county, elsewhere, person)).code == "person.not_found"
    assert refusal(lambda: write(county, officer, person, " ")).code == "appeal.statement_required"
    made = write(county, officer, person)
    (row,) = rows(county.backend, Appeal)
    assert (row.id, row.review_id, row.raised_by) == (made, asked_again, f"staff:{officer.id}")


def test_an_appeal_may_be_against_how_matters_stand(
    county: County, officer: StaffMember, person: Pensioner, asked_again: UUID
) -> None:
    write(county, officer, person, "为什么停了我的钱", against_newest=False)
    (row,) = rows(county.backend, Appeal)
    assert (row.attempt_id, row.review_id) == (None, None)


def test_an_appeal_against_a_reviewed_visit_names_the_review(
    county: County, clerk: StaffMember, head: StaffMember, person: Pensioner
) -> None:
    visitor = case_world.add_staff(county.backend, "visitor")
    review = case_world.flagged_visit(county.backend, visitor, person.id, "visit-0001")
    reviews.claim_case(county.backend, clerk, review)
    ruling = Ruling(verdict=Verdict.ASK_AGAIN, method=None, findings="照片看不清楚")
    reviews.decide(county.backend, clerk, review, ruling)
    appeal = write(county, case_world.add_staff(county.backend, "window"), person)
    (row,) = rows(county.backend, Appeal)
    assert (row.attempt_id, row.review_id) == (None, review)
    for involved in (clerk, visitor):
        assert refused_to(county, involved, appeal) == "appeal.not_independent"
    certified = answer(county, head, appeal).certified
    assert certified is not None
    (logged,) = case_world.log_of(county.backend, person.id)
    assert (logged.channel, logged.appeal_id) == ("home_visit", appeal)


# -- what it holds


def test_an_open_appeal_holds_a_suspension_and_its_answer_lets_go(
    county: County, head: StaffMember, person: Pensioner, asked_again: UUID
) -> None:
    appeal = ask(county, person)
    refused = refusal(lambda: suspend(county, person))
    assert (refused.kind, refused.code) == ("conflict", "appeal.open")
    assert refused.params["appeal"] == str(appeal.id)
    assert not is_suspended(county, person)
    answer(county, head, appeal.id, STANDS)
    suspend(county, person)
    assert is_suspended(county, person)


def refused_stop(county: County, person: Pensioner) -> str:
    return refusal(lambda: suspend(county, person)).code


def test_in_whatever_order_things_happen_a_stop_waits_exactly_while_an_appeal_is_open(
    county: County, officer: StaffMember, head: StaffMember
) -> None:
    for acts in product(("ask", "answer", "stop"), repeat=3):
        person, open_one = county.person(), None
        for act in (*acts, "stop"):
            if act == "ask":
                open_one = write(county, officer, person)
            elif act == "answer" and open_one is not None:
                answer(county, head, open_one, STANDS)
                open_one = None
            elif act == "stop" and open_one is not None:
                assert refused_stop(county, person) == "appeal.open"
            elif act == "stop":
                suspend(county, person)


def test_it_holds_nothing_of_anybody_else(
    county: County, person: Pensioner, asked_again: UUID
) -> None:
    ask(county, person)
    other = county.person("李守田")
    suspend(county, other)
    assert is_suspended(county, other)


@pytest.mark.committing
def test_of_an_appeal_and_a_stop_at_once_either_the_stop_waits_or_the_appeal_is_against_it(
    county: County, person: Pensioner, asked_again: UUID
) -> None:
    outcomes = together([lambda: ask(county, person), lambda: suspend(county, person)])
    (row,) = rows(county.backend, Appeal)
    assert isinstance(outcomes[0], AppealSeen)
    assert row.id == outcomes[0].id
    assert (outcomes[1] == "appeal.open") is not is_suspended(county, person)


# -- answering


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
    attempt = case_world.add_attempt(county.backend, person.id, "phone-0001")
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
    review = case_world.flagged_attempt(county.backend, person.id, "phone-0001", helper="周小明")
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
    bureau = case_world.add_staff(
        county.backend, "bureau", role=Role.COUNTY_BUREAU, path=case_world.COUNTY
    )
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
    bureau = case_world.add_staff(
        county.backend, "bureau", role=Role.COUNTY_BUREAU, path=case_world.COUNTY
    )
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
