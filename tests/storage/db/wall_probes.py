"""Attempts to see or change what a scope must not, each compared with the oracle."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Never
from uuid import UUID

import sqlalchemy as sa
from psycopg import errors
from sqlalchemy.orm import Session

from domain.regions import DivisionPath, Scope, covers
from storage.db.models.audit import AuditRow
from storage.db.models.cases import Lead, Review, ReviewClaim
from storage.db.models.certification import Attempt, AttemptDecision, AttemptPart
from storage.db.models.certification import Session as CertificationSession
from storage.db.models.identity import Ticket
from storage.db.models.registry import Beneficiary, Division
from storage.ids import uuid7
from tests.db_world import THEN, add_person, add_staff
from tests.storage.audit.events import an_event
from tests.storage.db.wall_world import Chance, World, pick, pick_id

PERSON_TABLES = sorted(
    table.name for table in Beneficiary.metadata.sorted_tables if "beneficiary_id" in table.c
)
REFUSED = (errors.InsufficientPrivilege, errors.ForeignKeyViolation)


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What was tried, what came of it and what should have."""

    name: str
    found: object
    wanted: object

    @property
    def leaked(self) -> bool:
        return self.found != self.wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Intruder:
    """One open transaction with one scope, and a source of chance."""

    session: Session
    scope: Scope
    world: World
    chance: Chance

    def anybody(self) -> UUID:
        """Somebody in view half of the time."""
        seen = list(self.world.visible(self.scope))
        return pick_id(self.chance, seen if seen and self.chance.integers(2) else self.everybody())

    def everybody(self) -> list[UUID]:
        return list(self.world.homes)

    def any_case(self) -> UUID:
        return pick_id(self.chance, list(self.world.cases))

    def any_place(self) -> DivisionPath:
        return pick(self.chance, [place for place in self.world.places if len(place) >= 9])

    def ids(self, sql: str, **params: object) -> list[UUID]:
        return sorted(self.session.scalars(sa.text(sql), params))

    def succeeds(self, act: Callable[[], object]) -> bool:
        """Try `act` and take it back; False when the wall refuses."""
        try:
            self.touched(act)
        except sa.exc.DBAPIError as error:
            if not isinstance(error.orig, REFUSED):
                raise
            return False
        return True

    def touched(self, act: Callable[[], object]) -> int:
        """How many rows a change reaches; the change is taken back."""
        rows = 0
        try:
            with self.session.begin_nested():
                _take_back(act())
        except _TakenBack as reached:
            rows = reached.rows
        finally:
            self.session.expunge_all()
        return rows

    def changed_by(self, statement: Any) -> int:
        return self.touched(lambda: self.session.execute(statement))

    def allowed(self, statement: Any) -> bool:
        return self.succeeds(lambda: self.session.execute(statement))


class _TakenBack(Exception):  # noqa: N818 - a signal, not an error
    def __init__(self, rows: int) -> None:
        self.rows = rows


def _take_back(result: object) -> Never:
    raise _TakenBack(int(getattr(result, "rowcount", -1)))


def reads(me: Intruder) -> Iterator[Probe]:  # lint-skip: function-size
    seen = sorted(me.world.visible(me.scope))
    one = me.anybody()
    session = me.session
    yield Probe(name="select", found=me.ids("select id from beneficiaries"), wanted=seen)
    yield Probe(
        name="orm select", found=sorted(session.scalars(sa.select(Beneficiary.id))), wanted=seen
    )
    yield Probe(
        name="count",
        found=session.scalar(sa.select(sa.func.count()).select_from(Beneficiary)),
        wanted=len(seen),
    )
    yield Probe(
        name="get",
        found=session.get(Beneficiary, one, populate_existing=True) is not None,
        wanted=one in seen,
    )
    session.expunge_all()
    yield Probe(
        name="exists",
        found=session.scalar(sa.select(sa.exists().where(Beneficiary.id == one))),
        wanted=one in seen,
    )
    yield Probe(
        name="exists from another table",
        found=session.scalar(
            sa.select(sa.func.count())
            .select_from(Division)
            .where(
                Division.path == me.world.homes[one][1],
                sa.exists().where(Beneficiary.id == one),
            )
        ),
        wanted=int(one in seen),
    )
    yield Probe(
        name="lock",
        found=me.changed_by(
            sa.text("select from beneficiaries where id = :one for update").bindparams(one=one)
        ),
        wanted=int(one in seen),
    )


