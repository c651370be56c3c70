"""Searching the audit trail: one chain at a time, newest first; every search is itself on record.

What a reader may see is the wall's business: a county its own chain, an inspector those below.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID

from domain import id_number
from domain.audit import ActorKind, AuditAction, Detail
from domain.errors import AppError, Kind
from services.accounts import StaffMember, actor_of, known_login, scope_of
from services.backend import Backend
from services.policies import LEGAL_ZONE, legal_day
from services.unit_of_work import Unit, chain_of
from storage.audit import chain
from storage.db.repositories import audit_trail, staff_lists
from storage.db.repositories.audit_trail import Filter, Record, SearchTooWide

__all__ = ["Record"]

PAGE = 50
MOST_EXPORTED = 100_000
_EXPORT_BATCH = 2_000
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_ACTOR = re.compile(rf"({'|'.join(ActorKind)}):[^\x00]{{1,80}}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What is looked for; what is empty does not narrow. Days are legal days, both included.

    `actor` is a log-in, an id, or an actor as it is written down (`staff:…`); `person` an id or
    an ID number; `object_id` any id that a record mentions.
    """

    chain: str = ""
    actor: str = ""
    action: AuditAction | None = None
    person: str = field(default="", repr=False)
    since: date | None = None
    until: date | None = None
    object_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A page of records. `names` are of the staff in sight; `after` is where the next page goes on.

    `beneficiary` is the person that the search was narrowed to.
    """

    chain: str
    chains: tuple[str, ...]
    records: tuple[Record, ...]
    names: Mapping[UUID, str]
    after: int | None
    beneficiary: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """What is about to be written out: `count` records, read as `records` is walked."""

    chain: str
    count: int
    made_at: datetime
    conditions: Mapping[str, Detail]
    records: Iterator[tuple[Record, Mapping[UUID, str]]]


def search(
    backend: Backend, member: StaffMember, wanted: Search, *, after: int | None = None
) -> Found:
    """Give a page of records and write down that they were looked for.

    Raises `audit.chain_unknown`, `audit.actor_unknown`, `audit.search_too_wide`,
    `person.not_found`, `id_number.*`.
    """
    with backend.unit(actor_of(member), scope_of(member)) as unit:
        chains = _chains(unit)
        narrowed = _narrowed(backend, unit, wanted, chains)
        found = _page(unit, narrowed, below=after, limit=PAGE + 1)
        shown = tuple(found[:PAGE])
        unit.audit(
            AuditAction.AUDIT_SEARCHED,
            **_conditions(narrowed),
            after=after,
            count=len(shown),
        )
        return Found(
            chain=narrowed.chain,
            chains=tuple(chains),
            records=shown,
            names=names_in(unit, shown),
            after=shown[-1].seq if len(found) > PAGE else None,
            beneficiary=UUID(narrowed.beneficiary) if narrowed.beneficiary else None,
        )


def export(backend: Backend, member: StaffMember, wanted: Search) -> Export:
    """Begin to write out what a search finds, and put down who took it and how much.

    A chain only grows, so that what is counted now is what will be read. Raises what `search`
    raises, and `audit.export_too_large`.
    """
    with backend.unit(actor_of(member), scope_of(member)) as unit:
        chains = _chains(unit)
        narrowed = _narrowed(backend, unit, wanted, chains)
        end = audit_trail.head_of(unit.session, narrowed.chain) + 1
        count = _count(unit, narrowed, below=end)
        conditions = _conditions(narrowed)
        unit.audit(AuditAction.AUDIT_EXPORTED, **conditions, count=count)
        made_at = unit.now
    return Export(
        chain=narrowed.chain,
        count=count,
        made_at=made_at,
        conditions=conditions,
        records=_walk(backend, member, narrowed, end),
    )


def find_person(backend: Backend, member: StaffMember, typed: str) -> UUID:
    """Find whom an ID number means, so that it need not stand in any address.

    Raises `person.not_found` out of scope, `id_number.*`.
    """
    with backend.unit(actor_of(member), scope_of(member)) as unit:
        person, _ = _person(backend, unit, typed)
    if person is None:
        raise AppError(Kind.NOT_FOUND, "person.not_found")
    return person


def _walk(
    backend: Backend, member: StaffMember, narrowed: Filter, below: int
) -> Iterator[tuple[Record, Mapping[UUID, str]]]:
    # A transaction for each batch: a slow reader must not keep one open.
    while True:
        with backend.unit(actor_of(member), scope_of(member)) as unit:
            batch = _page(unit, narrowed, below=below, limit=_EXPORT_BATCH)
            names = names_in(unit, batch)
        yield from ((record, names) for record in batch)
        if len(batch) < _EXPORT_BATCH:
            return
        below = batch[-1].seq


def _narrowed(backend: Backend, unit: Unit, wanted: Search, chains: Sequence[str]) -> Filter:
    person, home = _person(backend, unit, wanted.person)
    name = wanted.chain or _usual_chain(unit, chains, home)
    if name not in chains:
        raise AppError(Kind.NOT_FOUND, "audit.chain_unknown")
    return Filter(
        chain=name,
        actors=_actors(unit, wanted.actor),
        action=wanted.action.value if wanted.action else None,
        beneficiary=str(person) if person else None,
        mentions=wanted.object_id.strip().lower() or None,
        since=_morning(wanted.since) if wanted.since else None,
        before=_morning(wanted.until + timedelta(days=1)) if wanted.until else None,
    )


def _chains(unit: Unit) -> list[str]:
    return [head.chain for head in chain.heads(unit.session)]


def _usual_chain(unit: Unit, chains: Sequence[str], home: str) -> str:
    """Return the chain of the person's county, of one's own, or the first there is."""
    own = chain_of(unit.scope)
    near = [name for name in (home[:6], own, *chains) if name in chains]
    return near[0] if near else own


def _person(backend: Backend, unit: Unit, text: str) -> tuple[UUID | None, str]:
    """Find the person of an id or number, and the division that keeps the case."""
    typed = text.strip()
    if not typed:
        return None, ""
    people = backend.people(unit)
    if _ID.fullmatch(typed.lower()):
        person: UUID | None = UUID(typed)
    else:
        number = id_number.parse(typed, on=legal_day(unit.now))
        person = people.find_by_id_number(number.value)
    home = people.household_of(person) if person else None
    if person is None or home is None:
        raise AppError(Kind.NOT_FOUND, "person.not_found")
    return person, home


def _actors(unit: Unit, text: str) -> tuple[str, ...]:
    """Return the ways in which an actor may be written down. Raises `audit.actor_unknown`."""
    typed = text.strip()
    if not typed:
        return ()
    if _ACTOR.fullmatch(typed):
        return (typed,)
    if _ID.fullmatch(typed.lower()):
        return tuple(f"{kind}:{typed.lower()}" for kind in ActorKind)
    staff = staff_lists.id_of_login(unit.session, known_login(typed))
    if staff is None:
        raise AppError(Kind.INVALID, "audit.actor_unknown")
    return (f"{ActorKind.STAFF}:{staff}",)


def _morning(day: date) -> datetime:
    return datetime.combine(day, time.min, LEGAL_ZONE)


def _page(unit: Unit, narrowed: Filter, *, below: int | None, limit: int) -> Sequence[Record]:
    try:
        return audit_trail.page(unit.session, narrowed, below=below, limit=limit)
    except SearchTooWide as error:
        raise AppError(Kind.TOO_LARGE, "audit.search_too_wide") from error


def _count(unit: Unit, narrowed: Filter, *, below: int) -> int:
    try:
        count = audit_trail.count(unit.session, narrowed, below=below, most=MOST_EXPORTED + 1)
    except SearchTooWide as error:
        raise AppError(Kind.TOO_LARGE, "audit.search_too_wide") from error
    if count > MOST_EXPORTED:
        raise AppError(Kind.TOO_LARGE, "audit.export_too_large", most=MOST_EXPORTED)
    return count


def _conditions(narrowed: Filter) -> dict[str, Detail]:
    """Say by ids what a search was narrowed to."""
    said: dict[str, Detail] = {
        "chain": narrowed.chain,
        "acts": narrowed.action,
        "actors": list(narrowed.actors) or None,
        "beneficiary": narrowed.beneficiary,
        "mentions": narrowed.mentions,
        "since": narrowed.since.isoformat() if narrowed.since else None,
        "before": narrowed.before.isoformat() if narrowed.before else None,
    }
    return {name: value for name, value in said.items() if value is not None}


def names_in(unit: Unit, records: Sequence[Record]) -> Mapping[UUID, str]:
    """Return the names of the staff in sight that records speak of."""
    ids: set[UUID] = set()
    for record in records:
        for said in (record.actor.partition(":")[2], *record.details.values()):
            if isinstance(said, str) and _ID.fullmatch(said):
                ids.add(UUID(said))
    return staff_lists.names_of(unit.session, sorted(ids)) if ids else {}
