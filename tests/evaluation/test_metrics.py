"""Error rates of a matcher: hand-worked examples, and pyeer where the definitions are the same."""

from math import isinf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pyeer import eer_stats
from scipy.stats import norm

from app.evaluation.metrics import (
    Scores,
    Support,
    decidability,
    det_points,
    equal_error,
    error_curve,
    error_versus_discard,
    support_for,
    threshold_at_fmr,
    worst_to_best,
)

GENUINE = np.array([0.9, 0.8, 0.4, 0.7])
IMPOSTOR = np.array([0.1, 0.2, 0.5, 0.3, 0.4])
EXACT = 1e-9

# Scores on a grid, so that ties occur.
SCORES = st.integers(1, 60).flatmap(
    lambda n: arrays(np.float64, n, elements=st.integers(-20, 20).map(lambda k: k / 20))
)


def test_both_errors_at_every_score_as_counted_by_hand() -> None:
    curve = error_curve(GENUINE, IMPOSTOR)
    by_hand = {  # threshold: (impostors at or above) / 5, (genuine below) / 4
        0.1: (5 / 5, 0), 0.2: (4 / 5, 0), 0.3: (3 / 5, 0), 0.4: (2 / 5, 0), 0.5: (1 / 5, 1 / 4),
        0.7: (0, 1 / 4), 0.8: (0, 2 / 4), 0.9: (0, 3 / 4), np.inf: (0, 4 / 4),
    }  # fmt: skip
    assert dict(zip(curve.thresholds, zip(curve.fmr, curve.fnmr, strict=True), strict=True)) == (
        by_hand
    )


def test_the_equal_error_rate_as_worked_by_hand() -> None:
    # FMR - FNMR changes its sign from 0.4 (0.4, 0) to 0.5 (0.2, 0.25); sums 0.4 and 0.45: at 0.4.
    found = equal_error(error_curve(GENUINE, IMPOSTOR))
    assert (found.low, found.high, found.threshold) == (0.0, 0.4, 0.4)
    assert found.rate == pytest.approx(0.2)


def test_scores_that_part_have_no_equal_error() -> None:
    found = equal_error(error_curve(np.array([0.8, 0.9]), np.array([0.1, 0.2])))
    assert (found.rate, found.threshold) == (0.0, 0.8)


@given(SCORES, SCORES)
def test_curve_equal_error_and_decidability_are_those_of_pyeer(
    genuine: Scores, impostor: Scores
) -> None:
    curve = error_curve(genuine, impostor)
    thresholds, fmr, fnmr = eer_stats.calculate_roc(genuine, impostor)
    assert curve.thresholds[:-1] == pytest.approx(thresholds, abs=EXACT)
    assert curve.fmr[:-1] == pytest.approx(fmr, abs=EXACT)
    assert curve.fnmr[:-1] == pytest.approx(fnmr, abs=EXACT)
    if (fmr <= fnmr).any():  # else pyeer takes the scores for dissimilarities
        at, low, high, rate = eer_stats.get_eer_values(fmr, fnmr)
        found = equal_error(curve)
        assert (found.rate, found.threshold) == pytest.approx((rate, thresholds[at]), abs=EXACT)
        assert (found.low, found.high) == pytest.approx(sorted((low, high)), abs=EXACT)
    if genuine.std() + impostor.std() > 0:
        wanted = eer_stats.get_decidability_value(
            genuine.mean(), genuine.std(), impostor.mean(), impostor.std()
        )
        assert decidability(genuine, impostor) == pytest.approx(wanted, abs=EXACT)


@pytest.mark.parametrize("target", [0.1, 0.01, 0.001])
def test_the_miss_rate_at_a_reachable_match_rate_is_that_of_pyeer(target: float) -> None:
    chance = np.random.default_rng(3)
    genuine, impostor = chance.normal(3, 1, 400), chance.normal(0, 1, 1000)
    curve = error_curve(genuine, impostor)
    threshold = threshold_at_fmr(curve, target)
    at = np.searchsorted(curve.thresholds, threshold)
    _, wanted = eer_stats.get_fmr_op(curve.fmr, curve.fnmr, target)
    # pyeer takes the first of several thresholds with the nearest FMR, and so do we.
    assert curve.fmr[at] == pytest.approx(target, abs=EXACT)
    assert curve.fnmr[at] == pytest.approx(wanted, abs=EXACT)


def test_the_threshold_never_lets_more_through_than_asked() -> None:
    curve = error_curve(GENUINE, IMPOSTOR)
    assert threshold_at_fmr(curve, 0.25) == 0.5
    assert threshold_at_fmr(curve, 0.19) == 0.7
    assert isinf(threshold_at_fmr(error_curve(IMPOSTOR, GENUINE), 0.1))


@pytest.mark.parametrize(
    ("target", "n", "support"),
    [
        (1e-3, 30_000, Support.RULE_OF_30),
        (1e-3, 29_999, Support.RULE_OF_3),
        (1e-4, 30_000, Support.RULE_OF_3),
        (1e-4, 29_999, Support.TOO_SMALL),
    ],
)
def test_how_many_comparisons_a_claim_needs(target: float, n: int, support: Support) -> None:
    assert support_for(target, n) is support


def test_the_det_curve_stands_on_normal_deviates() -> None:
    across, up = det_points(error_curve(GENUINE, IMPOSTOR))
    assert across == pytest.approx([norm.ppf(0.2)], abs=EXACT)  # only at 0.5 are both inside (0, 1)
    assert up == pytest.approx([norm.ppf(0.25)], abs=EXACT)


def test_what_is_left_after_the_worst_quality_is_set_aside() -> None:
    quality = np.array([0.1, 0.9, 0.2, 0.8])
    errors = np.array([True, False, False, True])
    found = error_versus_discard(quality, errors, [0.0, 0.25, 0.5, 0.9])
    assert found == pytest.approx([2 / 4, 1 / 3, 1 / 2, 0.0])


def test_worst_to_best_needs_a_best_above_zero() -> None:
    assert worst_to_best([0.1, 0.02, 0.05]) == pytest.approx(5.0)
    assert worst_to_best([0.1, 0.0]) is None
    assert worst_to_best([]) is None


@pytest.mark.parametrize("kinds", [(GENUINE, np.array([])), (np.array([]), IMPOSTOR)])
def test_a_curve_needs_scores_of_both_kinds(kinds: tuple[Scores, Scores]) -> None:
    with pytest.raises(ValueError, match="genuine and impostor"):
        error_curve(*kinds)
