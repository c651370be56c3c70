"""Open a roster file by what it is."""

from collections.abc import Iterator
from pathlib import Path

from storage.spreadsheets.legacy import read_legacy_workbook
from storage.spreadsheets.sheet import SheetRow, SheetUnreadable
from storage.spreadsheets.text import read_text
from storage.spreadsheets.workbook import read_workbook

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def read_sheet(path: Path) -> Iterator[SheetRow]:
    """Rows of an xlsx, xls or text file, told apart by content: endings lie.

    Raises `SheetUnreadable` (`empty`, `not_a_workbook`, `encrypted`, `too_large`, `binary`,
    `line_too_long`), OSError.
    """
    with path.open("rb") as file:
        head = file.read(8)
    if not head.strip():
        raise SheetUnreadable("empty")
    if head.startswith(_ZIP):
        return read_workbook(path)
    if head == _OLE:
        return read_legacy_workbook(path)
    return read_text(path)
