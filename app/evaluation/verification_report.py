"""What `report.json` says of a matcher; its keys stand in `docs/evaluation_report.schema.json`.

False match and false non-match rates are of comparisons, not transactions (ISO/IEC 19795-1).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isinf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.evaluation.intervals import Rate
from app.evaluation.likelihood import cllr, cross_validated, min_cllr
from app.evaluation.metrics import (
    ErrorCurve,
    Scores,
    Support,
    decidability,
    equal_error,
    error_curve,
    error_versus_discard,
    support_for,
    threshold_at_fmr,
    worst_to_best,
)
from app.evaluation.resampling import Subjects, subject_interval
from app.evaluation.subjects import COLUMNS as SUBJECT_COLUMNS
from app.evaluation.verification import REQUIRED, Scored
from domain.intervals import upper_bound
from domain.limits import Limits

TARGETS = (1e-2, 1e-3, 1e-4)
DISCARDS = tuple(step / 20 for step in range(11))  # 0 to 50 %
RATES = ("fmr_at_accept", "fmr_at_review", "fnmr_at_accept", "fnmr_at_review")
_BINS = np.linspace(-1.0, 1.0, 81)
_FOLDS = 5
_VALUES_MAX = 50  # a column with more is a name, not a group
_EXACT_FALSE_MATCHES_MAX = 10_000
_CLLR_BASIS = (
    "log-likelihood ratios of a logistic line fitted to the other four of five folds by subject;"
    " min_cllr is after the best monotone map of the same scores (PAV)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Some of the comparisons: all, or those of one group."""

    scores: Scores
    same: NDArray[np.bool_]
    left: Subjects
    right: Subjects

    @property
    def genuine(self) -> Scores:
        """Scores of pairs of one person."""
        return self.scores[self.same]

    @property
    def impostor(self) -> Scores:
        """Scores of pairs of two people."""
        return self.scores[~self.same]

    def only(self, chosen: NDArray[np.bool_]) -> "Part":
        """Take some of them."""
        return Part(
            scores=self.scores[chosen],
            same=self.same[chosen],
            left=self.left[chosen],
            right=self.right[chosen],
        )

    def fmr(self, threshold: float) -> Rate:
        """Rate of impostor pairs whose score reaches the threshold."""
        return self._rate(~self.same, self.scores >= threshold)

    def fnmr(self, threshold: float) -> Rate:
        """Rate of genuine pairs whose score does not reach the threshold."""
        return self._rate(self.same, self.scores < threshold)

    def _rate(self, trials: NDArray[np.bool_], errors: NDArray[np.bool_]) -> Rate:
        interval = subject_interval(self.left[trials], self.right[trials], errors[trials])
        return Rate(errors=int(errors[trials].sum()), n=int(trials.sum()), by_subject=interval)


def verification_report(scored: Scored, limits: Limits) -> dict[str, Any]:
    """Work out everything that the scores say at the product's thresholds and beyond."""
    part = Part(
        scores=scored.scores(),
        same=scored.same(),
        left=scored.subjects.left,
        right=scored.subjects.right,
    )
    rates = rates_of(part, limits)
    return {
        "thresholds": {"accept": limits.accept, "review": limits.review},
        "impostor_pairs": rates["fmr_at_accept"]["n"],
        "genuine_pairs": rates["fnmr_at_accept"]["n"],
        "false_accepts": rates["fmr_at_accept"]["errors"],
        "genuine_below_accept": rates["fnmr_at_accept"]["errors"],
        "genuine_below_review": rates["fnmr_at_review"]["errors"],
        "unreadable": list(scored.photos.unreadable),
        "unreadable_why": dict(scored.photos.unreadable),
        "failure_to_acquire": _failures(scored),
        "rates": rates,
        **_curve_figures(part),
        **_groups(scored, part, limits),
        "error_versus_discard": _discard(scored, part, limits),
        "histogram": {
            "edges": _BINS.tolist(),
            "genuine": np.histogram(part.genuine, _BINS)[0].tolist(),
            "impostor": np.histogram(part.impostor, _BINS)[0].tolist(),
        },
        "notes": _notes(scored),
    }


def rates_of(part: Part, limits: Limits) -> dict[str, Any]:
    """Both errors at both thresholds of the product."""
    return {
        "fmr_at_accept": part.fmr(limits.accept).as_json(),
        "fmr_at_review": part.fmr(limits.review).as_json(),
        "fnmr_at_accept": part.fnmr(limits.accept).as_json(),
        "fnmr_at_review": part.fnmr(limits.review).as_json(),
    }


def _failures(scored: Scored) -> dict[str, Any]:
    """Count what showed no face: failures to acquire, in no other rate."""
    photos = scored.photos
    seen = len(photos.results) + len(photos.faceless)
    lost = len(scored.pairs) - len(scored.comparisons)
    genuine = sum(pair.same for pair in scored.pairs) - int(scored.same().sum())
    return {
        "photos": Rate(errors=len(photos.faceless), n=seen).as_json(),
        "faceless": list(photos.faceless),
        "pairs_not_compared": lost,
        "genuine_not_compared": genuine,
        "impostor_not_compared": lost - genuine,
        "pairs_with_faults": sum(c.faulty for c in scored.comparisons),
    }


