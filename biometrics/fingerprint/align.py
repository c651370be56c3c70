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


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretched:
    """One clip at one speed, ready to be slid along others."""

    speed: float
    length: int
    period: int
    spectrum: NDArray[np.complex128]
    energy: NDArray[np.float64]  # running sum over moments


def period_for(one: int, other: int) -> int:
    """Length of transform under which no shift of the two wraps around."""
    needed = one + round(other * SPEEDS[-1]) + 1
    return next(size for size in (128, 160, 192, 256, 384, 512, 1024) if size >= needed)


def ready(changes: NDArray[np.float64], speed: float, period: int) -> Stretched:
    """Prepare a clip at one speed for sliding."""
    fast = stretched(changes, speed) if speed != 1.0 else changes
    return Stretched(
        speed=speed,
        length=fast.shape[1],
        spectrum=np.fft.rfft(fast, period),
        period=period,
        energy=np.concatenate([[0.0], np.cumsum((fast * fast).sum(axis=0))]),
    )


def slide(first: Stretched, second: Stretched) -> tuple[float, int]:
    """Best agreement over all shifts, and that shift in moments. (-1, 0) when none overlaps."""
    least = max(_LEAST_MOMENTS, round(_LEAST_SHARE * min(first.length, second.length)))
    shifts = np.arange(least - second.length, first.length - least + 1)
    if len(shifts) == 0:
        return -1.0, 0
    period = first.period
    product = np.fft.irfft((first.spectrum * np.conj(second.spectrum)).sum(axis=0), period)
    begins, ends = np.maximum(0, shifts), np.minimum(first.length, second.length + shifts)
    own = first.energy[ends] - first.energy[begins]
    other = second.energy[ends - shifts] - second.energy[begins - shifts]
    agreement = product[shifts % period] / np.sqrt(own * other + 1e-12)
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
