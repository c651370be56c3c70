"""Intervals, against hand-worked values and SciPy's beta distribution."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta

from app.evaluation.intervals import Rate
from domain.intervals import clopper_pearson, rule_of_three, upper_bound


@pytest.mark.parametrize(
    ("errors", "n", "low", "high"),
    [
        (0, 10, 0.0, 1 - 0.025**0.1),  # P(no error of 10) = (1-p)^10
        (10, 10, 0.025**0.1, 1.0),
        (1, 1, 0.025, 1.0),
        (0, 1, 0.0, 0.975),
        (1, 2, 1 - 0.975**0.5, 0.975**0.5),  # P(>=1 of 2) = 1-(1-p)^2; P(<=1) = 1-p^2
    ],
)
def test_clopper_pearson_as_worked_by_hand(errors: int, n: int, low: float, high: float) -> None:
    assert clopper_pearson(errors, n) == pytest.approx((low, high), abs=1e-12)


@given(st.integers(1, 20_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_is_the_beta_distributions(counted: tuple[int, int]) -> None:
    errors, n = counted
    low, high = clopper_pearson(errors, n)
    wanted_low = beta.ppf(0.025, errors, n - errors + 1) if errors else 0.0
    wanted_high = beta.ppf(0.975, errors + 1, n - errors) if errors < n else 1.0
    assert (low, high) == pytest.approx((wanted_low, wanted_high), rel=1e-9, abs=1e-12)
    assert low <= errors / n <= high


@pytest.mark.parametrize(("errors", "n"), [(0, 1_800_000), (180, 1_800_000), (900_000, 1_800_000)])
def test_millions_of_comparisons_keep_six_digits(errors: int, n: int) -> None:
    _, high = clopper_pearson(errors, n)
    assert high == pytest.approx(beta.ppf(0.975, errors + 1, n - errors), rel=1e-6)


@pytest.mark.parametrize(
    ("n", "bound"), [(150, 0.01977), (300, 0.009936), (3000, 0.000998), (30_000, 0.0000999)]
)
def test_no_error_seen_is_bounded_as_by_the_rule_of_three(n: int, bound: float) -> None:
    assert upper_bound(0, n) == pytest.approx(bound, rel=1e-3)
    assert upper_bound(0, n) == pytest.approx(1 - 0.05 ** (1 / n), rel=1e-9)
    assert upper_bound(0, n) <= rule_of_three(n) <= 1.02 * upper_bound(0, n)


def test_the_rule_of_three_never_says_more_than_one() -> None:
    assert rule_of_three(2) == 1.0


def test_a_rate_says_its_n_and_both_bounds() -> None:
    written = Rate(errors=0, n=150).as_json()
    assert written["rate"] == 0.0
    assert written["rule_of_three"] == pytest.approx(0.02)
    assert written["low"] == 0.0
    assert written["upper"] < written["high"] < 0.025
    assert Rate(errors=1, n=150).as_json()["rule_of_three"] is None


def test_a_rate_of_nothing_claims_nothing() -> None:
    written = Rate(errors=0, n=0).as_json()
    assert written.pop("errors") == written.pop("n") == 0
    assert set(written.values()) == {None}


@pytest.mark.parametrize(("errors", "n"), [(2, 1), (-1, 3), (1, 0)])
def test_more_errors_than_trials_are_no_rate(errors: int, n: int) -> None:
    with pytest.raises(ValueError, match="no rate"):
        Rate(errors=errors, n=n)
