"""The contact log at the desk: a try in two taps, what is still missing, whom to try next."""

from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest

from domain.roles import Role
from storage.db.models.cases import Contact, ContactState
from tests.certification_world import County, Pensioner, rows, set_clock
from tests.places import OTHER_TOWNSHIP, OTHER_VILLAGE, TOWNSHIP, VILLAGE
from tests.web.office import HTMX, Office, Page


@pytest.fixture
def person(county: County) -> Pensioner:
    return county.person("周桂香")


@pytest.fixture
def officer(office: Office) -> Office:
    return office.seat(Role.VILLAGE_OFFICER, VILLAGE)


def log(person: Pensioner) -> str:
    return f"/people/{person.id}/contacts"


def record(seat: Office, person: Pensioner, **typed: str) -> Page:
    given: dict[str, Any] = {"channel": "call", "outcome": "no_answer"} | typed
    return seat.submit(seat.get(log(person)), "/contacts", **given)


def filled(page: Page) -> list[tuple[int, int]]:
    """How many dots of each row are filled, of how many."""
    drawn = [svg.find_all("circle") for svg in page.soup.select(".tried svg")]
    return [(sum(c["fill"] != "#ffffff" for c in row), len(row)) for row in drawn]


def test_a_try_is_recorded_for_now_with_two_choices(
    county: County, officer: Office, person: Pensioner
) -> None:
    page = officer.get(log(person))
    assert "周*香" in page.text
    assert person.name not in page.answer.text
    assert page.value("/contacts", "day") == "2026-03-02"
    done = officer.follow(record(officer, person, note="铃响很久<i>"))
    assert "已记下：打电话，没人接、没人在。" in done.text
    assert "铃响很久<i>" in done.text
    assert done.soup.select("i") == []
    (row,) = rows(county.backend, Contact)
    assert (row.channel, row.outcome, row.contacted_at) == (
        "call",
        "no_answer",
        county.backend.clock.now().replace(second=0, microsecond=0),
    )


def test_the_same_form_twice_is_one_try(county: County, officer: Office, person: Pensioner) -> None:
    page = officer.get(log(person))
    for _ in range(2):
        officer.submit(page, "/contacts", channel="sms", outcome="message_left")
    assert len(rows(county.backend, Contact)) == 1


def test_the_picture_fills_as_tries_are_made_and_the_last_one_opens_the_button(
    county: County, officer: Office, person: Pensioner
) -> None:
    page = officer.get(log(person))
    assert filled(page) == [(0, 3), (0, 2), (0, 2)]
    assert "还差：再联系 3 次，再换 2 种方式，再隔 2 天" in page.text
    record(officer, person, day="2026-02-27", time="09:10")
    record(officer, person, day="2026-02-28", time="19:40")
    page = officer.get(log(person))
    assert filled(page) == [(2, 3), (1, 2), (2, 2)]
    assert page.soup.select("form[action$='/unreachable']") == []
    record(officer, person, channel="visit")
    page = officer.get(log(person))
    assert filled(page) == [(3, 3), (2, 2), (2, 2)]
    marked = officer.follow(officer.submit(page, "/unreachable"))
    assert "已标为联系不上" in marked.text
    assert [row.state for row in rows(county.backend, ContactState)] == ["unreachable"]
    reached = officer.follow(record(officer, person, outcome="promised"))
    assert "能联系上" in reached.text
    assert filled(reached) == [(0, 3), (0, 2), (0, 2)]


def test_unreachable_too_soon_is_refused_whatever_form_was_open(
    county: County, officer: Office, person: Pensioner
) -> None:
    page = officer.get(log(person))
    csrf = page.value("/contacts", "csrf")
    refused = officer.post(f"{log(person)}/unreachable", [("csrf", csrf)])
    assert refused.status == HTTPStatus.CONFLICT
    assert "不能标联系不上" in refused.text
    assert rows(county.backend, ContactState) == []


