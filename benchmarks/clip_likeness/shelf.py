"""Fingerprints of all recordings and of their edited copies, kept in a folder.

A run that was cut short goes on where it stopped. The recordings themselves are not kept.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from app.demo.cast import ROLES
from benchmarks.clip_likeness.edits import BY_SOFTWARE, EDITS, OFF_A_SCREEN
from benchmarks.clip_likeness.films import (
    CAMERA,
    COPY,
    LARGER,
    Films,
    Shot,
    Take,
    challenge,
    coded,
)
from biometrics.fingerprint import ClipFingerprint, FrameHasher, fingerprint_of, track_of
from biometrics.models import ModelStore
from biometrics.reading import Nets
from biometrics.track import Tracker
from domain.challenge import to_json

SHARED_TASKS = 8
"""Tasks that each person is given again and again; all others are drawn once."""
WHOLE, CUT_MS = 13, 8000.0
"""Takes that are edited as a whole; of the others only the first eight seconds are."""
_SHARED, _ONCE = (1000, 4000), 100_000  # numbers of takes: shared tasks, tasks filmed once
_HELD_OUT = 51
"""Own tasks from this number on, and all that are filmed once, had no part in choosing the limits.
Copies of those up to 70 had been seen when the fixed sights were laid closer than before."""
_EDITED_SEED, _STOCK_EVERY, _VP8_EVERY = 7, 4, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A take to be filmed. `stock`: timing and framing are the demo's own, every time."""

    number: int
    person: str
    task: int
    seed: int
    stock: bool
    shot: Shot

    @property
    def held_out(self) -> bool:
        """Whether the limits were chosen without it."""
        return self.number >= _HELD_OUT and self.number not in range(*_SHARED)

    def asked(self) -> dict[str, Any]:
        return to_json(challenge(self.task))

    def edits(self) -> tuple[str, ...]:
        """All edits by software, and one of the ways off a screen."""
        screens = tuple(OFF_A_SCREEN)
        return (*BY_SOFTWARE, screens[self.number % len(screens)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How many takes each person makes.

    `own`: of a task of its own each, to be edited. `once`: the same, for fresh pairs only.
    """

    own: int
    once: int
    of_shared: int

    def own_tasks(self) -> Iterator[Recording]:
        """Small and mostly short, since each is edited and read again nine times."""
        for k, (index, person) in product(range(self.own), enumerate(ROLES)):
            number = len(ROLES) * k + index
            yield Recording(
                number=number,
                person=person,
                task=100 + number,
                seed=number,
                stock=k % _STOCK_EVERY == 0,
                shot=Shot() if number < WHOLE else Shot(longest_ms=CUT_MS),
            )

    def once_tasks(self) -> Iterator[Recording]:
        for k, (index, person) in product(range(self.once), enumerate(ROLES)):
            number = _ONCE + len(ROLES) * k + index
            yield Recording(
                number=number,
                person=person,
                task=number,
                seed=number,
                stock=k % _STOCK_EVERY == 0,
                shot=Shot(longest_ms=CUT_MS),
            )

    def shared_tasks(self) -> Iterator[Recording]:
        for (index, person), k in product(enumerate(ROLES), range(self.of_shared)):
            yield Recording(
                number=_SHARED[0] * (index + 1) + k,
                person=person,
                task=k % SHARED_TASKS,
                seed=10_000 * (index + 1) + k,
                stock=k % _STOCK_EVERY == 0,
                shot=Shot(size=LARGER),
            )


class Shelf:
    """Makes what is not there yet."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder

    def original(self, one: Recording) -> ClipFingerprint | None:
        return self._kept(self._path(one, None))

    def copy(self, one: Recording, edit: str) -> ClipFingerprint | None:
        return self._kept(self._path(one, edit))

    def fill(self, one: Recording, *, edited: bool) -> None:
        wanted = [None, *(one.edits() if edited else ())]
        missing = [edit for edit in wanted if not self._path(one, edit).exists()]
        if not missing:
            return
        take = self._films.film(
            one.person, one.task, seed=one.seed, varied=not one.stock, shot=one.shot
        )
        for edit in missing:
            shown = take if edit is None else self._edited(one, take, edit)
            path = self._path(one, edit)
            path.with_suffix(".part").write_bytes(self._bytes(shown))
            path.with_suffix(".part").replace(path)

    def _edited(self, one: Recording, take: Take, edit: str) -> Take:
        chance = np.random.default_rng([_EDITED_SEED, one.number, list(EDITS).index(edit)])
        made = EDITS[edit](take, chance)
        return coded(made.frames, made.at_ms, CAMERA if one.number % _VP8_EVERY != 1 else COPY)

    def _bytes(self, take: Take) -> bytes:
        """Fingerprint as the service takes it; no bytes when it takes none."""
        hasher = FrameHasher()
        tracker = Tracker(self._nets, (), lambda at_ms, upright, _: hasher.take(at_ms, upright))
        for at_ms, frame in zip(take.at_ms, take.frames, strict=True):
            tracker.take(float(at_ms), np.ascontiguousarray(frame))
        found = fingerprint_of(hasher, track_of(tracker.frames))
        return b"" if found is None else found.to_bytes()

    def _path(self, one: Recording, edit: str | None) -> Path:
        what = "original" if edit is None else f"edit{list(EDITS).index(edit):02}"
        return self._folder / f"{one.number:04}-{what}.fingerprint"

    @staticmethod
    def _kept(path: Path) -> ClipFingerprint | None:
        raw = path.read_bytes()
        return ClipFingerprint.from_bytes(raw) if raw else None

    @cached_property
    def _films(self) -> Films:
        return Films()

    @cached_property
    def _nets(self) -> Nets:
        return Nets(ModelStore())
