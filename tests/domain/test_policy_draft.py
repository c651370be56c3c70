"""Who may put a value in a preset's place, from when, on what ground, and which value."""

from contextlib import suppress
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.presets import load_presets
from domain.errors import AppError
from domain.policy import PolicyEntry
from domain.policy_bounds import BOUNDS, parse_value
from domain.policy_override import OverrideDraft, check_draft, check_reach, check_still_ahead
from domain.policy_values import KEYS, Scalar, Scheme
from domain.regions import DivisionPath
from domain.roles import Permission, Role, may
from tests.acts import code_of
from tests.domain.overrides import DIGEST, TODAY, TOMORROW, draft
from tests.places import COUNTY, TOWNSHIP, VILLAGE

# -- who and where ---------------------------------------------------------------------------


@pytest.mark.parametrize("place", [COUNTY, TOWNSHIP, VILLAGE])
def test_the_bureau_may_change_policy_in_its_county_and_below(place: DivisionPath) -> None:
    check_reach(Role.COUNTY_BUREAU, COUNTY, place)


@pytest.mark.parametrize("place", ["99", "9901", "990102", "990102100", "36"])
def test_nobody_changes_policy_above_or_beside_the_own_county(place: str) -> None:
    act = lambda: check_reach(Role.COUNTY_BUREAU, COUNTY, DivisionPath(place))  # noqa: E731
    assert code_of(act) == "policy.division_unknown"


@pytest.mark.parametrize("seat", ["99", "9901"])
def test_not_even_a_higher_seat_changes_policy_above_a_county(seat: str) -> None:
    place = DivisionPath(seat)
    assert (
        code_of(lambda: check_reach(Role.COUNTY_BUREAU, place, place)) == "policy.division_unknown"
    )


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.COUNTY_BUREAU])
def test_no_other_role_changes_policy(role: Role) -> None:
    assert not may(role, Permission.POLICY_CHANGE)
    assert code_of(lambda: check_reach(role, COUNTY, COUNTY)) == "permission.denied"


# -- what a draft needs ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "good",
    [
        draft(),
        draft(effective_to=TOMORROW),
        draft(key="cycle.months", value=6, schemes=frozenset({Scheme.WORK_INJURY})),
        draft(key="face.accept", value=0.5, report_digest=DIGEST),
        draft(report_digest=DIGEST),
    ],
)
def test_a_complete_draft_is_taken(good: OverrideDraft) -> None:
    check_draft(good, today=TODAY)


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"basis": "  三号 "}, "policy.basis_required"),
        ({"basis": "依" * 501}, "policy.basis_too_long"),
        ({"effective_from": TODAY}, "policy.begins_too_early"),
        ({"effective_from": date(2020, 1, 1)}, "policy.begins_too_early"),
        ({"effective_to": TODAY}, "policy.ends_before_it_begins"),
        ({"schemes": frozenset({Scheme.WORK_INJURY})}, "policy.schemes_inseparable"),
        ({"key": "face.accept", "value": 0.5}, "policy.report_required"),
        ({"key": "face.second_opinion", "value": "review"}, "policy.report_required"),
        ({"key": "liveness.depth", "value": 0.9}, "policy.report_required"),
        ({"report_digest": "ab" * 31}, "policy.report_malformed"),
        ({"report_digest": "AB" * 32}, "policy.report_malformed"),
        ({"report_digest": "xy" * 32}, "policy.report_malformed"),
        ({"report_digest": ""}, "policy.report_malformed"),
    ],
)
def test_an_incomplete_draft_is_refused(changed: dict[str, Any], refusal: str) -> None:
    assert code_of(lambda: check_draft(draft(**changed), today=TODAY)) == refusal


def test_what_should_have_begun_is_not_confirmed_any_more() -> None:
    check_still_ahead(TOMORROW, today=TODAY)
    for day in (TODAY, TODAY - timedelta(days=1)):
        assert code_of(partial(check_still_ahead, day, today=TODAY)) == "policy.day_passed"


# -- values as they are typed ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "typed", "value"),
    [
        ("review.claim_minutes", " 20 ", 20),
        ("review.claim_minutes", "２０", 20),
        ("face.accept", "0.5", 0.5),
        ("face.accept", "０．５", 0.5),
        ("liveness.depth", "1", 1.0),
        ("cycle.quarterly", "true", True),
        ("cycle.quarterly", "false", False),
        ("cycle.renewal", "rolling", "rolling"),
    ],
)
def test_a_value_is_read_as_its_key_says(key: str, typed: str, value: Scalar) -> None:
    found = parse_value(key, typed)
    assert found == value
    assert type(found) is KEYS[key]


@pytest.mark.parametrize(
    ("key", "typed", "refusal"),
    [
        ("review.nothing", "1", "policy.key_unknown"),
        ("review.claim_minutes", "", "policy.value_malformed"),
        ("review.claim_minutes", "20.5", "policy.value_malformed"),
        ("review.claim_minutes", "-20", "policy.value_malformed"),
        ("review.claim_minutes", "1e2", "policy.value_malformed"),
        ("review.claim_minutes", "二十", "policy.value_malformed"),
        ("review.claim_minutes", "9" * 40, "policy.value_malformed"),
        ("face.accept", "nan", "policy.value_malformed"),
        ("face.accept", "inf", "policy.value_malformed"),
        ("face.accept", "0,5", "policy.value_malformed"),
        ("face.accept", "True", "policy.value_malformed"),
        ("cycle.quarterly", "1", "policy.value_malformed"),
        ("cycle.renewal", "yearly", "policy.value_malformed"),
        ("review.claim_minutes", "0", "policy.value_out_of_range"),
        ("review.clock_working_days", "4", "policy.value_out_of_range"),
        ("face.accept", "0.05", "policy.value_out_of_range"),
        ("retention.consent_years_after_end", "2", "policy.value_out_of_range"),
    ],
)
def test_a_slip_of_the_pen_is_refused(key: str, typed: str, refusal: str) -> None:
    assert code_of(lambda: parse_value(key, typed)) == refusal


@given(st.sampled_from(sorted(KEYS)), st.text(max_size=12))
def test_whatever_is_typed_is_a_value_of_the_key_or_refused(key: str, typed: str) -> None:
    with suppress(AppError):
        assert type(parse_value(key, typed)) is KEYS[key]


def test_every_number_has_bounds_and_every_preset_keeps_them() -> None:
    assert set(BOUNDS) == {key for key, kind in KEYS.items() if kind in {int, float}}
    for preset in load_presets():
        for entry in preset.entries:
            if entry.key in BOUNDS:
                lowest, highest = BOUNDS[entry.key]
                assert lowest <= float(entry.value) <= highest, (preset.name, entry.key)


@given(st.sampled_from(sorted(BOUNDS)), st.booleans())
def test_the_bounds_themselves_are_values_that_a_preset_could_state(key: str, low: bool) -> None:  # noqa: FBT001
    text = f"{BOUNDS[key][0 if low else 1]:g}"
    PolicyEntry(key=key, value=parse_value(key, text), effective_from=TODAY, basis="x")
