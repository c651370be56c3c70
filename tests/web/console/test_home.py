"""The first page counts what its lists show; visits wait in a list with the code for the door."""

import re
from http import HTTPStatus

import pytest

from domain.beneficiary import SuspensionCause, mask_name
from domain.regions import DivisionPath
from domain.roles import Role
from services import accounts, person_page, reviews, validity, visit_requests
from services.accounts import StaffMember
from services.eligibility import Claimed
from services.entitlements import drawn_by
from services.today import today
from tests import case_world
from tests.certification_world import TEST, Account, County, Pensioner
from tests.clock import FixedClock
from tests.places import COUNTY, OTHER_TOWNSHIP, OTHER_VILLAGE, TOWNSHIP, VILLAGE
from tests.web.office import Office


@pytest.fixture
def clerk(county: County) -> Account:
    return county.staff(Role.TOWNSHIP_CLERK, TOWNSHIP, name="王经办")


def member(county: County, account: Account) -> StaffMember:
    return accounts.access_of(county.backend, account.token(county.backend)).member


def flagged(county: County, *, village: DivisionPath = VILLAGE, key: str = "visit-0001") -> None:
    person = county.person(household=village)
    officer = county.staff(Role.VILLAGE_OFFICER, village)
    case_world.flagged_visit(county.backend, member(county, officer), person.id, key)


def project(county: County, person: Pensioner) -> None:
    """Write down what the log says, as every act does."""
    with county.backend.unit(TEST.actor, TEST.scope) as unit:
        opened = county.backend.people(unit).load(person.id)
        assert opened is not None
        for entitlement in drawn_by(county.backend, unit, opened):
            validity.project(county.backend, unit, opened, entitlement)


def ask_visit(county: County, person: Pensioner) -> str:
    return visit_requests.request_visit(county.backend, claimed(person), "腿脚不便<b>").code


def claimed(person: Pensioner) -> Claimed:
    return Claimed(id_number=person.id_number, name=person.name, address="203.0.113.7")


def figures(office: Office) -> dict[str, str]:
    """What the page says, by what it counts."""
    page = office.get("/")
    found = {}
    for one in page.soup.select("a.figure"):
        number, label = one.find("b"), one.find("span")
        assert number is not None
        assert label is not None
        found[label.get_text()] = number.get_text()
    return found


def test_a_clerk_is_told_what_waits_and_how_urgently(
    office: Office, county: County, clerk: Account, clock: FixedClock
) -> None:
    flagged(county)
    seat = office.as_(clerk)
    before = figures(seat)
    assert (before["件待处理"], before["件已超期"]) == ("1", "0")
    assert mask_name("周桂香") in seat.get("/").text
    assert "周桂香" not in seat.get("/").answer.text

    clock.set(clock.now().replace(day=20))
    late = figures(office.as_(clerk))

    assert (late["件待处理"], late["件已超期"]) == ("1", "1")


def test_every_figure_opens_its_list(office: Office, county: County, clerk: Account) -> None:
    flagged(county)
    ask_visit(county, county.person())
    seat = office.as_(clerk)

    targets = {str(one["href"]) for one in seat.get("/").soup.select("a.figure")}

    assert len(targets) >= 8
    for target in targets:
        assert seat.get(target).status == HTTPStatus.OK, target


def test_a_figure_counts_ones_own_division_only(office: Office, county: County) -> None:
    flagged(county)
    elsewhere = office.seat(Role.TOWNSHIP_CLERK, OTHER_TOWNSHIP)

    assert figures(elsewhere)["件待处理"] == "0"


def test_what_one_holds_is_counted_as_ones_own(county: County, clerk: Account) -> None:
    flagged(county)
    who = member(county, clerk)
    (case,) = reviews.queue_page(county.backend, who, after=None, limit=5).cases
    reviews.claim_case(county.backend, who, case.id)

    found = today(county.backend, who).cases

    assert found is not None
    assert (found.waiting, found.mine) == (1, 1)


def test_clocks_of_people_are_counted(county: County, clerk: Account) -> None:
    flagged(county)  # a person whose first clock ended a year ago, and is projected
    person = county.person()
    project(county, person)

    found = today(county.backend, member(county, clerk)).people

    assert found is not None
    assert (found.due_soon, found.overdue, found.unreachable) == (0, 1, 0)


