"""A few pictures of another take, cut into a recording: the room's light goes and comes back.

Two cuts close together hide one another from whatever asks what stands out from its neighbours; a
blink takes three pictures. But the light of such a stretch is another day's, and afterwards it is
what it was before: within half a second the room has two lights and nothing between them. Exposure
and white balance wander there and do not come back at once. What an encoder does to the colours of
one picture that it has no bits for comes back too, but reaches only part of the picture, while
light reaches all of it.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.backdrop import AROUND, DARKEST, LEAST_LIGHT, SETTLED_MS

_WINDOW = 8  # pictures, half a second
_GAP = 0.012  # share of the light between the two: less may be noise
_APART = 1.5  # times any other gap between the pictures of the window
_BACK = 0.5  # of the largest change, at least: then it is a return
_TIMES = {"brightness": 4.0, "tint": 3.0}  # what is around
_PICTURES = {"brightness": 1, "tint": 2}  # at least; an encoder tints a single one, all over
_USUAL = 0.75  # of all changes are smaller: a lamp may flicker all along
_SHARE = 0.8  # of the backdrop; what encoders do reached 0.69 of it in bona fide clips
_FOLLOWS = 0.3  # of the mean change: a place that takes part
_KINDS = {"brightness": np.full(3, 1 / 3), "tint": np.array([-1.0, 0.0, 1.0])}  # of log B, G, R

_Series = NDArray[np.float64]
_Sides = NDArray[np.float32]


def insert_of(at_ms: Sequence[float], sides: Sequence[_Sides]) -> tuple[float, float | None]:
    """Most certain stretch of another light, over the limit, and when it begins.

    `sides` are the backdrops of a clip's pictures (H x W x 3, BGR, all of one size). 1.0 and more
    is an insert. A change of light that stays is none, however large.
    """
    if len(sides) < _WINDOW:
        return 0.0, None
    times = np.asarray(at_ms)
    elapsed = np.diff(times) / max(1.0, float(np.median(np.diff(times))))
    colours = np.log(np.maximum([picture.mean(axis=(0, 1)) for picture in sides], DARKEST))
    best, when = 0.0, None
    for kind, weights in _KINDS.items():
        levels = colours @ weights
        steps = np.abs(np.diff(levels)) / np.maximum(1.0, elapsed)
        for turns in _goings_and_comings(levels):
            if times[turns[0]] < SETTLED_MS or turns[-1] - turns[0] < _PICTURES[kind]:
                continue
            over = _standing_out(steps, turns) / _TIMES[kind]
            if over > best:
                over = min(over, min(_share(sides, turn, weights) for turn in turns) / _SHARE)
            if over > best:
                best, when = over, float(times[turns[0] + 1])
    return best, when


def _goings_and_comings(levels: _Series) -> set[tuple[int, ...]]:
    """Find the steps at which a series changes between two levels, where it does so repeatedly."""
    windows = np.lib.stride_tricks.sliding_window_view(levels, _WINDOW)
    ordered = np.sort(windows, axis=1)
    gaps = np.diff(ordered, axis=1)
    widest = np.sort(gaps, axis=1)
    found = set()
    for start in np.flatnonzero(widest[:, -1] >= np.maximum(_GAP, _APART * widest[:, -2])):
        below = int(np.argmax(gaps[start]))
        high = windows[start] > ordered[start, below : below + 2].mean()
        turns = start + np.flatnonzero(high[1:] != high[:-1])
        if len(turns) > 1:
            found.add(tuple(turns.tolist()))
    return found


def _standing_out(steps: _Series, turns: Sequence[int]) -> float:
    """How many times what is around and what is usual the smallest change is; 0: no return."""
    changes = steps[list(turns)]
    if changes.min() < _BACK * changes.max():
        return 0.0
    around = set(range(max(0, turns[0] - AROUND), min(len(steps), turns[-1] + AROUND + 1)))
    beside = max((float(steps[step]) for step in around - set(turns)), default=0.0)
    usual = float(np.quantile(steps, _USUAL))
    return float(changes.min()) / max(LEAST_LIGHT, usual, beside)


def _share(sides: Sequence[_Sides], turn: int, weights: _Series) -> float:
    """How much of the backdrop takes part in one change."""
    soft = (cv2.blur(picture, (5, 5)) for picture in sides[turn : turn + 2])
    before, now = (np.log(np.maximum(picture, DARKEST)) for picture in soft)
    change = (now - before) @ weights
    mean = float(change.mean())
    return float(np.mean(change * np.sign(mean) > _FOLLOWS * abs(mean)))
