"""A file for a spreadsheet runs nothing, and reads back as it was written."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.csv_lines import csv_line, safe_cell

STARTS = "=+-@＝＋－＠"


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+86 199",
        "-2",
        "@sum",
        "\t=1",
        "\r=1",
        " =cmd|' /C calc'!A0",
        "　=1",
        "＝1+1",
        "－1",
    ],
)
def test_what_begins_like_a_formula_is_text(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("周桂香", "周桂香"),
        ("", ""),
        (None, ""),
        (-3, "-3"),
        (1.5, "1.5"),
        (True, "True"),
        ("a=b", "a=b"),
    ],
)
def test_anything_else_stays_as_it_is(value: object, said: str) -> None:
    assert safe_cell(value) == said


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=20), min_size=1))
def test_no_cell_that_is_read_back_is_a_formula(cells: list[str]) -> None:
    line = csv_line(cells)
    (read,) = csv.reader(io.StringIO(line, newline=""))
    assert [each.removeprefix("'") for each in read] == [each.removeprefix("'") for each in cells]
    assert not any(each.lstrip(" 　").startswith(tuple(STARTS)) for each in read)
