from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import MonthArithmetic
from domain.errors import AppError
from domain.light import LightRule
from domain.policy import PolicyBook, PolicyEntry, PolicyPreset, ResolvedPolicy, parse_scheme
from domain.policy_values import (
    KEYS,
    CycleRules,
    FaceRules,
    RenewalModel,
    Scalar,
    Scheme,
    read_value,
)
from domain.regions import DivisionPath
from domain.second_opinion import SecondOpinion

PROVINCE, PREFECTURE, COUNTY = DivisionPath("99"), DivisionPath("9901"), DivisionPath("990101")
VILLAGE = DivisionPath("990101101203")
DAY = date(2024, 6, 1)
SCHEME = Scheme.RESIDENT_PENSION
MONTHS = "cycle.months"

SAMPLES: dict[type, Scalar] = {
    int: 12,
    float: 0.5,
    bool: False,
    MonthArithmetic: MonthArithmetic.EXACT_DAY,
    LightRule: LightRule.OFF,
    RenewalModel: RenewalModel.ROLLING,
    SecondOpinion: SecondOpinion.OFF,
}
SPECIAL: dict[str, Scalar] = {"face.review": 0.4, "liveness.light_contradicts": 0.4}


def entry(
    value: Scalar = 12,
    *,
    key: str = MONTHS,
    since: date = date(2020, 1, 1),
    until: date | None = None,
    schemes: frozenset[Scheme] = frozenset(),
    superior: bool = False,
) -> PolicyEntry:
    return PolicyEntry(
        key=key,
        value=value,
        effective_from=since,
        effective_to=until,
        basis="clause 1",
        schemes=schemes,
        superior=superior,
    )


NATIONAL = PolicyPreset(
    region=None,
    name="national",
    entries=tuple(
        entry(SPECIAL.get(key, SAMPLES[kind]), key=key, since=date(2000, 1, 1))
        for key, kind in KEYS.items()
    ),
)


def preset(region: DivisionPath, *entries: PolicyEntry) -> PolicyPreset:
    return PolicyPreset(region=region, name=region, entries=entries)


def resolve(
    presets: Iterable[PolicyPreset], division: DivisionPath, *, scheme: Scheme, on: date
) -> ResolvedPolicy:
    return PolicyBook(presets).resolve(division, scheme=scheme, on=on)


def months(*presets: PolicyPreset, on: date = DAY, scheme: Scheme = SCHEME) -> int:
    return resolve((NATIONAL, *presets), VILLAGE, scheme=scheme, on=on).values.cycle.months


def test_a_silent_county_inherits_the_national_default_and_says_so() -> None:
    resolved = resolve((NATIONAL, preset(COUNTY)), VILLAGE, scheme=SCHEME, on=DAY)
    assert resolved.values.cycle.months == 12
    assert resolved.region == COUNTY
    assert resolved.provenance[MONTHS].region == "national"
    assert set(resolved.provenance) == set(KEYS)


def test_the_most_specific_division_wins() -> None:
    layers = [
        preset(PROVINCE, entry(9)),
        preset(PREFECTURE, entry(8)),
        preset(COUNTY, entry(6)),
    ]
    assert months(*layers) == 6
    assert months(*layers[:2]) == 8
    assert months(*layers[:1]) == 9


def test_a_superior_rule_wins_and_says_so() -> None:
    province = preset(PROVINCE, entry(12, superior=True))
    county = preset(COUNTY, entry(6))
    resolved = resolve((NATIONAL, province, county), VILLAGE, scheme=SCHEME, on=DAY)
    assert resolved.values.cycle.months == 12
    assert resolved.provenance[MONTHS].region == PROVINCE
    [note] = resolved.overridden
    assert (note.key, note.loser.region, note.loser_value) == (MONTHS, COUNTY, 6)
    assert note.winner == resolved.provenance[MONTHS]


def test_of_two_superior_rules_the_higher_wins() -> None:
    assert (
        months(
            preset(PROVINCE, entry(12, superior=True)),
            preset(PREFECTURE, entry(9, superior=True)),
            preset(COUNTY, entry(6)),
        )
        == 12
    )


def test_a_superior_rule_with_nothing_below_overrides_nothing() -> None:
    resolved = resolve(
        (NATIONAL, preset(PROVINCE, entry(9, superior=True))), VILLAGE, scheme=SCHEME, on=DAY
    )
    assert resolved.values.cycle.months == 9
    assert resolved.overridden == ()


def test_a_superior_rule_rules_from_its_first_day_only() -> None:
    province = preset(PROVINCE, entry(12, since=date(2024, 6, 2), superior=True))
    county = preset(COUNTY, entry(6))
    assert months(province, county, on=date(2024, 6, 1)) == 6
    assert months(province, county, on=date(2024, 6, 2)) == 12


