"""The audit pages: searched by filters in the address, taken out as a file, verified in sight."""

import ast
import csv
import io
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup

from domain.audit import Actor, ActorKind, AuditAction
from domain.errors import AppError, Kind
from domain.regions import DivisionPath, DivisionScope, SystemName
from domain.roles import Permission, Role, may
from services import audit_check, audit_search, audit_trail
from services.audit_check import Step, Verdict
from storage.audit.chain import ChainFault, FaultKind
from storage.ids import uuid7
from tests.certification_world import PASSWORD, Account, County, audited
from tests.clock import FixedClock
from tests.places import COUNTY, OTHER_COUNTY, OTHER_COUNTY_VILLAGE
from tests.web.console.seats import SEATS
from tests.web.office import HTMX, Office, Page
from web.console import admin_words, audit, audit_lines, chain_drawing

WORKER = Actor(kind=ActorKind.SYSTEM, id="decision_worker")


@pytest.fixture
def desk(office: Office, bureau: Account) -> Office:
    return office.as_(bureau)


def record(
    county: County,
    action: AuditAction = AuditAction.REVIEW_OPENED,
    place: DivisionPath = COUNTY,
    actor: Actor = WORKER,
    **details: Any,
) -> None:
    with county.backend.unit(actor, DivisionScope(path=place)) as unit:
        unit.audit(action, **details)


def acts(page: Page) -> list[str]:
    return [row.get_text(" ", strip=True) for row in page.soup.select("table.trail tbody th")]


@pytest.mark.parametrize("role", list(Role))
def test_the_trail_is_read_by_the_seats_that_may(
    office: Office, county: County, role: Role
) -> None:
    seat = office.seat(role, SEATS[role])
    wanted = HTTPStatus.OK if may(role, Permission.AUDIT_READ) else HTTPStatus.FORBIDDEN
    assert seat.get("/audit").status == wanted
    for path in ("/audit/person", "/audit/export", "/audit/verify"):
        assert seat.post(path, [("csrf", "x")]).status == HTTPStatus.FORBIDDEN


def test_every_act_has_a_word() -> None:
    assert set(admin_words.ACTIONS) == set(AuditAction)
    assert len(set(admin_words.ACTIONS.values())) == len(AuditAction)


def test_every_detail_that_is_ever_put_down_has_a_word() -> None:
    used: set[str | None] = set()
    for folder in ("services", "app", "worker"):
        for path in Path(audit_search.__file__).parents[1].joinpath(folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                is_audit = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
                if is_audit and node.func.attr == "audit":  # type: ignore[attr-defined]
                    used |= {each.arg for each in node.keywords}  # type: ignore[attr-defined]
    assert len(used) > 30
    assert used - {None} <= set(admin_words.DETAILS)


def test_other_closed_sets_have_a_word_for_each_member() -> None:
    for name, members in {
        "fault": FaultKind,
        "actor_kind": ActorKind,
        "system_name": SystemName,
    }.items():
        assert set(admin_words.SETS[name]) == {member.value for member in members}


def test_records_are_shown_in_words_with_names_of_those_in_sight(
    desk: Office, county: County, bureau: Account
) -> None:
    stranger = county.staff(Role.COUNTY_BUREAU, OTHER_COUNTY, name="邻县乙")
    record(county, review=str(uuid7()), staff=str(bureau.id), reviewer=str(stranger.id))
    page = desk.get("/audit")
    assert acts(page)[0] == "转入人工审核"
    assert "认证处理" in page.text
    assert "县局甲" in page.text
    assert "邻县乙" not in page.text


def test_filters_narrow_and_survive_a_reload(desk: Office, county: County) -> None:
    thing = str(uuid7())
    record(county, review=thing)
    record(county, AuditAction.ATTEMPT_DECIDED)
    page = desk.get(
        "/audit?actor=system:decision_worker&action=review.opened"
        f"&object_id={thing}&since=2026-03-02&until=2026-03-02"
    )
    assert acts(page) == ["转入人工审核"]
    assert page.value("/office/audit", "actor") == "system:decision_worker"
    assert page.value("/office/audit", "action") == "review.opened"
    assert page.value("/office/audit", "since") == "2026-03-02"
    assert acts(desk.get("/audit?action=review.opened&until=2026-03-01")) == []


def test_a_person_is_found_by_a_number_that_never_stands_in_an_address(
    desk: Office, county: County
) -> None:
    person = county.person()
    record(county, beneficiary=str(person.id))
    record(county, AuditAction.ATTEMPT_DECIDED)
    sent = desk.submit(desk.get("/audit"), "/audit/person", number=person.id_number)
    assert sent.answer.headers["location"] == f"/office/audit?person={person.id}"
    page = desk.follow(sent)
    assert acts(page) == ["转入人工审核"]
    assert person.id_number not in page.answer.text
    assert person.name not in page.answer.text


def test_a_number_out_of_sight_is_not_found(desk: Office, county: County) -> None:
    hidden = county.person(household=OTHER_COUNTY_VILLAGE)
    page = desk.submit(desk.get("/audit"), "/audit/person", number=hidden.id_number)
    assert page.status == HTTPStatus.NOT_FOUND
    assert desk.get(f"/audit?person={hidden.id}").status == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("action=x", 422),
        ("person=990101195001010018", 422),
        ("since=2026-02-30", 422),
        ("since=1", 422),
        ("until=9999-12-31", 422),
        ("since=0001-01-01", 422),
        ("after=-1", 422),
        ("after=1e5", 422),
        ("after=%EF%BC%91", 422),
        ("after=99999999999999999999", 422),
        ("actor=nobody", 422),
        ("actor=%00", 422),
        ("actor=" + "a" * 121, 422),
        ("object_id=%00", 422),
        ("object_id=%24.**", 200),
        ("chain=990102", 404),
        ("chain=system", 404),
        ("chain='--", 404),
        ("chain=1234567", 422),
        ("nonsense=1", 200),
    ],
)
def test_hostile_filters_are_refused_in_words(desk: Office, query: str, status: int) -> None:
    page = desk.get(f"/audit?{query}")
    assert page.status == status
    if status != 200:
        assert page.soup.select_one(".refusal, [role=alert]") is not None


