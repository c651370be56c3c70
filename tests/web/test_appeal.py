"""On the phone page the person asks that somebody else looks again, with one tap."""

from http import HTTPStatus
from uuid import UUID

import pytest

from domain.appeal import AppealOutcome
from domain.review import Method, Verdict
from domain.roles import Role
from services import appeal_answers, reviews
from services.accounts import StaffMember
from services.appeal_answers import Finding
from services.reviews import Ruling
from storage.db.models.cases import Appeal
from tests import attempt_world, case_world
from tests.certification_world import County, Pensioner, rows
from tests.phone_world import Http
from tests.web.page_world import Page, code
from web.main import create_phone_app


@pytest.fixture
def head(county: County) -> StaffMember:
    return case_world.add_staff(county.backend, "head", role=Role.TOWNSHIP_HEAD)


def ask_again(county: County, clerk: StaffMember, person: Pensioner) -> None:
    review = attempt_world.flagged_attempt(county.backend, person.id, "phone-0001")
    reviews.claim_case(county.backend, clerk, review)
    ruling = Ruling(verdict=Verdict.ASK_AGAIN, method=None, findings="照片看不清楚，无法判断")
    reviews.decide(county.backend, clerk, review, ruling)


def answer(county: County, head: StaffMember, finding: Finding) -> None:
    (appeal,) = rows(county.backend, Appeal)
    appeal_answers.answer(county.backend, head, UUID(str(appeal.id)), finding)


def test_one_tap_opens_an_appeal_and_says_by_when_it_is_answered(
    county: County, clerk: StaffMember, person: Pensioner, page: Page
) -> None:
    ask_again(county, clerk, person)
    before = page.ask("GET", "status").json()
    assert (before["may_appeal"], before["appeal"]) == (True, None)
    answered = page.ask("POST", "appeal", json={})
    assert answered.status_code == HTTPStatus.CREATED
    seen = answered.json()
    assert seen == {
        "raised_on": "2026-03-02",
        "answer_by": "2026-03-09",
        "outcome": None,
        "answered_on": None,
        "say": "已经记下，会换一位工作人员再看一次。",
    }
    assert page.ask("POST", "appeal", json={}).json() == seen
    after = page.ask("GET", "status").json()
    assert (after["may_appeal"], after["appeal"]) == (False, seen)
    assert page.who().json()["latest"]["appeal"] == seen
    assert len(rows(county.backend, Appeal)) == 1


def test_what_the_person_says_is_kept(
    county: County, clerk: StaffMember, person: Pensioner, page: Page
) -> None:
    ask_again(county, clerk, person)
    page.ask("POST", "appeal", json={"statement": "我戴着口罩拍的\n不好意思"})
    (row,) = rows(county.backend, Appeal)
    assert row.statement == "我戴着口罩拍的\n不好意思"


def test_an_appeal_upheld_shows_the_certificate(
    county: County, clerk: StaffMember, head: StaffMember, person: Pensioner, page: Page
) -> None:
    ask_again(county, clerk, person)
    page.ask("POST", "appeal", json={})
    found = Finding(
        outcome=AppealOutcome.CERTIFIED, method=Method.CALL_BACK, findings="换人重看一致"
    )
    answer(county, head, found)
    told = page.ask("GET", "status").json()
    assert told["state"] == "certified"
    assert told["receipt"]["valid_until"] == {"resident_pension": "2027-03-02"}
    assert told["appeal"]["outcome"] == "certified"
    assert told["appeal"]["say"] == "重新看过了，认证通过。"


def test_what_stands_is_said_with_the_way_to_the_window_and_offered_no_more(
    county: County, clerk: StaffMember, head: StaffMember, person: Pensioner, page: Page
) -> None:
    ask_again(county, clerk, person)
    page.ask("POST", "appeal", json={})
    stands = Finding(outcome=AppealOutcome.STANDS, method=None, findings="换人重看仍看不清")
    answer(county, head, stands)
    told = page.ask("GET", "status").json()
    assert (told["state"], told["may_appeal"]) == ("ask_again", False)
    assert "窗口" in told["appeal"]["say"]
    refused = page.ask("POST", "appeal", json={})
    assert (refused.status_code, code(refused)) == (HTTPStatus.CONFLICT, "appeal.nothing_found")


def test_findings_of_the_staff_are_not_told(
    county: County, clerk: StaffMember, head: StaffMember, person: Pensioner, page: Page
) -> None:
    ask_again(county, clerk, person)
    page.ask("POST", "appeal", json={})
    answer(county, head, Finding(outcome=AppealOutcome.STANDS, method=None, findings="内部判断"))
    assert "内部判断" not in page.ask("GET", "status").text


@pytest.mark.parametrize(
    "body", [{"statement": "字" * 2001}, {"statement": 7}, {"more": 1}, {"statement": "\x00"}, []]
)
def test_a_malformed_wish_is_refused_and_nothing_is_written(
    county: County, clerk: StaffMember, person: Pensioner, page: Page, body: object
) -> None:
    ask_again(county, clerk, person)
    assert page.ask("POST", "appeal", json=body).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert rows(county.backend, Appeal) == []


def test_without_a_ticket_or_from_another_phone_nothing_is_asked(
    county: County, clerk: StaffMember, person: Pensioner, page: Page
) -> None:
    ask_again(county, clerk, person)
    assert code(Page(county).ask("POST", "appeal", json={})) == "identity.needed"
    stolen = Page(county, jar={"jz_ticket": page.jar["jz_ticket"], "jz_device": "x" * 32})
    assert code(stolen.ask("POST", "appeal", json={})) == "identity.needed"
    assert rows(county.backend, Appeal) == []


def test_another_sites_form_asks_nothing(
    county: County, clerk: StaffMember, person: Pensioner, page: Page
) -> None:
    ask_again(county, clerk, person)
    phone = Http(create_phone_app(county.backend))
    cookies = "; ".join(f"{name}={value}" for name, value in page.jar.items())
    answered = phone.ask("POST", "http://test/act/appeal", headers={"Cookie": cookies}, json={})
    assert answered.status_code >= HTTPStatus.BAD_REQUEST
    assert rows(county.backend, Appeal) == []