def test_a_rule_is_in_force_on_its_first_and_last_day() -> None:
    county = preset(COUNTY, entry(6, since=date(2024, 1, 1), until=date(2024, 12, 31)))
    assert [
        months(county, on=day)
        for day in (
            date(2023, 12, 31),
            date(2024, 1, 1),
            date(2024, 12, 31),
            date(2025, 1, 1),
        )
    ] == [12, 6, 6, 12]


def test_a_schemes_own_rule_comes_before_the_general_one_of_the_same_region() -> None:
    own = entry(3, schemes=frozenset({Scheme.WORK_INJURY}))
    for entries in ((entry(6), own), (own, entry(6))):
        county = preset(COUNTY, *entries)
        assert months(county, scheme=Scheme.WORK_INJURY) == 3
        assert months(county) == 6


def test_an_unknown_region_is_refused_even_though_a_national_default_exists() -> None:
    with pytest.raises(AppError) as refused:
        resolve((NATIONAL, preset(COUNTY)), DivisionPath("110101"), scheme=SCHEME, on=DAY)
    assert refused.value.code == "policy.region_unknown"


def test_a_region_above_the_only_preset_is_unknown() -> None:
    with pytest.raises(AppError) as refused:
        resolve((NATIONAL, preset(COUNTY)), PROVINCE, scheme=SCHEME, on=DAY)
    assert refused.value.code == "policy.region_unknown"


def test_a_malformed_division_is_refused() -> None:
    with pytest.raises(AppError) as refused:
        resolve((NATIONAL, preset(COUNTY)), DivisionPath("9901011"), scheme=SCHEME, on=DAY)
    assert refused.value.code == "division.malformed"


def test_a_day_before_every_rule_is_refused() -> None:
    with pytest.raises(AppError) as refused:
        resolve((NATIONAL, preset(COUNTY)), VILLAGE, scheme=SCHEME, on=date(1999, 12, 31))
    assert refused.value.code == "policy.not_in_force"
    assert refused.value.params["on"] == "1999-12-31"


def test_without_a_national_default_a_missing_key_is_refused() -> None:
    with pytest.raises(AppError) as refused:
        resolve((preset(COUNTY, entry(6)),), VILLAGE, scheme=SCHEME, on=DAY)
    assert refused.value.code == "policy.not_in_force"


def test_an_unknown_scheme_is_refused() -> None:
    assert parse_scheme("work_injury") is Scheme.WORK_INJURY
    with pytest.raises(AppError) as refused:
        parse_scheme("lottery")
    assert refused.value.code == "policy.scheme_unknown"


def test_two_presets_for_one_region_are_refused() -> None:
    with pytest.raises(ValueError, match="two presets"):
        PolicyBook((NATIONAL, preset(COUNTY), preset(COUNTY)))


@pytest.mark.parametrize(
    ("first", "second", "collide"),
    [
        (entry(6), entry(7, since=date(2021, 1, 1)), True),
        (entry(6, until=date(2020, 12, 31)), entry(7, since=date(2021, 1, 1)), False),
        (entry(7, since=date(2021, 1, 1)), entry(6, until=date(2020, 12, 31)), False),
        (entry(6, until=date(2021, 1, 1)), entry(7, since=date(2021, 1, 1)), True),
        (entry(6), entry(7, schemes=frozenset({SCHEME})), False),
        (
            entry(6, schemes=frozenset({Scheme.UNEMPLOYMENT})),
            entry(7, schemes=frozenset({SCHEME})),
            False,
        ),
        (
            entry(6, schemes=frozenset({SCHEME, Scheme.UNEMPLOYMENT})),
            entry(7, schemes=frozenset({SCHEME})),
            True,
        ),
        (entry(6), entry(6, key="cycle.due_soon_months"), False),
    ],
)
def test_a_region_may_not_state_two_values_at_once(
    first: PolicyEntry, second: PolicyEntry, *, collide: bool
) -> None:
    if not collide:
        assert preset(COUNTY, first, second).entries == (first, second)
        return
    with pytest.raises(ValueError, match="in force at once"):
        preset(COUNTY, first, second)


def test_a_preset_of_a_malformed_region_is_refused() -> None:
    with pytest.raises(AppError):
        preset(DivisionPath("99010"))


