"""The list of comparisons or presentations that a data set's owner hands in, as CSV."""

import csv
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

_ENCODINGS = ("utf-8-sig", "gb18030")  # the second is what a spreadsheet writes in a county
_TRUE = frozenset({"1", "true", "yes", "y", "是"})
_FALSE = frozenset({"0", "false", "no", "n", "否"})


class BadTable(Exception):  # noqa: N818  a state, named as it is said
    """The list cannot be used; the message is one line that says which line and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line: every column by its name, stripped; an absent cell is empty."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A list and the folder that its relative paths start from."""

    path: Path
    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    def resolve(self, name: str) -> Path:
        """Find a file as the list names it: relative to the list's folder, or absolute."""
        return self.path.parent / name

    def others(self, known: Collection[str]) -> list[str]:
        """Name the further columns, by which rates are reported as well."""
        return [column for column in self.columns if column and column not in known]

    def bad(self, row: Row, why: str) -> BadTable:
        """Complain about one line; raise what this returns."""
        return BadTable(f"{self.path} line {row.line}: {why}")


def read_table(path: Path, required: Sequence[str]) -> Table:
    """Read a CSV with a header line. Raises `BadTable`."""
    try:
        reader = csv.reader(StringIO(_text(path), newline=""), strict=True)
        lines = [(reader.line_num, cells) for cells in reader]
    except csv.Error as error:
        raise BadTable(f"{path} is no CSV file: {error}") from None
    filled = [(number, cells) for number, cells in lines if any(cell.strip() for cell in cells)]
    columns = tuple(name.strip().lower() for name in filled[0][1]) if filled else ()
    missing = [name for name in required if name not in columns]
    if missing:
        raise BadTable(f"{path} has no column {', '.join(missing)}; needed: {','.join(required)}")
    if len(set(columns)) < len(columns):
        raise BadTable(f"{path} has two columns of one name")
    table = Table(path=path, columns=columns, rows=())
    rows = tuple(_rows(table, filled[1:], required))
    if not rows:
        raise BadTable(f"{path} has a header and no line below it")
    return Table(path=path, columns=columns, rows=rows)


def _rows(
    table: Table, lines: Sequence[tuple[int, Sequence[str]]], required: Sequence[str]
) -> Iterator[Row]:
    width = len(table.columns)
    for number, cells in lines:
        filled = [cell.strip() for cell in cells] + [""] * (width - len(cells))
        row = Row(line=number, cells=dict(zip(table.columns, filled, strict=False)))
        if any(filled[width:]):
            raise table.bad(row, f"more cells than the {width} columns")
        if not row.cells[required[0]]:
            raise table.bad(row, f"{required[0]} is empty")
        yield row


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadTable(f"cannot read {path}: {error.strerror}") from None
    for encoding in _ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadTable(f"{path} is neither UTF-8 nor GB 18030 text")


def truth(table: Table, row: Row, column: str) -> bool:
    """Read 1 or 0. Raises `BadTable` on anything else."""
    said = row.cells[column].lower()
    if said in _TRUE:
        return True
    if said in _FALSE:
        return False
    raise table.bad(row, f"{column} is 1 or 0, not {row.cells[column]!r}")
