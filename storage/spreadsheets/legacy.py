"""Workbooks of the old kind (xls). The format itself ends at 65,536 rows of 256 cells."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import python_calamine
from python_calamine import CalamineWorkbook, SheetVisibleEnum

from storage.spreadsheets.sheet import Cell, SheetRow, SheetUnreadable


def read_legacy_workbook(path: Path) -> Iterator[SheetRow]:
    """Rows of every visible sheet. Raises `SheetUnreadable` (`not_a_workbook`, `encrypted`)."""
    try:
        book = CalamineWorkbook.from_path(path)
    except python_calamine.PasswordError as error:
        raise SheetUnreadable("encrypted") from error
    except python_calamine.CalamineError as error:
        raise SheetUnreadable("not_a_workbook") from error
    with book:
        for sheet in book.sheets_metadata:
            if sheet.visible is SheetVisibleEnum.Visible:
                yield from _rows(book, sheet.name)


def _rows(book: CalamineWorkbook, name: str) -> Iterator[SheetRow]:
    for number, cells in enumerate(book.get_sheet_by_name(name).iter_rows(), start=1):
        if any(cell != "" for cell in cells):
            yield SheetRow(sheet=name, number=number, cells=tuple(map(_cell, cells)))


def _cell(raw: object) -> Cell:
    if raw == "":
        return None
    if isinstance(raw, datetime):
        return raw.date()
    if isinstance(raw, float) and raw.is_integer() and abs(raw) < 1e15:
        return int(raw)
    return raw if isinstance(raw, str | int | float | date) else None
