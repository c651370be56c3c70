"""A head reads how the reviewers did, and resolves what two of them saw differently."""

from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from domain.regions import DivisionPath
from domain.review import Verdict
from domain.roles import Role
from storage.db.repositories import divisions
from tests.browser.desk import Desk, at_desk, hire
from tests.browser.installation import Installation
from tests.browser.marks import IN_THE_BROWSER
from tests.certification_world import TEST, Account, County
from tests.clock import FixedClock
from tests.web.cases import case_of
from tests.web.quality_world import DOUBT, FINDINGS, NOTE, second_look, settle

pytestmark = IN_THE_BROWSER


def a_township(made: Installation, path: str) -> tuple[DivisionPath, DivisionPath]:
    """Where nobody has decided anything yet: the first decision is then read again."""
    village = f"{path}001"
    rows: list[dict[str, object]] = [
        {"path": path, "name": f"{path}镇", "level": "township", "parent_path": "990101"},
        {"path": village, "name": f"{village}村", "level": "village", "parent_path": path},
    ]
    with made.backend.unit(TEST.actor, TEST.scope) as unit:
        divisions.put_all(unit.session, rows)
    return DivisionPath(path), DivisionPath(village)


def a_week_of_work(
    made: Installation, first: Account, second: Account, village: DivisionPath
) -> None:
    """Nine days ago one reviewed, too fast at times; then the other read a case again."""
    clock = FixedClock(made.backend.clock.now() - timedelta(days=9))
    county = County(backend=replace(made.backend, clock=clock))
    opposed = case_of(county, county.person("欧阳志远", household=village).id)
    settle(county, first, opposed)
    for number, seconds in enumerate((2, 40, 75, 200)):
        person = county.person(f"周桂{'香兰芳珍'[number]}", household=village)
        case = case_of(county, person.id)
        settle(county, first, case, s=seconds)
    clock.advance(timedelta(days=6))
    settle(county, second, second_look(county, opposed), Verdict.SEND_VISIT, s=90)


def looked_at(desk: Desk, name: str, *, scripts: bool) -> None:
    """Look with axe, which is a script itself."""
    if scripts:
        desk.looks(name)


@pytest.mark.parametrize("scripts", [True, False], ids=["script", "no-script"])
def test_a_head_reads_the_figures_and_resolves_a_disagreement(
    browser: Browser, county_online: Installation, *, scripts: bool
) -> None:
    town, village = a_township(county_online, "990101108" if scripts else "990101109")
    first = hire(county_online, Role.TOWNSHIP_CLERK, town, "王经办")
    second = hire(county_online, Role.TOWNSHIP_CLERK, town, "李经办")
    head = hire(county_online, Role.TOWNSHIP_HEAD, town, "赵主任")
    a_week_of_work(county_online, first, second, village)
    with at_desk(browser, county_online, head, scripts=scripts) as desk:
        desk.opens("/quality")
        desk.reads("有不到 3 秒的结论")
        looked_at(desk, "quality", scripts=scripts)
        desk.page.locator("tr", has_text="王经办").get_by_role("link", name="1").first.click()
        desk.reads("过快")
        looked_at(desk, "quality-reviewer", scripts=scripts)
        desk.opens("/quality/disagreements")
        desk.reads(FINDINGS)
        desk.reads(DOUBT)
        looked_at(desk, "quality-opposed", scripts=scripts)
        desk.page.get_by_label("维持原结论").first.check()
        desk.page.get_by_label("理由").first.fill(NOTE)
        desk.page.get_by_role("button", name="确定").first.click()
        desk.reads("已办：维持原结论")
        expect(desk.page.locator("article form")).to_have_count(0)
        desk.opens("/quality/known")
        desk.reads("还没有已知答案题")
        looked_at(desk, "quality-known", scripts=scripts)
    with at_desk(browser, county_online, first, scripts=scripts) as desk:
        desk.opens("/me/quality")
        desk.reads("5 件")
        looked_at(desk, "quality-own", scripts=scripts)
