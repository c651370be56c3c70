"""A list as a file: masked, or in full for a reason on record. It never holds a face.

The file says who drew it, when, of which list and what for; what leaves the house names its way
out. More rows than the limit are refused, never cut.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from tempfile import TemporaryFile
from typing import BinaryIO, cast
from uuid import UUID

from domain.audit import AuditAction
from domain.errors import AppError, Kind
from domain.listing import EXPORT_MOST, Order
from domain.opening import check_export
from domain.roles import Permission, Role, may
from services.accounts import StaffMember, check_confirmed
from services.backend import Backend
from services.people_search import PersonListed, Wanted, filters_of, listed
from services.policies import LEGAL_ZONE
from services.reviews import caller_of
from services.shown import readable
from services.unit_of_work import Unit
from storage.db.repositories import people_lists
from storage.db.repositories.people_lists import Filters, Line
from storage.spreadsheets.writing import Table, csv_table, xlsx_table

BATCH = 500
_WIDTHS = (14, 22, 16, 6, 16, 16, 26, 14, 14, 12, 12, 30)


class ExportFormat(StrEnum):
    """As what a list is written."""

    XLSX = "xlsx"
    CSV = "csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportWords:
    """How the file speaks: its sheet, its heads, and the words of codes (`word(kind, code)`).

    `filters` is what the list was narrowed to, in words.
    """

    sheet: str
    heads: Sequence[str]
    filters: str
    first_line: Callable[..., str]
    last_line: Callable[[int], str]
    word: Callable[[str, str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportAsked:
    """What is asked for. `note` says what for; a list in full is not given without."""

    wanted: Wanted
    order: Order
    format: ExportFormat
    in_full: bool
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """The file, at its beginning; whoever sends it closes it."""

    file: BinaryIO
    rows: int
    name: str


def export_people(
    backend: Backend, member: StaffMember, asked: ExportAsked, words: ExportWords
) -> Exported:
    """Write a list of the own division to a file; on record before a byte leaves.

    Raises `permission.denied`, `auth.confirmation_needed` and `export.reason_required` for a list
    in full, `export.too_many`, and what `list_people` raises.
    """
    note = _check(backend, member, asked)
    filters = filters_of(backend, member, asked.wanted)
    caller = caller_of(member)
    file = cast("BinaryIO", TemporaryFile())  # noqa: SIM115 - whoever sends it closes it
    try:
        with backend.unit(caller.actor, caller.scope) as unit:
            _refuse_long(unit, filters)
            with _table(asked.format, file, words) as table:
                sheet = _Sheet(backend=backend, unit=unit, table=table, asked=asked, words=words)
                table.row([_first_line(unit, member, asked=asked, note=note, words=words)])
                table.row(words.heads)
                rows = _write(sheet, filters)
                table.row([words.last_line(rows)])
            _record(unit, asked, note=note, rows=rows)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    moment = backend.clock.now().astimezone(LEGAL_ZONE)
    return Exported(file=file, rows=rows, name=f"people-{moment:%Y%m%d-%H%M}.{asked.format.value}")


def _refuse_long(unit: Unit, filters: Filters) -> None:
    if people_lists.count(unit.session, filters, most=EXPORT_MOST) > EXPORT_MOST:
        raise AppError(Kind.TOO_LARGE, "export.too_many", at_most=EXPORT_MOST)


def _check(backend: Backend, member: StaffMember, asked: ExportAsked) -> str:
    role = Role(member.role)
    if not may(role, Permission.REGISTRY_EXPORT):
        raise AppError(Kind.FORBIDDEN, "permission.denied")
    if not asked.in_full:
        return ""
    if not may(role, Permission.PERSON_OPEN):
        raise AppError(Kind.FORBIDDEN, "permission.denied")
    note = check_export(asked.note)
    check_confirmed(member, backend.clock.now())
    return note


def _table(kind: ExportFormat, file: BinaryIO, words: ExportWords) -> AbstractContextManager[Table]:
    match kind:
        case ExportFormat.CSV:
            return csv_table(file)
        case ExportFormat.XLSX:
            return xlsx_table(file, title=words.sheet, widths=_WIDTHS)


def _first_line(
    unit: Unit, member: StaffMember, *, asked: ExportAsked, note: str, words: ExportWords
) -> str:
    return words.first_line(
        who=f"{member.display_name}({member.login})",
        at=unit.now,
        filters=words.filters,
        in_full=asked.in_full,
        note=note,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sheet:
    backend: Backend
    unit: Unit
    table: Table
    asked: ExportAsked
    words: ExportWords


def _write(sheet: _Sheet, filters: Filters) -> int:
    """Write page after page; the whole list is seen as of one moment per page, in one act."""
    rows, after, session = 0, cast("Line | None", None), sheet.unit.session
    while True:
        found = people_lists.lines(
            session, filters, order=sheet.asked.order, after=after, limit=BATCH
        )
        for person in listed(sheet.backend, sheet.unit, found, filters):
            sheet.table.row(_cells(sheet, person))
        session.expunge_all()  # a county does not lie in memory
        rows += len(found)
        if rows > EXPORT_MOST:  # people were added meanwhile
            raise AppError(Kind.TOO_LARGE, "export.too_many", at_most=EXPORT_MOST)
        if len(found) < BATCH:
            return rows
        after = found[-1]


def _cells(sheet: _Sheet, person: PersonListed) -> list[str]:
    word = sheet.words.word
    name, number, phone = person.name, person.id_number, person.phone
    if sheet.asked.in_full:
        name, number, phone = _open(sheet, person.id)
    flags = [word("flag", flag) for flag in _flags(person)]
    flags += [word("work", kind.value) for kind in sorted(person.work)]
    due = word("due", person.due.value) if person.due else ""
    return [
        name or word("flag", "erased"),
        number,
        phone or "",
        str(person.age),
        person.residence,
        person.household,
        "、".join(word("scheme", drawn.scheme) for drawn in person.drawn),
        "、".join(word("key_group", group.value) for group in person.key_groups),
        person.valid_until.isoformat() if person.valid_until else "",
        due,
        word("channel", person.channel) if person.channel else "",
        "、".join(flags),
    ]


def _flags(person: PersonListed) -> list[str]:
    return [
        flag
        for flag, is_so in (("suspended", person.suspended), ("unreachable", person.unreachable))
        if is_so
    ]


def _open(sheet: _Sheet, person_id: UUID) -> tuple[str | None, str, str | None]:
    person = readable(sheet.backend, sheet.unit, person_id)
    return (person.name, person.id_number, person.phone) if person else (None, "", None)


def _record(unit: Unit, asked: ExportAsked, *, note: str, rows: int) -> None:
    unit.audit(
        AuditAction.PEOPLE_EXPORTED,
        rows=rows,
        in_full=asked.in_full,
        format=asked.format.value,
        filters=filter_codes(asked.wanted),
        reason=note or None,
    )


def filter_codes(wanted: Wanted) -> list[str]:
    """Name what a list was narrowed to, by codes; never whom it was searched for."""
    named = {
        "place": wanted.place,
        "due": wanted.due,
        "scheme": wanted.scheme,
        "key_group": wanted.key_group,
        "channel": wanted.channel,
        "work": wanted.work,
        "suspended": wanted.suspended or None,
        "unreachable": wanted.unreachable or None,
        "found": wanted.found.partition(".")[0] or None,
    }
    return [f"{name}={value}" for name, value in named.items() if value is not None]
