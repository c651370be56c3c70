"""Two of the bureau change a value at their PCs: with and without a script, for all eyes."""

from contextlib import AbstractContextManager, ExitStack

from playwright.sync_api import Browser, expect

from domain.roles import Role
from tests.browser.desk import Desk, at_desk, hire
from tests.browser.installation import Installation
from tests.browser.marks import IN_THE_BROWSER
from tests.places import COUNTY

pytestmark = IN_THE_BROWSER


def bureau(
    browser: Browser, made: Installation, name: str, *, scripts: bool = True
) -> AbstractContextManager[Desk]:
    """Seat somebody of the county's bureau."""
    return at_desk(browser, made, hire(made, Role.COUNTY_BUREAU, COUNTY, name), scripts=scripts)


def test_a_value_goes_from_one_desk_to_the_next(
    browser: Browser, county_online: Installation
) -> None:
    with ExitStack() as seats:
        first = seats.enter_context(bureau(browser, county_online, "钱甲"))
        second = seats.enter_context(bureau(browser, county_online, "孙乙", scripts=False))

        first.opens("/policy")
        first.reads("领取后未办结退回队列")
        first.looks("policy")
        first.page.locator("tr[id='review.claim_minutes'] a", has_text="调整").click()
        first.types("调整为", "20")
        first.types("依据", "石社保〔2026〕3号 二")
        first.looks("policy-form")
        first.clicks("提出，交另一人确认")
        first.reads("已提出，等另一位同事确认")
        first.looks("policy-own-change")

        second.opens("/policy/waiting")
        second.clicks("领取后未办结退回队列")
        second.reads("不调整")
        second.clicks("确认这项调整")
        second.reads("已确认，到生效日自动生效")
        expect(second.page.locator("h1 .badge")).to_have_text("待生效")

        first.opens("/policy/changes")
        first.reads("待生效")
        first.looks("policy-changes")


def test_a_threshold_asks_for_its_report_and_a_slip_keeps_what_was_typed(
    browser: Browser, county_online: Installation
) -> None:
    with bureau(browser, county_online, "周丙") as desk:
        desk.opens("/policy/propose")
        desk.looks("policy-keys")
        desk.page.get_by_label("要调整哪一项").select_option("face.accept")
        desk.clicks("下一步")
        desk.types("调整为", "0.31")
        desk.types("依据", "本县评测 2026-12-10")
        desk.types("评测报告摘要", "ab" * 32)
        desk.clicks("提出，交另一人确认")
        desk.reads("这个值与其他规定相互矛盾")
        expect(desk.page.get_by_label("依据")).to_have_value("本县评测 2026-12-10")
        desk.looks("policy-refused")