@pytest.mark.parametrize(
    ("key", "raw", "what"),
    [
        ("cycle.weeks", 1, "no such key"),
        (MONTHS, "12", "type int"),
        (MONTHS, True, "type int"),
        (MONTHS, 12.0, "type int"),
        (MONTHS, None, "type int"),
        (MONTHS, -1, "negative"),
        ("face.accept", "0.4", "type float"),
        ("cycle.quarterly", 1, "type bool"),
        ("cycle.renewal", "monthly", "not one of"),
        ("cycle.renewal", 3, "type RenewalModel"),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused(key: str, raw: object, what: str) -> None:
    with pytest.raises(ValueError, match=what):
        read_value(key, raw)


def test_a_whole_number_may_stand_for_a_fraction() -> None:
    value = read_value("quality.max_yaw_deg", 25)
    assert value == 25.0
    assert isinstance(value, float)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"basis": "  "}, "basis"),
        ({"effective_to": date(2019, 12, 31)}, "lies before"),
        ({"value": "x"}, "type int"),
    ],
)
def test_an_entry_needs_basis_and_dates_in_order(change: dict[str, object], what: str) -> None:
    with pytest.raises(ValueError, match=what):
        replace(entry(), **change)  # type: ignore[arg-type]  # wrong on purpose


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"months": 0}, "at least one month"),
        ({"months": 6, "arithmetic": MonthArithmetic.DAYS_365}, "12 months only"),
        ({"months": 6, "arithmetic": MonthArithmetic.BIRTHDAY_MONTH}, "12 months only"),
    ],
)
def test_a_cycle_that_cannot_be_counted_is_refused(change: dict[str, object], what: str) -> None:
    sound = CycleRules(
        months=12,
        arithmetic=MonthArithmetic.DAYS_365,
        renewal=RenewalModel.ROLLING,
        quarterly=False,
        due_soon_months=1,
    )
    with pytest.raises(ValueError, match=what):
        replace(sound, **change)  # type: ignore[arg-type]  # wrong on purpose


@pytest.mark.parametrize(("review", "accept"), [(0.5, 0.45), (0.45, 0.45), (0.0, 0.4), (0.4, 1.0)])
def test_the_review_band_lies_under_the_acceptance(review: float, accept: float) -> None:
    with pytest.raises(ValueError, match="review < accept"):
        FaceRules(
            accept=accept,
            review=review,
            references=1,
            growth_margin=0.1,
            growth_days=90,
            growth_most=3,
            second_opinion=SecondOpinion.OFF,
            second_distance=0.6,
        )


@pytest.mark.parametrize(("contradicts", "follows"), [(0.7, 0.7), (0.0, 0.7), (0.4, 1.0)])
def test_other_colours_lie_under_doubtful_ones(contradicts: float, follows: float) -> None:
    sound = resolve((NATIONAL, preset(COUNTY)), VILLAGE, scheme=SCHEME, on=DAY).values.liveness
    with pytest.raises(ValueError, match="light_contradicts < light_follows"):
        replace(sound, light_contradicts=contradicts, light_follows=follows)


def test_the_digest_changes_with_value_and_clause_and_not_with_the_day() -> None:
    def digest(*entries: PolicyEntry, on: date = DAY) -> str:
        presets = (NATIONAL, preset(COUNTY, *entries))
        return resolve(presets, VILLAGE, scheme=SCHEME, on=on).digest

    base = digest(entry(6))
    assert digest(entry(6), on=DAY + timedelta(days=30)) == base
    assert len({base, digest(entry(7)), digest(replace(entry(6), basis="clause 2"))}) == 3


def test_a_book_remembers_and_answers_the_same() -> None:
    book = PolicyBook((NATIONAL, preset(COUNTY, entry(6))))
    first = book.resolve(VILLAGE, scheme=SCHEME, on=DAY)
    assert book.resolve(COUNTY, scheme=SCHEME, on=DAY) is first
    assert book.regions == (COUNTY,)


@given(
    st.lists(
        st.tuples(
            st.sampled_from([PROVINCE, PREFECTURE, COUNTY]), st.integers(1, 36), st.booleans()
        ),
        max_size=3,
        unique_by=lambda layer: layer[0],
    ),
    st.randoms(use_true_random=False),
)
def test_the_order_of_presets_never_matters(
    layers: list[tuple[DivisionPath, int, bool]], chance: object
) -> None:
    presets = [preset(r, entry(value, superior=s)) for r, value, s in layers]
    shuffled = [NATIONAL, preset(VILLAGE), *presets]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # a seeded Random from hypothesis
    expected = 12
    for _, value, superior in sorted(layers, key=lambda layer: len(layer[0])):
        expected = value
        if superior:
            break
    assert resolve(shuffled, VILLAGE, scheme=SCHEME, on=DAY).values.cycle.months == expected
