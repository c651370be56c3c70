"""The queue: what waits, narrowed and paged; the next case with one press, to one person each."""

from datetime import timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID

import pytest

from domain.regions import DivisionPath
from domain.roles import Role
from tests.certification_world import County
from tests.clock import FixedClock
from tests.places import COUNTY, OTHER_TOWNSHIP, OTHER_VILLAGE, TOWNSHIP, VILLAGE
from tests.web.cases import case_of
from tests.web.office import HTMX, Office, Page


@pytest.fixture
def clerk(office: Office) -> Office:
    return office.seat(Role.TOWNSHIP_CLERK, TOWNSHIP)


def flagged(
    county: County,
    name: str = "周桂香",
    *,
    household: DivisionPath = VILLAGE,
    channel: str = "app_self",
    **values: Any,
) -> UUID:
    """A case of somebody new, made as `values` say; returns its id."""
    person = county.person(name, household=household)
    return case_of(county, person.id, channel=channel, **values)


def listed(page: Page) -> list[UUID]:
    """The cases of a page, in order."""
    links = [str(a["href"]) for a in page.soup.select("tr[data-row] a[data-open]")]
    return [UUID(link.rpartition("/")[2]) for link in links]


def take_next(office: Office) -> Page:
    return office.submit(office.get("/queue"), "/queue/next")


def taken(page: Page) -> UUID | None:
    """The case that an answer leads to; None for the list."""
    last = page.answer.headers["location"].partition("?")[0].rpartition("/")[2]
    return None if last == "queue" else UUID(last)


def test_a_line_says_who_where_why_and_until_when_without_a_name_in_full(
    county: County, clerk: Office
) -> None:
    case = flagged(county, "欧阳志远")

    page = clerk.get("/queue")

    assert listed(page) == [case]
    assert "欧**远" in page.text
    assert "欧阳志远" not in page.text
    assert "东街村" in page.text
    assert "有检查项没能测出" in page.text
    assert "手机自助" in page.text
    assert VILLAGE not in page.soup.select_one("tr[data-row]").get_text()  # type: ignore[union-attr]
    assert "最迟 2026-03-05 09:00" in page.text
    assert "待领取" in page.text


def test_a_name_with_markup_is_text(county: County, clerk: Office) -> None:
    flagged(county, "<b>x</b>")

    assert clerk.get("/queue").soup.select("tr[data-row] b") == []


def test_only_the_own_township_is_listed_and_no_filter_leads_out_of_it(
    county: County, clerk: Office, office: Office
) -> None:
    case = flagged(county)
    other = office.seat(Role.TOWNSHIP_CLERK, OTHER_TOWNSHIP)

    assert listed(other.get("/queue")) == []
    assert listed(office.seat(Role.COUNTY_BUREAU, COUNTY).get("/queue")) == [case]
    assert other.get(f"/queue?village={VILLAGE}").status == HTTPStatus.NOT_FOUND
    assert other.get(f"/queue?after={case}").status == HTTPStatus.NOT_FOUND


def test_a_village_officer_has_no_queue(office: Office) -> None:
    officer = office.seat(Role.VILLAGE_OFFICER, VILLAGE)

    assert officer.get("/queue").status == HTTPStatus.FORBIDDEN
    assert "审核" not in [a.get_text() for a in officer.get("/").soup.select("nav a")]


def test_an_inspector_reads_the_queue_and_is_offered_nothing_to_take(
    county: County, office: Office
) -> None:
    flagged(county)

    page = office.seat(Role.INSPECTOR, COUNTY).get("/queue")

    assert len(listed(page)) == 1
    assert "领取下一件" not in page.text.partition("按键")[0]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (f"village={VILLAGE}", [0]),
        (f"village={OTHER_VILLAGE}", [1]),
        (f"village={TOWNSHIP}", [0, 1]),
        ("channel=helper", [1]),
        ("channel=home_visit", []),
        ("reason=flat_face", [1]),
        ("reason=nobody_flags_this", []),
        ("late=1", [1]),
        ("group=advanced_age", []),
        (f"village={OTHER_VILLAGE}&channel=helper&late=1", [1]),
    ],
)
def test_the_list_is_narrowed_by_what_stands_in_the_address(
    county: County, clerk: Office, clock: FixedClock, query: str, found: list[int]
) -> None:
    here = flagged(county)
    past = clock.now() - timedelta(minutes=1)
    there = flagged(
        county, household=OTHER_VILLAGE, channel="helper", reasons=["flat_face"], due_at=past
    )

    page = clerk.get(f"/queue?{query}")

    assert sorted(listed(page)) == sorted([here, there][n] for n in found)
    assert "late" in query or page.status == HTTPStatus.OK
    for name, _, value in (part.partition("=") for part in query.split("&")):
        held = page.soup.select_one(f'form.filters [name="{name}"]')
        assert held is not None
        chosen = held.select_one("option[selected]") if held.name == "select" else held
        if value != "nobody_flags_this":
            assert chosen is not None
            assert chosen["value"] == value


