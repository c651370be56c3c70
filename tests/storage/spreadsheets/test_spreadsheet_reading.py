import tomllib
import zipfile
from datetime import date, datetime
from pathlib import Path

import openpyxl
import psutil
import pytest

from services.roster_cells import RowFault
from storage.spreadsheets.mapping import MappingError, RosterField, load_mapping
from storage.spreadsheets.reading import read_sheet
from storage.spreadsheets.sheet import Cell, SheetUnreadable

DEFAULT = Path("policies/import/beneficiaries.toml")
TEXT = '姓名,村\r\n张三,"东街村\n3组"\r\n李四,新华村\r\n'


def cells(path: Path) -> list[tuple[Cell, ...]]:
    return [row.cells for row in read_sheet(path)]


def put(folder: Path, content: bytes, name: str = "roster.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
def test_text_is_read_in_the_encodings_of_offices(tmp_path: Path, encoding: str) -> None:
    path = put(tmp_path, TEXT.encode(encoding))

    assert cells(path) == [("姓名", "村"), ("张三", "东街村\n3组"), ("李四", "新华村")]


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    path = put(tmp_path, delimiter.join(["姓名", "村"]).encode())

    assert cells(path) == [("姓名", "村")]


def test_one_undecodable_byte_spoils_its_own_cell_only(tmp_path: Path) -> None:
    path = put(tmp_path, "姓名,村\n张".encode() + b"\xff" + "三,东街村\n李四,新华村\n".encode())

    rows = cells(path)

    assert "\ufffd" in str(rows[1][0])
    assert (rows[0], rows[2]) == (("姓名", "村"), ("李四", "新华村"))


def test_a_quote_that_never_closes_does_not_swallow_the_file(tmp_path: Path) -> None:
    lines = ["姓名,村", '"张三,东街村', *(f"人{n},新华村" for n in range(100))]
    path = put(tmp_path, "\n".join(lines).encode())

    rows = cells(path)

    assert len(rows) == 102
    assert rows[-1] == ("人99", "新华村")
    assert rows[2] == ("人0", "新华村")


def test_a_quote_inside_a_cell_is_an_inch_mark(tmp_path: Path) -> None:
    path = put(tmp_path, '张"三,东街村\n李四,新华村\n'.encode())

    assert cells(path) == [('张"三', "东街村"), ("李四", "新华村")]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"\x00\x01\x02\x03", "binary"),
        (b"PK\x03\x04 torn", "not_a_workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 torn", "not_a_workbook"),
        (b"a" * 70_000, "line_too_long"),
    ],
)
def test_what_is_no_table_is_refused_by_name(tmp_path: Path, content: bytes, reason: str) -> None:
    with pytest.raises(SheetUnreadable, match=reason):
        cells(put(tmp_path, content))


def test_a_workbook_is_read_by_what_its_cells_are(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["B2"] = "姓名"
    sheet.append([])
    day_time = datetime(2019, 5, 1, 8, 30)  # noqa: DTZ001 - a cell knows no time zone
    values: list[str | float | date] = ["张三", 13800000000, 1.5, date(2019, 5, 1), day_time, True]
    for column, value in enumerate(values, start=2):
        sheet.cell(4, column, value)
    sheet["H4"].number_format = "@"
    hidden = book.create_sheet("藏")
    hidden["A1"] = "不看"
    hidden.sheet_state = "hidden"
    path = tmp_path / "roster.xlsx"
    book.save(path)

    rows = list(read_sheet(path))

    assert [(row.number, row.cells) for row in rows] == [
        (2, (None, "姓名")),
        (4, (None, "张三", 13800000000, 1.5, date(2019, 5, 1), date(2019, 5, 1), True)),
    ]


def test_a_stray_cell_in_the_last_corner_costs_nothing(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["A1"], sheet["XFD1048576"], sheet["AZ1048575"] = "姓名", "x", "y"
    path = tmp_path / "roster.xlsx"
    book.save(path)
    before = psutil.Process().memory_info().rss

    rows = list(read_sheet(path))

    assert rows[0].cells == ("姓名",)
    assert psutil.Process().memory_info().rss - before < 50_000_000


def test_a_workbook_that_declares_entities_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "roster.xlsx"
    with zipfile.ZipFile(path, "w") as book:
        bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><workbook>&b;</workbook>'
        book.writestr("xl/workbook.xml", bomb)
        book.writestr("xl/_rels/workbook.xml.rels", "<Relationships/>")

    with pytest.raises(SheetUnreadable, match="not_a_workbook"):
        cells(path)


def test_a_zip_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "roster.xlsx"
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("readme.txt", "no workbook")

    with pytest.raises(SheetUnreadable, match="not_a_workbook"):
        cells(path)


def test_headers_are_found_however_they_are_decorated() -> None:
    header = [
        "序号",
        "*姓  名",
        "公民身份号码(18位)",
        "险种：",
        "户籍地\n行政区划",
        "待遇享受开始时间",
    ]

    columns = load_mapping(DEFAULT).columns(header)

    assert columns == {
        RosterField.NAME: 1,
        RosterField.ID_NUMBER: 2,
        RosterField.SCHEME: 3,
        RosterField.HOUSEHOLD: 4,
        RosterField.STARTED_ON: 5,
    }


def test_a_mobile_is_preferred_to_a_telephone() -> None:
    assert load_mapping(DEFAULT).columns(["联系电话", "手机号码"]) == {RosterField.PHONE: 1}


@pytest.mark.parametrize(
    "text",
    [
        "[headers]\nname = '姓名'",
        "[headers]\nnobody = ['x']",
        "[headers]\nphone = ['姓名']",
        "[rows]\nx = 1",
        "not toml",
    ],
)
def test_a_mapping_that_contradicts_itself_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(MappingError):
        load_mapping(DEFAULT, put(tmp_path, text.encode(), "own.toml"))


def test_every_fault_of_a_row_has_words_and_no_words_are_left_over() -> None:
    words = tomllib.loads(Path("policies/import/row_words.zh.toml").read_text("utf-8"))["row"]

    assert set(words) == {fault.value for fault in RowFault}
