"""The list of people through a browser: search, filters that survive, pages, columns."""

from datetime import date
from enum import StrEnum
from http import HTTPStatus

import pytest

from domain.cycle import Channel
from domain.listing import Column, Due, OpenWork, Order
from domain.roles import Role
from domain.visit_request import SentBy
from tests.certification_world import County
from tests.people_world import clock, erase
from tests.places import (
    COUNTY,
    OTHER_COUNTY_VILLAGE,
    OTHER_TOWNSHIP,
    OTHER_VILLAGE,
    TOWNSHIP,
    VILLAGE,
)
from tests.web.office import Office, Page
from web.console import words


@pytest.fixture
def clerk(office: Office) -> Office:
    return office.seat(Role.TOWNSHIP_CLERK, TOWNSHIP)


def find(office: Office, text: str) -> Page:
    return office.submit(office.get("/people"), "/people/find", text=text)


def lines(page: Page) -> list[str]:
    return [" ".join(row.get_text(" ").split()) for row in page.soup.select("table.list tbody tr")]


def test_whoever_is_found_alone_is_opened_at_once(county: County, clerk: Office) -> None:
    person = county.person("周桂香")
    county.person("李桂香")

    for text in (person.id_number, person.phone, "周桂香", "周"):
        answer = find(clerk, text)
        assert answer.answer.headers["location"] == f"/office/people/{person.id}", text


def test_no_name_and_no_number_stands_in_an_address(county: County, clerk: Office) -> None:
    people = [county.person("周桂香"), county.person("周桂香")]

    answer = find(clerk, "周桂香")

    where = answer.answer.headers["location"]
    assert where.startswith("/office/people?found=name.")
    assert "%E5%91%A8" not in where
    listed = clerk.follow(answer)
    assert len(lines(listed)) == len(people)
    for person in people:
        assert person.name not in listed.text
        assert person.id_number not in listed.answer.text
        assert person.phone not in listed.answer.text


def test_a_part_of_a_number_is_refused_in_words(county: County, clerk: Office) -> None:
    county.person()

    answer = find(clerk, "1234")

    assert answer.status == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "不能按号码的一部分查找" in answer.text


def test_filters_stand_in_the_address_and_in_the_form_after_a_reload(
    county: County, clerk: Office
) -> None:
    late, current = county.person("甲甲"), county.person("乙乙")
    clock(county.backend, late, date(2026, 1, 1), channel=Channel.HOME_VISIT)
    clock(county.backend, current, date(2027, 1, 1), channel=Channel.HOME_VISIT)

    page = clerk.get(f"/people?due=overdue&channel=home_visit&place={VILLAGE}&order=registered")

    assert len(lines(page)) == 1
    assert "已逾期" in lines(page)[0]
    for name, value in (("due", "overdue"), ("channel", "home_visit"), ("place", VILLAGE)):
        assert page.value("/office/people", name) == value
    assert page.value("/office/people", "order") == "registered"


@pytest.mark.parametrize(
    "query",
    ["due=yesterday", "scheme=x", "work=%27", "order=name", "found=zhou", "place=99%27--",
     "after=1", "channel=telepathy", "key_group=rich", "column=password"],
)  # fmt: skip
def test_what_no_form_of_ours_sends_is_refused_in_words(clerk: Office, query: str) -> None:
    answer = clerk.get(f"/people?{query}")

    assert answer.status == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "没有办成" in answer.text


def test_pages_lead_through_everybody_and_keep_the_filters(county: County, clerk: Office) -> None:
    for number in range(53):
        clock(county.backend, county.person("周桂香"), date(2026, 1, 1 + number % 28))
    first = clerk.get("/people?due=overdue")

    (on,) = [link for link in first.links() if "after=" in link]
    second = clerk.get(on)

    assert "due=overdue" in on
    assert (len(lines(first)), len(lines(second))) == (50, 3)
    hrefs = {a["href"] for a in [*first.soup.select("td a"), *second.soup.select("td a")]}
    assert len(hrefs) == 53


def test_columns_are_chosen_once_and_stay(county: County, clerk: Office) -> None:
    county.person()

    chosen = clerk.get("/people?column=phone&column=household")
    again = clerk.get("/people")

    for page in (chosen, again):
        heads = [head.get_text() for head in page.soup.select("thead th")]
        assert heads == ["姓名", "电话", "户籍地"]


def test_a_name_with_markup_is_only_text(county: County, clerk: Office) -> None:
    county.person("<script>alert(1)</script>")

    page = clerk.get("/people")

    assert "<script>alert" not in page.answer.text
    assert page.soup.select("main script") == []


def test_figures_open_the_list_that_they_count(county: County, clerk: Office) -> None:
    clock(county.backend, county.person(), date(2026, 1, 1))

    page = clerk.part("/people/counts")

    (late,) = [a for a in page.soup.select("a.figure") if "已逾期" in a.get_text()]
    assert late.find("b").get_text() == "1"  # type: ignore[union-attr]
    assert len(lines(clerk.get(str(late["href"])))) == 1
    assert "<html" not in page.answer.text


def test_nobody_of_another_township_is_listed_or_found(county: County, office: Office) -> None:
    county.person("周桂香")
    away = county.person("王秀英", household=OTHER_COUNTY_VILLAGE)
    beside = office.seat(Role.TOWNSHIP_CLERK, OTHER_TOWNSHIP)
    bureau = office.seat(Role.COUNTY_BUREAU, COUNTY)

    assert lines(beside.get("/people")) == []
    assert lines(beside.get(f"/people?place={VILLAGE}")) == []
    assert len(lines(bureau.get("/people"))) == 1
    assert "没有符合的人员" in bureau.follow(find(bureau, away.id_number)).text


def test_an_officer_is_offered_the_own_village_only(county: County, office: Office) -> None:
    county.person("周桂香")
    county.person("王秀英", household=OTHER_VILLAGE)
    officer = office.seat(Role.VILLAGE_OFFICER, VILLAGE)

    page = officer.get("/people")

    assert len(lines(page)) == 1
    assert "新华村" not in page.text
    assert "导出" not in page.text


def test_a_system_administrator_sees_no_list(office: Office) -> None:
    admin = office.seat(Role.COUNTY_ADMIN, COUNTY)

    assert admin.get("/people").status == HTTPStatus.FORBIDDEN
    assert admin.get("/people/counts").status == HTTPStatus.FORBIDDEN


def test_somebody_erased_by_law_is_listed_as_such(county: County, clerk: Office) -> None:
    erase(county.backend, county.person())

    assert "已依法删除" in lines(clerk.get("/people"))[0]


@pytest.mark.parametrize(
    ("kind", "members"),
    [
        ("due", Due),
        ("work", OpenWork),
        ("order", Order),
        ("column", Column),
        ("visit_reason", SentBy),
    ],
)
def test_everything_that_a_list_says_has_a_word(kind: str, members: type[StrEnum]) -> None:
    assert set(words.SETS[kind]) == {member.value for member in members}
