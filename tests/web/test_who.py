"""How matters stand for the person: what is in the way, the visit and its code, the status."""

from datetime import date, timedelta
from http import HTTPStatus
from uuid import UUID

import pytest

from domain.audit import AuditAction
from domain.beneficiary import EntitlementStatus, SuspensionCause
from domain.cycle import Channel as CertifiedBy
from domain.policy_values import Scheme
from domain.review import Verdict
from domain.roles import Role
from services import reviews, validity
from services.accounts import StaffMember
from services.reviews import Ruling
from services.validity import Ground
from storage.db.models.cases import VisitRequest
from tests import attempt_world, case_world
from tests.certification_world import TEST, WINDOW, County, Pensioner, audited, rows
from tests.clock import FixedClock
from tests.phone_world import Http
from tests.places import VILLAGE
from tests.web.page_world import Page, code, link_of

WISH = {"reason": "手机坏了"}


@pytest.fixture
def officer(county: County) -> StaffMember:
    return case_world.officer(county.backend)


def decide(county: County, clerk: StaffMember, case: UUID, verdict: Verdict) -> None:
    reviews.claim_case(county.backend, clerk, case)
    ruling = Ruling(verdict=verdict, method=None, findings="照片看不清楚，无法判断")
    reviews.decide(county.backend, clerk, case, ruling)


def certify(county: County, person: Pensioner, day: date) -> None:
    """Record a certification of that day, as the window does."""
    with county.backend.unit(TEST.actor, TEST.scope) as unit:
        unit.record_in(person.household)
        found = county.backend.people(unit).load(person.id)
        assert found is not None
        ground = Ground(channel=CertifiedBy.ON_SITE, captured_on=day)
        validity.certify(county.backend, unit, found, ground)


# -- what is in the way ----------------------------------------------------------------------


def test_who_has_no_reference_is_told_that_an_officer_comes(county: County) -> None:
    page = Page(county)
    told = page.enter(link_of(county, county.person())).json()
    assert told["may_show_face"] is False
    assert told["obstacle"] == {
        "code": "person.no_reference",
        "say": "系统里还没有您的照片",
        "do": "村协办员会上门帮您办理",
        "next_channel": "visit",
    }
    assert told["window"]["name"] == WINDOW
    assert page.ask("POST", "visit", json=WISH).status_code == HTTPStatus.CREATED


@pytest.mark.parametrize(
    ("cause", "expected"),
    [
        (SuspensionCause.UNCERTIFIED, None),
        (SuspensionCause.DEATH, "person.suspended_other_cause"),
        (SuspensionCause.CUSTODY, "person.suspended_other_cause"),
    ],
)
def test_a_stop_for_another_cause_leads_to_the_window_and_does_not_tell_the_cause(
    county: County, person: Pensioner, page: Page, cause: SuspensionCause, expected: str | None
) -> None:
    county.suspend(person, cause)
    answer = page.who()
    obstacle = answer.json()["obstacle"]
    assert (obstacle and obstacle["code"]) == expected
    assert cause.value not in answer.text
    if obstacle:
        assert obstacle["next_channel"] == "window"


def test_a_child_is_led_to_the_window_with_a_guardian(county: County) -> None:
    child = county.person("周小宝", schemes=(Scheme.SURVIVOR_ALLOWANCE,), born=date(2016, 5, 1))
    told = Page(county).enter(link_of(county, child)).json()
    assert told["obstacle"]["code"] == "person.guardian_needed"


def test_the_first_benefit_to_run_out_is_the_deadline_and_one_that_ended_is_none(
    county: County, clock: FixedClock
) -> None:
    schemes = (Scheme.RESIDENT_PENSION, Scheme.WORK_INJURY)
    person = county.person(schemes=schemes)
    page = Page(county)
    assert page.enter(link_of(county, person)).json()["due_on"] is None
    certify(county, person, clock.now().date())
    told = page.who().json()
    assert told["due_on"] == told["valid_until"] == "2026-06-02"  # three months for work injury
    clock.set(clock.now() + timedelta(days=93))
    page.enter(link_of(county, person))
    overdue = page.who().json()
    assert (overdue["due_on"], overdue["valid_until"]) == ("2026-06-02", None)
    county.set_state(person, EntitlementStatus.TERMINATED, scheme=Scheme.WORK_INJURY)
    assert page.who().json()["due_on"] == "2027-03-02"


# -- a visit ---------------------------------------------------------------------------------


def test_a_visit_has_a_code_that_stays_and_that_only_its_person_sees(
    county: County, person: Pensioner, page: Page
) -> None:
    answer = page.ask("POST", "visit", json=WISH)
    assert answer.status_code == HTTPStatus.CREATED
    visit = answer.json()
    assert set(visit) == {"request_id", "state", "code", "say", "asked_on"}
    assert (visit["state"], visit["asked_on"]) == ("asked", "2026-03-02")
    assert len(visit["code"]) == 6
    assert visit["code"].isdecimal()
    assert page.ask("POST", "visit", json={"reason": "还是不方便"}).json() == visit
    assert page.who().json()["visit"] == visit
    (row,) = rows(county.backend, VisitRequest, beneficiary_id=person.id)
    assert visit["code"].encode() not in row.code_sealed
    assert visit["code"] not in repr(audited(county.backend, AuditAction.VISIT_REQUESTED))


