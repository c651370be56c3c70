"""A table as an office wrote it: rows of cells, whatever the file format."""

from dataclasses import dataclass
from datetime import date

Cell = str | int | float | bool | date | None
"""One cell. Numbers are what the file stores: an 18-digit number in a number cell is damaged."""

REPLACEMENT = "\ufffd"
"""Stands for bytes that no encoding explains; a cell that holds one cannot be trusted."""


class SheetUnreadable(Exception):  # noqa: N818 - an event, named as it is said
    """The file cannot be read as a table. `reason` is a stable word."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetRow:
    """`number` counts from 1, as the office program shows it; `sheet` is "" in a text file."""

    sheet: str
    number: int
    cells: tuple[Cell, ...]