def test_details_with_markup_are_shown_as_text(desk: Office, county: County) -> None:
    record(county, outcome="<script>alert(1)</script>", reasons=["<b>x</b>"])
    page = desk.get("/audit")
    assert page.soup.select("td script, td b") == []
    assert "<script>alert(1)</script>" in page.text


def test_pages_lead_back_in_time(
    desk: Office, county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_search, "PAGE", 2)
    for _ in range(5):
        record(county)
    shown = 0
    page = desk.get("/audit?action=review.opened")
    for _ in range(5):
        shown += len(acts(page))
        forward = page.soup.select_one("a[rel=next]")
        if forward is None:
            break
        page = desk.get(str(forward["href"]))
    assert shown == 5


def test_an_inspector_chooses_among_the_chains_below(office: Office, county: County) -> None:
    seat = office.seat(Role.INSPECTOR, DivisionPath("9901"))
    record(county, place=OTHER_COUNTY)
    page = seat.get(f"/audit?chain={OTHER_COUNTY}")
    assert acts(page) == ["转入人工审核"]
    assert page.value("/office/audit", "chain") == OTHER_COUNTY


def export(desk: Office, query: str = "", **typed: Any) -> Page:
    return desk.submit(desk.get(f"/audit{query}"), "/audit/export", **typed)


def lines(page: Page) -> list[list[str]]:
    text = page.answer.content.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def test_an_export_is_a_file_that_says_who_took_it_and_runs_nothing(
    desk: Office, county: County
) -> None:
    record(county, outcome="=cmd|' /C calc'!A0")
    record(county, AuditAction.ATTEMPT_DECIDED)
    page = export(desk, "?action=review.opened")
    assert page.status == HTTPStatus.OK
    assert page.answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert page.answer.headers["content-disposition"].startswith("attachment")
    assert page.answer.headers["cache-control"] == "no-store"
    mark, asked, head, *records = lines(page)
    assert mark == [
        "健在 审计记录",
        "导出人 县局甲（bureau）",
        "导出时间 2026-03-02 09:00",
        "共 1 条",
    ]
    assert asked == ["条件", "审计链 990101", "查的事项 转入人工审核"]
    assert head[0] == "链"
    ((chain, _, at, actor, code, act, action, details),) = records
    assert (chain, at, actor, code) == (COUNTY, "2026-03-02 09:00", "认证处理", str(WORKER))
    assert (act, action) == ("转入人工审核", "review.opened")
    assert details == "结果 =cmd|' /C calc'!A0"
    (event,) = audited(county.backend, AuditAction.AUDIT_EXPORTED)
    assert (event["count"], event["acts"]) == (1, "review.opened")


def test_a_name_like_a_formula_is_text_in_the_file(office: Office, county: County) -> None:
    nasty = county.staff(Role.COUNTY_BUREAU, COUNTY, login="nasty", name="=1+1")
    desk = office.as_(nasty)
    rows = lines(export(desk))
    cells = [cell for row in rows for cell in row]
    assert "'=1+1" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