def reads_of_cases(me: Intruder) -> Iterator[Probe]:
    seen = me.world.visible(me.scope)
    cases = sorted(seen & set(me.world.cases))
    for table in PERSON_TABLES:
        yield Probe(
            name=f"select {table}",
            found=me.ids(f"select beneficiary_id from {table}"),
            wanted=cases,
        )
    yield Probe(
        name="join from the case",
        found=sorted(
            me.session.scalars(
                sa.select(AttemptDecision.beneficiary_id)
                .join(Attempt, Attempt.id == AttemptDecision.attempt_id)
                .join(Review, Review.attempt_id == Attempt.id)
            )
        ),
        wanted=cases,
    )
    yield Probe(
        name="outer join from the places",
        found=sorted(
            me.session.scalars(
                sa.select(Attempt.beneficiary_id)
                .select_from(Division)
                .outerjoin(Beneficiary, Beneficiary.household_path == Division.path)
                .outerjoin(Attempt, Attempt.beneficiary_id == Beneficiary.id)
                .where(Attempt.id.is_not(None))
            )
        ),
        wanted=cases,
    )


def reads_of_offices(me: Intruder) -> Iterator[Probe]:
    yield Probe(
        name="staff",
        found=me.ids("select id from staff"),
        wanted=sorted(me.world.visible_staff(me.scope)),
    )
    yield Probe(
        name="audit",
        found=sorted(set(me.session.scalars(sa.select(AuditRow.chain)))),
        wanted=sorted(name for name in me.world.chains if me.world.reads_chain(me.scope, name)),
    )


def writes(me: Intruder) -> Iterator[Probe]:
    seen = me.world.visible(me.scope)
    one, place = me.anybody(), me.any_place()
    touch = sa.update(Beneficiary).values(key_groups=["高龄"])
    yield Probe(name="update all", found=me.changed_by(touch), wanted=len(seen))
    yield Probe(
        name="update one",
        found=me.changed_by(touch.where(Beneficiary.id == one)),
        wanted=int(one in seen),
    )
    yield Probe(
        name="update joined",
        found=me.changed_by(
            sa.text(
                "update leads set closed_at = now() from beneficiaries b"
                " where b.id = leads.beneficiary_id"
            )
        ),
        wanted=len(seen & set(me.world.cases)),
    )
    yield _move(me, one, place)
    yield Probe(
        name="insert person",
        found=me.succeeds(lambda: add_person(me.session, place)),
        wanted=me.world.would_see(me.scope, uuid7(), (place, place)),
    )
    yield Probe(
        name="insert lead",
        found=me.succeeds(lambda: _add(me.session, _lead(one))),
        wanted=one in seen,
    )
    yield Probe(
        name="upsert",
        found=me.allowed(_take_over(me.world, one)),
        wanted=one in seen,
    )


def _move(me: Intruder, one: UUID, place: DivisionPath) -> Probe:
    """A move is refused when it would put the person out of the mover's own sight."""
    home = me.world.homes[one][0]
    change = sa.update(Beneficiary).where(Beneficiary.id == one).values(residence_path=place)
    stays = me.world.would_see(me.scope, one, (home, place))
    sees = me.world.sees(me.scope, one)
    return Probe(
        name="move",
        found=me.allowed(change),
        wanted=stays if sees else True,  # out of sight: no error, and no row
    )


def writes_to_offices(me: Intruder) -> Iterator[Probe]:
    place = pick(me.chance, me.world.places)
    name = me.world.chains[int(me.chance.integers(len(me.world.chains)))]
    yield Probe(
        name="insert staff",
        found=me.succeeds(lambda: add_staff(me.session, place)),
        wanted=covers(me.scope, place),
    )
    yield Probe(
        name="audit head",
        found=me.allowed(sa.text("select audit_head(:name)").bindparams(name=name)),
        wanted=me.world.extends_chain(me.scope, name),
    )
    yield Probe(
        name="audit insert",
        found=me.allowed(_forged(name)),
        wanted=me.world.extends_chain(me.scope, name),
    )


