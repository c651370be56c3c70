"""From a similarity to the weight of evidence: log10 of the likelihood ratio, calibrated.

A ratio of 100 (log10: 2) says that the score is a hundred times likelier for one person than for
two. It is no probability that it is the same person: that also depends on what else is known.
Sources: ISO/IEC 19795-1 (error rates); Brümmer and du Preez 2006 (calibration).
"""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from math import isfinite, log10

_ROUNDING = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """A monotone map from score to log10 LR, and the pairs that it was fitted to.

    Never says more than its pairs can bear: at most `log10(impostor_pairs + 1)`, as no fewer false
    matches than one among them could have been seen, and at least `-log10(genuine_pairs + 1)`.
    Raises `ValueError`.
    """

    knots: tuple[tuple[float, float], ...]  # (score, log10 LR), scores ascending
    scheme: str  # of the embeddings whose scores these are
    genuine_pairs: int
    impostor_pairs: int
    data_digest: str  # SHA-256, hex
    fitted_on: date

    def __post_init__(self) -> None:
        if len(self.knots) < 2 or not all(isfinite(x) for knot in self.knots for x in knot):
            raise ValueError("a calibration has at least two finite knots")
        if any(left >= right for (left, _), (right, _) in pairwise(self.knots)):
            raise ValueError("the scores of a calibration ascend")
        if any(left > right for (_, left), (_, right) in pairwise(self.knots)):
            raise ValueError("a calibration never falls")
        if min(self.genuine_pairs, self.impostor_pairs) < 1:
            raise ValueError("a calibration rests on pairs of both kinds")
        least, most = self.bounds
        if self.knots[0][1] < least - _ROUNDING or self.knots[-1][1] > most + _ROUNDING:
            raise ValueError("a calibration says no more than its pairs can bear")

    @property
    def bounds(self) -> tuple[float, float]:
        """Least and greatest log10 LR that so many pairs can bear."""
        return -log10(self.genuine_pairs + 1), log10(self.impostor_pairs + 1)

    def log10_lr(self, score: float | None) -> float | None:
        """Weight of this score; that of the nearest knot outside them. None for a missing one."""
        if score is None or not isfinite(score):
            return None
        scores = [at for at, _ in self.knots]
        right = bisect_right(scores, score)
        if right == 0:
            return self.knots[0][1]
        if right == len(scores):
            return self.knots[-1][1]
        (from_score, from_lr), (to_score, to_lr) = self.knots[right - 1 : right + 1]
        share = (score - from_score) / (to_score - from_score)
        return min(to_lr, from_lr + share * (to_lr - from_lr))
