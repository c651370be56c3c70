"""A square of the picture about the face, as the low frequencies of its brightness over time."""

from collections.abc import Sequence
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.fingerprint.track import Series, Track

SIDE = 32  # pixels of the square that is cut out
ORDER = 8
HZ = 10
_HALF = 0.8  # of the square's side, in face widths: face, hair, collar, a little of the room
_FINE_HZ = 40
_SMOOTH_S = 0.06  # frame times stray by about this much when a screen is filmed

Coefficients = NDArray[np.float32]  # rows: coefficients, columns: moments


def _basis() -> NDArray[np.float64]:
    """Rows of the orthonormal cosine transform (DCT-II), the `ORDER` lowest of them."""
    at = (np.arange(SIDE) + 0.5) / SIDE
    rows = np.cos(np.pi * np.arange(ORDER)[:, None] * at) * np.sqrt(2 / SIDE)
    rows[0] /= np.sqrt(2)
    return np.asarray(rows, np.float64)


BASIS = _basis()
_DOWN, _ACROSS = np.meshgrid(np.arange(ORDER), np.arange(ORDER), indexing="ij")
USED = (_DOWN + _ACROSS < ORDER) & (_DOWN + _ACROSS > 0)
WEIGHTS = np.hypot(_DOWN, _ACROSS)  # pictures have less in higher frequencies, and it tells more
COUNT = int(USED.sum())
MIRROR = np.where(_ACROSS % 2 == 1, -1.0, 1.0)[USED]
"""Signs that turn the coefficients of a picture into those of its mirror image."""


def fixed_sight(thumbs: Sequence[NDArray[np.uint8]], size: tuple[int, int], track: Track) -> Series:
    """Look at one and the same place: the face's median place. `COUNT` x frames."""
    middle = float(np.median(track.x)), float(np.median(track.y))
    step = 2 * _HALF * float(np.median(track.width)) / SIDE
    matrix = _placed(middle, (step, 0.0), _scale(thumbs[0], size))
    return _transformed([_cut(thumb, matrix) for thumb in thumbs])


def following_sight(
    thumbs: Sequence[NDArray[np.uint8]], size: tuple[int, int], along: tuple[Series, Track]
) -> Series:
    """Look at the face wherever it goes. `along`: the frames' times and the face's track."""
    at_ms, track = along
    x, y, width, roll = (
        np.interp(at_ms, track.at_ms, values)
        for values in (track.x, track.y, track.width, np.unwrap(track.roll))
    )
    step = 2 * _HALF * width / SIDE
    scale = _scale(thumbs[0], size)
    turns = zip(step * np.cos(roll), step * np.sin(roll), strict=True)
    matrices = [
        _placed(at, turn, scale) for at, turn in zip(zip(x, y, strict=True), turns, strict=True)
    ]
    return _transformed([_cut(t, m) for t, m in zip(thumbs, matrices, strict=True)])


def _scale(thumb: NDArray[np.uint8], size: tuple[int, int]) -> tuple[float, float]:
    return thumb.shape[1] / size[0], thumb.shape[0] / size[1]


def _placed(
    centre: tuple[float, float], turn: tuple[float, float], scale: tuple[float, float]
) -> NDArray[np.float64]:
    """Affine map from pixels of the square to pixels of the little picture, by pixel centres."""
    (along, aside), (by_x, by_y), half = turn, scale, (SIDE - 1) / 2
    x = centre[0] - along * half + aside * half
    y = centre[1] - aside * half - along * half
    return np.array(
        [
            [by_x * along, -by_x * aside, by_x * (x + 0.5) - 0.5],
            [by_y * aside, by_y * along, by_y * (y + 0.5) - 0.5],
        ]
    )


def _cut(thumb: NDArray[np.uint8], matrix: NDArray[np.float64]) -> NDArray[np.uint8]:
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    square = cv2.warpAffine(
        thumb, matrix, (SIDE, SIDE), flags=flags, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(square, np.uint8)


def _transformed(squares: Sequence[NDArray[np.uint8]]) -> Series:
    spectra = BASIS @ np.array(squares, np.float64) @ BASIS.T
    return np.asarray((spectra * WEIGHTS)[:, USED].T, np.float64)


def resampled(at_ms: Series, values: Series) -> Coefficients:
    """Values at even moments (`HZ`), from frames that came when they came."""
    span_s = (at_ms[-1] - at_ms[0]) / 1000
    fine = np.arange(0.0, span_s, 1 / _FINE_HZ)
    given = (at_ms - at_ms[0]) / 1000
    right = np.clip(np.searchsorted(given, fine, side="right"), 1, len(given) - 1)
    gap = np.maximum(1e-6, given[right] - given[right - 1])
    share = np.clip((fine - given[right - 1]) / gap, 0.0, 1.0)
    between = (values[:, right - 1] * (1 - share) + values[:, right] * share).astype(np.float32)
    return np.asarray(between @ _smoothing(len(fine)), np.float32)


@lru_cache(maxsize=32)
def _smoothing(count: int) -> Coefficients:
    """Matrix from fine moments to even ones, each a little blurred in time."""
    even = np.arange(0, count, _FINE_HZ // HZ)
    away_s = (np.arange(count)[:, None] - even) / _FINE_HZ
    weights = np.exp(-0.5 * (away_s / _SMOOTH_S) ** 2)
    return np.asarray(weights / weights.sum(axis=0), np.float32)