def never_allowed(me: Intruder) -> Iterator[Probe]:
    """What the application may not do in any scope, its own rows included."""
    mine, theirs = me.any_case(), me.any_case()
    if mine != theirs:
        yield _never(me, "add to another's attempt", _part(me.world, theirs, mine))
        yield _never(me, "claim another's review", _claim(me.world, theirs, mine))
        yield _never(me, "borrow another's consent", _opened(me.world, theirs, mine))
        yield _never(me, "come in by another's link", _ticket(me.world, theirs, mine))
    table = PERSON_TABLES[int(me.chance.integers(len(PERSON_TABLES)))]
    yield _never(me, f"delete {table}", sa.text(f"delete from {table}"))
    yield _never(me, "delete audit", sa.text("delete from audit_events"))
    yield _never(me, "alter audit", sa.text("update audit_events set action = 'x'"))
    yield _never(me, "alter decision", sa.text("update attempt_decisions set outcome = 'pass'"))
    yield _never(me, "prolong a link", sa.text("update links set expires_at = now()"))
    yield _never(me, "hand a ticket on", sa.text("update tickets set device_index = ''"))
    yield _never(me, "lower wall", sa.text(f"alter table {table} disable row level security"))
    yield _never(me, "truncate", sa.text(f"truncate {table}"))


def _never(me: Intruder, name: str, statement: Any) -> Probe:
    return Probe(name=name, found=me.allowed(statement), wanted=False)


def _add(session: Session, row: object) -> None:
    session.add(row)
    session.flush()


def _lead(person: UUID) -> Lead:
    return Lead(
        id=uuid7(), beneficiary_id=person, kind="tip", opened_at=THEN, opened_by="system:test"
    )


def _take_over(world: World, person: UUID) -> sa.TextClause:
    home, residence = world.homes[person]
    return sa.text(
        "insert into beneficiaries (id, id_number_index, id_number_sealed, name_sealed, sex,"
        " birth_date, household_path, residence_path, key_groups, created_at, created_by)"
        " values (:id, :index, '', '', 'female', '1950-01-01', :home, :residence, '{}', now(), 'x')"
        " on conflict (id) do update set key_groups = '{高龄}'"
    ).bindparams(id=person, index=person.bytes, home=home, residence=residence)


def _forged(name: str) -> sa.TextClause:
    event = an_event()
    return sa.text(
        "insert into audit_events"
        " (chain, seq, previous, digest, body, at, actor, action, details)"
        " values (:chain, 999999, :zeros, :zeros, '', :at, 'x', :action, '{}')"
    ).bindparams(chain=name, zeros=bytes(32), at=event.at, action=event.action.value)


def _part(world: World, theirs: UUID, mine: UUID) -> sa.Insert:
    return sa.insert(AttemptPart).values(
        attempt_id=world.cases[theirs].attempt,
        kind="added",
        evidence_id=world.cases[mine].evidence,
        beneficiary_id=mine,
    )


def _claim(world: World, theirs: UUID, mine: UUID) -> sa.Insert:
    return sa.insert(ReviewClaim).values(
        id=uuid7(),
        review_id=world.cases[theirs].review,
        beneficiary_id=mine,
        staff_id=next(iter(world.staff)),
        claimed_at=THEN,
        expires_at=THEN,
    )


def _ticket(world: World, theirs: UUID, mine: UUID) -> sa.Insert:
    key = uuid7()
    return sa.insert(Ticket).values(
        id=key,
        beneficiary_id=mine,
        token_digest=key.bytes,
        device_index=b"",
        proof="link",
        link_id=world.cases[theirs].link,
        opened_at=THEN,
        expires_at=THEN,
    )


def _opened(world: World, theirs: UUID, mine: UUID) -> sa.Insert:
    key = uuid7()
    return sa.insert(CertificationSession).values(
        id=key,
        beneficiary_id=mine,
        consent_id=world.cases[theirs].consent,
        token_digest=key.bytes,
        device_id="device",
        address_index=b"",
        challenge={},
        created_at=THEN,
        expires_at=THEN,
        upload_grace_s=0,
    )