def test_a_village_officer_sees_visits_and_no_cases(office: Office, county: County) -> None:
    ask_visit(county, county.person(household=VILLAGE))
    ask_visit(county, county.person(household=OTHER_VILLAGE))
    flagged(county)
    seat = office.seat(Role.VILLAGE_OFFICER, VILLAGE)

    found = figures(seat)

    assert found["人等待上门"] == "1"
    assert "件待处理" not in found


def test_a_county_is_told_of_villages_without_an_officer(office: Office, county: County) -> None:
    seat = office.seat(Role.COUNTY_BUREAU, COUNTY)
    warned = re.search(r"有 (\d+) 个村", seat.get("/").text)
    assert warned is not None

    county.staff(Role.VILLAGE_OFFICER, VILLAGE)
    after = re.search(r"有 (\d+) 个村", seat.get("/").text)

    assert after is not None
    assert int(after[1]) == int(warned[1]) - 1


def test_an_administrator_of_accounts_is_shown_no_cases(office: Office) -> None:
    seat = office.seat(Role.COUNTY_ADMIN, COUNTY)

    assert "件待处理" not in figures(seat)


def test_the_list_of_visits_shows_masked_names_and_the_code_for_the_door(
    office: Office, county: County
) -> None:
    person = county.person(name="周桂香")
    code = ask_visit(county, person)
    seat = office.seat(Role.VILLAGE_OFFICER, VILLAGE)

    page = seat.get("/visits")

    assert code in page.text
    assert "周桂香" not in page.answer.text
    assert "腿脚不便<b>" in page.text, "what somebody wrote is text, never markup"
    assert "本人要求" in page.text


def test_a_visit_that_staff_sent_says_so_in_words(office: Office, county: County) -> None:
    person, clerk = county.person(), county.staff(Role.TOWNSHIP_CLERK, TOWNSHIP)
    person_page.send_visit(county.backend, member(county, clerk), person.id)

    page = office.seat(Role.VILLAGE_OFFICER, VILLAGE).get("/visits")

    assert "sent_by_staff" not in page.text
    assert "工作人员安排" in page.text


def test_a_visit_that_was_made_waits_no_longer(office: Office, county: County) -> None:
    person = county.person()
    ask_visit(county, person)
    officer = county.staff(Role.VILLAGE_OFFICER, VILLAGE)
    case_world.hand_in(county.backend, member(county, officer), person.id, "visit-0001")

    page = office.as_(officer).get("/visits")

    assert "没有人在等上门" in page.text


def test_who_asked_twice_stands_in_the_list_once(
    office: Office, county: County, clock: FixedClock
) -> None:
    person = county.person()
    ask_visit(county, person)
    clock.set(clock.now().replace(month=4, day=20))
    ask_visit(county, person)

    page = office.seat(Role.VILLAGE_OFFICER, VILLAGE).get("/visits")

    assert len(page.soup.select("tr[data-row]")) == 1


def test_visits_of_another_village_are_not_there(office: Office, county: County) -> None:
    code = ask_visit(county, county.person(household=VILLAGE))

    page = office.seat(Role.VILLAGE_OFFICER, OTHER_VILLAGE).get("/visits")

    assert code not in page.text


def test_a_page_behind_a_request_elsewhere_is_not_found(office: Office, county: County) -> None:
    person = county.person(household=OTHER_VILLAGE)
    ask_visit(county, person)
    other = office.seat(Role.VILLAGE_OFFICER, OTHER_VILLAGE).get("/visits")
    assert len(other.soup.select("tr[data-row]")) == 1
    request = visit_requests.request_visit(county.backend, claimed(person), "x").request_id

    seat = office.seat(Role.VILLAGE_OFFICER, VILLAGE)

    assert seat.get(f"/visits?after={request}").status == HTTPStatus.NOT_FOUND


def test_a_suspended_person_still_stands_in_the_list_of_visits(
    office: Office, county: County
) -> None:
    person = county.person()
    ask_visit(county, person)
    county.suspend(person, SuspensionCause.UNCERTIFIED)

    page = office.seat(Role.VILLAGE_OFFICER, VILLAGE).get("/visits")

    assert len(page.soup.select("tr[data-row]")) == 1