def _curve_figures(part: Part) -> dict[str, Any]:
    """Everything that needs scores of both kinds; None without them."""
    if not part.genuine.size or not part.impostor.size:
        empty: dict[str, Any] = dict.fromkeys(("eer", "d_prime", "cllr", "min_cllr"))
        return {"operating_points": [], **empty, "cllr_basis": _CLLR_BASIS}
    curve = error_curve(part.genuine, part.impostor)
    equal = equal_error(curve)
    return {
        "operating_points": [_operating_point(part, curve, target) for target in TARGETS],
        "eer": {
            "rate": equal.rate,
            "low": equal.low,
            "high": equal.high,
            "threshold": _finite(equal.threshold),
        },
        "d_prime": decidability(part.genuine, part.impostor),
        "cllr": _cllr(part),
        "min_cllr": min_cllr(part.genuine, part.impostor),
        "cllr_basis": _CLLR_BASIS,
    }


def _operating_point(part: Part, curve: ErrorCurve, target: float) -> dict[str, Any]:
    support = support_for(target, part.impostor.size)
    point: dict[str, Any] = {"target_fmr": target, "support": support.value}
    if support is Support.TOO_SMALL:
        return point | dict.fromkeys(("threshold", "fmr", "fnmr", "bounded"))
    threshold = threshold_at_fmr(curve, target)
    return point | {
        "threshold": _finite(threshold),
        "fmr": part.fmr(threshold).as_json(),
        "fnmr": part.fnmr(threshold).as_json(),
        "bounded": _bounded(part, curve, target),
    }


def _bounded(part: Part, curve: ErrorCurve, target: float) -> dict[str, Any] | None:
    """Find the lowest threshold whose FMR is, with 95 % confidence, at most the target."""
    n = part.impostor.size
    allowed = -1
    while allowed < _EXACT_FALSE_MATCHES_MAX and upper_bound(allowed + 1, n) <= target:
        allowed += 1
    if allowed < 0:
        return None
    threshold = threshold_at_fmr(curve, (allowed + 0.5) / n)
    return {
        "threshold": _finite(threshold),
        "fmr": part.fmr(threshold).as_json(),
        "fnmr": part.fnmr(threshold).as_json(),
    }


def _finite(threshold: float) -> float | None:
    """No threshold at all when even the highest score must not match."""
    return None if isinf(threshold) else threshold


def _cllr(part: Part) -> float | None:
    fold = part.left % _FOLDS
    ratios = cross_validated(
        part.genuine,
        part.impostor,
        genuine_fold=fold[part.same],
        impostor_fold=fold[~part.same],
    )
    return None if ratios is None else cllr(*ratios)


def _groups(scored: Scored, part: Part, limits: Limits) -> dict[str, Any]:
    groups = _by_value(scored, part, limits, column="group")
    others = scored.table.others({*REQUIRED, *SUBJECT_COLUMNS})
    by_column = {
        column: _by_value(scored, part, limits, column=column)
        for column in others
        if len(_values(scored, column)) <= _VALUES_MAX
    }
    return {
        "groups": groups,
        "worst_to_best": {name: _spread(groups, name) for name in RATES},
        "by_column": by_column,
    }


def _values(scored: Scored, column: str) -> list[str]:
    return list(dict.fromkeys(c.pair.row.cells[column] for c in scored.comparisons))


def _by_value(scored: Scored, part: Part, limits: Limits, *, column: str) -> list[dict[str, Any]]:
    labels = np.array([c.pair.row.cells[column] for c in scored.comparisons], dtype=object)
    return [
        {"name": value, **rates_of(part.only(labels == value), limits)}
        for value in _values(scored, column)
    ]


def _spread(groups: Sequence[dict[str, Any]], rate: str) -> dict[str, Any]:
    """Worst to best group; None as a ratio when the best group showed no error."""
    known = [(group[rate]["rate"], group["name"]) for group in groups if group[rate]["n"]]
    return {
        "worst": max(known)[1] if known else None,
        "best": min(known)[1] if known else None,
        "ratio": worst_to_best([value for value, _ in known]),
        "groups": len(known),
    }


def _discard(scored: Scored, part: Part, limits: Limits) -> dict[str, Any]:
    quality = np.array([c.quality for c in scored.comparisons], np.float64)[part.same]
    missed = part.genuine < limits.accept
    fnmr = error_versus_discard(quality, missed, DISCARDS) if part.genuine.size else []
    return {"threshold": limits.accept, "discarded": list(DISCARDS), "fnmr": fnmr}


def _notes(scored: Scored) -> list[str]:
    """Say what a reader must know before quoting a figure."""
    notes = [f"subjects: {scored.subjects.rule}"]
    itself = sum(c.pair.left == c.pair.right for c in scored.comparisons)
    if itself:
        notes.append(f"{itself} pairs compare a photo with itself")
    seen = {(frozenset((c.pair.left, c.pair.right))) for c in scored.comparisons}
    if len(seen) < len(scored.comparisons):
        notes.append(f"{len(scored.comparisons) - len(seen)} pairs are listed more than once")
    if scored.subjects.contradictions:
        notes.append(
            f"{scored.subjects.contradictions} pairs contradict the other labels: check them"
        )
    return notes + [
        f"column {column} has over {_VALUES_MAX} values and is left out"
        for column in scored.table.others({*REQUIRED, *SUBJECT_COLUMNS})
        if len(_values(scored, column)) > _VALUES_MAX
    ]
