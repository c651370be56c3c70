"""A list as a file: masked, or in full for a reason; harmless to open; on record."""

import csv
import io
from datetime import date, timedelta
from http import HTTPStatus

import openpyxl
import pytest

from domain import listing
from domain.audit import AuditAction
from domain.regions import DivisionPath
from domain.roles import Role
from services import people_export
from tests.certification_world import PASSWORD, County, audited
from tests.clock import FixedClock
from tests.people_world import clock, erase
from tests.places import COUNTY, OTHER_COUNTY_VILLAGE, TOWNSHIP, VILLAGE
from tests.web.office import Office, Page

WHY = "年度名册核对"


@pytest.fixture
def clerk(office: Office) -> Office:
    return office.seat(Role.TOWNSHIP_CLERK, TOWNSHIP)


def take(office: Office, query: str = "", **typed: str) -> Page:
    asked = office.get(f"/people/export{query}")
    return office.submit(asked, "/people/export", headers=None, **{"format": "csv", **typed})


def rows(page: Page) -> list[list[str]]:
    assert page.status == HTTPStatus.OK, page.text
    text = page.answer.content.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def test_a_list_is_masked_unless_asked_otherwise(county: County, clerk: Office) -> None:
    person = county.person("周桂香")

    page = take(clerk)

    first, heads, line, last = rows(page)
    assert "部分遮盖" in first[0]
    assert heads[0] == "姓名"
    assert len(heads) == len(line)
    assert line[0] == "周*香"
    for secret in (person.name, person.id_number, person.phone):
        assert secret not in page.answer.text
    assert last == ["共 1 人，到此为止"]


def test_a_list_in_full_says_who_took_it_when_and_what_for(county: County, office: Office) -> None:
    person = county.person("周桂香")
    clerk = office.as_(county.staff(Role.TOWNSHIP_CLERK, TOWNSHIP, login="clerk.w", name="王经办"))

    page = take(clerk, in_full="1", note=WHY)

    first, _, line, _ = rows(page)
    for said in ("王经办(clerk.w)", "2026-03-02 09:00", "城关镇", WHY, "完整信息"):
        assert said in first[0]
    assert (line[0], line[1], line[2]) == (person.name, person.id_number, person.phone)
    assert page.answer.headers["cache-control"] == "no-store"
    assert 'filename="people-20260302-0900.csv"' in page.answer.headers["content-disposition"]


def test_every_file_is_on_record_and_the_record_names_nobody(county: County, clerk: Office) -> None:
    person = county.person("周桂香")
    clock(county.backend, person, date(2026, 1, 1))

    take(clerk, f"?due=overdue&place={VILLAGE}", in_full="1", note=WHY)

    (record,) = audited(county.backend, AuditAction.PEOPLE_EXPORTED)
    assert record == {
        "rows": 1,
        "in_full": True,
        "format": "csv",
        "filters": [f"place={VILLAGE}", "due=overdue"],
        "reason": WHY,
    }


@pytest.mark.parametrize("note", ["", "查", "核对 360426195001011234"])
def test_a_list_in_full_without_a_fit_reason_is_refused_and_nothing_typed_is_lost(
    county: County, clerk: Office, note: str
) -> None:
    county.person()

    page = take(clerk, in_full="1", note=note)

    assert page.status == HTTPStatus.UNPROCESSABLE_ENTITY
    assert page.value("/people/export", "note") == note
    assert audited(county.backend, AuditAction.PEOPLE_EXPORTED) == []


def test_a_list_in_full_asks_for_the_password_again_after_a_while(
    county: County, clerk: Office, clock: FixedClock
) -> None:
    county.person()
    clock.advance(timedelta(minutes=14))
    clerk.get("/people")
    clock.advance(timedelta(minutes=2))

    assert take(clerk, in_full="1", note=WHY).status == HTTPStatus.FORBIDDEN
    wrong = take(clerk, in_full="1", note=WHY, password="wrong")
    assert wrong.status == HTTPStatus.UNAUTHORIZED
    assert len(rows(take(clerk))) == 4
    assert len(rows(take(clerk, in_full="1", note=WHY, password=PASSWORD))) == 4


NAMES = ["=1+1", "＝cmd|calc", "+86", "-1", "@SUM", "\t=1", "　=1", "<script>alert(1)</script>"]


def test_no_cell_of_a_file_begins_like_a_formula(county: County, clerk: Office) -> None:
    for name in NAMES:
        county.person(name)

    as_csv = rows(take(clerk, in_full="1", note="=HYPERLINK(1)"))
    as_xlsx = take(clerk, in_full="1", note=WHY, format="xlsx")

    cells = [cell for row in as_csv for cell in row]
    sheet = openpyxl.load_workbook(io.BytesIO(as_xlsx.answer.content)).active
    assert sheet is not None
    cells += [str(cell.value or "") for row in sheet.rows for cell in row]
    for cell in cells:
        assert not cell.strip(" \t\u3000").startswith(("=", "+", "-", "@", "＝"))
    found = {row[0] for row in as_csv}
    assert "<script>alert(1)</script>" in found
    assert "'=1+1" in found


def test_too_long_a_list_is_refused_and_not_cut(
    county: County, clerk: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people_export, "EXPORT_MOST", 2)
    for _ in range(3):
        county.person()

    page = take(clerk)

    assert page.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    assert "不能一次导出" in page.text
    assert listing.EXPORT_MOST == 50_000


def test_as_many_as_one_may_take_are_taken(
    county: County, clerk: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people_export, "EXPORT_MOST", 2)
    monkeypatch.setattr(people_export, "BATCH", 2)
    for _ in range(2):
        county.person()

    assert len(rows(take(clerk))[2:-1]) == 2


def test_more_than_one_batch_holds_everybody_once(
    county: County, clerk: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people_export, "BATCH", 2)
    numbers = {county.person().id_number for _ in range(5)}

    lines = rows(take(clerk, in_full="1", note=WHY))[2:-1]

    assert {line[1] for line in lines} == numbers
    assert len(lines) == 5


def test_nobody_of_another_county_is_in_a_file(county: County, office: Office) -> None:
    county.person("周桂香", household=OTHER_COUNTY_VILLAGE)
    erase(county.backend, county.person("王秀英"))

    lines = rows(take(office.seat(Role.COUNTY_BUREAU, COUNTY), in_full="1", note=WHY))[2:-1]

    assert [line[0] for line in lines] == ["（已依法删除）"]


@pytest.mark.parametrize(
    ("role", "seat"),
    [(Role.VILLAGE_OFFICER, VILLAGE), (Role.COUNTY_ADMIN, COUNTY), (Role.INSPECTOR, COUNTY)],
)
def test_who_may_not_export_is_refused(office: Office, role: Role, seat: DivisionPath) -> None:
    page = office.seat(role, seat).get("/people/export")

    assert page.status == HTTPStatus.FORBIDDEN


def test_a_file_is_not_given_to_another_site(county: County, clerk: Office) -> None:
    county.person()

    answer = clerk.post("/people/export", [("format", "csv")])

    assert answer.status == HTTPStatus.FORBIDDEN
    assert audited(county.backend, AuditAction.PEOPLE_EXPORTED) == []


@pytest.mark.parametrize("typed", [{"format": "exe"}, {"format": ""}, {"order": "name"}])
def test_what_no_form_of_ours_sends_is_refused(clerk: Office, typed: dict[str, str]) -> None:
    assert take(clerk, **typed).status == HTTPStatus.UNPROCESSABLE_ENTITY
