"""What it takes to look for one clip among a million: the embedded PostgreSQL, filled with COPY.

    python -m benchmarks.clip_search [CLIPS] [SEARCHES] [RESULT.json]

Fingerprints are made up (synthetic). Their usual pictures vary in ten ways only, so that keys meet
more often than those of real people do; clips that no search will open get a short filling instead
of a sealed fingerprint. Time is taken by the clock, and as CPU time of the asking process and of
the database's backend together: that does not depend on what else the machine does.
"""

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import psutil
import psycopg
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy.orm import Session, sessionmaker

from biometrics.fingerprint import (
    FORM,
    ClipFingerprint,
    Earlier,
    nearest_of,
    search_keys,
    stored_key,
)
from biometrics.fingerprint.code import Sight
from biometrics.fingerprint.sight import COUNT
from storage.crypto.blind_index import BlindIndex
from storage.crypto.envelope import DataKey, Vault
from storage.crypto.keyring import FileKeyRing, KeyUse
from storage.db import embedded
from storage.db.engine import make_engine, make_sessions
from storage.db.migrate import migrate
from storage.db.repositories import clips
from storage.db.scope import ALL, set_scope
from storage.ids import uuid7

PEOPLE = 2000
WAYS = 10
MOMENTS = 75
WARM_UP = 10
WOBBLE = 0.012  # of the usual picture's strength: what editing does to a coefficient
RESULT = Path(__file__).parent / "results" / "clip_search.json"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    vault: Vault
    index: BlindIndex
    people: list[UUID]
    keys: list[DataKey]
    pictures: NDArray[np.float32]  # clips x coefficients

    def keyed(self, key: int) -> int:
        digest = self.index.of("clip:picture", str(key))
        return int.from_bytes(digest[:8], "big", signed=True)


def pictures(count: int, chance: np.random.Generator) -> NDArray[np.float32]:
    ways = chance.normal(0, 1, (WAYS, COUNT))
    drawn = chance.normal(0, 1, (count, WAYS)) @ ways + chance.normal(0, 0.8, (count, COUNT))
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True), np.float32)


def fingerprint(picture: NDArray[np.float32], seed: int) -> ClipFingerprint:
    steps = np.random.default_rng(seed).normal(0, 0.05, (COUNT, MOMENTS))
    changes = np.cumsum(steps, axis=1)
    changes -= np.median(changes, axis=1, keepdims=True)
    sight = Sight(picture=picture, changes=changes.astype(np.float32))
    return ClipFingerprint(frames=sight, motion=sight)


def edited(picture: NDArray[np.float32], seed: int) -> ClipFingerprint:
    wobble = np.random.default_rng([seed, 1]).normal(0, WOBBLE, COUNT)
    original = fingerprint(picture, seed)
    changed = (picture + wobble).astype(np.float32)
    return ClipFingerprint(
        frames=replace(original.frames, picture=changed),
        motion=replace(original.motion, picture=changed),
    )


def fill(world: World, url: str, opened: set[int]) -> None:
    """Copy all in; foreign keys are not checked, as there are no attempts."""
    own_keys = ((world.pictures > 0) @ (1 << np.arange(COUNT, dtype=np.int64))).tolist()
    assert own_keys[0] == stored_key(_of(world.pictures[0]))
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("set session_replication_role = replica")
        cursor.execute("set jianzai.scope = '*'")
        columns = "id, beneficiary_id, device_index, picture_index, form, fingerprint_sealed"
        with cursor.copy(f"copy clips ({columns}, remembered_at) from stdin") as copy:
            for row in _rows(world, own_keys, opened):
                copy.write_row(row)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("vacuum analyze clips")


def _of(picture: NDArray[np.float32]) -> ClipFingerprint:
    sight = Sight(picture=picture, changes=np.zeros((COUNT, 1), np.float32))
    return ClipFingerprint(frames=sight, motion=sight)


