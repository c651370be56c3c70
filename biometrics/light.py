"""Does the face take on the colours that the screen shows? Advisory: it only sends to a human.

A screen a forearm away tints the skin a little, what stands behind the person much less; a
recording shows another day's colours (biometrics study 3.6). Who records in bright light is told
neither for nor against.
"""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.detector import Image
from biometrics.mesh import Mesh
from domain.light import RGB, Light, LightMeasure

_PATCHES = ((109, 338, 336, 107), (50, 101, 36, 205), (280, 330, 266, 425))  # forehead, cheeks
_LAGS_MS = np.arange(0.0, 251.0, 25.0)  # the screen is late, and so is the exposure
_SETTLE_MS = 100.0  # after a change the pictures are a mixture
_FEWEST = 20  # samples under the colours, about a third of them all
_WANDERS = 0.006  # deviation of the chroma of a face that moves in steady light (assumed)
_GAMMA = 2.2
_LINEAR = (np.linspace(0, 1, 256) ** _GAMMA).astype(np.float32)
_BESIDE = 0.3  # of the face's width: so far from it the background begins
_EDGE = 0.15  # of a picture's width, left and right, where the room is

_LATE_MS = 250.0  # by which the last colour may still be seen
_FRESH_MS = 200.0  # a mesh so old still says where the skin is: the head was at rest

_Series = NDArray[np.float64]


class LightGauge:
    """Takes the frames of one clip in order and keeps two colours of each."""

    def __init__(self, light: Light) -> None:
        self._light = light
        self._mesh: Mesh | None = None
        self._mesh_ms = 0.0
        self._at_ms: list[float] = []
        self._face: list[_Series] = []
        self._behind: list[_Series] = []

    def take(self, at_ms: float, picture: Image, mesh: Mesh | None) -> None:
        """Note the colours of skin and background, where both are in the picture."""
        if mesh is not None:
            self._mesh, self._mesh_ms = mesh, at_ms
        if not self._light.segments[0].from_ms <= at_ms <= self._light.end_ms + _LATE_MS:
            return
        if self._mesh is None or at_ms - self._mesh_ms > _FRESH_MS:
            return
        skin = _mean_of(_patches(picture, self._mesh))
        behind = _mean_of(_beside(picture, self._mesh))
        if skin is None or behind is None:
            return
        self._at_ms.append(at_ms)
        self._face.append(skin)
        self._behind.append(behind)

    def measure(self) -> LightMeasure:
        """Compare what was noted with the sequence that was shown."""
        rows = len(self._at_ms)
        return measure_light(
            np.array(self._at_ms),
            np.array(self._face).reshape(rows, 2),
            np.array(self._behind).reshape(rows, 2),
            light=self._light,
        )


def measure_light(at_ms: _Series, face: _Series, behind: _Series, *, light: Light) -> LightMeasure:
    """Correlate chroma with the colours of `light`; with too few frames there is no correlation.

    `face` and `behind` are n x 2: the shares of red and of blue in linear light, one row a frame.
    """
    fits = [_fit(at_ms - lag, face, light) for lag in _LAGS_MS]
    best = int(np.argmax([fit.correlation for fit in fits]))
    found, lag = fits[best], float(_LAGS_MS[best])
    if found.samples < _FEWEST:
        return LightMeasure(correlation=None, ratio=None, snr=0.0)
    wall = abs(_fit(at_ms - lag, behind, light).response)
    return LightMeasure(
        correlation=found.correlation,
        ratio=found.response / max(wall, 1e-6),
        snr=_moved(at_ms, face, light),
        lag_ms=int(lag),
        at_ms=_farthest(at_ms - lag, face, light),
    )


def evened(pictures: Sequence[NDArray[np.uint8]]) -> list[NDArray[np.uint8]]:
    """Give the room in small grey pictures one brightness, so that a new colour is no cut."""
    if not pictures:
        return []
    side = max(1, round(pictures[0].shape[1] * _EDGE))
    bright = [max(1.0, float(p[:, :side].mean() + p[:, -side:].mean())) for p in pictures]
    usual = float(np.median(bright))
    return [
        np.asarray(cv2.convertScaleAbs(picture, alpha=usual / own), np.uint8)
        for picture, own in zip(pictures, bright, strict=True)
    ]


