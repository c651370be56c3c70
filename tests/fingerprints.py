"""Drawn clips for tests of fingerprints: a textured head that moves before a textured wall.

Movements are the same in every take of one task; each take has its own timing, sway and grain.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.fingerprint import ClipFingerprint, FrameHasher, Track, fingerprint_of

SIDE = 160
HZ = 15
_FACE = 64.0

Image = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A clip with what a tracker would say of it."""

    frames: list[Image]
    at_ms: NDArray[np.float64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    width: NDArray[np.float64]

    def fingerprint(self) -> ClipFingerprint:
        hasher = FrameHasher()
        for at_ms, frame in zip(self.at_ms, self.frames, strict=True):
            hasher.take(float(at_ms), np.ascontiguousarray(frame))
        track = Track(
            at_ms=self.at_ms, x=self.x, y=self.y, width=self.width, roll=np.zeros(len(self.x))
        )
        found = fingerprint_of(hasher, track)
        assert found is not None
        return found


def _texture(chance: np.random.Generator, side: int, cells: int) -> NDArray[np.float32]:
    coarse = chance.uniform(40, 215, (cells, cells, 3)).astype(np.float32)
    return np.asarray(cv2.resize(coarse, (side, side), interpolation=cv2.INTER_CUBIC), np.float32)


def take(
    person: int = 1, task: int = 1, serial: int = 1, *, amount: float = 1.0, seconds: float = 6.0
) -> Drawn:
    """Film `person` doing `task`; `serial` tells one take from the next."""
    chance = np.random.default_rng([person, task, serial])
    looks, asked = np.random.default_rng(person), np.random.default_rng([7, task])
    wall, head, features = _texture(looks, SIDE, 9), _texture(looks, 80, 4), _texture(looks, 80, 7)
    at_ms = np.arange(int(seconds * HZ)) * 1000 / HZ
    turn = _movement(asked, chance, at_ms) * amount
    nod = _movement(asked, chance, at_ms) * amount
    mouth = np.abs(_movement(asked, chance, at_ms)) * amount
    frames = []
    for across, down, gape in zip(turn, nod, mouth, strict=True):
        frame = wall.copy()
        _paste(frame, head, (SIDE / 2 + 0.4 * across, SIDE / 2 + 0.4 * down), 40.0)
        _paste(frame, features, (SIDE / 2 + across, SIDE / 2 + down), 26.0)
        _paste(frame, np.zeros_like(head), (SIDE / 2 + across, SIDE / 2 + 12 + down), 0.6 * gape)
        grain = chance.normal(0, 2.5, (SIDE, SIDE, 1))
        frames.append(np.clip(frame + grain, 0, 255).astype(np.uint8))
    return Drawn(
        frames=frames,
        at_ms=at_ms,
        x=SIDE / 2 + 0.4 * turn + chance.normal(0, 0.1, len(turn)),
        y=SIDE / 2 + 0.4 * nod + chance.normal(0, 0.1, len(turn)),
        width=np.full(len(turn), _FACE),
    )


def _movement(
    asked: np.random.Generator, chance: np.random.Generator, at_ms: NDArray[np.float64]
) -> NDArray[np.float64]:
    moved = np.zeros(len(at_ms))
    for begins in np.sort(asked.uniform(500, at_ms[-1] - 1200, 3)):
        to = asked.choice([-1.0, 1.0]) * chance.uniform(9, 14)
        late, up, hold, back = chance.uniform([0, 250, 80, 250], [400, 600, 400, 600])
        rise = np.clip((at_ms - begins - late) / up, 0, 1)
        fall = np.clip((begins + late + up + hold + back - at_ms) / back, 0, 1)
        moved += to * np.minimum(rise, fall)
    for hertz in (0.3, 0.7, 1.3):
        rate, phase = chance.uniform(0.8, 1.2), chance.uniform(0, 6.3)
        moved += 0.9 * np.sin(2 * np.pi * hertz * rate * at_ms / 1000 + phase)
    return moved


def _paste(
    frame: NDArray[np.float32],
    patch: NDArray[np.float32],
    centre: tuple[float, float],
    radius: float,
) -> None:
    """Lay a round patch on, its place between pixels included."""
    shift = np.array([[1, 0, centre[0] - 40], [0, 1, centre[1] - 40]], np.float32)
    moved = cv2.warpAffine(patch, shift, (SIDE, SIDE), borderMode=cv2.BORDER_REPLICATE)
    y, x = np.mgrid[:SIDE, :SIDE]
    away = np.hypot(x - centre[0], y - centre[1])
    share = np.clip((radius - away) / 2, 0, 1)[:, :, None]
    frame += (moved - frame) * share


def mirrored(clip: Drawn) -> Drawn:
    return Drawn(
        frames=[frame[:, ::-1] for frame in clip.frames],
        at_ms=clip.at_ms,
        x=SIDE - 1 - clip.x,
        y=clip.y,
        width=clip.width,
    )


def cropped(clip: Drawn) -> Drawn:
    """Without a tenth of the picture, and as large as before."""
    x0, y0, kept = 6, 11, 144
    grown = SIDE / kept
    return Drawn(
        frames=[
            np.asarray(cv2.resize(f[y0 : y0 + kept, x0 : x0 + kept], (SIDE, SIDE)), np.uint8)
            for f in clip.frames
        ],
        at_ms=clip.at_ms,
        x=(clip.x - x0) * grown,
        y=(clip.y - y0) * grown,
        width=clip.width * grown,
    )


def trimmed(clip: Drawn, first: int = 9, last: int = 8) -> Drawn:
    part = slice(first, len(clip.frames) - last)
    return Drawn(
        frames=clip.frames[part],
        at_ms=clip.at_ms[part] - clip.at_ms[first],
        x=clip.x[part],
        y=clip.y[part],
        width=clip.width[part],
    )


def sped(clip: Drawn, speed: float) -> Drawn:
    """Played faster, at the same number of frames a second."""
    at_ms = np.arange(0, clip.at_ms[-1] / speed, 1000 / HZ)
    index = np.minimum((at_ms * speed * HZ / 1000 + 1e-6).astype(int), len(clip.frames) - 1)
    return Drawn(
        frames=[clip.frames[i] for i in index],
        at_ms=at_ms,
        x=clip.x[index],
        y=clip.y[index],
        width=clip.width[index],
    )


def relit(clip: Drawn) -> Drawn:
    lit = [np.asarray(cv2.convertScaleAbs(f, alpha=0.8, beta=12), np.uint8) for f in clip.frames]
    return Drawn(frames=lit, at_ms=clip.at_ms, x=clip.x, y=clip.y, width=clip.width)


def recompressed(clip: Drawn) -> Drawn:
    kept = []
    for frame in clip.frames:
        packed = cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, 30])[1]
        kept.append(np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8))
    return Drawn(frames=kept, at_ms=clip.at_ms, x=clip.x, y=clip.y, width=clip.width)
