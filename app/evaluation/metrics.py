"""Error rates of a matcher from its scores: pure functions on arrays.

A comparison matches when its score reaches the threshold. Terms and definitions: ISO/IEC 19795-1;
the equal error rate as in Maio et al., FVC2000, IEEE PAMI 24(3); the error-versus-discard
characteristic as in ISO/IEC 29794-1.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]
_RULE_OF_30, _RULE_OF_3 = 30, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorCurve:
    """FMR and FNMR at every score that occurs, ascending, and last at infinity."""

    thresholds: Scores
    fmr: Scores
    fnmr: Scores


@dataclass(frozen=True, slots=True, kw_only=True)
class EqualError:
    """Where FMR and FNMR meet; between scores they cross within `low` to `high`."""

    rate: float
    low: float
    high: float
    threshold: float


class Support(StrEnum):
    """What a number of impostor comparisons can say about an FMR (ISO/IEC 19795-1 annex B)."""

    RULE_OF_30 = "rule of 30"  # 30 errors expected: within 30 % of the truth, 90 % confidence
    RULE_OF_3 = "rule of 3"  # enough to bound it if no error is seen, not to measure it
    TOO_SMALL = "n too small"


def error_curve(genuine: Scores, impostor: Scores) -> ErrorCurve:
    """Count both errors at each threshold. Raises `ValueError` without scores of both kinds."""
    if not genuine.size or not impostor.size:
        raise ValueError("an error curve needs genuine and impostor scores")
    thresholds = np.append(np.unique(np.concatenate([genuine, impostor])), np.inf)
    missed = np.searchsorted(np.sort(genuine), thresholds, side="left")
    below = np.searchsorted(np.sort(impostor), thresholds, side="left")
    return ErrorCurve(
        thresholds=thresholds,
        fmr=(impostor.size - below) / impostor.size,
        fnmr=missed / genuine.size,
    )


def equal_error(curve: ErrorCurve) -> EqualError:
    """Take, of the two thresholds around the crossing, the one with the smaller sum of errors."""
    after = int(np.argmax(curve.fmr <= curve.fnmr))
    crossed = curve.fmr[after] == curve.fnmr[after]
    before = after if crossed or after == 0 else after - 1
    sums = curve.fmr + curve.fnmr
    at = before if sums[before] <= sums[after] else after
    low, high = sorted((float(curve.fmr[at]), float(curve.fnmr[at])))
    return EqualError(
        rate=(low + high) / 2.0, low=low, high=high, threshold=float(curve.thresholds[at])
    )


def threshold_at_fmr(curve: ErrorCurve, target: float) -> float:
    """Return the lowest threshold whose FMR is at most `target`."""
    return float(curve.thresholds[int(np.argmax(curve.fmr <= target))])


def support_for(target: float, n: int) -> Support:
    """Tell what `n` impostor comparisons can say about an FMR of `target`."""
    expected = target * n * (1 + 1e-12)  # 1e-3 of 30,000 is 30, whatever binary fractions say
    if expected >= _RULE_OF_30:
        return Support.RULE_OF_30
    return Support.RULE_OF_3 if expected >= _RULE_OF_3 else Support.TOO_SMALL


def decidability(genuine: Scores, impostor: Scores) -> float | None:
    """d': distance of the two means in units of their common spread; None without spread."""
    spread = np.sqrt((genuine.var() + impostor.var()) / 2.0)
    return float(abs(genuine.mean() - impostor.mean()) / spread) if spread else None


def det_points(curve: ErrorCurve) -> tuple[Scores, Scores]:
    """Return the normal deviates of FMR and FNMR where both lie strictly between 0 and 1."""
    inside = (curve.fmr > 0) & (curve.fmr < 1) & (curve.fnmr > 0) & (curve.fnmr < 1)
    return normal_deviates(curve.fmr[inside]), normal_deviates(curve.fnmr[inside])


def normal_deviates(shares: Scores) -> Scores:
    """Return z with P(Z <= z) = share, each strictly between 0 and 1."""
    unique, where = np.unique(shares, return_inverse=True)
    return np.array([NormalDist().inv_cdf(share) for share in unique], np.float64)[where]


def error_versus_discard(
    quality: Scores, errors: NDArray[np.bool_], fractions: Sequence[float]
) -> list[float]:
    """Error rate of what is left after each share of the worst quality was set aside.

    Of equal quality the later ones stay; fractions are below 1, so at least one comparison stays.
    """
    ordered = errors[np.argsort(quality, kind="stable")]
    return [float(ordered[int(fraction * ordered.size) :].mean()) for fraction in fractions]


def worst_to_best(rates: Sequence[float]) -> float | None:
    """Ratio of the largest to the smallest; None when the smallest is 0 or nothing is there."""
    return max(rates) / min(rates) if rates and min(rates) > 0 else None
