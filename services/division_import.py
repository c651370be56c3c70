"""The list of divisions comes in: code, name and, for offices with a window, address and hours."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from domain.audit import AuditAction
from domain.errors import AppError
from domain.regions import DivisionPath, ancestors, level_of, parse_division
from services.backend import Backend
from services.evidence import Caller
from services.roster_cells import text_of
from storage.db.repositories import divisions
from storage.spreadsheets.sheet import REPLACEMENT, SheetRow


class DivisionFault(StrEnum):
    """Why a row of the list was not taken."""

    CODE_MALFORMED = "code_malformed"
    NAME_MISSING = "name_missing"
    NAME_DAMAGED = "name_damaged"
    CODE_TWICE = "code_twice"


@dataclass(frozen=True, slots=True, kw_only=True)
class DivisionComplaint:
    """A row that was not taken; codes and names of places are public and stand in full."""

    row: int
    value: str
    fault: DivisionFault


@dataclass(frozen=True, slots=True, kw_only=True)
class DivisionsImported:
    """What came of the list."""

    taken: int
    complaints: tuple[DivisionComplaint, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listed:
    path: DivisionPath
    name: str
    address: str | None
    hours: str | None


def import_divisions(
    backend: Backend, caller: Caller, rows: Iterable[SheetRow], *, digest: str
) -> DivisionsImported:
    """Add or rename divisions in one act; `digest` is the SHA-256 hex of the file.

    Columns are code, name, address, hours; a first row without a code is a header. A division
    hangs below the nearest one above it that is known.
    """
    complaints: list[DivisionComplaint] = []
    listed = {item.path: item for item in _read(rows, complaints)}
    with backend.unit(caller.actor, caller.scope) as unit:
        known = divisions.all_paths(unit.session) | set(listed)
        divisions.put_all(unit.session, [_row(item, known) for item in listed.values()])
        unit.audit(AuditAction.DIVISIONS_IMPORTED, divisions=len(listed), file_sha256=digest)
    return DivisionsImported(taken=len(listed), complaints=tuple(complaints))


def _read(rows: Iterable[SheetRow], complaints: list[DivisionComplaint]) -> Iterator[_Listed]:
    seen: set[str] = set()
    for place, row in enumerate(rows):
        code, name, address, hours = (*map(text_of, row.cells), "", "", "", "")[:4]
        if not code + name or (place == 0 and not code.isdecimal()):
            continue
        fault = _fault(code, name, seen)
        if fault is not None:
            complaints.append(DivisionComplaint(row=row.number, value=code[:20], fault=fault))
            continue
        path = parse_division(code)
        seen.add(path)
        yield _Listed(path=path, name=name, address=address or None, hours=hours or None)


def _fault(code: str, name: str, seen: set[str]) -> DivisionFault | None:
    try:
        path = parse_division(code)
    except AppError:
        return DivisionFault.CODE_MALFORMED
    if not name:
        return DivisionFault.NAME_MISSING
    if REPLACEMENT in name:
        return DivisionFault.NAME_DAMAGED
    return DivisionFault.CODE_TWICE if path in seen else None


def _row(item: _Listed, known: set[str]) -> dict[str, object]:
    above = [path for path in ancestors(item.path)[:-1] if path in known]
    return {
        "path": item.path,
        "name": item.name,
        "level": level_of(item.path).value,
        "parent_path": above[-1] if above else None,
        "window_address": item.address,
        "window_hours": item.hours,
    }
