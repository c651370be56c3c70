"""A clerk finds a person and opens what is masked; an officer sees only the own village."""

import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import Browser, expect

from domain.beneficiary import SuspensionCause
from domain.cycle import Channel
from domain.policy_values import Scheme
from domain.roles import Role
from services import evidence
from tests.browser.desk import Desk, at_desk, hire
from tests.browser.installation import Installation
from tests.browser.marks import IN_THE_BROWSER
from tests.certification_world import TEST, County, Pensioner
from tests.people_world import clock, entitlement_of
from tests.places import OTHER_VILLAGE, TOWNSHIP, VILLAGE

pytestmark = IN_THE_BROWSER
PHOTO = b"\xff\xd8\xff\xe0" + b"synthetic picture" * 20


def a_village(made: Installation, today: date, name: str = "慕容桂香") -> Pensioner:
    """A few people of all kinds, and one with years behind her."""
    county, backend = County(backend=made.backend), made.backend
    both = (Scheme.RESIDENT_PENSION, Scheme.SURVIVOR_ALLOWANCE)
    long = county.person(name, schemes=both, started_on=date(2018, 5, 1))
    for years, channel in ((5, Channel.ON_SITE), (4, Channel.HOME_VISIT), (2, Channel.APP_SELF)):
        on = today.replace(year=today.year - years, month=4, day=20)
        clock(backend, long, today + timedelta(days=20), channel=channel, captured_on=on,
              scheme="resident_pension")  # fmt: skip
    county.suspend(long, SuspensionCause.UNCERTIFIED, scheme=Scheme.SURVIVOR_ALLOWANCE)
    assert entitlement_of(backend, long) is not None
    evidence.store(backend, TEST, long.id, content=PHOTO, media_type="image/jpeg")
    for number, days in enumerate((-40, -3, 12, 200)):
        person = county.person(f"王秀{'英兰芳珍'[number]}")
        clock(backend, person, today + timedelta(days=days), channel=Channel.APP_SELF)
    county.open_lead(county.person("赵玉梅"))
    county.person("陈桂英", household=OTHER_VILLAGE)
    return long


def looks_around(desk: Desk, person: Pensioner, name: str) -> None:
    desk.opens("/people")
    desk.reads("王*英")
    desk.misses("王秀英")
    desk.looks(f"people-{name}")
    desk.page.locator("select[name=due]").select_option("overdue")
    desk.page.get_by_role("button", name="筛选").click()
    expect(desk.page).to_have_url(re.compile("due=overdue"))
    lines = desk.page.locator("table.list tbody tr").all_inner_texts()
    assert len(lines) >= 2
    assert all("已逾期" in line for line in lines)
    desk.page.reload()
    expect(desk.page.locator("select[name=due]")).to_have_value("overdue")
    desk.types("查找", person.name)
    desk.page.get_by_role("button", name="查找").click()
    desk.reads("慕**香")


@pytest.mark.parametrize("scripts", [True, False], ids=["script", "no-script"])
def test_a_clerk_finds_a_person_and_opens_what_is_masked(
    browser: Browser, county_online: Installation, *, scripts: bool
) -> None:
    today = county_online.backend.clock.now().date()
    person = a_village(county_online, today, "慕容国香" if scripts else "慕容春香")
    clerk = hire(county_online, Role.TOWNSHIP_CLERK, TOWNSHIP, "王经办")
    with at_desk(browser, county_online, clerk, scripts=scripts) as desk:
        looks_around(desk, person, f"list-{scripts}")
        desk.misses(person.id_number)
        desk.looks(f"person-{scripts}")
        desk.page.get_by_text("查看完整信息").click()
        desk.page.locator("select[name=reason]").first.select_option("call")
        desk.page.get_by_role("button", name="查看").click()
        desk.reads(person.id_number)
        desk.looks(f"person-opened-{scripts}")
        desk.opens(f"/people/{person.id}")
        desk.misses(person.id_number)
        desk.page.get_by_role("button", name="生成认证链接").click()
        desk.reads("信函口令")
        desk.looks(f"person-link-{scripts}")
        desk.opens("/people/export?due=overdue")
        desk.looks(f"people-export-{scripts}")
        with desk.page.expect_download() as taken:
            desk.page.get_by_role("button", name="导出").click()
        assert taken.value.suggested_filename.endswith(".xlsx")


def test_an_officer_sees_only_the_own_village(
    browser: Browser, county_online: Installation
) -> None:
    today = county_online.backend.clock.now().date()
    person = a_village(county_online, today)
    officer = hire(county_online, Role.VILLAGE_OFFICER, VILLAGE, "李协办")
    with at_desk(browser, county_online, officer) as desk:
        desk.opens("/people")
        desk.reads("慕**香")
        desk.misses("陈*英")
        desk.looks("people-officer")
        desk.opens(f"/people/{person.id}")
        desk.misses("查看完整信息")
        desk.looks("person-officer")
