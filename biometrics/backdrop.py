"""A cut shows behind the head: what stands still there changes from one picture to the next."""

from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

_SIDE = 0.18  # of the width, left and right: where a face is not
_UPPER = 0.7  # of the height: shoulders move
SETTLED_MS = 900.0  # until then the camera finds its exposure
AROUND = 3  # changes before and after that a cut must stand out from
_FINER = 8  # pixels of the picture for one that is kept
_LEAST = 1.0  # grey levels: noise alone changes about so much
LEAST_LIGHT = 0.004  # share of the light
LEAST_CHANGES = (_LEAST, LEAST_LIGHT, LEAST_LIGHT)
"""What `colour_changes` shows at least in two pictures of one take."""
DARKEST = 4.0  # grey levels: below, shares of the light are noise
LIMIT = 2.8  # times the change around it; see tests and docs/evaluation.md

_Changes = NDArray[np.float64]


def cut_of(
    at_ms: Sequence[float], pictures: Sequence[NDArray[np.uint8]]
) -> tuple[float, float | None]:
    """Largest sudden change of the backdrop over its limit, and when; 1.0 and more is a cut.

    A phone that is carried about changes the backdrop in every picture; a cut changes it in one.
    `pictures` are small and grey, all of one size.
    """
    if len(pictures) < 2:
        return 0.0, None
    backdrops = [_sides(picture).astype(np.int16) for picture in pictures]
    changes = np.array([float(np.abs(now - before).mean()) for before, now in pairwise(backdrops)])
    over = standing_out(changes, _LEAST) / LIMIT
    over[np.asarray(at_ms[:-1]) < SETTLED_MS] = 0.0
    worst = int(np.argmax(over))
    if over[worst] <= 0.0:
        return 0.0, None
    return float(over[worst]), float(at_ms[worst + 1])


def standing_out(changes: _Changes, least: float) -> _Changes:
    """How many times its neighbours, the clip's median and `least` every change is."""
    usual = max(least, float(np.median(changes)))
    padded = np.pad(changes, AROUND)
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * AROUND + 1)
    beside = np.delete(windows, AROUND, axis=1).max(axis=1)
    return np.asarray(changes / np.maximum(usual, beside), np.float64)


def sides_of(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Cut out what stands left and right of the person, in colour (BGR) and smaller."""
    sides = _sides(picture)
    size = (max(1, sides.shape[1] // _FINER), max(1, sides.shape[0] // _FINER))
    return np.asarray(cv2.resize(sides, size, interpolation=cv2.INTER_AREA), np.float32)


def colour_changes(
    before: NDArray[np.float32], now: NDArray[np.float32]
) -> tuple[float, float, float]:
    """Change of structure in grey levels, of brightness and tint as shares, in two `sides_of`."""
    dark, light = before.mean(axis=2), now.mean(axis=2)
    gain = float(np.vdot(dark, light)) / max(1.0, float(np.vdot(dark, dark)))
    structure = float(np.abs(light - gain * dark).mean())
    first, second = (np.maximum(sides.mean(axis=(0, 1)), DARKEST) for sides in (before, now))
    blue, _, red = np.log(second / first)
    return structure, abs(float(np.log(max(gain, 1e-3)))), abs(float(red - blue))


def _sides(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    side = max(1, round(picture.shape[1] * _SIDE))
    upper = picture[: max(1, round(picture.shape[0] * _UPPER))]
    return np.concatenate([upper[:, :side], upper[:, -side:]], axis=1)
