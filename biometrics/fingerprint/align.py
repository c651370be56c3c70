"""Laying one clip over another in time: shift, speed and mirroring under which they agree best."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from biometrics.fingerprint.code import Levels, Sight
from biometrics.fingerprint.sight import BASIS, HZ, MIRROR, ORDER, SIDE, USED, WEIGHTS

SPEEDS = tuple(float(speed) for speed in np.round(np.arange(0.91, 1.111, 0.02), 2))
_LEAST_SHARE = 0.75  # of the shorter clip must lie under the other
_LEAST_MOMENTS = 2 * HZ
_SPEED_STEPS = (-0.01, -0.005, 0.0, 0.005, 0.01)
_SHIFT_STEPS_S = np.arange(-0.075, 0.0751, 0.0125)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """Where the second clip lies on the first: `at = shift_s + speed * own time`, in seconds."""

    agreement: float  # normalised correlation, -1..1
    speed: float
    shift_s: float
    mirrored: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """Both clips' changes at the moments that both have, on the first one's clock."""

    layer: Layer
    first: NDArray[np.float64]
    second: NDArray[np.float64]


def steadied(sight: Sight, like: Levels) -> NDArray[np.float64]:
    """Take out of a sight's changes what shake, zoom, roll and light do to the picture `like`."""
    directions = unsteady(like)
    changes = sight.changes.astype(np.float64)
    return np.asarray(changes - directions @ (directions.T @ changes))


def mirrored(sight: Sight) -> Sight:
    """Return the sight of the mirrored clip."""
    signs = MIRROR.astype(np.float32)
    return Sight(picture=sight.picture * signs, changes=sight.changes * signs[:, None])


def unsteady(picture: Levels) -> NDArray[np.float64]:
    """Orthonormal directions in which shift, scale, roll and gain move `picture`; columns."""
    moved = np.stack([move @ picture for move in (*_moves(), np.eye(len(picture)))], axis=1)
    return np.asarray(np.linalg.qr(moved)[0], np.float64)


@cache
def _moves() -> tuple[NDArray[np.float64], ...]:
    """Linear maps from used coefficients to those of a derivative: x, y, scale, roll."""
    at = np.arange(SIDE) - (SIDE - 1) / 2
    across, down = np.meshgrid(at, at)
    pictures = _pictures()
    by_x, by_y = np.gradient(pictures, axis=2), np.gradient(pictures, axis=1)
    turned = (by_x, by_y, across * by_x + down * by_y, across * by_y - down * by_x)
    return tuple(_coefficients(moved).T for moved in turned)


def _pictures() -> NDArray[np.float64]:
    """Draw the picture that each used coefficient stands for."""
    spectra = np.zeros((int(USED.sum()), ORDER, ORDER))
    spectra[:, USED] = np.diag(1 / WEIGHTS[USED])
    return np.asarray(BASIS.T @ spectra @ BASIS)


