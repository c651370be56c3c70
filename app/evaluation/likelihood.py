"""How good scores are as likelihood ratios: Cllr, and the least that a monotone map can reach.

Sources: Brümmer and du Preez, Computer Speech and Language 20 (2006); the pool-adjacent-violators
algorithm (PAV) of Ayer et al. (1955). Likelihood ratios are natural logarithms.
"""

from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray

from app.evaluation.metrics import Scores

_STEPS_MAX = 100
_SETTLED = 1e-12
_RIDGE = 1e-6  # keeps the slope finite when the two kinds do not overlap


def cllr(genuine_llr: Scores, impostor_llr: Scores) -> float:
    """Mean cost in bits: 0 for a perfect system, 1 for one that says nothing (all LLR 0).

    Raises `ValueError` without scores of both kinds.
    """
    if not genuine_llr.size or not impostor_llr.size:
        raise ValueError("Cllr needs genuine and impostor scores")
    missed = np.logaddexp(0.0, -genuine_llr).mean()
    matched = np.logaddexp(0.0, impostor_llr).mean()
    return float((missed + matched) / (2.0 * log(2.0)))


def min_cllr(genuine: Scores, impostor: Scores) -> float:
    """Cllr after the best monotone map of these very scores, found by PAV."""
    return cllr(*best_ratios(genuine, impostor))


def best_ratios(genuine: Scores, impostor: Scores) -> tuple[Scores, Scores]:
    """PAV-optimal LLR of each genuine and impostor score; infinite where only one kind occurs."""
    scores, where = np.unique(np.concatenate([genuine, impostor]), return_inverse=True)
    weights = np.bincount(where, minlength=scores.size).astype(np.float64)
    hits = np.bincount(where[: genuine.size], minlength=scores.size).astype(np.float64)
    share = pooled(hits / weights, weights)
    prior = log(genuine.size / impostor.size)
    with np.errstate(divide="ignore"):
        ratios = np.log(share) - np.log1p(-share) - prior
    return ratios[where[: genuine.size]], ratios[where[genuine.size :]]


def pooled(values: Scores, weights: Scores) -> Scores:
    """Return the non-decreasing sequence nearest to `values` in weighted squares (PAV)."""
    means: list[float] = []
    sizes: list[float] = []
    counts: list[int] = []
    for value, weight in zip(values.tolist(), weights.tolist(), strict=True):
        mean, size, count = value, weight, 1
        while means and means[-1] >= mean:
            size_before = sizes.pop()
            mean = (means.pop() * size_before + mean * size) / (size_before + size)
            size, count = size + size_before, count + counts.pop()
        means.append(mean)
        sizes.append(size)
        counts.append(count)
    return np.repeat(np.array(means, np.float64), counts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A linear map from score to LLR."""

    slope: float
    offset: float

    def __call__(self, scores: Scores) -> Scores:
        return self.slope * scores + self.offset


def fit_line(genuine: Scores, impostor: Scores) -> Line:
    """Logistic regression in which both kinds weigh the same (Newton's method, tiny ridge)."""
    scores = np.concatenate([genuine, impostor])
    centre, spread = float(scores.mean()), float(scores.std()) or 1.0
    design = np.column_stack([(scores - centre) / spread, np.ones(scores.size)])
    labels = np.repeat([1.0, 0.0], [genuine.size, impostor.size])
    weights = np.repeat([0.5 / genuine.size, 0.5 / impostor.size], [genuine.size, impostor.size])
    slope, offset = _newton(design, labels, weights)
    return Line(slope=slope / spread, offset=offset - slope * centre / spread)


def _newton(design: Scores, labels: Scores, weights: Scores) -> tuple[float, float]:
    at = np.zeros(2)
    ridge = np.diag([_RIDGE, 0.0])
    for _ in range(_STEPS_MAX):
        share = 1.0 / (1.0 + np.exp(-np.clip(design @ at, -500, 500)))
        slope = design.T @ (weights * (share - labels)) + ridge @ at
        bend = (design * (weights * share * (1.0 - share))[:, None]).T @ design + ridge
        step = np.linalg.solve(bend + np.eye(2) * _SETTLED, slope)
        at -= np.clip(step, -2.0, 2.0)
        if np.abs(step).max() < _SETTLED:
            break
    return float(at[0]), float(at[1])


def cross_validated(
    genuine: Scores,
    impostor: Scores,
    *,
    genuine_fold: NDArray[np.int64],
    impostor_fold: NDArray[np.int64],
) -> tuple[Scores, Scores] | None:
    """LLR of every score by a line fitted to the other folds; None when a fold leaves no kind."""
    out_genuine, out_impostor = np.empty_like(genuine), np.empty_like(impostor)
    for fold in np.union1d(genuine_fold, impostor_fold):
        rest_genuine, rest_impostor = genuine[genuine_fold != fold], impostor[impostor_fold != fold]
        if not rest_genuine.size or not rest_impostor.size:
            return None
        line = fit_line(rest_genuine, rest_impostor)
        out_genuine[genuine_fold == fold] = line(genuine[genuine_fold == fold])
        out_impostor[impostor_fold == fold] = line(impostor[impostor_fold == fold])
    return out_genuine, out_impostor
