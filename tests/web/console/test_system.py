"""The system pages: what is broken is said, no key is ever shown, stored faces are counted."""

import csv
import io
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest

from biometrics.models import manifest
from domain.audit import AuditAction
from domain.face_filing import FilingStage
from domain.regions import DivisionPath
from domain.roles import Permission, Role, may
from services import stored_faces
from services.home_visits import DECIDE_VISIT_TASK
from services.submissions import DECIDE_TASK
from services.system_status import KeyUse, Soundness
from tests.certification_world import PASSWORD, Account, County, audited
from tests.clock import FixedClock
from tests.places import COUNTY, OTHER_COUNTY_VILLAGE, VILLAGE
from tests.web.console.seats import SEATS
from tests.web.office import HTMX, Office, Page
from web.console import admin_words
from web.console.admin_words import SETS

PAGES = ("/system", "/system/keys", "/system/faces")


@pytest.fixture
def admin(county: County) -> Account:
    return county.staff(Role.COUNTY_ADMIN, COUNTY, login="admin", name="县管理员")


@pytest.fixture
def desk(office: Office, admin: Account) -> Office:
    return office.as_(admin)


def stored(county: County, household: DivisionPath = VILLAGE) -> None:
    county.enrol_nobody(county.person(household=household))


def small(monkeypatch: pytest.MonkeyPatch, filing: int) -> None:
    monkeypatch.setattr(stored_faces, "FILING_AT", filing)
    monkeypatch.setattr("domain.face_filing.reached_on.__defaults__", (filing,))


@pytest.mark.parametrize("role", list(Role))
def test_the_system_is_shown_to_the_seats_that_may_see_it(office: Office, role: Role) -> None:
    seat = office.seat(role, SEATS[role])
    wanted = HTTPStatus.OK if may(role, Permission.SYSTEM_READ) else HTTPStatus.FORBIDDEN
    assert [seat.get(path).status for path in PAGES] == [wanted] * len(PAGES)
    forged = seat.post("/system/faces/summary", [("csrf", "x")])
    assert forged.status == HTTPStatus.FORBIDDEN


def test_closed_sets_have_a_word_for_each_member() -> None:
    assert set(SETS["key_use"]) == {use.value for use in KeyUse}
    assert set(SETS["soundness"]) == {each.value for each in Soundness} == set(admin_words.KINDS)
    assert set(SETS["stage"]) == {stage.value for stage in FilingStage}
    assert set(SETS["task"]) >= {DECIDE_TASK, DECIDE_VISIT_TASK}
    assert set(SETS["model_role"]) == {role.value for role in manifest()}


def test_an_installation_without_a_worker_says_so(desk: Office) -> None:
    page = desk.get("/system")
    assert "没有正在工作的处理进程" in page.text
    assert "定时任务还没有运行过" in page.text
    assert "PostgreSQL 18" in page.text


def test_model_files_that_are_missing_are_said_to_be(desk: Office) -> None:
    page = desk.get("/system")
    table = page.soup.select("section[aria-labelledby=models] tbody tr")
    assert len(table) == len(SETS["model_role"])
    assert any("有问题" in row.get_text() for row in table)


def test_no_key_ever_stands_on_a_page(desk: Office, county: County) -> None:
    county.person()
    county.backend.installation.keys.rotate()
    county.person()
    page = desk.get("/system/keys")
    row = page.soup.select_one("section[aria-labelledby=ring] tbody tr")
    assert row is not None
    assert [cell.get_text(" ", strip=True) for cell in row.select("td")][:4] == [
        "2",
        "1、2（共 2 个）",
        "1",
        "1",
    ]
    ring = county.backend.installation.keys
    for use in KeyUse:
        for version in ring.standing()[use].kept:
            assert ring.key(use, version).hex() not in page.answer.text
    assert "keyring.json" not in page.answer.text


def test_texts_and_consents_are_shown_by_version(desk: Office, county: County) -> None:
    stored(county)
    stored(county, OTHER_COUNTY_VILLAGE)
    page = desk.get("/system/keys")
    (row,) = page.soup.select("section[aria-labelledby=texts] tbody tr")
    assert [cell.get_text(strip=True) for cell in row.select("td.num")] == ["1", "0"]
    assert "版本 test-1" in page.text
    assert "本页为测试用告知书" in page.text


def test_the_calendar_that_lacks_the_next_year_says_so(
    county: County, admin: Account, clock: FixedClock
) -> None:
    desk = Office(county=county).as_(admin)
    assert "缺 2027 年" not in desk.get("/system/keys").text
    clock.advance(timedelta(days=260))  # past 1 November
    desk = Office(county=county).as_(admin)
    assert "缺 2027 年" in desk.get("/system/keys").text


def test_a_county_sees_its_own_number_and_the_whole_as_a_number(
    desk: Office, county: County
) -> None:
    stored(county)
    stored(county, OTHER_COUNTY_VILLAGE)
    page = desk.get("/system/faces")
    assert "2 全系统存有人脸信息的人" in page.text
    rows = [row.get_text(" ", strip=True) for row in page.soup.select("tbody tr")]
    assert rows == ["石桥县 1"]
    assert "青山县" not in page.text
    assert "未到预警线" in page.text


def test_a_reached_number_shows_the_day_and_the_deadline(
    desk: Office, county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    small(monkeypatch, 1)
    stored(county)
    page = desk.get("/system/faces")
    assert "须在期限内备案" in page.text
    assert "2026-03-02" in page.text
    assert "2026-04-14" in page.text


def summary(desk: Office, **typed: Any) -> Page:
    return desk.submit(desk.get("/system/faces"), "/system/faces/summary", **typed)


def test_the_summary_is_a_file_that_says_who_took_it(
    county: County, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    small(monkeypatch, 1)
    stored(county)
    desk = office.as_(county.staff(Role.COUNTY_BUREAU, COUNTY, login="nasty", name="=1+1"))
    page = summary(desk)
    assert page.answer.headers["content-disposition"].startswith("attachment")
    rows = list(csv.reader(io.StringIO(page.answer.content.decode("utf-8-sig"), newline="")))
    said = {row[0]: row[1] for row in rows if len(row) == 2}
    assert said["导出人"] == "'=1+1（nasty）"
    assert said["存有人脸信息的人数（全系统，按人计）"] == "1"
    assert said["达到备案线之日"] == "2026-03-02"
    assert said["备案期限（30 个工作日，当日不计）"] == "2026-04-14"
    assert said["石桥县（990101）"] == "1"
    assert audited(county.backend, AuditAction.FILING_EXPORTED) == [{"persons": 1, "stage": "due"}]


def test_the_summary_asks_for_the_password_after_a_while(
    desk: Office, county: County, clock: FixedClock
) -> None:
    page = desk.get("/system/faces")
    for _ in range(2):
        clock.advance(timedelta(minutes=10))
        desk.get("/")
    refused = desk.submit(page, "/system/faces/summary")
    assert refused.status == HTTPStatus.FORBIDDEN
    assert audited(county.backend, AuditAction.FILING_EXPORTED) == []
    taken = desk.submit(refused, "/system/faces/summary", password=PASSWORD)
    assert taken.answer.headers["content-type"].startswith("text/csv")


def test_htmx_gets_the_content_only(desk: Office) -> None:
    for path in PAGES:
        part = desk.ask("GET", path, headers=HTMX)
        assert part.soup.select("nav[aria-label='主菜单']") == []
        assert part.soup.select_one("h1") is not None
