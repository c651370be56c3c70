"""The second matcher may only send a case to a human, and only where a policy asks for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biometrics.second.veto import SecondOpinion, vetoed

FAR, NEAR = 0.9, 0.3
DISTANCES = st.floats(min_value=0.0, max_value=2.0)


@given(st.lists(DISTANCES))
def test_a_policy_that_does_not_ask_for_it_is_never_vetoed(distances: list[float]) -> None:
    assert not vetoed(SecondOpinion.OFF, distances)


@pytest.mark.parametrize(
    ("distances", "expected"),
    [([NEAR], False), ([FAR], True), ([FAR, NEAR], False), ([FAR, FAR], True), ([], True)],
)
def test_the_nearest_reference_counts_and_a_missing_distance_never_helps(
    distances: list[float], *, expected: bool
) -> None:
    assert vetoed(SecondOpinion.VETO, distances) is expected


def test_the_limit_itself_is_not_too_far() -> None:
    assert not vetoed(SecondOpinion.VETO, [0.5], limit=0.5)
    assert vetoed(SecondOpinion.VETO, [0.5001], limit=0.5)


@given(st.lists(DISTANCES, min_size=1), DISTANCES)
def test_one_more_reference_never_brings_a_veto(distances: list[float], more: float) -> None:
    if not vetoed(SecondOpinion.VETO, distances):
        assert not vetoed(SecondOpinion.VETO, [*distances, more])
