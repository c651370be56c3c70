"""Triangles to pixels with a depth buffer, in numpy alone."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.intp]

_THINNEST = 1e-3  # px2, twice the area of what is worth drawing
_EDGE = -1e-4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drawn:
    """Pixels that some triangle covers: which pixel, and the values there."""

    pixels: Indices  # M, row * width + column
    values: Floats  # M x A


def rasterise(
    corners: Floats, depth: Floats, values: Floats, size: tuple[int, int], *, facing: bool = True
) -> Drawn:
    """Draw T triangles into a picture of `size` (height, width).

    `corners` T x 3 x 2 in pixels (the middle of the first pixel is 0, 0), `depth` T x 3 (the
    smallest wins), `values` T x 3 x A, interpolated between the corners. With `facing`, triangles
    that run anticlockwise as seen are left out.
    """
    first = corners[:, 0]
    along, aside = corners[:, 1] - first, corners[:, 2] - first
    area = along[:, 0] * aside[:, 1] - along[:, 1] * aside[:, 0]
    low, high = _boxes(corners, size)
    shown = (area > _THINNEST if facing else np.abs(area) > _THINNEST) & (low <= high).all(axis=1)
    kept = np.flatnonzero(shown)
    owner, x, y = _candidates(low[kept], high[kept])
    owner = kept[owner]
    right, down = x - first[owner, 0], y - first[owner, 1]
    share_1 = (right * aside[owner, 1] - down * aside[owner, 0]) / area[owner]
    share_2 = (down * along[owner, 0] - right * along[owner, 1]) / area[owner]
    inside = np.flatnonzero(
        (share_1 >= _EDGE) & (share_2 >= _EDGE) & (share_1 + share_2 <= 1 - _EDGE)
    )
    owner, share_1, share_2 = owner[inside], share_1[inside], share_2[inside]
    far = _mixed(depth[:, :, None], owner, share_1, share_2)[:, 0]
    pixels = y[inside].astype(np.intp) * size[1] + x[inside].astype(np.intp)
    near = _nearest(pixels, far, size)
    return Drawn(
        pixels=pixels[near], values=_mixed(values, owner[near], share_1[near], share_2[near])
    )


def _boxes(corners: Floats, size: tuple[int, int]) -> tuple[Indices, Indices]:
    """First and last column and row that each triangle can touch inside the picture."""
    last = np.array([size[1] - 1, size[0] - 1])
    low = np.clip(np.ceil(corners.min(axis=1)), 0, last + 1).astype(np.intp)
    high = np.clip(np.floor(corners.max(axis=1)), -1, last).astype(np.intp)
    return low, high


def _candidates(low: Indices, high: Indices) -> tuple[Indices, Floats, Floats]:
    """All pixels of all boxes: the box's number, column, row."""
    wide, tall = (high - low + 1).T
    count = wide * tall
    owner = np.repeat(np.arange(len(count)), count)
    start = np.repeat(np.cumsum(count) - count, count)
    row, column = np.divmod(np.arange(len(owner)) - start, wide[owner])
    x = (low[owner, 0] + column).astype(np.float32)
    y = (low[owner, 1] + row).astype(np.float32)
    return owner, x, y


def _nearest(pixels: Indices, far: Floats, size: tuple[int, int]) -> Indices:
    """Of all candidates those that are nearest in their pixel, one a pixel."""
    buffer = np.full(size[0] * size[1], np.inf, np.float32)
    np.minimum.at(buffer, pixels, far)
    winner = np.full(len(buffer), -1, np.intp)
    front = np.flatnonzero(far <= buffer[pixels])
    winner[pixels[front]] = front
    return winner[winner >= 0]


def _mixed(values: Floats, owner: Indices, share_1: Floats, share_2: Floats) -> Floats:
    first = values[:, 0]
    across, down = values[:, 1] - first, values[:, 2] - first
    mixed = first[owner] + share_1[:, None] * across[owner] + share_2[:, None] * down[owner]
    return np.asarray(mixed, np.float32)
