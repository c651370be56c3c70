"""`jianzai import`: rosters and the list of divisions."""

import csv
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, TextIO

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from app import container
from app.console import err, misuse, print_json
from app.presets import POLICIES
from app.settings import Settings
from domain.audit import Actor, ActorKind
from domain.regions import DivisionPath, DivisionScope, SystemName, SystemScope, parse_division
from services.backend import Backend
from services.division_import import import_divisions
from services.evidence import Caller
from services.imports import import_roster, rehearse_roster
from services.roster import Complaint
from services.roster_stream import ImportTally, Roster, Watch
from storage.crypto.digest import digests_of_stream
from storage.db.repositories import divisions as division_rows
from storage.spreadsheets.mapping import MappingError, RosterMapping, load_mapping
from storage.spreadsheets.reading import read_sheet
from storage.spreadsheets.sheet import SheetUnreadable

app = typer.Typer(help="Bring in rosters and the list of divisions.", no_args_is_help=True)

DEFAULT_MAPPING = POLICIES / "import" / "beneficiaries.toml"
WORDS = POLICIES / "import" / "row_words.zh.toml"
COMMAND_LINE = Actor(kind=ActorKind.SYSTEM, id=SystemName.COMMAND_LINE)
_FORMULA = ("=", "+", "-", "@", "\t")
_SHOWN = 20

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)]
County = Annotated[
    str | None, typer.Option(help="County code; needed only where several are registered.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result for a program.")]


@app.command()
def beneficiaries(  # noqa: PLR0917 - the command's own options
    file: File,
    county: County = None,
    mapping: Annotated[
        Path | None, typer.Option(exists=True, help="Headers and words that differ (TOML).")
    ] = None,
    dry_run: Annotated[bool, typer.Option(help="Check everything, write nothing.")] = False,  # noqa: FBT002 - a flag
    report: Annotated[Path | None, typer.Option(help="Where the error report goes (CSV).")] = None,
    as_json: AsJson = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """Register the persons of a roster (xlsx, xls, csv); bad rows are reported, good ones come in.

    The same file may be given again: what is there already is counted as unchanged.
    """
    run = rehearse_roster if dry_run else import_roster
    with _backend() as backend, _report(report) as write, _spinner() as progress:
        where = county_of_console(backend, county)
        caller = Caller(actor=COMMAND_LINE, scope=DivisionScope(path=where))
        bar = progress.add_task("reading")
        watch = Watch(
            complaint=write,
            progress=lambda tally: progress.update(bar, description=_said(tally)),
        )
        try:
            tally = run(backend, caller, _roster(file, where, _mapping(mapping)), watch)
        except SheetUnreadable as error:
            raise misuse(f"{file.name} cannot be read: {error.reason}") from error
    _tell(tally, dry_run=dry_run, report=report, as_json=as_json)


@app.command()
def divisions(file: File, as_json: AsJson = False) -> None:  # noqa: FBT002 - a flag
    """Add or rename divisions: a table of code, name and, for offices, address and hours."""
    with _backend() as backend:
        caller = Caller(actor=COMMAND_LINE, scope=SystemScope(name=SystemName.COMMAND_LINE))
        try:
            done = import_divisions(backend, caller, read_sheet(file), digest=file_digest(file))
        except SheetUnreadable as error:
            raise misuse(f"{file.name} cannot be read: {error.reason}") from error
    if as_json:
        print_json(asdict(done))
        return
    err.print(f"{done.taken} divisions taken, {len(done.complaints)} rows not")
    for complaint in done.complaints[:_SHOWN]:
        err.print(f"  row {complaint.row}: {complaint.value} {complaint.fault.value}")


@contextmanager
def _backend() -> Iterator[Backend]:
    settings = Settings()
    with container.database(settings) as where:
        backend = container.build_backend(settings, where.app_url)
        try:
            yield backend
        finally:
            backend.close()


def county_of_console(backend: Backend, given: str | None) -> DivisionPath:
    """Return the county named, or the only one that is registered."""
    if given is not None:
        return parse_division(given)
    scope = SystemScope(name=SystemName.COMMAND_LINE)
    with backend.unit(COMMAND_LINE, scope) as unit:
        known = division_rows.counties(unit.session)
    if len(known) != 1:
        raise misuse(f"name the county with --county; {len(known)} are registered")
    return DivisionPath(known[0])


def file_digest(file: Path) -> str:
    """Return the SHA-256 hex of a file, which the audit record names."""
    with file.open("rb") as source:
        return digests_of_stream(source).sha256.hex()


def _roster(file: Path, county: DivisionPath, mapping: RosterMapping) -> Roster:
    return Roster(county=county, rows=read_sheet(file), digest=file_digest(file), mapping=mapping)


def _mapping(own: Path | None) -> RosterMapping:
    try:
        return load_mapping(DEFAULT_MAPPING, *([own] if own else []))
    except MappingError as error:
        raise misuse(str(error)) from error


def row_words() -> dict[str, str]:
    """Return the report's words for each fault."""
    words: dict[str, str] = tomllib.loads(WORDS.read_text("utf-8"))["row"]
    return words


class ReportFile:
    """Writes complaints as they come, for the office program: UTF-8 with its mark."""

    HEADER = ("sheet", "row", "column", "value", "severity", "code", "原因")

    def __init__(self, file: TextIO) -> None:
        self._rows = csv.writer(file)
        self._rows.writerow(self.HEADER)
        self._words = row_words()

    def __call__(self, complaint: Complaint) -> None:
        self._rows.writerow(
            [
                inert(complaint.sheet),
                complaint.row,
                inert(complaint.column),
                inert(complaint.value),
                "refused" if complaint.refuses else "notice",
                complaint.fault.value,
                self._words[complaint.fault.value],
            ]
        )


def inert(text: str) -> str:
    """Keep a cell from being run as a formula by whoever opens the report."""
    return f"'{text}" if text.startswith(_FORMULA) else text


class _Printed:
    """Without a report file the first complaints go to the terminal."""

    def __init__(self) -> None:
        self._left = _SHOWN
        self._words = row_words()

    def __call__(self, complaint: Complaint) -> None:
        if self._left > 0:
            said = self._words[complaint.fault.value]
            err.print(
                f"row {complaint.row} {complaint.column} {complaint.value}: {said}", markup=False
            )
        self._left -= 1


@contextmanager
def _report(path: Path | None) -> Iterator[ReportFile | _Printed]:
    if path is None:
        yield _Printed()
        return
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        yield ReportFile(file)


def _spinner() -> Progress:
    """Rows are counted as they stream: nobody knows their number before the end."""
    return Progress(
        SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=err
    )


def _said(tally: ImportTally) -> str:
    return f"{tally.rows} rows, {tally.persons_added} persons added, {tally.refused} refused"


def _tell(tally: ImportTally, *, dry_run: bool, report: Path | None, as_json: bool) -> None:
    if as_json:
        print_json(asdict(tally) | {"dry_run": dry_run})
        return
    err.print(
        f"{'would add' if dry_run else 'added'} {tally.persons_added} persons and "
        f"{tally.entitlements_added} entitlements; {tally.unchanged} unchanged, "
        f"{tally.refused} rows refused, {tally.notices} notices"
    )
    if report is not None:
        err.print(f"report: {report}")
