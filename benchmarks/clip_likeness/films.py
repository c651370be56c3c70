"""Synthetic recordings: puppets made of three portraits, filmed in one room each.

Whoever is `varied` moves and sits a little differently each time, as people do; the others repeat
the demo's own performance, timing and framing, as alike as they come.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

import cv2
import numpy as np

from app.demo.cast import ROLES, Cast
from app.demo.clips import Camera, Codec, encode, frames_of
from app.demo.photos import day_light
from app.demo.portraits import default_home
from app.demo.puppet import Framing, Puppet
from app.demo.reading import Image
from app.demo.scenes import room
from app.demo.script import Behaviour, Performance, perform
from domain.challenge import Challenge, make_challenge
from domain.ids import SessionId

WIDTH, HEIGHT, FPS = 270, 360, 15
LARGER = (360, 480)
CAMERA = Camera(width=WIDTH, height=HEIGHT, fps=FPS, codec=Codec.MP4_H264)
COPY = replace(CAMERA, codec=Codec.WEBM_VP8)
Chance = np.random.Generator


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    frames: Sequence[Image]
    at_ms: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """How a take is filmed: its size in pixels, and how much of it at most."""

    size: tuple[int, int] = (WIDTH, HEIGHT)
    longest_ms: float = 60_000.0


def challenge(task: int) -> Challenge:
    chance = np.random.default_rng(task)
    return make_challenge(
        draw=lambda n: int(chance.integers(n)),
        needs=[],
        at=datetime(2026, 1, 1, tzinfo=UTC),
        ttl_s=120,
        nonce="benchmark-of-likeness",
        challenge_id=SessionId(UUID(int=1)),
    )


class Films:
    def __init__(self) -> None:
        home = default_home()
        self._cast = Cast(home / "portraits", home / "models")

    def film(self, person: str, task: int, *, seed: int, varied: bool, shot: Shot) -> Take:
        chance = np.random.default_rng([seed, 1])
        acted = perform(challenge(task), Behaviour.ANSWERS, seed=seed)
        framing = Framing(width=shot.size[0], height=shot.size[1], face=0.46)
        if varied:
            acted, framing = _human(acted, chance), _seated(framing, chance)
        home = list(ROLES).index(person)  # one room each, always
        wall, light = room(*shot.size, seed=home), day_light(home)
        puppet = Puppet(self._cast.rig(ROLES[person].moves), framing, wall, light=light, seed=seed)
        length_ms = min(acted.duration_ms + 150, shot.longest_ms)
        at_ms = np.arange(int(length_ms * FPS / 1000)) * 1000 / FPS
        frames = [puppet.frame(acted.pose_at(at), number=n) for n, at in enumerate(at_ms)]
        if chance.integers(2):
            frames = shaken(frames, chance, 0.008)
        return coded(frames, at_ms, CAMERA)


def _human(acted: Performance, chance: Chance) -> Performance:
    """People never move twice the same: other speed, pause and width each time."""
    moved = []
    for one in acted.movements:
        begins = one.begins + chance.uniform(-80, 200)
        full = begins + (one.full - one.begins) * chance.uniform(0.75, 1.5)
        until = full + (one.until - one.full) * chance.uniform(0.6, 2.0)
        ends = until + (one.ends - one.until) * chance.uniform(0.75, 1.4)
        amount = one.amount * chance.uniform(0.88, 1.1)
        moved.append(replace(one, begins=begins, full=full, until=until, ends=ends, amount=amount))
    manner = replace(acted.manner, sway_deg=float(chance.uniform(1.0, 2.2)))
    return replace(acted, movements=tuple(moved), manner=manner)


def _seated(framing: Framing, chance: Chance) -> Framing:
    x, y = chance.uniform(-0.04, 0.04, 2)
    face = framing.face * chance.uniform(0.9, 1.08)
    return replace(framing, face=face, centre=(0.5 + x, 0.45 + y))


def coded(frames: Sequence[Image], at_ms: np.ndarray, camera: Camera) -> Take:
    tall, wide = frames[0].shape[:2]
    stamped = [(int(at), np.ascontiguousarray(f)) for at, f in zip(at_ms, frames, strict=True)]
    back = list(frames_of(encode(stamped, replace(camera, width=wide, height=tall))))
    return Take(frames=[f for _, f in back], at_ms=np.array([at for at, _ in back], float))


def shaken(frames: Sequence[Image], chance: Chance, amount: float) -> list[Image]:
    """Frames as an unsteady hand films them; `amount` in frame widths."""
    tall, wide = frames[0].shape[:2]
    at_s = np.arange(len(frames)) / FPS
    sway = np.zeros((4, len(frames)))
    for hertz in (0.2, 0.5, 1.1, 2.3):
        rate, phase = chance.uniform(0.8, 1.2, (4, 1)), chance.uniform(0, 1, (4, 1))
        sway += np.sin(2 * np.pi * (hertz * rate * at_s + phase)) / 4 * (0.5 / hertz) ** 0.3
    shown = []
    for frame, (turn, zoom, x, y) in zip(frames, sway.T * amount, strict=True):
        matrix = cv2.getRotationMatrix2D((wide / 2, tall / 2), 60 * turn, 1 + zoom)
        matrix[:, 2] += [wide * x, tall * y]
        moved = cv2.warpAffine(frame, matrix, (wide, tall), borderMode=cv2.BORDER_REFLECT)
        shown.append(np.asarray(moved, np.uint8))
    return shown
