"""The second matcher may only send a case to a human, and only where a policy asks for it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.biometric import FaceEvidence
from domain.decision import Decision, Outcome, decide
from domain.limits import Limits
from domain.reasons import Reason
from domain.second_opinion import SecondMeasure, contradicts
from tests.domain.evidence import GOOD, MODELS, any_evidence

FAR, NEAR, LIMIT = 0.9, 0.3, 0.6
DISTANCES = st.floats(min_value=0.0, max_value=2.0)
ASKED = Limits(second_distance=LIMIT)
WITH_SECOND = {**MODELS, "second": "dlib@0123456789ab"}
measures = st.none() | st.builds(
    SecondMeasure, selfie=st.none() | DISTANCES, clip=st.none() | DISTANCES
)


def decided(
    selfie: float | None, clip: float | None, limits: Limits = ASKED, tries: int = 2
) -> Decision:
    second = SecondMeasure(selfie=selfie, clip=clip)
    found = replace(GOOD, second=second, models=WITH_SECOND)
    return decide(found, limits, open_leads=0, tries_left=tries)


@pytest.mark.parametrize(
    ("distances", "expected"),
    [([NEAR], False), ([FAR], True), ([FAR, NEAR], False), ([FAR, FAR], True), ([], True)],
)
def test_the_nearest_reference_counts_and_a_missing_distance_never_helps(
    distances: list[float], *, expected: bool
) -> None:
    assert contradicts(distances, limit=LIMIT) is expected


def test_the_limit_itself_is_not_too_far() -> None:
    assert not contradicts([0.5], limit=0.5)
    assert contradicts([0.5001], limit=0.5)
    assert contradicts([float("nan")], limit=0.5)


@given(st.lists(DISTANCES, min_size=1), DISTANCES)
def test_one_more_reference_never_brings_a_contradiction(
    distances: list[float], more: float
) -> None:
    if not contradicts(distances, limit=LIMIT):
        assert not contradicts([*distances, more], limit=LIMIT)


def test_what_it_agrees_with_passes() -> None:
    assert decided(NEAR, LIMIT).outcome is Outcome.PASS


@pytest.mark.parametrize(("selfie", "clip"), [(FAR, NEAR), (NEAR, FAR), (FAR, FAR)])
def test_what_it_contradicts_is_reviewed_under_a_name_of_its_own(
    selfie: float, clip: float
) -> None:
    decision = decided(selfie, clip)
    assert decision.outcome is Outcome.REVIEW
    assert decision.reasons == (Reason.SECOND_DIFFERS,)
    told = {c.name: (c.value, c.threshold) for c in decision.checks if not c.ok}
    assert told.keys() <= {"second_selfie", "second_clip"}
    assert set(told.values()) == {(FAR, LIMIT)}


def test_a_face_it_could_not_describe_is_reviewed() -> None:
    assert decided(NEAR, None).reasons == (Reason.NOT_MEASURED,)


def test_without_its_file_what_policy_asks_about_is_reviewed() -> None:
    decision = decide(GOOD, ASKED, open_leads=0, tries_left=2)
    assert decision.outcome is Outcome.REVIEW
    assert decision.reasons == (Reason.MODEL_MISSING,)


@given(measures)
def test_where_policy_does_not_ask_it_says_nothing(second: SecondMeasure | None) -> None:
    plain = decide(GOOD, Limits(), open_leads=0, tries_left=2)
    assert decide(replace(GOOD, second=second), Limits(), open_leads=0, tries_left=2) == plain


@given(any_evidence, measures, st.integers(0, 2))
def test_it_never_lifts_an_outcome_and_never_asks_anybody_again(
    evidence: FaceEvidence, second: SecondMeasure | None, tries: int
) -> None:
    found = replace(evidence, second=second)
    before = decide(found, Limits(), open_leads=0, tries_left=tries).outcome
    after = decide(found, ASKED, open_leads=0, tries_left=tries).outcome
    assert after is before or (before, after) == (Outcome.PASS, Outcome.REVIEW)


@pytest.mark.parametrize("distance", [0.0, -1.0, float("inf"), float("nan")])
def test_a_distance_that_holds_up_anybody_or_nobody_is_refused(distance: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        Limits(second_distance=distance)
