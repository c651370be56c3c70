"""Nobody sees or changes a row outside the own scope, whatever the query (ADR 0005).

`JIANZAI_RLS_ROUNDS=1500` asks more than 50,000 questions of a tree of 3,000 divisions.
"""

import os
from collections import Counter
from collections.abc import Iterator

import numpy as np
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from domain.regions import SystemName, SystemScope
from storage.db.engine import make_engine, make_sessions
from storage.db.models.registry import Beneficiary
from tests.db_server import Database
from tests.db_world import apply_scope
from tests.storage.db import wall_probes
from tests.storage.db.wall_probes import Intruder, Probe
from tests.storage.db.wall_world import Chance, World, build_world, pick, pick_id, random_scope

ROUNDS = int(os.environ.get("JIANZAI_RLS_ROUNDS", "40"))
IS_LARGE = ROUNDS >= 1000
SEED = 20260302
KINDS = (
    wall_probes.reads,
    wall_probes.reads_of_cases,
    wall_probes.reads_of_offices,
    wall_probes.writes,
    wall_probes.writes_to_offices,
    wall_probes.never_allowed,
)


@pytest.fixture
def few_connections(database: Database) -> Iterator[sessionmaker[Session]]:
    """A pool so small that every connection serves many scopes in turn."""
    engine = make_engine(database.app_url, pool_size=2)
    yield make_sessions(engine)
    engine.dispose()


def ask(sessions: sessionmaker[Session], world: World, chance: Chance) -> list[Probe]:
    """Have two intruders, at once and on two connections, try everything in turns."""
    with sessions() as one, sessions() as other, one.begin(), other.begin():
        intruders = []
        for session in (one, other):
            scope = random_scope(chance, world)
            apply_scope(session, scope)
            intruders.append(Intruder(session=session, scope=scope, world=world, chance=chance))
        return [probe for kind in KINDS for intruder in intruders for probe in kind(intruder)]


def move_somebody(sessions: sessionmaker[Session], world: World, chance: Chance) -> None:
    """Commit a move, so that sight has to follow it."""
    person = pick_id(chance, list(world.homes))
    home, residence = world.homes[person][0], pick(chance, world.places)
    with sessions() as session, session.begin():
        apply_scope(session, SystemScope(name=SystemName.DEMO))
        session.execute(
            sa.update(Beneficiary).where(Beneficiary.id == person).values(residence_path=residence)
        )
    world.homes[person] = (home, residence)


@pytest.mark.committing
@pytest.mark.timeout(1800 if IS_LARGE else 300)
def test_random_readers_and_writers_get_what_the_oracle_allows_and_no_row_more(
    few_connections: sessionmaker[Session], capsys: pytest.CaptureFixture[str]
) -> None:
    chance = np.random.default_rng(SEED)
    size = {"nodes": 3000, "people": 3000, "staff": 500}
    small = {"nodes": 320, "people": 240, "staff": 60}
    world = build_world(few_connections, chance, **(size if IS_LARGE else small))

    asked: Counter[bool] = Counter()
    leaks: list[Probe] = []
    for _ in range(ROUNDS):
        probes = ask(few_connections, world, chance)
        asked.update(bool(probe.wanted) for probe in probes)
        leaks += [probe for probe in probes if probe.leaked]
        move_somebody(few_connections, world, chance)

    with capsys.disabled():
        print(  # noqa: T201 - the figure is wanted
            f"\nrow security: {asked.total()} probes over {len(world.places)} divisions,"
            f" {asked[True]} with something to see, {len(leaks)} leaks"
        )
    assert leaks == []
    assert min(asked.values()) > asked.total() // 10


@pytest.mark.committing
def test_the_probes_notice_a_wall_with_a_hole(
    few_connections: sessionmaker[Session], owner_engine: sa.Engine
) -> None:
    chance = np.random.default_rng(SEED)
    world = build_world(few_connections, chance, nodes=320, people=30, staff=10)
    hole = "create policy hole on {} for select using (true)"
    assert not any(probe.leaked for probe in ask(few_connections, world, chance))

    for table in ("beneficiaries", "staff", "audit_events"):
        with owner_engine.begin() as owner:
            owner.exec_driver_sql(hole.format(table))
        try:
            probes = [probe for _ in range(4) for probe in ask(few_connections, world, chance)]
        finally:
            with owner_engine.begin() as owner:
                owner.exec_driver_sql(f"drop policy hole on {table}")

        assert any(probe.leaked for probe in probes), table
