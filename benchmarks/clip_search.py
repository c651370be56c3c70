"""What it takes to look for one clip among a million: the embedded PostgreSQL, filled with COPY.

`python -m benchmarks.clip_search [clips] [searches]`. Fingerprints are made up. Their usual
pictures vary in ten ways only, so that keys meet more often than those of real people do; clips
that no search will open get a short filling instead of a sealed fingerprint.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import numpy as np
import psycopg
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
WOBBLE = 0.012  # of the usual picture's strength: what editing does to a coefficient
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
    own_keys = [stored_key(_of(picture)) for picture in world.pictures]
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


def search(world: World, sessions: sessionmaker[Session], number: int) -> tuple[float, ...]:
    """Look for an edited copy of clip `number`: ms listing, in all, of own CPU; candidates; hit."""
    asked = edited(world.pictures[number], number)
    began, cpu = time.perf_counter(), time.process_time()
    sought = clips.Sought(
        person_id=uuid7(),
        but=uuid7(),
        device_index=world.index.of("clip:device", "none"),
        picture_keys=[world.keyed(key) for key in search_keys(asked)],
        form=FORM,
    )
    with sessions() as session, session.begin():
        set_scope(session, ALL)
        kept = clips.candidates(session, world.vault, sought)
    listed = time.perf_counter()
    many = [
        Earlier(fingerprint=ClipFingerprint.from_bytes(clip.fingerprint))
        for clip in kept
        if clip.fingerprint is not None
    ]
    found = nearest_of(asked, many)
    ended, cpu_s = time.perf_counter(), time.process_time() - cpu
    hit = found is not None and found[1].likeness >= 1.0
    return 1000 * (listed - began), 1000 * (ended - began), 1000 * cpu_s, len(kept), hit


def measure(world: World, url: str, asked: Sequence[int]) -> None:
    sessions = make_sessions(make_engine(url, pool_size=1))
    results = np.array([search(world, sessions, number) for number in asked])
    names = ("listing, ms", "in all, ms", "CPU of the asking process, ms", "candidates")
    for column, name in enumerate(names):
        middle, high = np.percentile(results[:, column], [50, 95])
        print(f"{name}: p50 {middle:.1f}, p95 {high:.1f}, max {results[:, column].max():.1f}")
    print(f"found: {int(results[:, 4].sum())} of {len(results)}")
    print(f"load of the machine meanwhile: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


def timed(what: str, act: Callable[[], None]) -> None:
    began = time.perf_counter()
    act()
    print(f"{what}: {time.perf_counter() - began:.0f} s", flush=True)


def main(count: int = 1_000_000, searches: int = 200) -> None:
    with tempfile.TemporaryDirectory(prefix="clips-") as name:
        folder = Path(name)
        server = embedded.start(folder / "pg")
        try:
            owner = server.owner_url()
            migrate(owner)
            plain = server.url(embedded.SUPERUSER).replace("+psycopg", "")
            world = make_world(folder, count, plain)
            asked = np.random.default_rng(2).choice(count, searches, replace=False).tolist()
            opened = {
                key
                for number in asked
                for key in search_keys(edited(world.pictures[number], number))
            }
            timed(f"{count} clips copied in", lambda: fill(world, plain, opened))
            measure(world, server.app_url(), asked)
        finally:
            server.stop()


if __name__ == "__main__":
    main(*(int(given) for given in sys.argv[1:]))
