"""One appeal from the phone to the answer, and a person whom nobody reaches, in a real browser."""

from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from domain.contact import ContactChannel, ContactOutcome
from domain.review import Verdict
from domain.roles import Role
from services import accounts, contacts, reviews
from services.contacts import NewContact
from services.reviews import Ruling
from tests import attempt_world
from tests.browser.desk import at_desk, hire
from tests.browser.installation import Installation
from tests.browser.looking import look_at
from tests.browser.marks import IN_THE_BROWSER
from tests.browser.visitor import Visitor
from tests.certification_world import Account, Pensioner
from tests.places import TOWNSHIP, VILLAGE

pytestmark = IN_THE_BROWSER
FINDINGS = "照片看不清楚，无法判断"


def ask_again(made: Installation, by: Account, person: Pensioner) -> None:
    """Let a clerk ask for another try."""
    member = accounts.access_of(made.backend, by.token(made.backend)).member
    case = attempt_world.flagged_attempt(made.backend, person.id, f"appeal-{person.id}")
    reviews.claim_case(made.backend, member, case)
    ruling = Ruling(verdict=Verdict.ASK_AGAIN, method=None, findings=FINDINGS)
    reviews.decide(made.backend, member, case, ruling)


def test_the_person_asks_again_and_another_answers(
    browser: Browser, visitor: Visitor, county_online: Installation
) -> None:
    person, link = county_online.person()
    first = hire(county_online, Role.TOWNSHIP_CLERK, TOWNSHIP, "王经办")
    ask_again(county_online, first, person)

    visitor.open(link)
    visitor.sees("result")
    look_at(visitor.page, "result-contestable")
    visitor.taps("result-appeal-ask")
    expect(visitor.page.locator("#result-appeal")).to_contain_text("最晚")
    look_at(visitor.page, "result-appeal")
    visitor.must_be_clean()

    head = hire(county_online, Role.TOWNSHIP_HEAD, TOWNSHIP, "赵主任")
    with at_desk(browser, county_online, head) as desk:
        desk.opens("/appeals")
        desk.looks("appeals")
        desk.page.keyboard.press("j")
        desk.page.keyboard.press("Enter")
        desk.reads("请再看一次（没有另外说明）")
        desk.reads(FINDINGS)
        desk.looks("appeal")
        desk.page.get_by_label("支持：认证通过").check()
        desk.page.get_by_label("核实方式").select_option("call_back")
        desk.types("核实情况", "打了登记的电话，本人接听，核对无误")
        desk.clicks("提交答复")
        desk.reads("认证通过，有效期已更新")

    visitor.open("/m/")
    visitor.sees("result")
    expect(visitor.page.locator("#result-title")).to_have_text("认证成功")
    expect(visitor.page.locator("#result-appeal")).to_contain_text("重新看过了")


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without"])
def test_a_try_is_two_choices_and_the_dots_fill(
    browser: Browser, county_online: Installation, *, scripts: bool
) -> None:
    person, _ = county_online.person()
    officer = hire(county_online, Role.VILLAGE_OFFICER, VILLAGE, "李协办")
    member = accounts.access_of(county_online.backend, officer.token(county_online.backend)).member
    for days in (3, 2):
        new = NewContact(
            channel=ContactChannel.CALL,
            outcome=ContactOutcome.NO_ANSWER,
            contacted_at=county_online.backend.clock.now() - timedelta(days=days),
        )
        contacts.record(county_online.backend, member, person.id, new)
    with at_desk(browser, county_online, officer, scripts=scripts) as desk:
        desk.opens(f"/people/{person.id}/contacts")
        desk.reads("还差：再联系 1 次，再换 1 种方式")
        if scripts:
            desk.looks("contacts")
        desk.page.get_by_label("上门").check()
        desk.page.get_by_label("没人接、没人在").check()
        desk.clicks("记下")
        desk.reads("已记下：上门，没人接、没人在。")
        desk.clicks("标为联系不上")
        desk.reads("已标为联系不上")
        desk.opens("/contacts?shelf=unreachable")
        desk.reads("虚")
        if scripts:
            desk.looks("contacts-unreachable")