def test_an_export_asks_for_the_password_after_a_while(
    desk: Office, county: County, clock: FixedClock
) -> None:
    page = desk.get("/audit")
    for _ in range(2):
        clock.advance(timedelta(minutes=10))
        desk.get("/")
    refused = desk.submit(page, "/audit/export")
    assert refused.status == HTTPStatus.FORBIDDEN
    assert audited(county.backend, AuditAction.AUDIT_EXPORTED) == []
    wrong = desk.submit(refused, "/audit/export", password="wrong")
    assert wrong.status == HTTPStatus.UNAUTHORIZED
    taken = desk.submit(wrong, "/audit/export", password=PASSWORD)
    assert taken.answer.headers["content-type"].startswith("text/csv")


def test_a_sound_chain_is_said_to_be_sound_and_the_page_remembers(
    desk: Office, county: County
) -> None:
    record(county)
    assert "还没有核对过" in desk.get("/audit").text
    page = desk.submit(desk.get("/audit"), "/audit/verify")
    assert page.status == HTTPStatus.OK
    assert "✓ 审计链完整" in page.text
    assert "还没有外部存证" in page.text
    assert page.soup.select_one("svg[role=img]") is not None
    assert page.soup.select_one("nav[aria-label='主菜单']") is not None
    assert audit.MARK not in page.answer.text
    assert "条， 完整" in desk.get("/audit").text


@pytest.mark.committing
def test_a_chain_that_was_tampered_with_is_said_to_be_with_the_first_place(
    desk: Office, county: County, owner_engine: sa.Engine
) -> None:
    for _ in range(5):
        record(county)
    backend = county.backend
    audit_trail.anchor_heads(backend.sessions, backend.installation.anchors, backend.clock.now())
    with owner_engine.begin() as owner:
        owner.exec_driver_sql("update audit_events set action = 'x' where seq = 4")
    page = desk.submit(desk.get("/audit"), "/audit/verify")
    assert "✗ 审计链有问题" in page.text
    assert "第一处在第 4 条：内容被改动" in page.text
    assert "1 次外部存证" in page.text
    assert "1 处问题" in desk.get("/audit").text


@pytest.mark.parametrize("chain", [OTHER_COUNTY, "system", "99", "x", ""])
def test_no_other_chain_can_be_verified(desk: Office, county: County, chain: str) -> None:
    record(county, place=OTHER_COUNTY)
    page = desk.submit(desk.get("/audit"), "/audit/verify", chain=chain)
    assert page.status in {HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY}
    assert audited(county.backend, AuditAction.AUDIT_VERIFIED) == []


def test_progress_is_told_while_a_long_chain_is_walked(
    desk: Office, county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "_LINE_EVERY", 2)
    monkeypatch.setattr("storage.audit.chain.BATCH", 2)
    for _ in range(6):
        record(county)
    page = desk.submit(desk.get("/audit"), "/audit/verify")
    steps = page.soup.select("p.step")
    assert len(steps) >= 3
    assert "已核对 2 / " in steps[0].get_text()


def test_a_walk_that_breaks_off_says_so_on_the_page_that_was_begun(
    desk: Office, county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaking(*_: object) -> Any:
        yield Step(done=1, total=9, faults=0)
        raise AppError(Kind.UNAVAILABLE, "server.unavailable")

    monkeypatch.setattr(audit_check, "verify", breaking)
    page = desk.submit(desk.get("/audit"), "/audit/verify")
    assert page.status == HTTPStatus.OK
    assert "核对没有做完" in page.text
    assert "审计链完整" not in page.text


@pytest.mark.parametrize(
    ("records", "anchored", "first"),
    [
        (0, 0, None),
        (1, 1, None),
        (10, 4, None),
        (10, 10, 1),
        (3, 9, 4),
        (0, 9, 1),
        (10**7, 5, 10**7),
    ],
)
def test_the_picture_of_a_chain_stays_in_its_frame(
    records: int, anchored: int, first: int | None
) -> None:
    fault = None if first is None else ChainFault(chain=COUNTY, seq=first, kind=FaultKind.CUT)
    verdict = Verdict(
        chain=COUNTY,
        records=records,
        anchors=int(anchored > 0),
        anchored_to=anchored,
        faults=int(first is not None),
        first=fault,
    )
    drawn = BeautifulSoup(chain_drawing.picture(verdict), "html.parser")
    for bar in drawn.select("rect"):
        left, width = float(str(bar["x"])), float(str(bar["width"]))
        assert 0 <= left <= left + width <= 720
    assert bool(drawn.select("rect[fill='#9b1c1c']")) is (first is not None)
    said = audit_lines.verdict(verdict)
    assert ("✓" in said) is (first is None)


def test_htmx_gets_the_content_only(desk: Office) -> None:
    part = desk.ask("GET", "/audit", headers=HTMX)
    assert part.soup.select("nav[aria-label='主菜单']") == []
    assert part.soup.select_one("h1") is not None
