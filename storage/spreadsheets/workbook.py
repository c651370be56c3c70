"""Workbooks (xlsx) read as a stream: one row in memory, whatever the sheet claims to hold.

Own code, because the readers at hand allocate the sheet's whole rectangle at once: one stray cell
in the last corner of a sheet, as a slip of the hand leaves it, ends the process (tried). Parts are
read through expat with document types refused, and their unpacked size is capped.
"""

import re
import zipfile
import zlib
from array import array
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import IO
from xml.parsers import expat

from storage.spreadsheets.sheet import Cell, SheetRow, SheetUnreadable

_CHUNK = 1 << 18
_LARGEST_PART = 1 << 31
_MOST_TEXT = 1 << 28
"""Bytes of all shared texts: a roster of a million people has a quarter of it."""
_LONGEST_TEXT = 32_767
"""Characters a cell may hold, as the office program itself says."""
_WIDEST = 256
"""Columns that are looked at; a roster has some twenty."""
_REFERENCE = re.compile(r"([A-Z]{1,3})[0-9]+")
_NO_DATE = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')
_BUILT_IN_DATES = frozenset({*range(14, 23), *range(27, 37), 45, 46, 47, *range(50, 59)})
_EPOCH, _EPOCH_1904 = date(1899, 12, 30), date(1904, 1, 1)


def read_workbook(path: Path) -> Iterator[SheetRow]:
    """Rows of every visible sheet, in order. Empty rows are left out, numbers stay.

    Raises `SheetUnreadable` (`not_a_workbook`, `encrypted`, `too_large`).
    """
    try:
        with zipfile.ZipFile(path) as book:
            yield from _Workbook(book).rows()
    except zipfile.BadZipFile as error:
        raise SheetUnreadable("not_a_workbook") from error
    except (expat.ExpatError, KeyError, ValueError, zlib.error, EOFError) as error:
        raise SheetUnreadable("not_a_workbook") from error
    except (RuntimeError, NotImplementedError) as error:  # what zipfile says of a locked member
        raise SheetUnreadable("encrypted") from error


class _Workbook:
    def __init__(self, book: zipfile.ZipFile) -> None:
        self._book = book
        self._strings = _SharedStrings()
        self._dates: frozenset[int] = frozenset()
        self._epoch = _EPOCH

    def rows(self) -> Iterator[SheetRow]:
        sheets = self._sheets()
        names = set(self._book.namelist())
        if "xl/sharedStrings.xml" in names:
            self._read("xl/sharedStrings.xml", self._strings)
        if "xl/styles.xml" in names:
            styles = _Styles()
            self._read("xl/styles.xml", styles)
            self._dates = styles.date_formats()
        for name, part in sheets:
            sheet = _Sheet(self)
            for _ in self._parse(part, sheet):
                for number, cells in sheet.take():
                    yield SheetRow(sheet=name, number=number, cells=cells)

    def value(self, kind: str, style: int, text: str) -> Cell:
        """Make a cell's value of its type letter, style and text."""
        if kind == "s":
            return self._strings.get(int(text))
        if kind in {"str", "inlineStr", "d"}:
            return text
        if kind in {"b", "e"}:
            return text == "1" if kind == "b" else None
        number = float(text)
        if style in self._dates and 0 < number < 2_958_466:  # 31 December 9999
            return self._epoch + timedelta(days=int(number))
        return int(number) if number.is_integer() and abs(number) < 1e15 else number

    def _sheets(self) -> list[tuple[str, str]]:
        book, links = _Book(), _Links()
        self._read("xl/workbook.xml", book)
        self._read("xl/_rels/workbook.xml.rels", links)
        self._epoch = _EPOCH_1904 if book.from_1904 else _EPOCH
        return [(name, links.part(link)) for name, link in book.visible if links.part(link)]

    def _read(self, part: str, handler: "_Handler") -> None:
        for _ in self._parse(part, handler):
            pass

    def _parse(self, part: str, handler: "_Handler") -> Iterator[None]:
        """Feed a part to a handler and pause after each piece, so that rows can leave."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = handler.start
        parser.EndElementHandler = handler.end
        parser.CharacterDataHandler = handler.text
        parser.StartDoctypeDeclHandler = _refuse_doctype
        with self._book.open(part) as stream:
            for piece in _capped(stream):
                parser.Parse(piece, False)  # noqa: FBT003 - expat takes it by position only
                yield
            parser.Parse(b"", True)  # noqa: FBT003
            yield


def _refuse_doctype(*_: object) -> None:
    raise SheetUnreadable("not_a_workbook")


def _capped(stream: IO[bytes]) -> Iterator[bytes]:
    total = 0
    while piece := stream.read(_CHUNK):
        total += len(piece)
        if total > _LARGEST_PART:
            raise SheetUnreadable("too_large")
        yield piece


class _Handler:
    """What expat calls. Element names come with their prefix, which is cut."""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Take an opening tag."""

    def end(self, tag: str) -> None:
        """Take a closing tag."""

    def text(self, text: str) -> None:
        """Take characters between tags."""