def test_a_name_and_a_number_ask_for_a_visit_but_do_not_learn_its_code(
    county: County, person: Pensioner, page: Page, http: Http
) -> None:
    claimed = http.ask("POST", "/v1/visit-requests", json={"claim": person.claim} | WISH)
    visit = page.who().json()["visit"]
    assert claimed.json()["request_id"] == visit["request_id"]
    assert visit["code"] not in claimed.text


def test_no_answer_to_staff_shows_the_code(
    county: County, person: Pensioner, page: Page, http: Http
) -> None:
    code = page.ask("POST", "visit", json=WISH).json()["code"]
    headers = county.staff(Role.VILLAGE_OFFICER, VILLAGE).headers(county.backend)
    for path in (f"/v1/beneficiaries/{person.id}", f"/v1/people/{person.id}/links"):
        answer = http.ask("GET", path, headers=headers)
        assert answer.status_code == HTTPStatus.OK
        assert code not in answer.text


def test_a_visit_that_staff_sends_is_assigned_and_hands_the_code_on(
    county: County, person: Pensioner, page: Page, clerk: StaffMember, clock: FixedClock
) -> None:
    asked = page.ask("POST", "visit", json=WISH).json()
    clock.advance(timedelta(hours=1))
    case = attempt_world.flagged_attempt(county.backend, person.id, "phone-0001")
    decide(county, clerk, case, Verdict.SEND_VISIT)
    visit = page.who().json()["visit"]
    assert (visit["state"], visit["code"]) == ("assigned", asked["code"])
    assert visit["request_id"] != asked["request_id"]
    assert page.ask("POST", "visit", json=WISH).json() == visit


def test_a_visit_is_done_once_an_officer_handed_one_in_and_the_next_has_a_new_code(
    county: County, person: Pensioner, page: Page, officer: StaffMember, clock: FixedClock
) -> None:
    asked = page.ask("POST", "visit", json=WISH).json()
    clock.advance(timedelta(days=2))
    case_world.hand_in(county.backend, officer, person.id, "visit-0001")
    assert page.who().json()["visit"]["state"] == "done"
    clock.advance(timedelta(minutes=1))
    again = page.ask("POST", "visit", json=WISH).json()
    assert again["state"] == "asked"
    assert again["request_id"] != asked["request_id"]


# -- the status ------------------------------------------------------------------------------


def test_without_a_submission_there_is_no_status(page: Page) -> None:
    answer = page.ask("GET", "status")
    assert (answer.status_code, code(answer)) == (HTTPStatus.NOT_FOUND, "submission.not_found")


@pytest.mark.parametrize(
    ("opened", "by"),
    [(date(2026, 3, 2), "2026-03-05"), (date(2026, 3, 4), "2026-03-09")],
    ids=["in-the-week", "over-a-weekend"],
)
def test_a_review_says_which_office_looks_and_by_which_weekday(
    county: County, person: Pensioner, page: Page, clock: FixedClock, opened: date, by: str
) -> None:
    clock.advance(opened - date(2026, 3, 2))
    attempt_world.flagged_attempt(county.backend, person.id, "phone-0001")
    found = page.ask("GET", "status").json()
    assert (found["state"], found["receipt"]) == ("review", None)
    assert found["review"] == {"office": WINDOW, "by": by}
    assert set(found["digests"]) == {"selfie", "video"}
    assert {"visit", "window"} <= set(found["next_channels"])
    assert page.who().json()["latest"] == found


def test_a_review_that_is_over_promises_nothing_more(
    county: County, person: Pensioner, page: Page, clerk: StaffMember
) -> None:
    case = attempt_world.flagged_attempt(county.backend, person.id, "phone-0001")
    decide(county, clerk, case, Verdict.ASK_AGAIN)
    found = page.ask("GET", "status").json()
    assert (found["state"], found["review"]) == ("ask_again", None)


def test_the_latest_submission_counts_and_only_the_own(
    county: County, person: Pensioner, page: Page, clock: FixedClock
) -> None:
    other = county.person("周甲")
    attempt_world.add_attempt(county.backend, person.id, "phone-0001")
    clock.advance(timedelta(hours=1))
    attempt_world.add_attempt(county.backend, person.id, "phone-0002")
    clock.advance(timedelta(hours=1))
    attempt_world.add_attempt(county.backend, other.id, "phone-0003")
    shown = page.ask("GET", "status").json()
    assert shown["digests"]["selfie"] == case_world.digest(b"selfiephone-0002")
    assert shown["state"] == "submitted"
