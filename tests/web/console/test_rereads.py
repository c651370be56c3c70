"""A second look at a case cannot be told from a first, on any page of who reads it."""

import re
from datetime import timedelta
from http import HTTPStatus

import pytest

from domain.roles import Role
from storage.db.models.cases import Review, VisitRequest
from tests.certification_world import Account, County, rows
from tests.clock import FixedClock
from tests.places import TOWNSHIP
from tests.web.office import Office, Page
from tests.web.quality_world import DOUBT, FINDINGS, flagged, read_twice, second_look, settle

_IDS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f-]{21}")
_MOMENTS = re.compile(r"\d{4}-\d\d-\d\dT[\d:.+]+|\d{4}-\d\d-\d\d( \d\d:\d\d)?|\d\d:\d\d")


@pytest.fixture
def clerk(county: County) -> Account:
    return county.staff(Role.TOWNSHIP_CLERK, TOWNSHIP, name="王经办")


@pytest.fixture
def other(county: County) -> Account:
    return county.staff(Role.TOWNSHIP_CLERK, TOWNSHIP, name="李经办")


def plain(page: Page) -> str:
    """A page without its ids and moments."""
    main = page.soup.find("main")
    assert main is not None
    for hidden in main.select("input[name=csrf]"):
        hidden.decompose()
    return _MOMENTS.sub("T", _IDS.sub("ID", str(main)))


def test_the_page_and_the_line_of_a_second_look_are_those_of_the_first(
    county: County, clock: FixedClock, office: Office, clerk: Account, other: Account
) -> None:
    """The first is read at its opening, the second at its own: word for word the same."""
    case = flagged(county)
    reader = office.as_(other)
    before, line = plain(reader.get(f"/queue/{case}")), plain(reader.get("/queue"))
    settle(county, clerk, case)
    again = second_look(county, case)
    (row,) = rows(county.backend, Review, id=again)
    clock.advance(row.opened_at - clock.now())
    reader = office.as_(other)
    shown = reader.get(f"/queue/{again}")
    assert plain(shown) == before
    assert plain(reader.get("/queue")) == line
    assert "2026-03-02" not in shown.text


def test_who_holds_a_second_look_learns_nothing_of_the_first_reading(
    county: County, clock: FixedClock, office: Office, clerk: Account, other: Account
) -> None:
    case = flagged(county)
    settle(county, clerk, case)
    again = second_look(county, case)
    clock.advance(timedelta(days=5))
    reader = office.as_(other)
    page = reader.submit(reader.get(f"/queue/{again}"), "/claim")
    held = reader.follow(page)
    assert "周桂香" in held.text
    for told in (FINDINGS, "王经办", str(case), "盲审", "2026-03-02", "2027-03"):
        assert told not in held.answer.text, told


def test_a_second_look_is_decided_like_any_other_and_moves_nothing(
    county: County, clock: FixedClock, office: Office, clerk: Account, other: Account
) -> None:
    case = flagged(county)
    settle(county, clerk, case)
    again = second_look(county, case)
    clock.advance(timedelta(days=5))
    reader = office.as_(other)
    held = reader.follow(reader.submit(reader.get(f"/queue/{again}"), "/claim"))
    sent = reader.submit(
        held,
        "/verdict",
        verdict="send_visit",
        ground_send_visit=first_choice(held, "ground_send_visit"),
        findings=DOUBT,
        then="list",
    )
    assert sent.status == HTTPStatus.SEE_OTHER, sent.text
    assert rows(county.backend, VisitRequest) == []
    assert office.as_(clerk).get(f"/queue/{again}").status == HTTPStatus.NOT_FOUND


def first_choice(page: Page, name: str) -> str:
    element = page.soup.select_one(f"input[name={name}]")
    assert element is not None
    return str(element["value"])


def test_a_decided_second_look_is_listed_to_its_reader_only(
    county: County, clock: FixedClock, office: Office, clerk: Account, other: Account
) -> None:
    _, again = read_twice(county, clock, by=(clerk, other))
    third = county.staff(Role.TOWNSHIP_CLERK, TOWNSHIP)
    assert str(again) in office.as_(other).get("/queue?tab=decided").answer.text
    assert str(again) not in office.as_(third).get("/queue?tab=decided").answer.text


def test_what_is_read_again_is_not_in_the_list_of_decided_cases_meanwhile(
    county: County, clock: FixedClock, office: Office, clerk: Account, other: Account
) -> None:
    case = flagged(county)
    settle(county, clerk, case)
    way = "/queue?tab=decided"
    assert str(case) in office.as_(clerk).get(way).answer.text
    assert str(case) not in office.as_(other).get(way).answer.text
    clock.advance(timedelta(days=5))
    settle(county, other, second_look(county, case))
    assert str(case) in office.as_(other).get(way).answer.text
