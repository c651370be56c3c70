"""The grid of a screen: one regular pattern over the whole picture.

A camera that looks at a screen samples its grid of coloured dots with its own, and both beat
(moiré). Cloth and blinds are regular too, but only where they are: so spectra of many small tiles
are averaged before a peak is looked for. Edges make ridges along one direction: a peak has to stand
out along every direction. Peaks on the encoder's own block grid do not count.
"""

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.detector import Image
from domain.capture import Cue, CueScore

_TILE = 64
_AREA_PX = 384
_LEAST_PX = 320  # in smaller pictures a codec's own marks look like a grid
_LOOKS = 3
_APART_MS = 400.0
_LUMA, _LUMA_ON_AXES, _COLOUR = 0.8, 1.6, 1.1
"""Excess of the log power over its surroundings; bona fide clips reach 0.6, 0.6 and 0.45."""
_SURROUNDINGS = 9
_BESIDE = np.array([1, 1, 1, 0, 0, 0, 0, 0, 1, 1, 1], np.float32)[None] / 6
_BLOCK_LINES = 16  # per sampling rate: 16-pixel blocks
_HANN = np.outer(np.hanning(_TILE), np.hanning(_TILE)).astype(np.float32)

_Spectrum = NDArray[np.float32]


class ScreenWatch:
    """Takes details in order and looks at some of them."""

    def __init__(self) -> None:
        self._last_ms = -_APART_MS
        self._spectra: list[tuple[_Spectrum, _Spectrum]] = []
        self._at_ms: list[float] = []

    def take(self, at_ms: float, crop: Image) -> None:
        """Transform the middle of the crop (BGR), unless enough was seen or it is too small."""
        side = min(_AREA_PX, *crop.shape[:2]) // _TILE * _TILE
        if len(self._spectra) >= _LOOKS or at_ms - self._last_ms < _APART_MS or side < _LEAST_PX:
            return
        self._last_ms = at_ms
        top, left = ((whole - side) // 2 for whole in crop.shape[:2])
        middle = crop[top : top + side, left : left + side].astype(np.float32)
        colour = middle[..., 2] - middle[..., 0]
        self._spectra.append((_log_power(middle[..., 1]), _log_power(colour)))
        self._at_ms.append(at_ms)

    def moire(self) -> CueScore | None:
        """Strongest peak of the mean spectra over what scenes show; None without details."""
        if not self._spectra:
            return None
        luma, colour = (np.mean(kind, axis=0) for kind in zip(*self._spectra, strict=True))
        alone = [_strength(*pair) for pair in self._spectra]
        return CueScore(
            cue=Cue.MOIRE,
            value=_strength(luma, colour),
            limit=1.0,
            at_ms=round(self._at_ms[int(np.argmax(alone))]),
        )


def _strength(luma: _Spectrum, colour: _Spectrum) -> float:
    off_axes, on_axes, coarse = _masks()
    above = _excess(luma)
    return max(
        float(above[off_axes].max()) / _LUMA,
        float(above[on_axes].max()) / _LUMA_ON_AXES,
        float(_excess(colour)[coarse].max()) / _COLOUR,
    )


def _log_power(channel: NDArray[np.float32]) -> _Spectrum:
    """Mean over the tiles of the logarithm of their power, zero frequency in the middle row."""
    count = channel.shape[0] // _TILE
    tiles = channel.reshape(count, _TILE, count, _TILE).swapaxes(1, 2).reshape(-1, _TILE, _TILE)
    tiles = (tiles - tiles.mean(axis=(1, 2), keepdims=True)) * _HANN
    waves = np.fft.rfft2(tiles)
    power = np.log(waves.real**2 + waves.imag**2 + 1.0).mean(axis=0)
    centred: _Spectrum = np.roll(power, _TILE // 2, axis=0).astype(np.float32)
    return centred


def _excess(spectrum: _Spectrum) -> _Spectrum:
    """How far each frequency stands above its neighbours, those in its row and in its column."""
    around = cv2.blur(spectrum, (_SURROUNDINGS, _SURROUNDINGS))
    for beside in (_BESIDE, _BESIDE.T):
        line = cv2.filter2D(spectrum, -1, beside, borderType=cv2.BORDER_REFLECT)
        around = np.maximum(around, line)
    above: _Spectrum = spectrum - around
    return above


@cache
def _masks() -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    """Where peaks count: brightness off and on the axes, and colour up to its half rate.

    Rooms and sheets have edges along the axes, so a peak there has to be higher.
    """
    down = (np.arange(_TILE, dtype=np.float64)[:, None] - _TILE // 2) / _TILE
    across = np.arange(_TILE // 2 + 1, dtype=np.float64)[None, :] / _TILE
    radius = np.hypot(across, down)
    free = ~_on_blocks(across, np.abs(down))
    off_axes = (across * _TILE > 1.5) & (np.abs(down) * _TILE > 1.5)
    fine = free & (radius > 0.13) & (across < 0.46) & (np.abs(down) < 0.46)
    coarse = free & (radius > 0.09) & (across < 0.235) & (np.abs(down) < 0.235)
    return fine & off_axes, fine & ~off_axes, coarse


def _on_blocks(across: NDArray[np.float64], down: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Harmonics of 16-pixel blocks on the axes, of 8-pixel blocks elsewhere."""
    half = 0.6 / _TILE
    hit = np.zeros((down.shape[0], across.shape[1]), np.bool_)
    for i in range(_BLOCK_LINES // 2 + 1):
        for j in range(_BLOCK_LINES // 2 + 1):
            if i == 0 or j == 0 or (i % 2 == 0 and j % 2 == 0):
                near = np.abs(across - i / _BLOCK_LINES) < half
                hit |= near & (np.abs(down - j / _BLOCK_LINES) < half)
    return hit
