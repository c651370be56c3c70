"""What harms a person goes over two desks: by keys, with and without a script, for all eyes."""

from contextlib import ExitStack
from uuid import UUID

from playwright.sync_api import Browser, expect

from domain.cycle import Channel
from domain.review import Verdict
from domain.roles import Role
from services import accounts, reviews, validity
from services.policies import legal_day
from services.reviews import Ruling
from services.validity import Ground
from tests import attempt_world
from tests.browser.desk import at_desk, hire
from tests.browser.installation import Installation
from tests.browser.marks import IN_THE_BROWSER
from tests.certification_world import TEST, Account, Pensioner
from tests.places import TOWNSHIP

pytestmark = IN_THE_BROWSER
GROUNDS = "看起来不是本人，邻居说人早就搬走了。"


def refer(made: Installation, by: Account, person: Pensioner, client_id: str) -> UUID:
    """Let a clerk propose to refer a case; returns the proposal's id."""
    member = accounts.access_of(made.backend, by.token(made.backend)).member
    case = attempt_world.flagged_attempt(made.backend, person.id, client_id)
    reviews.claim_case(made.backend, member, case)
    ruling = Ruling(verdict=Verdict.REFER_AS_LEAD, method=None, findings=GROUNDS)
    proposal = reviews.decide(made.backend, member, case, ruling).proposal_id
    assert proposal is not None
    return proposal


def certified(made: Installation, person: Pensioner) -> str:
    """Certify somebody on site; returns the certificate's number."""
    with made.backend.unit(TEST.actor, TEST.scope) as unit:
        unit.record_in(person.household)
        found = made.backend.people(unit).load(person.id)
        assert found is not None
        ground = Ground(channel=Channel.ON_SITE, captured_on=legal_day(unit.now))
        return validity.certify(made.backend, unit, found, ground).certificate_number


def test_the_second_reads_by_keys_and_sends_back_with_a_word(
    browser: Browser, county_online: Installation
) -> None:
    person, _ = county_online.person()
    first = hire(county_online, Role.TOWNSHIP_CLERK, TOWNSHIP, "王经办")
    refer(county_online, first, person, "second-person-1")
    second = hire(county_online, Role.TOWNSHIP_CLERK, TOWNSHIP, "李经办")
    with at_desk(browser, county_online, second) as desk:
        desk.clicks("件待我作第二人")
        desk.reads("待我复核")
        desk.looks("proposals")
        desk.page.keyboard.press("j")
        desk.page.keyboard.press("Enter")
        desk.reads(GROUNDS)
        desk.looks("proposal")
        desk.page.keyboard.press("w")
        desk.page.keyboard.type("再看")
        desk.clicks("退回")
        desk.reads("请写明退回的原因")
        expect(desk.page.get_by_label("说明")).to_have_value("再看")
        desk.types("说明", "请先给本人打电话核实")
        desk.clicks("退回")
        desk.reads("已退回，这件重新排队")


def test_a_revocation_goes_over_two_desks_without_a_script(
    browser: Browser, county_online: Installation
) -> None:
    person, _ = county_online.person()
    number = certified(county_online, person)
    address = f"/people/{person.id}/certificates/{number}/revoke"
    head = hire(county_online, Role.TOWNSHIP_HEAD, TOWNSHIP, "赵主任")
    clerk = hire(county_online, Role.TOWNSHIP_CLERK, TOWNSHIP, "孙经办")
    with ExitStack() as seats:
        first = seats.enter_context(at_desk(browser, county_online, head))
        second = seats.enter_context(at_desk(browser, county_online, clerk, scripts=False))
        first.opens(address)
        first.reads("系统不会停发待遇")
        first.looks("revoke")
        first.types("凭什么认定", "村里证实本人去年已去世")
        first.clicks("提请撤销")
        first.reads("等另一位同事复核")
        first.looks("proposal-own")

        second.opens("/proposals")
        second.page.locator("tr", has_text="撤销认证").get_by_role("link").first.click()
        second.reads("撤销后到")
        second.clicks("同意：撤销认证")
        second.reads("已同意，认证已撤销")

        first.opens("/proposals?shelf=mine")
        first.reads("已同意")
        first.opens(address)
        first.reads("这份认证已经撤销")
