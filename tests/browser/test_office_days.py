"""A day at each desk: a queue cleared, townships compared, a chain verified, a village visited."""

import pytest
from playwright.sync_api import Browser, expect

from domain.beneficiary import mask_name
from domain.regions import DivisionPath
from domain.roles import Role
from tests.browser.desk import Desk, at_desk, hire
from tests.browser.installation import Installation
from tests.browser.marks import IN_THE_BROWSER
from tests.certification_world import PASSWORD, County, Pensioner
from tests.places import COUNTY, OTHER_TOWNSHIP
from tests.web.cases import case_of

QUIET_VILLAGE = DivisionPath("990101101001")
"""Nobody else in this run has cases here."""
LATER = """
window.minutesLater = 0;
const now = Date.now;
Date.now = () => now() + window.minutesLater * 60000;
"""
pytestmark = IN_THE_BROWSER


def flagged(made: Installation, name: str) -> Pensioner:
    county = County(backend=made.backend)
    person = county.person(name, household=QUIET_VILLAGE)
    case_of(county, person.id, device=f"device-of-{person.id}")
    return person


def decide(desk: Desk, key: str, words: str, *, last: bool) -> None:
    """Choose by key, say why, hand in, and go on to the next."""
    page = desk.page
    here = page.url
    page.keyboard.press(key)
    form = page.locator("#verdict")
    for fieldset in form.locator("fieldset:visible").all()[1:]:
        fieldset.locator("input").first.check()
    page.locator("#verdict textarea").fill(words)
    desk.clicks("提交，回列表" if last else "提交，下一件")
    expect(page).not_to_have_url(here)
    page.wait_for_load_state()


def test_a_reviewer_clears_a_mixed_queue(browser: Browser, county_online: Installation) -> None:
    names = ("欧阳甲", "欧阳乙", "欧阳丙", "欧阳丁")
    for name in names:
        flagged(county_online, name)
    clerk = hire(county_online, Role.TOWNSHIP_CLERK, OTHER_TOWNSHIP, "孙经办")
    with at_desk(browser, county_online, clerk) as desk:
        desk.looks("today")
        waiting = desk.page.locator("a.figure", has_text="件待处理").locator("b")
        before = int(waiting.inner_text())
        assert before >= len(names)
        desk.clicks("件待处理")
        expect(desk.page.get_by_role("heading", name="审核")).to_be_visible()
        desk.page.wait_for_load_state()
        desk.page.keyboard.press("n")
        for number in range(before):
            key = "1234"[number % 4]
            expect(desk.page.locator("#verdict textarea")).to_be_visible()
            decide(desk, key, "已核对照片和资料，情况如上。", last=number == before - 1)
        expect(desk.page).to_have_url(f"{desk.address}/office/queue")
        desk.reads("没有待处理的了。")
        desk.opens("/queue?tab=proposed")
        desk.reads("欧*")
        desk.opens("/queue?tab=decided")
        desk.looks("queue-cleared")


def test_a_county_looks_across_its_townships(browser: Browser, county_online: Installation) -> None:
    bureau = hire(county_online, Role.COUNTY_BUREAU, COUNTY, "县局")
    with at_desk(browser, county_online, bureau) as desk:
        desk.looks("today-county")
        for name, path in (
            ("quality", "/quality"),
            ("staff", "/staff"),
            ("villages", "/villages"),
            ("system", "/system"),
            ("system-keys", "/system/keys"),
            ("system-faces", "/system/faces"),
            ("policy", "/policy"),
        ):
            desk.opens(path)
            desk.looks(f"county-{name}")


@pytest.mark.parametrize("scripts", [True, False], ids=["script", "no-script"])
def test_an_auditor_verifies_the_chain(
    browser: Browser, county_online: Installation, *, scripts: bool
) -> None:
    inspector = hire(county_online, Role.INSPECTOR, COUNTY, "稽核员")
    with at_desk(browser, county_online, inspector, scripts=scripts) as desk:
        desk.opens("/audit")
        desk.looks(f"audit-{scripts}")
        desk.clicks(f"核对 {COUNTY}")
        desk.reads("审计链完整")
        desk.looks(f"audit-verified-{scripts}")
        desk.opens("/people")
        desk.misses("导出")


@pytest.mark.parametrize("scripts", [True, False], ids=["script", "no-script"])
def test_an_officer_finds_the_own_village_and_nothing_else(
    browser: Browser, county_online: Installation, *, scripts: bool
) -> None:
    elsewhere, _ = county_online.person()
    officer = hire(county_online, Role.VILLAGE_OFFICER, QUIET_VILLAGE, "赵协办")
    with at_desk(browser, county_online, officer, scripts=scripts) as desk:
        desk.looks(f"today-officer-{scripts}")
        for name, path in (("visits", "/visits"), ("contacts", "/contacts"), ("me", "/me")):
            desk.opens(path)
            desk.looks(f"officer-{name}-{scripts}")
        desk.opens(f"/people/{elsewhere.id}")
        desk.reads("没有办成")
        desk.misses(elsewhere.name)
        desk.opens("/queue")
        desk.reads("您没有办理这一项的权限")
        desk.looks(f"refused-{scripts}")


def test_an_idle_screen_is_covered_and_gives_back_what_was_typed(
    browser: Browser, county_online: Installation
) -> None:
    officer = hire(county_online, Role.VILLAGE_OFFICER, QUIET_VILLAGE, "钱协办")
    with at_desk(browser, county_online, officer) as desk:
        desk.page.add_init_script(LATER)
        desk.opens("/people")
        box = desk.page.locator("[data-search]").first
        box.fill("欧阳")
        desk.page.evaluate("window.minutesLater = 16")
        lock = desk.page.locator("dialog#lock")
        expect(lock).to_be_visible()
        desk.looks("locked")
        lock.locator("input[name=password]").fill("not-the-password")
        lock.locator("button").click()
        expect(desk.page.locator("#lock-wrong")).to_contain_text("密码不对")
        lock.locator("input[name=password]").fill(PASSWORD)
        lock.locator("button").click()
        expect(lock).to_be_hidden()
        expect(box).to_have_value("欧阳")


def test_two_desks_want_one_case_and_one_gets_it(
    browser: Browser, county_online: Installation
) -> None:
    person = flagged(county_online, "欧阳戊")
    first = hire(county_online, Role.TOWNSHIP_CLERK, OTHER_TOWNSHIP, "周经办")
    second = hire(county_online, Role.TOWNSHIP_CLERK, OTHER_TOWNSHIP, "吴经办")
    with (
        at_desk(browser, county_online, first) as early,
        at_desk(browser, county_online, second) as late,
    ):
        for desk in (early, late):
            desk.opens("/queue")
            desk.page.get_by_role("link", name=mask_name(person.name)).first.click()
            expect(desk.page.get_by_role("button", name="领取这件")).to_be_visible()
        early.clicks("领取这件")
        early.reads(person.name)
        late.clicks("领取这件")
        late.reads("正由其他同事审核")
        late.misses(person.name)
        early.clicks("放回")
        late.opens("/queue")
        late.page.keyboard.press("n")
        late.reads(person.name)