class _Fit(NamedTuple):
    correlation: float
    response: float  # chroma for one unit of the screen's
    samples: int


def _fit(at_ms: _Series, chroma: _Series, light: Light) -> _Fit:
    """Compare at one lag, both channels together, each about its own mean."""
    shown, steady = _shown(at_ms, light)
    if steady.sum() < _FEWEST:
        return _Fit(0.0, 0.0, int(steady.sum()))
    wanted = shown[steady] - shown[steady].mean(axis=0)
    seen = chroma[steady] - chroma[steady].mean(axis=0)
    product, power = float((wanted * seen).sum()), float((wanted**2).sum())
    norm = float(np.sqrt(power * (seen**2).sum()))
    return _Fit(product / max(norm, 1e-12), product / max(power, 1e-12), int(steady.sum()))


def _shown(at_ms: _Series, light: Light) -> tuple[_Series, NDArray[np.bool_]]:
    """Red and blue of the screen over a grey of its brightness, and where it stood still."""
    shown = np.zeros((len(at_ms), 2))
    steady = np.zeros(len(at_ms), np.bool_)
    for segment in light.segments:
        during = (at_ms >= segment.from_ms) & (at_ms < segment.to_ms)
        linear = (np.array(RGB[segment.colour]) / 255) ** _GAMMA
        shown[during] = (linear - linear.mean())[[0, 2]]
        steady |= during & (at_ms >= segment.from_ms + _SETTLE_MS)
    return shown, steady


def _farthest(at_ms: _Series, chroma: _Series, light: Light) -> int:
    """When the colour began that the face followed least."""
    shown, steady = _shown(at_ms, light)
    fit = _fit(at_ms, chroma, light)
    wanted = fit.response * (shown - shown[steady].mean(axis=0))
    off = np.abs(chroma - chroma[steady].mean(axis=0) - wanted).sum(axis=1)
    inside = [steady & (at_ms >= s.from_ms) & (at_ms < s.to_ms) for s in light.segments]
    far = [off[rows].sum() / max(1, rows.sum()) for rows in inside]
    return light.segments[int(np.argmax(far))].from_ms


def _moved(at_ms: _Series, chroma: _Series, light: Light) -> float:
    """How far the chroma moved while any colours were shown, whichever they were."""
    during = (at_ms >= light.segments[0].from_ms) & (at_ms <= light.end_ms)
    if during.sum() < _FEWEST:
        return 0.0
    seen = chroma[during]
    noise = np.median(np.abs(np.diff(seen, axis=0)), axis=0) / 0.95  # of differences, to deviation
    return float(np.hypot(*seen.std(axis=0)) / np.hypot(_WANDERS, np.hypot(*noise)))


def _patches(picture: Image, mesh: Mesh) -> list[Image]:
    """Cut forehead and cheeks out, as upright boxes."""
    boxes = [cv2.boundingRect(mesh.points[list(p), :2].astype(np.float32)) for p in _PATCHES]
    return [picture[max(0, y) : y + h, max(0, x) : x + w] for x, y, w, h in boxes]


def _beside(picture: Image, mesh: Mesh) -> list[Image]:
    """Cut out what is left and right of the face, from its eyes upwards."""
    x, y, width, height = cv2.boundingRect(mesh.points[:, :2].astype(np.float32))
    left, right = int(x - _BESIDE * width), int(x + (1 + _BESIDE) * width)
    rows = slice(0, max(0, y + height // 3))
    return [picture[rows, : max(0, left)], picture[rows, right:]]


def _mean_of(parts: list[Image]) -> _Series | None:
    """Shares of red and blue over all parts, in linear light. None when nothing is there."""
    there = [part[::2, ::2].reshape(-1, 3) for part in parts if min(part.shape[:2]) >= 2]
    if not there:
        return None
    blue, green, red = _LINEAR[np.vstack(there)].mean(axis=0).astype(np.float64)
    total = max(1e-9, float(blue + green + red))
    return np.array([red / total, blue / total])
