"""A reviewer at an office PC clears the queue: by keys, through a refusal, without scripts."""

import time
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect

from api.main import create_app
from domain.roles import Role
from storage.db.models.cases import ReviewClaim
from tests.browser.desk import at_desk, hire
from tests.browser.installation import Installation
from tests.browser.marks import IN_THE_BROWSER
from tests.certification_world import TEST, Account, County, Pensioner
from tests.phone_world import Http, Phone
from tests.places import TOWNSHIP
from tests.web.cases import case_of

pytestmark = [*IN_THE_BROWSER, pytest.mark.usefixtures("known_challenge")]
DECIDED_S = 120
FINDINGS = "已给本人打电话，声音清楚，人在家里。"


@pytest.fixture
def clerk(county_online: Installation) -> Account:
    return hire(county_online, Role.TOWNSHIP_CLERK, TOWNSHIP, "王经办")


def flagged_by_machine(made: Installation) -> Pensioner:
    """Somebody else answers in the place of the one who is enrolled; a worker flags it."""
    person, _ = made.person()
    with ThreadPoolExecutor(1) as apart:  # Playwright has the event loop of this thread
        apart.submit(answer, made, person).result()
    for _ in range(DECIDED_S):
        if made.eye.count("select count(*) from reviews where beneficiary_id = %s", person.id):
            return person
        time.sleep(1)
    pytest.fail("no worker decided")


def answer(made: Installation, person: Pensioner) -> None:
    phone = Phone(http=Http(create_app(made.backend)), backend=made.backend)
    phone.open(person)
    film = phone.film(made.studio, "p3")
    accepted = phone.hand_in(f"case-{person.id}", made.studio.selfie("p3"), film)
    assert accepted.is_success, accepted.text


def compare(page: Page) -> None:
    """The pictures are there; they grow and turn together."""
    faces = page.locator(".faces img")
    expect(faces).to_have_count(3)
    assert faces.evaluate_all("all => all.every((image) => image.naturalWidth > 0)")
    page.keyboard.press("+")
    page.keyboard.press("f")
    looks = faces.evaluate_all("all => all.map((image) => image.style.transform)")
    assert looks == ["translate(0px, 0px) scale(-1.5, 1.5)"] * 3
    page.keyboard.press("-")
    page.keyboard.press("f")


def until(page: Page, what: str) -> None:
    """Wait for it; Playwright's own waiting needs `eval`, which the page's policy forbids."""
    for _ in range(300):
        if page.evaluate(what):
            return
        time.sleep(0.1)
    pytest.fail(what)


def jump(page: Page) -> None:
    """A place of the timeline is a moment of the clip."""
    until(page, "document.getElementById('clip').readyState >= 1")
    drawing = page.locator("#timeline svg")
    box = drawing.bounding_box()
    assert box is not None
    drawing.click(position={"x": box["width"] / 2, "y": box["height"] / 2})
    until(page, "document.getElementById('clip').currentTime > 1")


def test_a_reviewer_looks_compares_and_certifies_with_keys(
    browser: Browser, county_online: Installation, clerk: Account
) -> None:
    person = flagged_by_machine(county_online)
    with at_desk(browser, county_online, clerk) as desk:
        page = desk.page
        desk.opens("/queue")
        desk.looks("queue")
        page.keyboard.press("j")
        expect(page.locator("tr[data-row] a[data-open]").first).to_be_focused()
        page.keyboard.press("n")
        desk.reads(person.name)
        compare(page)
        desk.looks("case")
        jump(page)
        page.keyboard.press("1")
        page.keyboard.press("w")
        page.keyboard.type(FINDINGS)
        page.get_by_label("电话回访").check()
        desk.clicks("提交，回列表")
        desk.reads("请选择主要理由")
        expect(page.locator("#verdict textarea")).to_have_value(FINDINGS)
        assert page.locator("#clip").evaluate("clip => clip.currentTime") > 1, "it did not reload"
        desk.looks("case-refused")
        page.get_by_label("是本人且健在").check()
        desk.clicks("提交，回列表")
        desk.reads("认证通过，凭证号 JZ")
        expect(page).to_have_url(f"{desk.address}/office/queue")


def test_without_scripts_a_case_is_claimed_seen_and_decided(
    browser: Browser, county_online: Installation, clerk: Account
) -> None:
    county = County(backend=county_online.backend)
    case = case_of(county, county.person("欧阳志远").id, priority=900)
    with at_desk(browser, county_online, clerk, scripts=False) as desk:
        desk.opens(f"/queue/{case}")
        desk.clicks("领取这件")
        desk.reads("欧阳志远")
        desk.page.get_by_label("安排上门").check()
        desk.page.get_by_label("远程判断不了").check()
        desk.page.locator("textarea[name=findings]").fill(FINDINGS)
        desk.clicks("提交，回列表")
        desk.reads("已办结：安排上门")


def run_out(made: Installation, case: UUID) -> None:
    with made.backend.unit(TEST.actor, TEST.scope) as unit:
        ended = sa.update(ReviewClaim).where(ReviewClaim.review_id == case)
        unit.session.execute(ended.values(expires_at=unit.now))


def test_a_claim_that_ran_out_says_so_and_is_taken_up_again_where_one_stands(
    browser: Browser, county_online: Installation, clerk: Account
) -> None:
    county = County(backend=county_online.backend)
    case = case_of(county, county.person("欧阳志远").id, priority=900)
    with at_desk(browser, county_online, clerk) as desk:
        desk.opens(f"/queue/{case}")
        desk.clicks("领取这件")
        desk.page.locator("textarea[name=findings]").fill(FINDINGS)
        run_out(county_online, case)
        desk.page.get_by_label("请本人再拍一次").check()
        desk.page.get_by_label("看不出").check()
        desk.clicks("提交，回列表")
        desk.reads("领取时间到了")
        expect(desk.page.locator("textarea[name=findings]")).to_have_value(FINDINGS)
        desk.clicks("重新领取")
        expect(desk.page.locator("textarea[name=findings]")).to_have_value(FINDINGS)
        desk.clicks("提交，回列表")
        desk.reads("已办结：请本人再拍一次")
