"""What office programs are given: no cell runs, nothing is lost, every number keeps its digits."""

import csv
import io

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.spreadsheets.writing import csv_table, guarded, xlsx_table

DANGEROUS = [
    "=1+1",
    "=cmd|' /C calc'!A0",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1",
    "＋1",
    "－1",
    "＠SUM",
    " =1",
    "　=1",
    "\u200b=1",
    "\ufeff=1",
    "|calc",
    "%0A",
    "\0=1",
]


@pytest.mark.parametrize("cell", DANGEROUS)
def test_what_begins_like_a_formula_is_text(cell: str) -> None:
    assert guarded(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "周*香", "360***********34", "1990000", "2026-03-02", "a=b"])
def test_what_is_harmless_stays_as_it_is(cell: str) -> None:
    assert guarded(cell) == cell


@given(st.text(max_size=20))
def test_no_guarded_cell_begins_like_a_formula(cell: str) -> None:
    assert not guarded(cell).lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))


def test_a_workbook_holds_text_only() -> None:
    target = io.BytesIO()
    with xlsx_table(target, title="名单", widths=[10, 20]) as table:
        table.row(["360426195001011234", "=1+1"])
        table.row(["http://example.invalid", "周桂香"])

    sheet = openpyxl.load_workbook(target).active

    assert sheet is not None
    assert [[cell.value for cell in row] for row in sheet.rows] == [
        ["360426195001011234", "'=1+1"],
        ["http://example.invalid", "周桂香"],
    ]
    assert {cell.data_type for row in sheet.rows for cell in row} == {"s"}
    assert all(cell.hyperlink is None for row in sheet.rows for cell in row)


def test_a_csv_is_read_back_as_it_was_written() -> None:
    target = io.BytesIO()
    with csv_table(target) as table:
        table.row(['周,桂"香', "两\r\n行", "@x"])

    written = target.getvalue()

    assert written.startswith(b"\xef\xbb\xbf")
    (row,) = csv.reader(io.StringIO(written.decode("utf-8-sig"), newline=""))
    assert row == ['周,桂"香', "两\r\n行", "'@x"]
