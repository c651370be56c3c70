"""Comma, tab or semicolon separated text in the encodings that Chinese offices produce."""

import codecs
import csv
import re
from collections.abc import Iterator
from pathlib import Path

from storage.spreadsheets.sheet import REPLACEMENT, SheetRow, SheetUnreadable

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CANDIDATES = ("utf-8", "gb18030")  # GB18030 reads GBK and GB2312 as well
_CHUNK = 1 << 20
_SAMPLE_LINES = 30
_LONGEST_RECORD = 20
"""Lines that one quoted cell may span. Longer: somebody's stray quote, not an address."""
_LONGEST_LINE = 1 << 16


def read_text(path: Path) -> Iterator[SheetRow]:
    """Rows of a text file. A stray quote or undecodable byte spoils its own row only.

    Raises `SheetUnreadable` (`binary`) for what is no text.
    """
    encoding = detect_encoding(path)
    with path.open(encoding=encoding, errors="replace", newline="") as lines:
        sample = [line for _, line in zip(range(_SAMPLE_LINES), _bounded(lines), strict=False)]
        delimiter = _delimiter("".join(sample))
        lines.seek(0)
        for number, record in enumerate(_records(_bounded(lines), delimiter), start=1):
            yield SheetRow(sheet="", number=number, cells=_cells(record, delimiter))


def detect_encoding(path: Path) -> str:
    """Name the encoding that leaves the fewest bytes unexplained; UTF-8 when they tie."""
    with path.open("rb") as file:
        head = file.read(4096)
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    if b"\0" in head:
        raise SheetUnreadable("binary")
    return min(_CANDIDATES, key=lambda encoding: _unexplained(path, encoding))


def _unexplained(path: Path, encoding: str) -> int:
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    count = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            count += decoder.decode(chunk).count(REPLACEMENT)
    return count + decoder.decode(b"", final=True).count(REPLACEMENT)


def _bounded(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        if len(line) > _LONGEST_LINE:
            raise SheetUnreadable("line_too_long")
        yield line


def _delimiter(sample: str) -> str:
    return max(",\t;", key=sample.count)


def _records(lines: Iterator[str], delimiter: str) -> Iterator[str]:
    """Join the lines that one quoted cell spans; one whose quote never closes stays alone."""
    held: list[str] = []
    for line in lines:
        held.append(line)
        if not _is_open("".join(held), delimiter):
            yield "".join(held)
        elif len(held) <= _LONGEST_RECORD:
            continue
        else:
            yield from held
        held = []
    yield from held


def _is_open(record: str, delimiter: str) -> bool:
    """Whether a quote that begins a cell has not closed. One inside a cell is an inch mark."""
    if '"' not in record:
        return False
    rest = re.sub(rf'(^|{delimiter})"(?:[^"]|"")*"(?={delimiter}|\r?\n?$)', r"\1", record)
    return re.search(rf'(?:^|{delimiter})"', rest) is not None


def _cells(record: str, delimiter: str) -> tuple[str | None, ...]:
    text = record.rstrip("\r\n")
    rows = csv.reader(
        text.splitlines(keepends=True),
        delimiter=delimiter,
        quoting=csv.QUOTE_NONE if _is_open(record, delimiter) else csv.QUOTE_MINIMAL,
    )
    return tuple(cell or None for row in rows for cell in row)
