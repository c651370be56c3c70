"""A roster file as a stream of checked rows: headers found, blank rows dropped, doubles refused."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import chain, groupby, islice

from domain.beneficiary import Entitlement
from domain.cycle import validity
from domain.errors import AppError, Kind
from domain.ids import BeneficiaryId, EntitlementId
from domain.policy import PolicyBook
from domain.regions import DivisionPath
from services.places import Places
from services.roster import Complaint, RosterRow, RowReader
from services.roster_cells import RowFault
from storage.ids import uuid7
from storage.spreadsheets.mapping import RosterField, RosterMapping
from storage.spreadsheets.sheet import SheetRow

HEADER_WITHIN = 20
"""Rows at a sheet's head among which its header is looked for, below titles and notes."""
BATCH_ROWS = 2000
"""Rows that one act takes: long enough to be fast, short enough to hold the chain briefly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """A county's file: its rows, the SHA-256 hex of its bytes, and how to read it."""

    county: DivisionPath
    rows: Iterable[SheetRow]
    digest: str
    mapping: RosterMapping
    batch_rows: int = BATCH_ROWS


@dataclass(slots=True, kw_only=True)
class ImportTally:
    """What came of a file, counted in rows unless the name says otherwise."""

    rows: int = 0
    persons_added: int = 0
    entitlements_added: int = 0
    unchanged: int = 0
    refused: int = 0
    notices: int = 0
    sheets_without_header: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Who is told while an import runs."""

    complaint: Callable[[Complaint], None]
    progress: Callable[[ImportTally], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A row that may go in, with its first last valid day and the reader that words complaints."""

    reader: RowReader
    row: RosterRow
    entitlement: Entitlement
    valid_until: date

    @property
    def number(self) -> str:
        """The ID number, plain."""
        return self.row.id_number.value


@dataclass(slots=True, kw_only=True)
class RosterStream:
    """One reading of one file, and the tally of what came of it."""

    roster: Roster
    policies: PolicyBook
    places: Places
    today: date
    watch: Watch
    tally: ImportTally = field(default_factory=ImportTally)
    _seen: set[int] = field(default_factory=set)

    def batches(self) -> Iterator[list[Entry]]:
        """Rows that passed their own checks. Raises `import.columns_missing` without a header."""
        entries = self._entries()
        while batch := list(islice(entries, self.roster.batch_rows)):
            yield batch

    def refuse(self, entry: Entry, about: RosterField, fault: RowFault) -> None:
        """Keep a row out and say why."""
        self._refuse(entry.reader, entry.row.source, about=about, fault=fault)

    def note(self, entry: Entry, about: RosterField, fault: RowFault) -> None:
        """Say what was not taken of a row that counts."""
        self._complain(entry.reader.complaint(entry.row.source, about, fault))

    def _entries(self) -> Iterator[Entry]:
        for reader, source in self._read():
            if reader.is_blank(source):
                continue
            self.tally.rows += 1
            row, complaints = reader.read(source)
            for complaint in complaints:
                self._complain(complaint)
            if row is None:
                self.tally.refused += 1
            elif (entry := self._entry(reader, row)) is not None:
                yield entry

    def _read(self) -> Iterator[tuple[RowReader, SheetRow]]:
        found, missing = False, list(RosterField)
        for name, rows in groupby(self.roster.rows, key=lambda row: row.sheet):
            head = list(islice(rows, HEADER_WITHIN))
            reader, lacks = self._header(head)
            if reader is None:
                self.tally.sheets_without_header.append(name)
                missing = min(missing, lacks, key=len)
                continue
            found = True
            start = next(i for i, row in enumerate(head) if row.cells is reader.header) + 1
            yield from ((reader, row) for row in chain(head[start:], rows))
        if not found:
            fields = [str(field) for field in missing]
            raise AppError(Kind.INVALID, "import.columns_missing", fields=fields)

    def _header(self, head: list[SheetRow]) -> tuple[RowReader | None, list[RosterField]]:
        """Find the header among a sheet's first rows, or what the best candidate lacks."""
        mapping, lacks = self.roster.mapping, list(RosterField)
        for row in head:
            columns = mapping.columns(row.cells)
            lacks = min(lacks, mapping.missing(columns), key=len)
            if not lacks and RosterField.ID_NUMBER in columns:
                reader = RowReader(
                    mapping=mapping,
                    columns=columns,
                    header=row.cells,
                    places=self.places,
                    county=self.roster.county,
                    on=self.today,
                )
                return reader, lacks
        return None, lacks

    def _entry(self, reader: RowReader, row: RosterRow) -> Entry | None:
        # A hash of eight bytes each, not the numbers: a million rows stay under 100 MB.
        seen = hash((row.id_number.value, row.scheme))
        if seen in self._seen:
            about, fault = RosterField.ID_NUMBER, RowFault.DUPLICATE_ROW
            self._refuse(reader, row.source, about=about, fault=fault)
            return None
        self._seen.add(seen)
        entitlement = Entitlement(
            id=EntitlementId(uuid7()),
            beneficiary_id=BeneficiaryId(uuid7()),
            scheme=row.scheme,
            division=row.household,
            started_on=row.started_on,
        )
        try:
            until = self._first_deadline(entitlement, row.id_number.birth_date)
        except AppError:  # no rule speaks of that day or place
            about, fault = RosterField.STARTED_ON, RowFault.POLICY_NOT_IN_FORCE
            self._refuse(reader, row.source, about=about, fault=fault)
            return None
        return Entry(reader=reader, row=row, entitlement=entitlement, valid_until=until)

    def _first_deadline(self, entitlement: Entitlement, born: date) -> date:
        """Count the first clock from the start of the benefit (requirements 2.5)."""
        return validity(
            (),
            entitlement,
            lambda on: self.policies.resolve(
                entitlement.division, scheme=entitlement.scheme, on=on
            ),
            birth_date=born,
            on=entitlement.started_on,
        ).valid_until

    def _refuse(
        self, reader: RowReader, source: SheetRow, *, about: RosterField, fault: RowFault
    ) -> None:
        self.tally.refused += 1
        self._complain(reader.complaint(source, about, fault))

    def _complain(self, complaint: Complaint) -> None:
        if not complaint.refuses:
            self.tally.notices += 1
        self.watch.complaint(complaint)
