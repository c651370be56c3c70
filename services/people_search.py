"""Find people and list them, masked: by name, number, phone or village, and by what is open.

A name is found whole or by its surname, a number and a phone only whole (ADR 0022). Whoever is out
of scope is not there at all.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from domain.beneficiary import KeyGroup
from domain.calendar import add_months
from domain.cycle import Channel
from domain.errors import AppError, Kind
from domain.id_number import age_on, parse
from domain.listing import COUNTED_TO, LONGEST_PAGE, PAGE, Due, OpenWork, Order, due_of
from domain.names import LONGEST, plain_name
from domain.policy_values import Scheme
from domain.regions import DivisionPath, Level, parse_division
from services.accounts import StaffMember
from services.backend import Backend
from services.policies import legal_day, resolved_for
from services.reviews import caller_of
from services.roster_cells import CellRefused, read_phone
from services.shown import masked, readable
from services.unit_of_work import Unit
from storage.db.models.registry import Beneficiary
from storage.db.repositories import divisions, people_lists
from storage.db.repositories.people_lists import Clock, Filters, Flags, Found, Line

_DIGITS = re.compile(r"[0-9+\-\s()]+")
_NUMBER = re.compile(r"[0-9]{14,}[0-9x]?")
_SOUGHT = re.compile(
    r"(?:(?P<kind>number|phone)\.(?P<digest>[0-9a-f]{64})"
    r"|name\.(?P<whole>[0-9a-f]{64})\.(?P<surname>[0-9a-f]{64}))"
)
_CURSOR = re.compile(r"(-|[0-9]{4}-[0-9]{2}-[0-9]{2})~([0-9a-f-]{36})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a list is narrowed to. `found` is what `sought` gave for a text."""

    found: str = field(default="", repr=False)
    place: str | None = None
    due: Due | None = None
    scheme: Scheme | None = None
    key_group: KeyGroup | None = None
    channel: Channel | None = None
    work: OpenWork | None = None
    suspended: bool = False
    unreachable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnSeen:
    """One benefit that is drawn, with the last day of its clock."""

    scheme: str
    valid_until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonListed:
    """One line of a list, masked. `name` is None for somebody erased by law."""

    id: UUID
    name: str | None
    id_number: str
    phone: str | None
    age: int
    residence: str
    household: str
    key_groups: tuple[KeyGroup, ...]
    drawn: tuple[DrawnSeen, ...]
    due: Due | None
    valid_until: date | None
    channel: str | None
    suspended: bool
    unreachable: bool
    work: frozenset[OpenWork]


@dataclass(frozen=True, slots=True, kw_only=True)
class PeoplePage:
    """`next_after` is where the next page begins; None on the last one."""

    people: tuple[PersonListed, ...]
    next_after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceOffered:
    """A division that a list can be narrowed to."""

    path: str
    name: str
    level: Level


def list_people(
    backend: Backend,
    reader: StaffMember,
    wanted: Wanted,
    *,
    order: Order = Order.DUE,
    after: str | None = None,
    limit: int = PAGE,
) -> PeoplePage:
    """List people of the own division, from behind `after`.

    Raises `division.malformed`, `list.bad_cursor`, `list.page_too_large`, `request.invalid`.
    """
    if not 1 <= limit <= LONGEST_PAGE:
        raise AppError(Kind.INVALID, "list.page_too_large", at_most=LONGEST_PAGE)
    behind = read_cursor(after) if after else None
    filters = filters_of(backend, reader, wanted)
    caller = caller_of(reader)
    with backend.unit(caller.actor, caller.scope) as unit:
        found = people_lists.lines(
            unit.session, filters, order=order, after=behind, limit=limit + 1
        )
        shown = listed(backend, unit, found[:limit], filters)
    more = len(found) > limit
    return PeoplePage(people=shown, next_after=cursor_of(found[limit - 1]) if more else None)


def count_people(backend: Backend, reader: StaffMember, wanted: Wanted) -> int:
    """Count a list, up to one more than `domain.listing.COUNTED_TO`. Raises as `list_people`."""
    filters = filters_of(backend, reader, wanted)
    caller = caller_of(reader)
    with backend.unit(caller.actor, caller.scope) as unit:
        return people_lists.count(unit.session, filters, most=COUNTED_TO)


def places_offered(backend: Backend, reader: StaffMember) -> tuple[PlaceOffered, ...]:
    """Return the divisions below the reader's seat, each behind the one it lies in."""
    caller = caller_of(reader)
    seat = DivisionPath(reader.division_path)
    with backend.unit(caller.actor, caller.scope) as unit:
        rows = divisions.below(unit.session, seat)
    return tuple(PlaceOffered(path=row.path, name=row.name, level=Level(row.level)) for row in rows)


def filters_of(backend: Backend, reader: StaffMember, wanted: Wanted) -> Filters:
    """Turn what was asked into what the register can be asked. Raises as `list_people`."""
    today = legal_day(backend.clock.now())
    found = _found(wanted.found)
    place = parse_division(wanted.place) if wanted.place else None
    widest = max(place or "", reader.division_path, key=len)
    return Filters(
        today=today,
        soon=add_months(today, _due_soon_months(backend, reader, wanted.scheme, today)),
        found=found,
        place=place,
        due=wanted.due,
        scheme=wanted.scheme.value if wanted.scheme else None,
        key_group=wanted.key_group.value if wanted.key_group else None,
        channel=wanted.channel.value if wanted.channel else None,
        work=wanted.work,
        suspended=wanted.suspended,
        unreachable=wanted.unreachable,
        is_narrow=found != Found() or len(widest) >= Level.VILLAGE.digits,
    )


