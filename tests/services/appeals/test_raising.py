"""An appeal is raised in any way, by anybody it concerns, and once."""

from datetime import date
from uuid import UUID

import pytest

from domain.audit import AuditAction
from domain.review import Method, Verdict
from services import reviews
from services.accounts import StaffMember
from services.reviews import Ruling
from storage.db.models.cases import Appeal
from tests import attempt_world, case_world
from tests.acts import refusal, together
from tests.certification_world import County, Pensioner, audited, rows, ruled_by
from tests.places import OTHER_TOWNSHIP
from tests.services.appeals.appealing import (
    FINDINGS,
    answer,
    ask,
    decided,
    refused_to,
    status,
    write,
)


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
    review = attempt_world.flagged_attempt(county.backend, person.id, "phone-0001")
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
