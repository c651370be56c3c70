"""Tables for an office program: xlsx and csv, in which no cell is ever taken for a formula.

A cell that begins like a formula, in whatever width and behind whatever blank, gets an apostrophe
in front: office programs run such cells when a csv is opened, and when an xlsx is saved as one.
"""

import csv
import io
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import BinaryIO, Protocol

import xlsxwriter

_STARTERS = frozenset("=+-@|%\t\r\n\0")
_BLANK = frozenset("\u200b\u200c\u200d\u200e\u200f\u2060\ufeff \u00a0\u3000")
LONGEST_CELL = 32_767


class Table(Protocol):
    """Takes rows one by one."""

    def row(self, cells: Sequence[str]) -> None:
        """Write one row."""


def guarded(cell: str) -> str:
    """Return a cell that no office program takes for a formula."""
    folded = unicodedata.normalize("NFKC", cell)
    begins = next((char for char in folded if char not in _BLANK), "")
    return f"'{cell}" if begins in _STARTERS and begins else cell


@contextmanager
def csv_table(target: BinaryIO) -> Iterator[Table]:
    """Write UTF-8 with a byte order mark, as office programs expect it; every cell quoted."""
    text = io.TextIOWrapper(target, "utf-8-sig", newline="", write_through=True)
    yield _Csv(text)
    text.flush()
    text.detach()


class _Csv:
    def __init__(self, text: io.TextIOWrapper) -> None:
        self._rows = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")

    def row(self, cells: Sequence[str]) -> None:
        self._rows.writerow([guarded(cell) for cell in cells])


@contextmanager
def xlsx_table(target: BinaryIO, *, title: str, widths: Sequence[int]) -> Iterator[Table]:
    """Write a workbook of one sheet; its rows lie on disk, not in memory."""
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    book = xlsxwriter.Workbook(target, options)
    sheet = book.add_worksheet(title)
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    yield _Xlsx(sheet)
    book.close()


class _Xlsx:
    def __init__(self, sheet: "xlsxwriter.workbook.Worksheet") -> None:
        self._sheet = sheet
        self._next = 0

    def row(self, cells: Sequence[str]) -> None:
        for column, cell in enumerate(cells):
            self._sheet.write_string(self._next, column, guarded(cell)[:LONGEST_CELL])
        self._next += 1