class _Book(_Handler):
    def __init__(self) -> None:
        self.visible: list[tuple[str, str]] = []
        self.from_1904 = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        local = _local(tag)
        if local == "workbookPr":
            self.from_1904 = attributes.get("date1904") in {"1", "true"}
        if local == "sheet" and attributes.get("state", "visible") == "visible":
            link = next((v for k, v in attributes.items() if k.endswith(":id")), "")
            self.visible.append((attributes.get("name", ""), link))


class _Links(_Handler):
    def __init__(self) -> None:
        self._targets: dict[str, str] = {}

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if _local(tag) == "Relationship" and attributes.get("Type", "").endswith("/worksheet"):
            target = attributes.get("Target", "")
            part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            self._targets[attributes.get("Id", "")] = part

    def part(self, link: str) -> str:
        return self._targets.get(link, "")


class _Styles(_Handler):
    def __init__(self) -> None:
        self._formats: dict[int, str] = {}
        self._cell_formats: list[int] = []
        self._in_cell_formats = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        local = _local(tag)
        if local == "numFmt":
            self._formats[int(attributes["numFmtId"])] = attributes.get("formatCode", "")
        elif local == "cellXfs":
            self._in_cell_formats = True
        elif local == "xf" and self._in_cell_formats:
            self._cell_formats.append(int(attributes.get("numFmtId", "0")))

    def end(self, tag: str) -> None:
        if _local(tag) == "cellXfs":
            self._in_cell_formats = False

    def date_formats(self) -> frozenset[int]:
        """Indexes of the cell styles that show a number as a date."""
        return frozenset(
            index for index, code in enumerate(self._cell_formats) if self._is_date(code)
        )

    def _is_date(self, code: int) -> bool:
        if code in _BUILT_IN_DATES:
            return True
        pattern = _NO_DATE.sub("", self._formats.get(code, "")).lower()
        return any(letter in pattern for letter in "ymd年月日") and "#" not in pattern


class _SharedStrings(_Handler):
    """All texts of a workbook in one run of bytes: a list of str would take ten times as much."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._ends = array("Q", [0])
        self._taking = False
        self._phonetic = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:  # noqa: ARG002 - expat's shape
        local = _local(tag)
        if local == "rPh":
            self._phonetic = True
        self._taking = local == "t" and not self._phonetic

    def end(self, tag: str) -> None:
        local = _local(tag)
        self._taking = False
        if local == "rPh":
            self._phonetic = False
        if local == "si":
            self._ends.append(len(self._bytes))

    def text(self, text: str) -> None:
        if self._taking:
            self._bytes += text.encode()
        if len(self._bytes) > _MOST_TEXT:
            raise SheetUnreadable("too_large")

    def get(self, index: int) -> str:
        if not 0 <= index < len(self._ends) - 1:
            raise SheetUnreadable("not_a_workbook")
        return self._bytes[self._ends[index] : self._ends[index + 1]].decode()


class _Sheet(_Handler):
    """Collects the rows of one sheet until they are taken."""

    def __init__(self, book: _Workbook) -> None:
        self._value: Callable[[str, int, str], Cell] = book.value
        self._done: list[tuple[int, tuple[Cell, ...]]] = []
        self._cells: list[Cell] = []
        self._number = 0
        self._column = -1
        self._kind, self._style = "", 0
        self._text = ""
        self._taking = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        local = _local(tag)
        if local == "c":
            self._column = _column(attributes.get("r", ""), self._column + 1)
            self._kind = attributes.get("t", "n")
            self._style = int(attributes.get("s", "0"))
            self._text = ""
        elif local in {"v", "t"}:
            self._taking = True
        elif local == "row":
            self._number = int(attributes.get("r", self._number + 1))
            self._column, self._cells = -1, []

    def text(self, text: str) -> None:
        if self._taking and len(self._text) < _LONGEST_TEXT:
            self._text += text[:_LONGEST_TEXT]

    def end(self, tag: str) -> None:
        local = _local(tag)
        if local in {"v", "t"}:
            self._taking = False
        elif local == "c" and self._text and self._column < _WIDEST:
            self._cells += [None] * (self._column - len(self._cells))
            self._cells.append(self._value(self._kind, self._style, self._text))
        elif local == "row" and self._cells:
            self._done.append((self._number, tuple(self._cells)))

    def take(self) -> list[tuple[int, tuple[Cell, ...]]]:
        done, self._done = self._done, []
        return done


def _local(tag: str) -> str:
    return tag.rpartition(":")[2] if ":" in tag else tag


def _column(reference: str, following: int) -> int:
    """Count a cell's column from 0; a cell without a reference follows the one before."""
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        return following
    number = 0
    for letter in match[1]:
        number = number * 26 + ord(letter) - 64
    return number - 1
