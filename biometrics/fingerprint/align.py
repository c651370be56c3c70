"""Laying one clip over another in time: shift, speed and mirroring under which they agree best."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from biometrics.fingerprint.code import Levels, Sight
from biometrics.fingerprint.sight import BASIS, HZ, MIRROR, ORDER, SIDE, USED, WEIGHTS

Changes = NDArray[np.float64]
"""How a sight differs from its usual picture: coefficients x moments."""
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


def steadied(sight: Sight, directions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Take out of a sight's changes what shake, zoom, roll and light do: see `unsteady`."""
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
        self._lengths = np.array([played.shape[1] for played in self._played])
        self._energies = np.stack(
            [
                np.pad(_running_energy(played), (0, self._lengths.max() - played.shape[1]))
                for played in self._played
            ]
        )
        self._spectra: dict[int, NDArray[np.complex128]] = {}
        self._ways: dict[int, _Ways] = {}

    def slide(self, other: NDArray[np.float64]) -> tuple[float, float, float]:
        """Return agreement, speed and shift in seconds at which `other` lies best on this clip."""
        reach = other.shape[1]
        if reach not in self._ways:
            self._ways[reach] = self._ways_for(reach)
        ways = self._ways[reach]
        if ways.period not in self._spectra:
            self._spectra[ways.period] = self._spectra_for(ways.period)
        spectrum = np.conj(np.fft.rfft(other, ways.period)).T[:, :, None]
        products = np.fft.irfft((self._spectra[ways.period] @ spectrum)[:, :, 0].T, ways.period)
        energy = _running_energy(other)
        under = ways.own * (energy[ways.ends] - energy[ways.begins])
        agreement = products[ways.speeds, ways.shifts % ways.period] / np.sqrt(under + 1e-12)
        if len(agreement) == 0:
            return -1.0, 1.0, 0.0
        at = int(agreement.argmax())
        speed = SPEEDS[int(ways.speeds[at])]
        return float(agreement[at]), speed, float(ways.shifts[at]) / HZ * speed

    def _spectra_for(self, period: int) -> NDArray[np.complex128]:
        """Frequencies x speeds x coefficients."""
        spectra = np.stack([np.fft.rfft(played, period) for played in self._played])
        return np.ascontiguousarray(spectra.transpose(2, 0, 1))

    def _ways_for(self, reach: int) -> "_Ways":
        lengths = self._lengths[:, None]
        shorter = np.minimum(lengths, reach)
        least = np.maximum(_LEAST_MOMENTS, np.round(_LEAST_SHARE * shorter).astype(int))
        shifts = np.arange(-reach, lengths.max() + 1)[None, :]
        speeds, columns = np.nonzero((shifts >= least - reach) & (shifts <= lengths - least))
        shifts = shifts[0, columns]
        begins = np.maximum(0, shifts)
        ends = np.minimum(self._lengths[speeds], reach + shifts)
        return _Ways(
            period=_period_for(int(self._lengths[0]) + reach),
            speeds=speeds,
            shifts=shifts,
            own=self._energies[speeds, ends] - self._energies[speeds, begins],
            begins=begins - shifts,
            ends=ends - shifts,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ways:
    """All ways to lay a clip of some length on another: one value each, in moments."""

    period: int
    speeds: NDArray[np.int64]  # index into `SPEEDS`
    shifts: NDArray[np.int64]
    own: NDArray[np.float64]  # energy of the clip below where both are
    begins: NDArray[np.int64]  # first moment of the clip on top, and the one after the last
    ends: NDArray[np.int64]


def _running_energy(changes: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.concatenate([[0.0], np.cumsum((changes * changes).sum(axis=0))])


def _period_for(moments: int) -> int:
    """Length of transform under which no shift wraps around."""
    return next(size for size in (128, 160, 192, 256, 384, 512, 1024) if size > moments)


def refined(
    first: NDArray[np.float64], second: NDArray[np.float64], layer: Layer
) -> Overlap | None:
    """Look closer about `layer`: finer speeds, and shifts between moments."""
    middle_s = second.shape[1] / HZ / 2
    faster, later_s = (axis.ravel() for axis in np.meshgrid(_SPEED_STEPS, _SHIFT_STEPS_S))
    speeds = layer.speed + faster
    shifts_s = layer.shift_s + later_s - middle_s * faster
    best = int(_agreements(first, second, (speeds, shifts_s)).argmax())
    tried = Layer(
        agreement=0.0,
        speed=float(speeds[best]),
        shift_s=float(shifts_s[best]),
        mirrored=layer.mirrored,
    )
    return overlap(first, second, tried)


def _agreements(
    first: NDArray[np.float64],
    second: NDArray[np.float64],
    layers: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> NDArray[np.float64]:
    """Return what `overlap` says of many layers, given as speeds and shifts; -1 for no overlap.

    All follows from the products of every moment of one clip with every moment of the other:
    values between moments are sums of two, and so are their products.
    """
    speeds, shifts_s = layers
    moments, reach = np.arange(first.shape[1]), second.shape[1]
    at = (moments / HZ - shifts_s[:, None]) / speeds[:, None] * HZ
    both = (at >= 0) & (at <= reach - 1)
    left = np.clip(at.astype(int), 0, reach - 2)
    late = np.where(both, at - left, 0.0)
    early = both - late
    counts = np.maximum(1, both.sum(axis=1))
    products = first.T @ second
    product = early * products[moments, left] + late * products[moments, left + 1]
    own, steps = (second * second).sum(axis=0), (second[:, :-1] * second[:, 1:]).sum(axis=0)
    energy = early * early * own[left] + 2 * early * late * steps[left]
    energy += late * late * own[left + 1]
    sums = first @ both.T, second @ _placed_shares(left, early, late, reach=reach).T
    covariance = product.sum(axis=1) - (sums[0] * sums[1]).sum(axis=0) / counts
    variances = (
        both @ (first * first).sum(axis=0) - (sums[0] ** 2).sum(axis=0) / counts,
        energy.sum(axis=1) - (sums[1] ** 2).sum(axis=0) / counts,
    )
    agreement = covariance / np.sqrt(np.maximum(0, variances[0] * variances[1]) + 1e-12)
    return np.where(both.sum(axis=1) >= _LEAST_MOMENTS, agreement, -1.0)


def _placed_shares(
    left: NDArray[np.int64], early: NDArray[np.float64], late: NDArray[np.float64], *, reach: int
) -> NDArray[np.float64]:
    """How much each moment of the second clip counts in each layer: layers x moments."""
    rows = np.arange(len(left))[:, None] * reach
    size = len(left) * reach
    shares = np.bincount((rows + left).ravel(), early.ravel(), size)
    shares += np.bincount((rows + left + 1).ravel(), late.ravel(), size)
    return np.asarray(shares.reshape(len(left), reach))


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
