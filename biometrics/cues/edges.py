"""Straight edges that run before the body: somebody holds a screen or a sheet there.

What stands behind a person ends where the shoulders begin, and nothing on a body is straight from
the height of the eyes down to the chest, left and right at once, nor across neck and chest with its
like above the head. The edges of what shows a face are, whatever it shows and however well. A
screen that fills the picture shows no edge: then its grid has to tell (`biometrics.cues.screen`).
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.detector import Image
from biometrics.mesh import Mesh

LIMIT = 0.675  # of an edge's length; real photos reach 0.62, rendered clips 0.67, screens from 0.68
_FROM_MS, _APART_MS = 300.0, 600.0
_LOOKS = 5
_AGREE = 2  # looks that must show them: a dark coat before a dark rim hides its edge in the others
_FACE_PX = 48.0  # width of the face in the picture that is searched
_AVERAGED = 4  # pixels along an edge that are added up: noise and texture go, edges stay
_STEP = 10.0  # grey levels from one pixel to the next but one, over two
_SLOPES = np.arange(-0.26, 0.261, 0.02)
_ALIKE = 3  # slopes by which two edges may differ: what is seen aslant is not parallel
_SHOULDERS = 4  # averaged pixels at the lower end: there a body hides what is behind it
_SHORTEST = 6  # averaged pixels
_LEFT, _RIGHT, _TOP, _CHIN = 234, 454, 10, 152
_EYES = (33, 263)

_Grey = NDArray[np.float32]


class EdgeWatch:
    """Takes pictures with a face in order and looks at some of them; about 2 ms each."""

    def __init__(self) -> None:
        self._shares: list[float] = []
        self._at_ms: list[float] = []

    def take(self, at_ms: float, picture: Image, mesh: Mesh) -> None:
        """Look for edges around the face (BGR, mesh in its pixels), unless enough was seen."""
        due_ms = self._at_ms[-1] + _APART_MS if self._at_ms else _FROM_MS
        if at_ms < due_ms or len(self._at_ms) >= _LOOKS:
            return
        self._at_ms.append(at_ms)
        self._shares.append(framed_share(picture, mesh))

    def share(self) -> float | None:
        """How much of two opposite edges is there in the second best look, 0..1; None: too few."""
        return sorted(self._shares)[-_AGREE] if len(self._shares) >= _AGREE else None

    def at_ms(self) -> float:
        """Tell when they were seen best."""
        return self._at_ms[int(np.argmax(self._shares))]


def framed_share(picture: Image, mesh: Mesh) -> float:
    """Share of the less complete of two opposite edges, left and right or above and below."""
    at = mesh.points
    wide = max(
        float(np.ptp(at[[_LEFT, _RIGHT], 0])), float(np.ptp(at[[_TOP, _CHIN], 1])) / 1.25, 1.0
    )
    scale = _FACE_PX / wide
    whole = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    small = cv2.resize(whole, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    grey = np.asarray(small, np.float32)
    middle = float(at[[_LEFT, _RIGHT], 0].mean()) * scale
    eyes, chin, top = (float(at[rows, 1].mean()) * scale for rows in (list(_EYES), [_CHIN], [_TOP]))
    return max(_beside(grey, middle, eyes, chin), _above_and_below(grey, middle, top, chin))


def _beside(grey: _Grey, middle: float, eyes: float, chin: float) -> float:
    """Edges from the eyes down to where the shoulders are."""
    if grey.shape[0] < chin + 0.5 * _FACE_PX:
        return 0.0  # no shoulders in the picture
    along = (eyes - 0.3 * _FACE_PX, chin + 0.75 * _FACE_PX)
    near, far = 0.55 * _FACE_PX, 1.1 * _FACE_PX
    return _opposite(
        _edges(grey, (middle - far, middle - near), along, end=_SHOULDERS),
        _edges(grey, (middle + near, middle + far), along, end=_SHOULDERS),
    )


def _above_and_below(grey: _Grey, middle: float, top: float, chin: float) -> float:
    """Edges across the chest and over the head, a face's width to both sides."""
    along = (middle - _FACE_PX, middle + _FACE_PX)
    lying = np.ascontiguousarray(grey.T)
    return _opposite(
        _edges(lying, (top - 1.4 * _FACE_PX, top + 0.15 * _FACE_PX), along),
        _edges(lying, (chin + 0.05 * _FACE_PX, chin + 1.3 * _FACE_PX), along),
    )


def _edges(
    grey: _Grey, across: tuple[float, float], along: tuple[float, float], *, end: int = 0
) -> NDArray[np.float32]:
    """Share of the length that the best upright edge of every slope has, by its direction.

    `across` are the columns where it may cross the middle row, `along` its rows; so many averaged
    rows at the `end` have to show it by themselves. Slopes x 2: first those that grow brighter to
    the right, then those that grow darker.
    """
    columns = _inside(across, grey.shape[1])
    rows = _inside(along, grey.shape[0])
    count = len(rows) // _AVERAGED
    if count < _SHORTEST or not len(columns):
        return np.zeros((len(_SLOPES), 2), np.float32)
    part = grey[rows.start : rows.start + count * _AVERAGED]
    size = (grey.shape[1], count)
    part = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.float32)
    slant = np.asarray(cv2.Sobel(part, cv2.CV_32F, 1, 0, ksize=1)) / 2
    down = (np.arange(count) - (count - 1) / 2) * _AVERAGED
    places = np.rint(np.arange(columns.start, columns.stop) + (_SLOPES[:, None] * down)[..., None])
    at = np.clip(places.astype(np.intp), 0, grey.shape[1] - 1)
    beside = np.ones((1, 3), np.uint8)
    hits = [(cv2.dilate(way * slant, beside) > _STEP).astype(np.float32) for way in (1.0, -1.0)]
    lines = np.arange(count)[None, :, None]
    return np.stack([_best(hit[lines, at], end) for hit in hits], axis=1)


def _best(hits: NDArray[np.float32], end: int) -> NDArray[np.float32]:
    """Share of the best column of every slope (slopes x rows x columns in)."""
    shares = hits.mean(axis=1)
    if end:
        shares = np.minimum(shares, hits[:, -end:].mean(axis=1))
    return np.asarray(shares.max(axis=1), np.float32)


def _opposite(first: NDArray[np.float32], second: NDArray[np.float32]) -> float:
    """Both edges of nearly one slope, and the same going outwards: both darker or both brighter."""
    best = 0.0
    for way in (0, 1):
        other = _widened(second[:, 1 - way])
        best = max(best, float(np.minimum(first[:, way], other).max()))
    return best


def _widened(shares: NDArray[np.float32]) -> NDArray[np.float32]:
    """Largest share among the neighbouring slopes."""
    padded = np.pad(shares, _ALIKE)
    return np.asarray(
        np.lib.stride_tricks.sliding_window_view(padded, 2 * _ALIKE + 1).max(axis=1), np.float32
    )


def _inside(span: Sequence[float], size: int) -> range:
    """Whole pixels of a span that lie in the picture, its outermost pixel left out."""
    return range(max(1, round(span[0])), min(size - 1, round(span[1])))
