"""Cllr and PAV: hand-worked examples and properties."""

from math import inf, log, log2

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import isotonic_regression

from app.evaluation.likelihood import best_ratios, cllr, cross_validated, fit_line, min_cllr, pooled
from app.evaluation.metrics import Scores

SCORES = st.integers(1, 40).flatmap(
    lambda n: arrays(np.float64, n, elements=st.integers(-20, 20).map(lambda k: k / 20))
)


def test_saying_nothing_costs_one_bit() -> None:
    assert cllr(np.zeros(7), np.zeros(3)) == pytest.approx(1.0, abs=1e-12)


def test_the_cost_as_worked_by_hand() -> None:
    # LR 3 for the genuine: log2(1 + 1/3); LR 1/3 and 1 for impostors: log2(4/3) and log2(2).
    by_hand = (log2(4 / 3) + (log2(4 / 3) + 1) / 2) / 2
    assert cllr(np.array([log(3)]), np.array([-log(3), 0.0])) == pytest.approx(by_hand, abs=1e-12)


def test_certainty_costs_nothing_when_right_and_all_when_wrong() -> None:
    assert cllr(np.array([inf]), np.array([-inf])) == 0.0
    assert cllr(np.array([-inf]), np.array([-inf])) == inf


def test_the_best_ratios_as_worked_by_hand() -> None:
    # Sorted: I(.1) I(.2) G(.3) I(.4) G(.5) G(.6). PAV pools G(.3) and I(.4) to a share of 1/2;
    # prior odds are 1, so that pool has LLR 0 and costs one bit for its one score of either kind.
    genuine, impostor = np.array([0.3, 0.5, 0.6]), np.array([0.1, 0.2, 0.4])
    of_genuine, of_impostor = best_ratios(genuine, impostor)
    assert of_genuine == pytest.approx([0.0, inf, inf])
    assert of_impostor == pytest.approx([-inf, -inf, 0.0])
    assert min_cllr(genuine, impostor) == pytest.approx((1 / 3 + 1 / 3) / 2, abs=1e-12)


def test_equal_scores_get_one_ratio() -> None:
    genuine, impostor = np.array([0.5, 0.5, 0.5]), np.array([0.5])
    assert min_cllr(genuine, impostor) == pytest.approx(1.0, abs=1e-12)


@given(SCORES)
def test_pooling_is_the_isotonic_regression(values: Scores) -> None:
    weights = np.asarray(1.0 + np.arange(values.size) % 3, np.float64)
    wanted = isotonic_regression(values, weights=weights).x
    assert pooled(values, weights) == pytest.approx(wanted, abs=1e-9)


@given(SCORES, SCORES)
def test_no_line_costs_less_than_the_best_monotone_map(genuine: Scores, impostor: Scores) -> None:
    least = min_cllr(genuine, impostor)
    assert -1e-12 <= least <= 1.0 + 1e-12
    line = fit_line(genuine, impostor)
    if line.slope >= 0:
        assert least <= cllr(line(genuine), line(impostor)) + 1e-9


@given(SCORES, SCORES)
def test_the_least_cost_does_not_change_when_scores_are_stretched(
    genuine: Scores, impostor: Scores
) -> None:
    stretched = min_cllr(np.exp(genuine), np.exp(impostor))
    assert stretched == pytest.approx(min_cllr(genuine, impostor), abs=1e-9)


def test_the_line_finds_the_ratio_of_two_bells() -> None:
    # N(2, 1) against N(0, 1): LLR = 2 s - 2.
    chance = np.random.default_rng(1)
    line = fit_line(chance.normal(2, 1, 40_000), chance.normal(0, 1, 60_000))
    assert (line.slope, line.offset) == pytest.approx((2.0, -2.0), abs=0.06)


def test_each_fold_is_judged_by_the_others() -> None:
    chance = np.random.default_rng(2)
    genuine, impostor = chance.normal(2, 1, 500), chance.normal(0, 1, 500)
    folds = np.arange(500) % 5
    judged = cross_validated(genuine, impostor, genuine_fold=folds, impostor_fold=folds)
    assert judged is not None
    alone = fit_line(genuine[folds != 3], impostor[folds != 3])
    assert judged[0][folds == 3] == pytest.approx(alone(genuine[folds == 3]))
    assert min_cllr(genuine, impostor) < cllr(*judged) < min_cllr(genuine, impostor) + 0.05


def test_folds_that_leave_no_genuine_scores_judge_nothing() -> None:
    one, none = np.zeros(3, np.int64), np.arange(4)
    scores = (np.ones(3), np.zeros(4))
    assert cross_validated(*scores, genuine_fold=one, impostor_fold=none) is None
