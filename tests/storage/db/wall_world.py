"""A random county tree with people, staff and cases, and what a reader of it ought to see."""

from dataclasses import dataclass, field
from itertools import pairwise
from uuid import UUID

import numpy as np
from sqlalchemy.orm import Session, sessionmaker

from domain.ids import BeneficiaryId
from domain.regions import (
    DivisionPath,
    DivisionScope,
    Level,
    Scope,
    SubjectScope,
    SystemName,
    SystemScope,
    covers,
)
from storage.audit import chain
from storage.db.scope import ALL, set_scope
from tests.db_world import add_person, add_places, add_staff
from tests.storage.audit.events import an_event
from tests.whole_case import Case, add_case

Chance = np.random.Generator
SHARE_OF_CASES = 6


@dataclass(slots=True, kw_only=True)
class World:
    """What was put into the database. `homes` follows every committed move."""

    places: list[DivisionPath]
    homes: dict[UUID, tuple[DivisionPath, DivisionPath]] = field(default_factory=dict)
    staff: dict[UUID, DivisionPath] = field(default_factory=dict)
    cases: dict[UUID, Case] = field(default_factory=dict)
    chains: list[str] = field(default_factory=list)

    def sees(self, scope: Scope, person: UUID) -> bool:
        return self.would_see(scope, person, self.homes[person])

    def would_see(
        self, scope: Scope, person: UUID, homes: tuple[DivisionPath, DivisionPath]
    ) -> bool:
        subject = BeneficiaryId(person)
        return any(covers(scope, home, subject=subject) for home in homes)

    def visible(self, scope: Scope) -> set[UUID]:
        return {person for person in self.homes if self.sees(scope, person)}

    def visible_staff(self, scope: Scope) -> set[UUID]:
        return {staff for staff, place in self.staff.items() if covers(scope, place)}

    def reads_chain(self, scope: Scope, name: str) -> bool:
        match scope:
            case SystemScope():
                return True
            case DivisionScope(path=path):
                return name.startswith(path)
            case SubjectScope():
                return False

    def extends_chain(self, scope: Scope, name: str) -> bool:
        own = not isinstance(scope, SystemScope) and name == scope.path[: Level.COUNTY.digits]
        return own or self.reads_chain(scope, name)


def pick(chance: Chance, items: list[DivisionPath]) -> DivisionPath:
    return items[int(chance.integers(len(items)))]


def pick_id(chance: Chance, ids: list[UUID]) -> UUID:
    return ids[int(chance.integers(len(ids)))]


def random_places(chance: Chance, nodes: int) -> list[DivisionPath]:
    """Grow a tree of five levels, at least `nodes` divisions, whose codes share many digits."""
    levels: dict[Level, list[DivisionPath]] = {
        Level.PROVINCE: [DivisionPath("99"), DivisionPath("98")]
    }
    order = list(Level)
    for above, level in pairwise(order):
        levels[level] = []
        for parent in levels[above]:
            width = level.digits - above.digits
            for number in chance.choice(range(1, 10), int(chance.integers(2, 5)), replace=False):
                levels[level].append(DivisionPath(f"{parent}{number:0{width}d}"))
    found = [path for level in order for path in levels[level]]
    while len(found) < nodes:
        parent = pick(chance, levels[Level.TOWNSHIP])
        child = DivisionPath(f"{parent}{int(chance.integers(10, 1000)):03d}")
        if child not in levels[Level.VILLAGE]:
            levels[Level.VILLAGE].append(child)
            found.append(child)
    return found


def build_world(
    sessions: sessionmaker[Session], chance: Chance, *, nodes: int, people: int, staff: int
) -> World:
    world = World(places=random_places(chance, nodes))
    low = [place for place in world.places if len(place) >= Level.TOWNSHIP.digits]
    with sessions() as session, session.begin():
        set_scope(session, ALL)
        add_places(session, *world.places)
        for _ in range(staff):
            place = pick(chance, world.places)
            world.staff[add_staff(session, place)] = place
        officers = list(world.staff)
        for number in range(people):
            home, residence = pick(chance, low), pick(chance, low)
            moved = bool(chance.integers(3) == 0)
            homes = (home, residence if moved else home)
            person = add_person(session, *homes)
            world.homes[person] = homes
            if number % SHARE_OF_CASES == 0:
                world.cases[person] = add_case(session, person, pick_id(chance, officers))
        counties = sorted({place[: Level.COUNTY.digits] for place in low})
        world.chains = ["system", "98", "99", "9901", *counties]
        for name in world.chains:
            chain.append(session, name, [an_event(), an_event()])
    return world


def random_scope(chance: Chance, world: World) -> Scope:
    """Mostly staff, at any level; sometimes a pensioner; now and then the system."""
    turn = int(chance.integers(10))
    if turn == 0:
        return SystemScope(name=SystemName.DECISION_WORKER)
    if turn <= 3:
        person = pick_id(chance, list(world.cases if chance.integers(2) else world.homes))
        path = world.homes[person][int(chance.integers(2))]
        return SubjectScope(beneficiary_id=BeneficiaryId(person), path=path)
    if turn <= 5:  # somebody's own village, so that narrow scopes are not always empty
        return DivisionScope(path=world.homes[pick_id(chance, list(world.homes))][0])
    return DivisionScope(path=pick(chance, world.places))