def test_a_mistake_is_taken_back(county: County, officer: Office, person: Pensioner) -> None:
    record(officer, person, day="2026-02-27", time="09:10")
    record(officer, person, day="2026-02-28", time="09:10", channel="letter")
    record(officer, person)
    officer.submit(officer.get(log(person)), "/unreachable")
    done = officer.follow(officer.submit(officer.get(log(person)), "/reached"))
    assert "已取消" in done.text
    assert "能联系上" in done.text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"day": "2026-03-03"}, "联系时间晚于现在"),
        ({"day": "2024-01-01"}, "联系时间太久以前了"),
        ({"note": "长" * 501}, "备注写得太长了"),
        ({"channel": "pigeon"}, "channel"),
        ({"outcome": ""}, "outcome"),
        ({"day": "yesterday"}, "day"),
        ({"time": "25:00"}, "time"),
    ],
)
def test_a_try_that_cannot_be_comes_back_with_all_that_was_typed(
    county: County, officer: Office, person: Pensioner, typed: dict[str, str], said: str
) -> None:
    refused = record(officer, person, **({"note": "铃响很久"} | typed))
    assert refused.status == HTTPStatus.UNPROCESSABLE_ENTITY
    assert said in refused.text
    assert refused.value("/contacts", "note") == typed.get("note", "铃响很久")
    assert rows(county.backend, Contact) == []


def test_an_inspector_reads_and_writes_nothing(
    county: County, office: Office, officer: Office, person: Pensioner
) -> None:
    record(officer, person)
    inspector = office.seat(Role.INSPECTOR, TOWNSHIP[:6])  # type: ignore[arg-type]
    page = inspector.get(log(person))
    assert "没人接、没人在" in page.text
    assert [f for f in page.soup.select("main form") if f.get("method") == "post"] == []


def test_out_of_ones_village_there_is_no_log(office: Office, person: Pensioner) -> None:
    for seat in (
        office.seat(Role.VILLAGE_OFFICER, OTHER_VILLAGE),
        office.seat(Role.TOWNSHIP_CLERK, OTHER_TOWNSHIP),
    ):
        assert seat.get(log(person)).status == HTTPStatus.NOT_FOUND


def test_the_worklist_leads_to_the_log_and_follows_what_is_written_there(
    county: County, officer: Office, person: Pensioner
) -> None:
    set_clock(county, person, county.backend.clock.now().date() - timedelta(days=3))
    page = officer.get("/contacts")
    assert f"/office{log(person)}" in page.links()
    assert "已逾期" in page.text
    assert "周*香" in page.text
    record(officer, person)
    assert "都联系过了" in officer.get("/contacts").text
    tried = officer.get("/contacts?shelf=tried")
    assert "1 次" in tried.text
    record(officer, person, outcome="reached")
    assert "周*香" not in officer.get("/contacts?shelf=tried").text


def test_the_worklist_is_narrowed_by_an_address_that_survives_a_reload(
    county: County, office: Office, person: Pensioner
) -> None:
    there = county.person("李守田", household=OTHER_VILLAGE)
    for one in (person, there):
        set_clock(county, one, county.backend.clock.now().date())
    clerk = office.seat(Role.TOWNSHIP_CLERK, TOWNSHIP)
    assert {"周*香", "李*田"} <= set(clerk.get("/contacts").text.split())
    narrowed = clerk.get(f"/contacts?place={OTHER_VILLAGE}")
    assert "李*田" in narrowed.text
    assert "周*香" not in narrowed.text
    chosen = narrowed.soup.select_one("select[name=place] option[selected]")
    assert chosen is not None
    assert chosen["value"] == OTHER_VILLAGE
    assert clerk.get("/contacts?place=nowhere").status == HTTPStatus.UNPROCESSABLE_ENTITY
    assert clerk.part("/contacts").soup.find("html") is None


def test_htmx_is_sent_on_by_a_header(officer: Office, person: Pensioner) -> None:
    page = officer.get(log(person))
    done = officer.submit(page, "/contacts", headers=HTMX, channel="call", outcome="reached")
    assert done.answer.headers["hx-redirect"] == f"/office{log(person)}"
