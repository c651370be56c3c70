"""A cut shows behind the head: what stands still there changes from one picture to the next."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

_SIDE = 0.18  # of the width, left and right: where a face is not
_UPPER = 0.7  # of the height: shoulders move
_SETTLED_MS = 900.0  # until then the camera finds its exposure
_LEAST = 1.0  # grey levels: noise alone changes about so much
_AROUND = 3  # pictures before and after that a cut must stand out from
LIMIT = 2.8  # times the change around it; see tests and docs/evaluation.md


def cut_of(
    at_ms: Sequence[float], pictures: Sequence[NDArray[np.uint8]]
) -> tuple[float, float | None]:
    """Largest sudden change of the backdrop over `LIMIT`, and when; 1.0 and more is a cut.

    A phone that is carried about changes the backdrop in every picture; a cut changes it in one.
    `pictures` are small and grey, all of one size.
    """
    changes = np.array([_change(a, b) for a, b in pairwise(pictures)])
    usual = max(_LEAST, float(np.median(changes))) if len(changes) else _LEAST
    worst, when = 0.0, None
    for index, change in enumerate(changes):
        if at_ms[index] < _SETTLED_MS:
            continue
        before, after = changes[max(0, index - _AROUND) : index], changes[index + 1 :][:_AROUND]
        over = float(change / max(usual, *before, *after)) / LIMIT
        if over > worst:
            worst, when = over, float(at_ms[index + 1])
    return worst, when


def _change(before: NDArray[np.uint8], now: NDArray[np.uint8]) -> float:
    side = max(1, round(before.shape[1] * _SIDE))
    tall = max(1, round(before.shape[0] * _UPPER))
    off = np.abs(before[:tall].astype(np.int16) - now[:tall])
    return float(np.concatenate([off[:, :side], off[:, -side:]], axis=1).mean())
