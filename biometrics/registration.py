"""Laying one view of a face over another: all points at once, along what a surface can do.

Followed one by one (Lucas and Kanade), points on smooth skin stay where they were begun: there is
little to hold them. So they are followed together. What they may do is move with a surface of
second order, a plane or a bent sheet before a camera, and with so much of a nose on top of it,
across and down: 14 unknowns, which the pixels about all points decide, each point with the weight
that its structure gives it. It is Gauss and Newton's method on the brightness of windows of 7 x 7
pixels, first on half size. Larger windows see the nostrils' edges beside the tip and flatten a
nose: with 11 x 11, four real people came out half as high.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.detector import Image
from biometrics.face_view import EYES_PX, FIRST_AROUND, FaceView, surface

_SIDE = 7  # of a window
_BLUR_PX = 1.5  # noise and blocks of compression; without it small faces fit nothing
_FINE_PX, _LOCAL_PX = 9, 17  # what is larger than the first is shade, not skin
_FAINT = 2.0  # grey levels: structure weaker than this is not made as strong as the rest
_STEPS = (5, 6)  # at most, at half size and at full size
_SETTLED = 0.003  # eye distances: a fifth of a pixel
_LOUDEST = 0.3  # of the usual point's structure; more does not count, or nostrils decide alone
_STRANGE = 0.3  # share of a window's structure; what fits worse than this hardly counts
_FITS_WELL = 0.1
_STEADY = 1e-5
_BARE = 49.0  # structure of a window with next to none: an empty picture explains nothing

_Array = NDArray[np.float32]
_Answer = NDArray[np.float64]  # 2 x 7: terms of the surface and of the nose, across and down
_REACH = np.arange(_SIDE, dtype=np.float32) - _SIDE // 2
_ACROSS, _DOWN = (offsets.reshape(1, -1) for offsets in np.meshgrid(_REACH, _REACH))
_EVEN = np.full(_SIDE * _SIDE, 1 / _SIDE**2, np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rise:
    """What of the motion is a nose's alone: about sine of the turn x its height over the prior's.

    `misfit` is the share of the picture's structure that the motion leaves unexplained, 0..1.
    """

    across: float
    down: float
    misfit: float


Pyramid = tuple[_Array, _Array]  # half size, full size


def fine(patch: Image) -> Pyramid:
    """Return only what is finer than shade, everywhere equally strong, in two sizes."""
    grey = cv2.GaussianBlur(patch.astype(np.float32), (9, 9), _BLUR_PX)
    detail = grey - cv2.blur(grey, (_FINE_PX, _FINE_PX))
    power = np.maximum(cv2.blur(detail * detail, (_LOCAL_PX, _LOCAL_PX)), 0.0)
    full = np.asarray(35 * detail / (np.sqrt(power) + _FAINT), np.float32)
    return np.asarray(cv2.pyrDown(full), np.float32), full


class Template:
    """A view that others are laid over. It costs about as much as laying one."""

    def __init__(self, view: FaceView, pyramid: Pyramid) -> None:
        self._view = view
        terms = np.column_stack([surface(view.points), view.relief])
        sizes = zip(pyramid, (0.5, 1.0), strict=True)
        self._levels = [_Level(picture, view.points * size, terms, size) for picture, size in sizes]

    def rise(self, other: FaceView, pyramid: Pyramid) -> Rise:
        """Lay `other` over this view.

        Begins with the motion that the landmarks tell: what they know of a turned nose brings a
        real one within reach. They tell the same of any print, so where that fits badly it begins
        again with their motion of the sheet alone, and the better fit is taken.
        """
        moved = (other.points - self._view.points) / EYES_PX
        terms = self._levels[0].terms
        found = self._laid(pyramid, _least_squares(terms, moved))
        if found.misfit <= _FITS_WELL:
            return found
        sheet = _least_squares(terms[FIRST_AROUND:, :-1], moved[FIRST_AROUND:])
        again = self._laid(pyramid, np.column_stack([sheet, np.zeros(2)]))
        return min(found, again, key=lambda rise: rise.misfit)

    def _laid(self, pyramid: Pyramid, answer: _Answer) -> Rise:
        misfit = 1.0
        for level, picture, steps in zip(self._levels, pyramid, _STEPS, strict=True):
            for _ in range(steps):
                before = answer
                answer, misfit = level.step(picture, before)
                if float(np.abs(answer - before).max()) < _SETTLED:
                    break
        return Rise(across=float(answer[0, 6]), down=float(answer[1, 6]), misfit=misfit)


class _Level:
    """One size of a template: its windows, their gradients, and what those say of a motion."""

    def __init__(self, picture: _Array, at: _Answer, terms: _Answer, size: float) -> None:
        self.terms = terms
        self._basis = terms * (EYES_PX * size)
        self._crossed = (self._basis[:, :, None] * self._basis[:, None, :]).reshape(len(at), 49)
        self._at = at
        self._window = _windows(picture, at)
        self._across = _windows(_gradient(picture, across=1, down=0), at)
        self._down = _windows(_gradient(picture, across=0, down=1), at)
        across, down = self._across, self._down
        self._slopes = np.stack([_sums(across, across), _sums(across, down), _sums(down, down)])
        self._window -= _means(self._window)
        self._structure = _sums(self._window, self._window)
        strength = np.maximum(self._slopes[0] + self._slopes[2], 1e-6)
        self._share = np.minimum(1.0, _LOUDEST * np.median(strength) / strength)

    def step(self, picture: _Array, answer: _Answer) -> tuple[_Answer, float]:
        """Return a better answer, and the misfit of the one before."""
        off = _windows(picture, self._at + self._basis @ answer.T) - self._window
        off -= _means(off)
        strange = (_sums(off, off) / (self._structure + 1e-3) / _STRANGE) ** 2
        explained = float((self._structure / (1 + strange)).sum())
        misfit = 1.0 - explained / (self._structure + _BARE).sum()
        weight = self._share / (1 + strange)
        better = np.linalg.solve(self._normal(weight), self._pull(weight, off))
        return answer + better.reshape(2, 7), misfit

    def _normal(self, weight: _Answer) -> _Answer:
        xx, xy, yy = ((weight * self._slopes) @ self._crossed).reshape(3, 7, 7)
        normal = np.empty((14, 14))
        normal[:7, :7], normal[7:, 7:] = xx, yy
        normal[:7, 7:] = normal[7:, :7] = xy
        normal.ravel()[::15] += _STEADY * np.trace(normal) / 14 + _STEADY
        return normal

    def _pull(self, weight: _Answer, off: _Array) -> _Answer:
        sides = np.stack([_sums(self._across, off), _sums(self._down, off)])
        return -((weight * sides) @ self._basis).ravel()


def _least_squares(terms: _Answer, moved: _Answer) -> _Answer:
    return np.asarray(np.linalg.lstsq(terms, moved, rcond=None)[0].T, np.float64)


def _gradient(picture: _Array, *, across: int, down: int) -> _Array:
    """Per pixel (Scharr)."""
    return np.asarray(cv2.Scharr(picture, -1, across, down, scale=1 / 32), np.float32)


def _windows(picture: _Array, at: _Answer) -> _Array:
    """N x 49 values about N points."""
    where = at.astype(np.float32)
    x, y = where[:, :1] + _ACROSS, where[:, 1:] + _DOWN
    found = cv2.remap(picture, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(found, np.float32)


def _means(windows: _Array) -> _Array:
    """N x 1. As a product: numpy's own mean takes five times as long on arrays this small."""
    return np.asarray(windows @ _EVEN, np.float32)[:, None]


def _sums(one: _Array, other: _Array) -> _Answer:
    """Of products, over each window."""
    return np.asarray(np.einsum("ij,ij->i", one, other), np.float64)
