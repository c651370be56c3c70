"""Whether pictures come again: a frozen picture, or a stretch that is looped.

Measured on every sixteenth pixel in both directions, not averaged, so that the sensor's noise stays
in: two pictures of a live scene always differ by it, a repeated one does not.
"""

import numpy as np
from numpy.typing import NDArray

from biometrics.detector import Image
from domain.capture import Cue, CueScore

_EVERY_PX = 16
_FROZEN = 0.05  # grey levels, root mean square
_FROZEN_RUN = 6  # samples: 0.4 s
_LAG_MIN = 6  # samples: nearer ones may be alike because nothing moved
_LOOP_RUN = 10
_ALIKE = 0.5  # of the usual distance between neighbours
_MOVING = 0.3  # grey levels between neighbours: below, all is at rest and says nothing


class RepeatWatch:
    """Takes the sampled pictures in order and keeps some 1 kB of each."""

    def __init__(self) -> None:
        self._at_ms: list[float] = []
        self._points: list[NDArray[np.uint8]] = []

    def take(self, at_ms: float, picture: Image) -> None:
        """Keep a grid of the picture's green values."""
        points = picture[_EVERY_PX // 2 :: _EVERY_PX, _EVERY_PX // 2 :: _EVERY_PX, 1]
        if points.size == 0 or (self._points and points.size != self._points[0].size):
            return
        self._at_ms.append(at_ms)
        self._points.append(points.ravel().copy())

    def repeated_frames(self) -> CueScore | None:
        """How long a picture stands, or how like a stretch before a stretch is, over the limit.

        None for a short clip.
        """
        if len(self._points) <= _LAG_MIN + _LOOP_RUN:
            return None
        apart = _distances(np.stack(self._points))
        beside = np.diagonal(apart, 1)
        frozen, frozen_at = _longest(beside < _FROZEN)
        nearest, loop_at = _nearest_loop(apart, beside)
        looks = ((frozen / _FROZEN_RUN, frozen_at), (_ALIKE / max(nearest, 0.01), loop_at))
        value, at = max(looks)
        return CueScore(
            cue=Cue.REPEATED_FRAMES, value=value, limit=1.0, at_ms=round(self._at_ms[at])
        )


def _distances(points: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Root mean square difference of every pair, in grey levels."""
    grey = points.astype(np.float32) - 128.0
    products = np.einsum("ik,jk->ij", grey, grey).astype(np.float64)  # `@` spins up threads
    own = np.diagonal(products)
    square = own[:, None] + own[None, :] - 2.0 * products
    apart: NDArray[np.float64] = np.sqrt(np.maximum(square, 0.0) / points.shape[1])
    return apart


def _nearest_loop(apart: NDArray[np.float64], beside: NDArray[np.float64]) -> tuple[float, int]:
    """How like the pictures a constant lag before a stretch is, and where it begins.

    In units of how like neighbours are there: about 1 or more for what is filmed, as noise never
    comes twice; 0.1 to 0.2 for a loop that was encoded anew.
    """
    window = np.ones(_LOOP_RUN) / _LOOP_RUN
    best, best_at = np.inf, 0
    for lag in range(_LAG_MIN, len(apart) - _LOOP_RUN):
        again = np.diagonal(apart, lag)[:-1]
        moves = np.minimum(beside[: len(again)], beside[lag : lag + len(again)])
        steady = np.convolve(moves, window, "valid")
        ratio = np.convolve(again, window, "valid") / np.maximum(steady, _MOVING)
        ratio[steady < _MOVING] = np.inf
        if ratio.min() < best:
            best, best_at = float(ratio.min()), int(ratio.argmin()) + lag
    return best, best_at


def _longest(flags: NDArray[np.bool_]) -> tuple[int, int]:
    """Length of the longest run of true, and where it begins."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    starts, lengths = edges[::2], edges[1::2] - edges[::2]
    if len(lengths) == 0:
        return 0, 0
    longest = int(np.argmax(lengths))
    return int(lengths[longest]), int(starts[longest])
