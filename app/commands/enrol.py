"""`jianzai enrol`: reference photos from a folder or zip, named by ID number."""

import csv
import hashlib
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from app import container
from app.commands.imports import COMMAND_LINE, AsJson, County, county_of_console
from app.console import bar, err, misuse, print_json
from app.settings import Settings
from biometrics.models import ModelStore
from domain.enrolment import Basis, BasisKind, Source
from domain.regions import DivisionScope
from services.backend import Backend, NoticeText
from services.bulk_enrolment import BulkTally, FileOutcome, FileReport, Provenance, enrol_batch
from services.evidence import Caller
from storage.photo_batch import BatchUnreadable, open_batch

_HEADER = ("place", "id_number", "outcome", "reasons")


def enrol(  # noqa: PLR0913, PLR0917 - the command's own options
    photos: Annotated[
        Path, typer.Argument(exists=True, help="Folder or zip of <ID number>[_2].jpg|png|webp.")
    ],
    source: Annotated[Source, typer.Option(help="Where the photos come from.")],
    basis: Annotated[BasisKind, typer.Option(help="Ground: the persons' consent, or statute.")],
    text_version: Annotated[str, typer.Option(help="Version of the text shown, or the statute.")],
    taken_on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day the photos were taken.")
    ] = None,
    text_file: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="That text, when it is not the notice."),
    ] = None,
    county: County = None,
    report: Annotated[Path | None, typer.Option(help="Where the report goes (CSV).")] = None,
    as_json: AsJson = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """Enrol reference photos. May be broken off and begun again: what is enrolled is skipped."""
    settings = Settings()
    ModelStore(settings.models_folder).verify()
    lines: list[FileReport] = []
    with container.database(settings) as where:
        backend = container.build_backend(settings, where.app_url)
        try:
            stated = Basis(
                kind=basis,
                version=text_version,
                digest=_digest(backend.notice, text_version, text_file),
            )
            day = taken_on.date() if taken_on else None
            provenance = Provenance(source=source, taken_on=day, basis=stated)
            tally = _run(backend, photos, provenance, county=county, lines=lines)
        except BatchUnreadable as error:
            raise misuse(f"{photos.name} cannot be used: {error.reason}") from error
        finally:
            backend.close()
    if report is not None:
        _write(report, lines)
    _tell(tally, lines, as_json=as_json)


def _digest(notice: NoticeText, version: str, text: Path | None) -> str:
    """Return the digest of the text that was shown: the notice's, or that of a file."""
    if text is not None:
        return hashlib.sha256(text.read_bytes()).hexdigest()
    if version != notice.version:
        raise misuse(f"give --text-file: {version} is not the notice in force ({notice.version})")
    return notice.digest


def _run(
    backend: Backend,
    photos: Path,
    provenance: Provenance,
    *,
    county: str | None,
    lines: list[FileReport],
) -> BulkTally:
    scope = DivisionScope(path=county_of_console(backend, county))
    caller = Caller(actor=COMMAND_LINE, scope=scope)
    with open_batch(photos) as batch, bar() as progress:
        task = progress.add_task("enrolling", total=batch.count)

        def keep(line: FileReport) -> None:
            lines.append(line)
            progress.advance(task)

        return enrol_batch(backend, caller, batch.photos, provenance=provenance, report=keep)


def _write(path: Path, lines: list[FileReport]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(_HEADER)
        for line in lines:
            rows.writerow([line.place, line.id_number, line.outcome, " ".join(line.reasons)])


def _tell(tally: BulkTally, lines: list[FileReport], *, as_json: bool) -> None:
    if as_json:
        print_json(asdict(tally) | {"files": [asdict(line) for line in lines]})
        return
    err.print(f"{tally.enrolled} enrolled, {tally.already} already there, {tally.refused} refused")
    for line in [line for line in lines if line.outcome is FileOutcome.REFUSED][:20]:
        err.print(f"  file {line.place} {line.id_number}: {' '.join(line.reasons)}", markup=False)
