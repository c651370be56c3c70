"""Rows, audit events and jobs of one act commit together or not at all (ADR 0002)."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from uuid import UUID

import pytest
import sqlalchemy as sa
from psycopg import errors
from sqlalchemy.orm import Session, sessionmaker

from domain.audit import Actor, ActorKind, AuditAction
from domain.errors import AppError
from domain.ids import BeneficiaryId
from domain.regions import DivisionPath, DivisionScope, Scope, SubjectScope, SystemName, SystemScope
from services.unit_of_work import Unit, chain_of, unit_of_work
from storage.db.models.audit import AuditRow
from storage.db.models.registry import Division
from storage.db.scope import ALL, set_scope
from storage.jobs.queue import JobQueue
from tests.clock import FixedClock
from tests.db_world import add_person, add_places

HERE = DivisionPath("990101101203")
THERE = DivisionPath("990102101203")
OFFICER = Actor(kind=ActorKind.STAFF, id="officer-1")
VILLAGE = DivisionScope(path=HERE)
SYSTEM = SystemScope(name=SystemName.DECISION_WORKER)

pytestmark = pytest.mark.committing


class Desk:
    """Opens units as the application does."""

    def __init__(self, sessions: sessionmaker[Session], queue: JobQueue, clock: FixedClock) -> None:
        self.sessions = sessions
        self.queue = queue
        self.clock = clock

    def open(self, scope: Scope = VILLAGE) -> AbstractContextManager[Unit]:
        return unit_of_work(
            self.sessions, actor=OFFICER, scope=scope, now=self.clock.now(), queue=self.queue
        )

    def run(self, *steps: Callable[[Unit], object], scope: Scope = VILLAGE) -> None:
        with self.open(scope) as unit:
            for step in steps:
                step(unit)


@pytest.fixture
def desk(sessions: sessionmaker[Session], queue: JobQueue, clock: FixedClock) -> Desk:
    with sessions() as session, session.begin():
        set_scope(session, ALL)
        add_places(session, HERE, THERE)
    return Desk(sessions, queue, clock)


def act(unit: Unit, place: DivisionPath = HERE) -> UUID:
    person = add_person(unit.session, place)
    unit.audit(AuditAction.BENEFICIARY_ADDED, beneficiary=str(person))
    unit.defer("greet", key=f"greet:{person}", beneficiary=str(person))
    return person


def written(desk: Desk) -> tuple[int, int, int]:
    """How many rows, audit records and jobs there are."""
    with desk.sessions() as session, session.begin():
        set_scope(session, ALL)
        counts = [
            session.execute(sa.text(f"select count(*) from {table}")).scalar_one()
            for table in ("beneficiaries", "audit_events", "procrastinate_jobs")
        ]
    return counts[0], counts[1], counts[2]


def test_an_act_that_ends_well_writes_row_record_and_job(desk: Desk) -> None:
    with desk.open() as unit:
        person = act(unit)
        assert written(desk) == (0, 0, 0)

    assert written(desk) == (1, 1, 1)
    with desk.sessions() as session, session.begin():
        set_scope(session, ALL)
        record = session.scalars(sa.select(AuditRow)).one()
        job = session.execute(sa.text("select task_name, args from procrastinate_jobs")).one()
    assert (record.chain, record.seq, record.at) == ("990101", 1, desk.clock.now())
    assert record.details == {"beneficiary": str(person)}
    assert tuple(job) == ("greet", {"beneficiary": str(person)})


def test_an_error_in_the_act_leaves_nothing(desk: Desk) -> None:
    def fail(_: Unit) -> None:
        raise LookupError

    with pytest.raises(LookupError):
        desk.run(act, fail)

    assert written(desk) == (0, 0, 0)


def test_a_constraint_that_fails_at_the_commit_leaves_nothing(
    desk: Desk, owner_engine: sa.Engine
) -> None:
    """The reference is only checked at the very end, after the audit record was written."""

    def add_orphan(unit: Unit) -> None:
        unit.session.add(Division(path="97", name="虚构", level="province", parent_path="96"))
        unit.session.flush()

    change = "alter table divisions alter constraint fk_divisions_parent_path"
    with owner_engine.begin() as owner:
        owner.exec_driver_sql(f"{change} deferrable initially deferred")
    try:
        with pytest.raises(sa.exc.IntegrityError):
            desk.run(act, add_orphan)
    finally:
        with owner_engine.begin() as owner:
            owner.exec_driver_sql(f"{change} not deferrable")

    assert written(desk) == (0, 0, 0)


def test_an_empty_scope_opens_no_act(desk: Desk) -> None:
    with pytest.raises(AppError, match=r"scope\.empty"):
        desk.run(act, scope=DivisionScope(path=DivisionPath("")))

    assert written(desk) == (0, 0, 0)


def test_an_act_that_loses_its_scope_leaves_nothing(desk: Desk) -> None:
    def lose_scope(unit: Unit) -> None:
        unit.session.execute(sa.text("select set_config('jianzai.scope', '', true)"))

    with pytest.raises(sa.exc.ProgrammingError, match="no scope set"):
        desk.run(act, lose_scope, act)

    assert written(desk) == (0, 0, 0)


def test_an_act_on_another_area_leaves_nothing(desk: Desk) -> None:
    with pytest.raises(sa.exc.ProgrammingError) as caught:
        desk.run(act, lambda unit: act(unit, THERE))

    assert isinstance(caught.value.orig, errors.InsufficientPrivilege)
    assert written(desk) == (0, 0, 0)


def test_an_act_cannot_be_recorded_in_another_countys_chain(desk: Desk) -> None:
    with pytest.raises(sa.exc.ProgrammingError, match="not a chain of this scope"):
        desk.run(act, lambda unit: unit.record_in(THERE))

    assert written(desk) == (0, 0, 0)


def test_the_system_records_in_the_county_it_served(desk: Desk) -> None:
    with desk.open(SYSTEM) as unit:
        unit.record_in(THERE)
        act(unit, THERE)
        unit.record_in(THERE)
    with desk.open(SYSTEM) as unit:
        unit.audit(AuditAction.AUDIT_VERIFIED)

    with desk.sessions() as session, session.begin():
        set_scope(session, ALL)
        chains = session.scalars(sa.select(AuditRow.chain).order_by(AuditRow.chain)).all()
    assert chains == ["990102", "system"]


def test_one_act_writes_to_one_countys_chain(desk: Desk) -> None:
    with desk.open(SYSTEM) as unit:
        unit.record_in(HERE)

        with pytest.raises(ValueError, match="one county"):
            unit.record_in(THERE)


@pytest.mark.parametrize(
    ("scope", "chain"),
    [
        (DivisionScope(path=DivisionPath("99")), "99"),
        (DivisionScope(path=DivisionPath("9901")), "9901"),
        (DivisionScope(path=DivisionPath("990101")), "990101"),
        (VILLAGE, "990101"),
        (SubjectScope(beneficiary_id=BeneficiaryId(UUID(int=7)), path=HERE), "990101"),
        (SYSTEM, "system"),
    ],
)
def test_an_office_writes_to_the_chain_of_its_county_or_its_own(scope: Scope, chain: str) -> None:
    assert chain_of(scope) == chain


def test_a_pensioners_act_is_recorded_in_the_own_county(desk: Desk) -> None:
    with desk.open() as unit:
        person = act(unit)
    subject = SubjectScope(beneficiary_id=BeneficiaryId(person), path=HERE)

    with desk.open(subject) as unit:
        unit.audit(AuditAction.CONSENT_RECORDED, beneficiary=str(person))

    assert written(desk) == (1, 2, 1)


def test_a_job_whose_key_waits_already_is_not_put_there_twice(desk: Desk) -> None:
    with desk.open() as unit:
        unit.defer("decide", key="decide:1", attempt="1")
    with desk.open() as unit:
        unit.defer("decide", key="decide:1", attempt="1")
        unit.defer("decide", key="decide:2", attempt="2")
        act(unit)

    assert written(desk) == (1, 1, 3)


def test_an_act_may_defer_the_same_key_twice(desk: Desk) -> None:
    with desk.open() as unit:
        unit.defer("decide", key="decide:1", attempt="1")
        unit.defer("decide", key="decide:1", attempt="1")
        act(unit)

    assert written(desk) == (1, 1, 2)


def test_an_idle_act_leaves_no_record(desk: Desk) -> None:
    with desk.open():
        pass

    assert written(desk) == (0, 0, 0)


def test_the_latency_of_one_act_is_measured(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    taken = []
    for _ in range(50):
        started = time.perf_counter()
        with desk.open() as unit:
            act(unit)
        taken.append(time.perf_counter() - started)

    with capsys.disabled():
        print(f"\nunit of work: median {sorted(taken)[25] * 1000:.1f} ms with row, record and job")  # noqa: T201 - the figure is wanted
    assert written(desk) == (50, 50, 50)