def _due_soon_months(
    backend: Backend, reader: StaffMember, scheme: Scheme | None, today: date
) -> int:
    """Return how long before its end a clock is due soon: the longest window of those listed."""
    schemes = [scheme] if scheme else list(Scheme)
    rules = [resolved_for(backend, reader.division_path, scheme=s, on=today) for s in schemes]
    return max(rule.values.cycle.due_soon_months for rule in rules)


def sought(backend: Backend, text: str) -> str:
    """Read what was typed: a name, a surname, a whole ID number or a whole phone.

    Returns keyed digests to look for, fit for an address line, where no name and no number may
    stand; empty for an empty text. Raises `id_number.*`, `search.part_of_number`,
    `search.name_too_long`.
    """
    typed = plain_name(text)
    if not typed:
        return ""
    if _NUMBER.fullmatch(typed):
        number = parse(typed, on=legal_day(backend.clock.now()))
        return f"number.{backend.index.of('id_number', number.value).hex()}"
    if _DIGITS.fullmatch(typed):
        return f"phone.{backend.index.of('phone', _phone(text)).hex()}"
    if len(typed) > LONGEST:
        raise AppError(Kind.INVALID, "search.name_too_long", at_most=LONGEST)
    whole, surname = (backend.index.of(kind, typed).hex() for kind in ("name", "surname"))
    return f"name.{whole}.{surname}"


def _found(text: str) -> Found:
    if not text:
        return Found()
    fits = _SOUGHT.fullmatch(text)
    if fits is None:
        raise AppError(Kind.INVALID, "request.invalid", fields=["found"])
    if fits["kind"] == "number":
        return Found(id_number=bytes.fromhex(fits["digest"]))
    if fits["kind"] == "phone":
        return Found(phone=bytes.fromhex(fits["digest"]))
    return Found(name=bytes.fromhex(fits["whole"]), surname=bytes.fromhex(fits["surname"]))


def _phone(typed: str) -> str:
    try:
        number = read_phone(typed)
    except CellRefused:
        number = None
    if number is None:
        raise AppError(Kind.INVALID, "search.part_of_number")
    return number


def cursor_of(line: Line) -> str:
    """Write down where a page ends."""
    return f"{line.valid_until or '-'}~{line.id}"


def read_cursor(text: str) -> Line:
    """Read where a page ended. Raises `list.bad_cursor`."""
    fits = _CURSOR.fullmatch(text)
    if fits is None:
        raise AppError(Kind.INVALID, "list.bad_cursor")
    try:
        day = None if fits[1] == "-" else date.fromisoformat(fits[1])
        return Line(id=UUID(fits[2]), valid_until=day)
    except ValueError:
        raise AppError(Kind.INVALID, "list.bad_cursor") from None


def listed(
    backend: Backend, unit: Unit, found: Sequence[Line], filters: Filters
) -> tuple[PersonListed, ...]:
    """Load a page of people, masked, in a fixed number of statements."""
    ids = [line.id for line in found]
    if not ids:
        return ()
    held = backend.people(unit).hold(ids)  # as long as it lives, to open them asks for nothing
    flags = people_lists.flags_of(unit.session, ids)
    clocks: dict[UUID, list[Clock]] = {}
    for clock in people_lists.clocks_of(unit.session, ids):
        clocks.setdefault(clock.person_id, []).append(clock)
    names = divisions.names_of(
        unit.session, {p for row in held.values() for p in (row.residence_path, row.household_path)}
    )
    page = _Page(backend=backend, unit=unit, filters=filters, flags=flags, names=names)
    return tuple(_listed(page, held[person], clocks.get(person, [])) for person in ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """What the lines of a page share."""

    backend: Backend
    unit: Unit
    filters: Filters
    flags: Flags
    names: dict[str, str]


def _listed(page: _Page, row: Beneficiary, clocks: Sequence[Clock]) -> PersonListed:
    person_id, filters, names, flags = row.id, page.filters, page.names, page.flags
    nearest = next((clock for clock in clocks if clock.valid_until), None)
    until = nearest.valid_until if nearest else None
    opened = readable(page.backend, page.unit, person_id)
    known = masked(opened) if opened else None
    return PersonListed(
        id=person_id,
        name=known.name if known else None,
        id_number=known.id_number if known else "",
        phone=known.phone if known else None,
        age=age_on(row.birth_date, filters.today),
        residence=names.get(row.residence_path, row.residence_path),
        household=names.get(row.household_path, row.household_path),
        key_groups=tuple(KeyGroup(group) for group in row.key_groups),
        drawn=tuple(DrawnSeen(scheme=c.scheme, valid_until=c.valid_until) for c in clocks),
        due=due_of(until, today=filters.today, soon=filters.soon),
        valid_until=until,
        channel=nearest.channel if nearest else None,
        suspended=person_id in flags.suspended,
        unreachable=person_id in flags.unreachable,
        work=frozenset(kind for kind, among in flags.work.items() if person_id in among),
    )
