"""The bootstrap by subject."""

import numpy as np
import pytest

from app.evaluation.resampling import subject_interval, subjects_repeat
from domain.intervals import clopper_pearson


def test_without_repeated_subjects_nothing_is_redrawn() -> None:
    people, errors = np.arange(6), np.array([True, False] * 3)
    assert not subjects_repeat(people, people)
    assert subject_interval(people, people, errors) is None


@pytest.mark.parametrize("error", [True, False])
def test_rates_of_none_and_of_all_are_left_to_the_exact_bounds(error: bool) -> None:  # noqa: FBT001
    people = np.zeros(5, np.int64)
    assert subject_interval(people, people, np.full(5, error)) is None


def test_errors_that_cling_to_a_few_people_widen_the_interval() -> None:
    people = np.repeat(np.arange(20), 10)
    clinging, spread = people < 2, np.arange(200) % 10 == 0  # 20 errors of 200, both
    wide, narrow = (subject_interval(people, people, e) for e in (clinging, spread))
    assert wide is not None
    assert narrow is not None
    exact = clopper_pearson(20, 200)
    assert wide[1] - wide[0] > exact[1] - exact[0] > narrow[1] - narrow[0]
    assert narrow == pytest.approx((0.1, 0.1))  # everybody errs once in ten


def test_impostors_count_as_often_as_both_people_were_drawn() -> None:
    left, right = np.triu_indices(12, k=1)
    errors = (left == 0) & (right < 4)
    low, high = subject_interval(left, right, errors) or (1.0, 0.0)
    assert low == 0.0  # the one person who looks like others is often not drawn
    assert high > 2 * errors.mean()


def test_the_same_data_give_the_same_interval() -> None:
    people = np.repeat(np.arange(8), 4)
    errors = people == 3
    assert subject_interval(people, people, errors) == subject_interval(people, people, errors)
