"""Scores as evidence: monotone, bounded by the data, and nothing for a missing score."""

from dataclasses import replace
from datetime import date
from math import log10

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.likelihood import Calibration

SOUND = Calibration(
    knots=((0.35, -2.0), (0.42, 0.0), (0.52, 3.0)),
    scheme="made-up",
    genuine_pairs=100,
    impostor_pairs=1000,
    data_digest="0" * 64,
    fitted_on=date(2026, 11, 1),
)
SCORES = st.floats(min_value=-1, max_value=1)


@given(SCORES, SCORES)
def test_a_higher_score_never_weighs_less(one: float, other: float) -> None:
    low, high = (SOUND.log10_lr(score) for score in sorted((one, other)))
    assert low is not None
    assert high is not None
    assert low <= high


@given(st.floats(min_value=-1e6, max_value=1e6))
def test_no_score_says_more_than_the_pairs_can_bear(score: float) -> None:
    ratio = SOUND.log10_lr(score)
    assert ratio is not None
    assert -log10(101) <= ratio <= log10(1001)


@pytest.mark.parametrize("score", [None, float("nan"), float("inf"), float("-inf")])
def test_a_missing_score_is_no_evidence(score: float | None) -> None:
    assert SOUND.log10_lr(score) is None


@pytest.mark.parametrize(
    ("score", "ratio"),
    [(-1, -2), (0.35, -2), (0.385, -1), (0.42, 0), (0.47, 1.5), (0.52, 3), (1, 3)],
)
def test_between_two_knots_it_is_straight_and_outside_them_flat(score: float, ratio: float) -> None:
    assert SOUND.log10_lr(score) == pytest.approx(ratio)


@pytest.mark.parametrize(
    "knots",
    [
        (),
        ((0.4, 0.0),),
        ((0.4, 0.0), (0.4, 1.0)),
        ((0.5, 0.0), (0.4, 1.0)),
        ((0.4, 1.0), (0.5, 0.0)),
        ((0.4, 0.0), (0.5, float("nan"))),
        ((0.4, -2.1), (0.5, 1.0)),
        ((0.4, 0.0), (0.5, 3.1)),
    ],
    ids=["none", "one", "same score", "descending", "falling", "no number", "too low", "too high"],
)
def test_a_map_that_is_no_calibration_is_refused(knots: tuple[tuple[float, float], ...]) -> None:
    with pytest.raises(ValueError, match="calibration"):
        replace(SOUND, knots=knots)


def test_a_calibration_rests_on_pairs_of_both_kinds() -> None:
    with pytest.raises(ValueError, match="both kinds"):
        replace(SOUND, genuine_pairs=0)