@pytest.mark.parametrize("query", ["channel=x", "group=x", "tab=x", "limit=101", "after=x"])
def test_what_no_list_can_be_narrowed_to_is_refused_in_words(clerk: Office, query: str) -> None:
    page = clerk.get(f"/queue?{query}")

    assert page.status == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "填写的内容有问题" in page.text


def test_every_case_is_on_exactly_one_page_whatever_their_size(
    county: County, clerk: Office
) -> None:
    cases = {flagged(county) for _ in range(5)}
    seen: list[UUID] = []
    page = clerk.get("/queue?limit=2")
    for _ in range(4):
        seen += listed(page)
        following = page.soup.select_one("a[rel=next]")
        if following is None:
            break
        page = clerk.get(str(following["href"]))

    assert sorted(seen) == sorted(cases)


def test_the_most_pressing_is_first_and_is_the_one_that_is_taken(
    county: County, clerk: Office
) -> None:
    flagged(county)
    urgent = flagged(county, priority=500)

    assert listed(clerk.get("/queue"))[0] == urgent
    assert taken(take_next(clerk)) == urgent


def test_what_one_takes_the_other_does_not_get(county: County, office: Office) -> None:
    first, second = (office.seat(Role.TOWNSHIP_CLERK, TOWNSHIP) for _ in range(2))
    cases = {flagged(county), flagged(county)}

    got = {taken(take_next(first)), taken(take_next(second))}

    assert got == cases
    last = take_next(first)
    assert taken(last) is None
    assert "没有可领取的了" in first.follow(last).text


def test_a_case_of_a_browser_that_died_comes_back_and_is_taken_by_another(
    county: County, office: Office, clock: FixedClock
) -> None:
    first, second = (office.seat(Role.TOWNSHIP_CLERK, TOWNSHIP) for _ in range(2))
    case = flagged(county)
    assert taken(take_next(first)) == case
    assert taken(take_next(second)) is None

    clock.advance(timedelta(minutes=29))
    second = office.seat(Role.TOWNSHIP_CLERK, TOWNSHIP)
    assert taken(take_next(second)) is None
    clock.advance(timedelta(minutes=1))

    assert taken(take_next(office.seat(Role.TOWNSHIP_CLERK, TOWNSHIP))) == case


def test_the_next_case_is_one_that_the_reviewer_had_no_part_in(
    county: County, office: Office
) -> None:
    visitor = county.staff(Role.TOWNSHIP_CLERK, TOWNSHIP)
    own = case_of(county, county.person().id, by=visitor.id, priority=500)
    other = flagged(county)
    seat = office.as_(visitor)

    assert listed(seat.get("/queue")) == [own, other]
    assert taken(take_next(seat)) == other
    assert taken(take_next(seat)) is None


def test_the_next_case_stays_within_the_filters_of_the_list(county: County, clerk: Office) -> None:
    flagged(county)
    there = flagged(county, household=OTHER_VILLAGE)

    page = clerk.submit(clerk.get(f"/queue?village={OTHER_VILLAGE}"), "/queue/next")

    assert taken(page) == there


def test_each_tab_shows_its_own_and_counts_it(county: County, clerk: Office) -> None:
    case = flagged(county, priority=500)
    flagged(county)
    take_next(clerk)

    mine = clerk.get("/queue?tab=mine")

    assert listed(mine) == [case]
    assert [b.get_text() for b in mine.soup.select(".tabs b")] == ["2", "1", "0"]
    assert listed(clerk.get("/queue?tab=proposed")) == []
    assert "没有等第二人复核的" in clerk.get("/queue?tab=proposed").text
    assert "没有办结的" in clerk.get("/queue?tab=decided").text


def test_who_holds_a_case_stands_beside_it(county: County, office: Office) -> None:
    holder = county.staff(Role.TOWNSHIP_CLERK, TOWNSHIP, name="赵经办")
    flagged(county)
    take_next(office.as_(holder))

    assert "赵经办" in office.seat(Role.TOWNSHIP_HEAD, TOWNSHIP).get("/queue").text


def test_a_second_look_is_hidden_until_its_hour_and_from_whoever_looked_first(
    county: County, clerk: Office, clock: FixedClock
) -> None:
    case = flagged(county, opened_at=clock.now() + timedelta(minutes=1))

    assert listed(clerk.get("/queue")) == []
    assert taken(take_next(clerk)) is None
    clock.advance(timedelta(minutes=1))
    assert listed(clerk.get("/queue")) == [case]


def test_htmx_gets_the_list_alone(county: County, clerk: Office) -> None:
    flagged(county)
    part = clerk.part("/queue")

    assert part.soup.find("html") is None
    assert len(listed(part)) == 1


def test_nothing_is_taken_without_the_forms_token(county: County, clerk: Office) -> None:
    flagged(county)

    assert clerk.post("/queue/next", []).status == HTTPStatus.FORBIDDEN
    assert clerk.post("/queue/next", [], headers=HTMX).status == HTTPStatus.FORBIDDEN
    assert listed(clerk.get("/queue?tab=mine")) == []