def _coefficients(pictures: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray((BASIS @ pictures @ BASIS.T * WEIGHTS)[:, USED])


def _sampled(changes: NDArray[np.float64], at: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values between moments; `at` in moments."""
    left = np.clip(at.astype(int), 0, changes.shape[1] - 2)
    share = at - left
    return np.asarray(changes[:, left] * (1 - share) + changes[:, left + 1] * share)


def stretched(changes: NDArray[np.float64], speed: float) -> NDArray[np.float64]:
    """Play a clip `1 / speed` times as fast."""
    count = int((changes.shape[1] - 1) * speed) + 1
    return _sampled(changes, np.arange(count) / speed)


class Slider:
    """One clip at all speeds, to be slid along others."""

    def __init__(self, changes: NDArray[np.float64]) -> None:
        # To play the others faster is to play this one slower, and that needs doing only once.
        self._played = [stretched(changes, 1 / speed) for speed in SPEEDS]
        self._energies = [_running_energy(played) for played in self._played]
        self._spectra: dict[int, NDArray[np.complex128]] = {}

    def slide(self, other: NDArray[np.float64]) -> tuple[float, float, float]:
        """Return agreement, speed and shift in seconds at which `other` lies best on this clip."""
        period = _period_for(self._played[0].shape[1] + other.shape[1])
        if period not in self._spectra:
            self._spectra[period] = np.stack([np.fft.rfft(p, period) for p in self._played])
        spectrum = np.conj(np.fft.rfft(other, period))
        products = np.fft.irfft(np.einsum("skf,kf->sf", self._spectra[period], spectrum), period)
        energy = _running_energy(other)
        best = (-1.0, 1.0, 0.0)
        for speed, product, own in zip(SPEEDS, products, self._energies, strict=True):
            agreement, moments = _best_shift(product, own, energy)
            if agreement > best[0]:
                best = (agreement, speed, moments / HZ * speed)
        return best


def _running_energy(changes: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.concatenate([[0.0], np.cumsum((changes * changes).sum(axis=0))])


def _period_for(moments: int) -> int:
    """Length of transform under which no shift wraps around."""
    return next(size for size in (128, 160, 192, 256, 384, 512, 1024) if size > moments)


def _best_shift(
    product: NDArray[np.float64], own: NDArray[np.float64], other: NDArray[np.float64]
) -> tuple[float, int]:
    """Best agreement over all shifts, and that shift in moments. (-1, 0) when none overlaps.

    `product` is the circular cross-correlation, `own` and `other` are running sums of energy.
    """
    length, reach = len(own) - 1, len(other) - 1
    least = max(_LEAST_MOMENTS, round(_LEAST_SHARE * min(length, reach)))
    shifts = np.arange(least - reach, length - least + 1)
    if len(shifts) == 0:
        return -1.0, 0
    begins, ends = np.maximum(0, shifts), np.minimum(length, reach + shifts)
    under = (own[ends] - own[begins]) * (other[ends - shifts] - other[begins - shifts])
    agreement = product[shifts % len(product)] / np.sqrt(under + 1e-12)
    at = int(agreement.argmax())
    return float(agreement[at]), int(shifts[at])


def refined(
    first: NDArray[np.float64], second: NDArray[np.float64], layer: Layer
) -> Overlap | None:
    """Look closer about `layer`: finer speeds, and shifts between moments."""
    middle_s = second.shape[1] / HZ / 2
    best: Overlap | None = None
    for faster in _SPEED_STEPS:
        for later_s in _SHIFT_STEPS_S:
            tried = Layer(
                agreement=0.0,
                speed=layer.speed + float(faster),
                shift_s=layer.shift_s + float(later_s) - middle_s * float(faster),
                mirrored=layer.mirrored,
            )
            found = overlap(first, second, tried)
            if found is not None and (best is None or found.layer.agreement > best.layer.agreement):
                best = found
    return best


def overlap(
    first: NDArray[np.float64], second: NDArray[np.float64], layer: Layer
) -> Overlap | None:
    """Both clips where both are, with the agreement there; None when they hardly meet."""
    at = (np.arange(first.shape[1]) / HZ - layer.shift_s) / layer.speed * HZ
    both = (at >= 0) & (at <= second.shape[1] - 1)
    if both.sum() < _LEAST_MOMENTS:
        return None
    one, other = _centred(first[:, both]), _centred(_sampled(second, at[both]))
    agreement = correlation(one, other)
    return Overlap(
        layer=Layer(
            agreement=agreement,
            speed=layer.speed,
            shift_s=layer.shift_s,
            mirrored=layer.mirrored,
        ),
        first=one,
        second=other,
    )


def _centred(changes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Take out the mean: a trimmed clip's usual picture is another one than the whole clip's."""
    return np.asarray(changes - changes.mean(axis=1, keepdims=True))


def correlation(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    return float((one * other).sum() / np.sqrt((one * one).sum() * (other * other).sum() + 1e-12))