def _rows(world: World, own_keys: Sequence[int], opened: set[int]) -> Iterator[tuple[object, ...]]:
    for number, key in enumerate(own_keys):
        who, clip = number % PEOPLE, uuid7()
        sealed = b"not opened"
        if key in opened:
            raw = fingerprint(world.pictures[number], number).to_bytes()
            sealed = clips.seal(raw, clip, world.keys[who])
        device = world.index.of("clip:device", str(number // 3))
        yield clip, world.people[who], device, world.keyed(key), FORM, sealed, NOW


def make_world(folder: Path, count: int, url: str) -> World:
    keyring = FileKeyRing.open_or_create(folder / "keyring.json")
    vault, people, keys = Vault(keyring), [], []
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("set session_replication_role = replica")
        for _ in range(PEOPLE):
            person = uuid7()
            key, wrapped = vault.new_key(person)
            people.append(person)
            keys.append(key)
            cursor.execute(
                "insert into data_keys (beneficiary_id, suite, kek_version, wrapped, created_at)"
                " values (%s, %s, %s, %s, %s)",
                (person, wrapped.suite.value, wrapped.kek_version, wrapped.blob, NOW),
            )
    drawn = pictures(count, np.random.default_rng(1))
    index = BlindIndex(keyring.key(KeyUse.BLIND_INDEX))
    return World(vault=vault, index=index, people=people, keys=keys, pictures=drawn)


class Asking:
    """One connection to look through, and what its backend has used of the CPU."""

    def __init__(self, url: str) -> None:
        self.sessions: sessionmaker[Session] = make_sessions(make_engine(url, pool_size=1))
        with self.sessions() as session:
            self._backend = session.scalar(sa.text("select pg_backend_pid()"))

    def cpu_s(self) -> float:
        """CPU time of this process and of the backend, to the nanosecond where Linux says it."""
        scheduled = Path(f"/proc/{self._backend}/schedstat")
        if scheduled.exists():
            backend_s = int(scheduled.read_text().split()[0]) / 1e9
        else:
            times = psutil.Process(self._backend).cpu_times()
            backend_s = times.user + times.system
        return time.process_time() + backend_s


def search(world: World, asking: Asking, number: int) -> tuple[float, ...]:
    """Look for an edited copy of clip `number`: ms listing, in all, of CPU; candidates; hit."""
    asked = edited(world.pictures[number], number)
    began, cpu_s = time.perf_counter(), asking.cpu_s()
    sought = clips.Sought(
        person_id=uuid7(),
        but=uuid7(),
        device_index=world.index.of("clip:device", "none"),
        picture_keys=[world.keyed(key) for key in search_keys(asked)],
        form=FORM,
    )
    with asking.sessions() as session, session.begin():
        set_scope(session, ALL)
        kept = clips.candidates(session, world.vault, sought)
    listed = time.perf_counter()
    many = [
        Earlier(fingerprint=ClipFingerprint.from_bytes(clip.fingerprint))
        for clip in kept
        if clip.fingerprint is not None
    ]
    found = nearest_of(asked, many)
    ended, used_s = time.perf_counter(), asking.cpu_s() - cpu_s
    hit = found is not None and found[1].likeness >= 1.0
    return 1000 * (listed - began), 1000 * (ended - began), 1000 * used_s, len(kept), hit


def measure(world: World, url: str, asked: Sequence[int]) -> dict[str, Any]:
    asking = Asking(url)
    for number in asked[:WARM_UP]:  # a worker has searched before: statements are prepared
        search(world, asking, number)
    load = os.getloadavg()[0]
    results = np.array([search(world, asking, number) for number in asked])
    names = ("listing, ms", "in all, ms", "CPU in all, ms", "candidates")
    return {
        "date": datetime.now(UTC).date().isoformat(),  # noqa: TID251  the day of a benchmark
        "media": "synthetic: made-up fingerprints",
        "clips": len(world.pictures),
        "searches": len(results),
        **{name: _spread(results[:, column]) for column, name in enumerate(names)},
        "found": int(results[:, 4].sum()),
        "load of the machine": {"before": round(load, 1), "after": round(os.getloadavg()[0], 1)},
        "cores": os.cpu_count(),
    }


def _spread(values: NDArray[np.float64]) -> dict[str, float]:
    middle, high = np.percentile(values, [50, 95])
    return {
        "p50": round(float(middle), 1),
        "p95": round(float(high), 1),
        "max": round(float(values.max()), 1),
    }


def timed(what: str, act: Callable[[], None]) -> None:
    began = time.perf_counter()
    act()
    print(f"{what}: {time.perf_counter() - began:.0f} s", flush=True)


def main(count: str = "1000000", searches: str = "200", result: str = str(RESULT)) -> None:
    with tempfile.TemporaryDirectory(prefix="clips-") as name:
        folder = Path(name)
        server = embedded.start(folder / "pg")
        try:
            migrate(server.owner_url())
            plain = server.url(embedded.SUPERUSER).replace("+psycopg", "")
            world = make_world(folder, int(count), plain)
            asked = chosen(world, int(searches))
            timed(f"{count} clips copied in", lambda: fill(world, plain, sought_by(world, asked)))
            found = json.dumps(measure(world, server.app_url(), asked), indent=2)
        finally:
            server.stop()
    Path(result).write_text(found + "\n")
    print(found)


def chosen(world: World, searches: int) -> list[int]:
    chance = np.random.default_rng(2)
    return [int(n) for n in chance.choice(len(world.pictures), searches, replace=False)]


def sought_by(world: World, asked: Sequence[int]) -> set[int]:
    """Keys that some search will try: what lies there has to open."""
    return {key for number in asked for key in search_keys(edited(world.pictures[number], number))}


if __name__ == "__main__":
    main(*sys.argv[1:])
