"""One row of a county's roster: checked values, or named faults with masked values."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from domain.beneficiary import KeyGroup
from domain.id_number import IdNumber
from domain.policy_values import Scheme
from domain.regions import DivisionPath
from services.places import AMBIGUOUS, Places
from services.roster_cells import (
    CellRefused,
    RowFault,
    masked,
    read_id_number,
    read_key_groups,
    read_name,
    read_phone,
    read_scheme,
    read_started_on,
    text_of,
)
from storage.spreadsheets.mapping import RosterField, RosterMapping
from storage.spreadsheets.sheet import Cell, SheetRow

T = TypeVar("T")

NOTICES = frozenset(
    {
        RowFault.RESIDENCE_UNKNOWN,
        RowFault.RESIDENCE_AMBIGUOUS,
        RowFault.RESIDENCE_DIFFERS,
        RowFault.HOUSEHOLD_DIFFERS,
        RowFault.PHONE_MALFORMED,
        RowFault.PHONE_DIFFERS,
        RowFault.KEY_GROUPS_UNKNOWN,
    }
)
"""Faults that do not keep the row out: a person is never lost for a mistyped telephone number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """One line of the error report. `value` is masked; `column` is the file's own header."""

    sheet: str
    row: int
    column: str
    value: str
    fault: RowFault

    @property
    def refuses(self) -> bool:
        """Whether the row was kept out because of it."""
        return self.fault not in NOTICES


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterRow:
    """A person and one entitlement, checked. Lives for one batch; never logged."""

    source: SheetRow = field(repr=False)
    id_number: IdNumber
    name: str = field(repr=False)
    scheme: Scheme
    started_on: date
    household: DivisionPath
    residence: DivisionPath
    phone: str | None = field(repr=False)
    key_groups: tuple[KeyGroup, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowReader:
    """Reads the rows below one header. `on` is the legal day of the import."""

    mapping: RosterMapping
    columns: Mapping[RosterField, int]
    header: Sequence[Cell]
    places: Places
    county: DivisionPath
    on: date

    def is_blank(self, row: SheetRow) -> bool:
        """Whether the row speaks of no person: an empty line, a footer, the header once more."""
        position = self.columns[RosterField.ID_NUMBER]
        number = text_of(_at(row.cells, position))
        if number:
            return number == text_of(_at(self.header, position))
        said = [text_of(_at(row.cells, place)) for place in self.columns.values()]
        return sum(map(bool, said)) <= 1

    def read(self, row: SheetRow) -> tuple[RosterRow | None, list[Complaint]]:
        """Return the row, or None when a fault keeps it out, and everything that is wrong."""
        taking = _Taking(reader=self, row=row)
        number = taking.take(RosterField.ID_NUMBER, lambda cell: read_id_number(cell, self.on))
        born = number.birth_date if number else None
        name = taking.take(RosterField.NAME, read_name)
        scheme = taking.take(RosterField.SCHEME, lambda c: read_scheme(c, self.mapping.schemes))
        start = taking.take(RosterField.STARTED_ON, lambda c: read_started_on(c, self.on, born))
        home = taking.take(RosterField.HOUSEHOLD, self._household)
        residence = taking.take(RosterField.RESIDENCE, self._residence) or home
        phone = taking.take(RosterField.PHONE, read_phone)
        groups = taking.take(
            RosterField.KEY_GROUPS, lambda c: read_key_groups(c, self.mapping.key_groups)
        )
        if home and residence and not self._is_ours(home, residence):
            taking.faults[RosterField.HOUSEHOLD] = RowFault.HOUSEHOLD_OUTSIDE_COUNTY
        complaints = [self.complaint(row, about, fault) for about, fault in taking.faults.items()]
        if any(complaint.refuses for complaint in complaints):
            return None, complaints
        assert number is not None
        assert name is not None
        assert scheme is not None
        assert start is not None
        assert home is not None
        taken = RosterRow(
            source=row,
            id_number=number,
            name=name,
            scheme=scheme,
            started_on=start,
            household=home,
            residence=residence or home,
            phone=phone,
            key_groups=groups or (),
        )
        return taken, complaints

    def complaint(self, row: SheetRow, about: RosterField, fault: RowFault) -> Complaint:
        """Word a fault for the report."""
        position = self.columns.get(about)
        return Complaint(
            sheet=row.sheet,
            row=row.number,
            column=about.value if position is None else text_of(_at(self.header, position)),
            value=masked(about, self.cell(about, row)),
            fault=fault,
        )

    def cell(self, name: RosterField, row: SheetRow) -> Cell:
        """Return a field's cell, or what the mapping says when the file leaves it empty."""
        position = self.columns.get(name)
        cell = None if position is None else _at(row.cells, position)
        return self.mapping.defaults.get(name) if cell is None else cell

    def _household(self, cell: Cell) -> DivisionPath:
        text = text_of(cell)
        if not text:
            raise CellRefused(RowFault.HOUSEHOLD_MISSING)
        return self._place(text, RowFault.HOUSEHOLD_UNKNOWN, RowFault.HOUSEHOLD_AMBIGUOUS)

    def _residence(self, cell: Cell) -> DivisionPath | None:
        text = text_of(cell)
        if not text:
            return None
        return self._place(text, RowFault.RESIDENCE_UNKNOWN, RowFault.RESIDENCE_AMBIGUOUS)

    def _place(self, text: str, unknown: RowFault, ambiguous: RowFault) -> DivisionPath:
        found = self.places.find(text)
        if found is None or found == AMBIGUOUS:
            raise CellRefused(ambiguous if found else unknown)
        return DivisionPath(found)

    def _is_ours(self, household: DivisionPath, residence: DivisionPath) -> bool:
        return household.startswith(self.county) or residence.startswith(self.county)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Taking:
    """Reads the cells of one row and keeps what is wrong with them."""

    reader: RowReader
    row: SheetRow
    faults: dict[RosterField, RowFault] = field(default_factory=dict)

    def take(self, name: RosterField, read: Callable[[Cell], T]) -> T | None:
        try:
            return read(self.reader.cell(name, self.row))
        except CellRefused as refused:
            self.faults[name] = refused.fault
            return None


def _at(cells: Sequence[Cell], position: int) -> Cell:
    return cells[position] if position < len(cells) else None
