"""What rules once a value stands in a preset's place, and what cannot rule together."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.presets import load_presets
from domain.policy import PolicyBook, PolicyEntry, PolicyPreset
from domain.policy_override import OverrideDraft, OverrideState, check_fits, entry_of, state_of
from domain.policy_values import Scalar, Scheme
from domain.proposal import Answer
from domain.regions import DivisionPath
from tests.acts import code_of
from tests.domain.overrides import PRESETS, TODAY, TOMORROW, book, draft, ruled
from tests.places import COUNTY, TOWNSHIP, VILLAGE

# -- what then rules -------------------------------------------------------------------------


def test_an_override_rules_from_its_day_to_its_last() -> None:
    rules = book(draft(effective_to=TOMORROW + timedelta(days=9)))
    days = [TODAY, TOMORROW, TOMORROW + timedelta(days=9), TOMORROW + timedelta(days=10)]
    assert [ruled(rules, "review.claim_minutes", on=day) for day in days] == [30, 20, 20, 30]


def test_an_override_rules_its_division_and_below_and_nowhere_else() -> None:
    rules = book(draft(division=TOWNSHIP))
    places = [VILLAGE, TOWNSHIP, DivisionPath("990101101001"), COUNTY]
    found = [ruled(rules, "review.claim_minutes", at=place) for place in places]
    assert found == [20, 20, 30, 30]


def test_a_narrower_override_wins_over_a_wider_one_whichever_was_first() -> None:
    wide, narrow = draft(value=20), draft(division=TOWNSHIP, value=40)
    for rules in (book(wide, narrow), book(narrow, wide)):
        assert ruled(rules, "review.claim_minutes") == 40


def test_the_newest_of_two_rules_and_the_older_comes_back_after_it() -> None:
    lasting = draft(value=20)
    month = draft(value=40, effective_from=date(2026, 4, 1), effective_to=date(2026, 4, 30))
    for rules in (book(lasting, month), book(month, lasting)):
        days = (TOMORROW, date(2026, 4, 1), date(2026, 4, 30), date(2026, 5, 1))
        assert [ruled(rules, "review.claim_minutes", on=day) for day in days] == [20, 40, 40, 20]


def test_of_two_from_the_same_day_the_one_confirmed_last_rules() -> None:
    assert ruled(book(draft(value=20), draft(value=40)), "review.claim_minutes") == 40
    assert ruled(book(draft(value=40), draft(value=20)), "review.claim_minutes") == 20


def test_a_preset_for_one_scheme_gives_way_to_an_override_for_that_scheme_only() -> None:
    """The county's preset has 3 months for work injury, 12 for the rest."""
    general = draft(key="cycle.months", value=6)
    own = draft(key="cycle.months", value=4, schemes=frozenset({Scheme.WORK_INJURY}))

    def months(rules: PolicyBook) -> tuple[Scalar, Scalar]:
        return (
            ruled(rules, "cycle.months"),
            ruled(rules, "cycle.months", scheme=Scheme.WORK_INJURY),
        )

    assert months(PRESETS) == (12, 3)
    assert months(book(general)) == (6, 3)
    assert months(book(own)) == (12, 4)
    assert months(book(own, general)) == months(book(general, own)) == (6, 4)


def test_a_superior_rule_still_wins_and_the_loser_is_named() -> None:
    above = PolicyEntry(
        key="review.claim_minutes",
        value=25,
        effective_from=date(2024, 1, 1),
        basis="省厅规定",
        superior=True,
    )
    province = PolicyPreset(region=DivisionPath("99"), name="虚构省", entries=(above,))
    rules = book(draft(), presets=PolicyBook([*load_presets(), province]))
    found = rules.resolve(VILLAGE, scheme=Scheme.RESIDENT_PENSION, on=TOMORROW)
    assert found.value("review.claim_minutes") == 25
    (lost,) = found.overridden
    assert (lost.winner.region, lost.loser.override, lost.loser_value) == ("99", "0", 20)


def test_an_override_of_a_superior_rule_of_the_same_county_is_superior_too() -> None:
    own = PolicyEntry(
        key="review.claim_minutes",
        value=25,
        effective_from=date(2024, 1, 1),
        basis="县里规定",
        superior=True,
    )
    low = replace(own, value=45, superior=False)
    presets = PolicyBook(
        [
            load_presets()[0],
            PolicyPreset(region=COUNTY, name="县", entries=(own,)),
            PolicyPreset(region=TOWNSHIP, name="镇", entries=(low,)),
        ]
    )
    assert ruled(presets, "review.claim_minutes") == 25
    assert ruled(book(draft(), presets=presets), "review.claim_minutes") == 20


def test_an_override_is_seen_in_provenance_and_digest_and_only_while_it_rules() -> None:
    rules = book(draft())
    before, after = (
        rules.resolve(VILLAGE, scheme=Scheme.RESIDENT_PENSION, on=day) for day in (TODAY, TOMORROW)
    )
    plain = PRESETS.resolve(VILLAGE, scheme=Scheme.RESIDENT_PENSION, on=TODAY)
    assert (before.digest, before.region) == (plain.digest, plain.region)
    assert after.digest != plain.digest
    source = after.provenance["review.claim_minutes"]
    assert (source.override, source.basis, source.region) == ("0", draft().basis, COUNTY)
    assert [k for k, p in after.provenance.items() if p.override] == ["review.claim_minutes"]


def test_a_place_without_a_preset_is_not_named_before_its_override_begins() -> None:
    rules = book(draft(division=TOWNSHIP))
    named = [
        rules.resolve(VILLAGE, scheme=Scheme.RESIDENT_PENSION, on=day).region
        for day in (TODAY, TOMORROW)
    ]
    assert named == [COUNTY, TOWNSHIP]


@given(st.lists(st.tuples(st.integers(5, 240), st.integers(0, 20)), max_size=5), st.integers(0, 30))
def test_what_rules_depends_on_the_days_and_not_on_what_was_asked_before(
    values: list[tuple[int, int]], later: int
) -> None:
    drafts = [
        draft(value=value, effective_from=TOMORROW + timedelta(days=begin))
        for value, begin in values
    ]
    on = TOMORROW + timedelta(days=later)
    begun = [item for item in drafts if item.effective_from <= on]
    newest = max((item.effective_from for item in begun), default=None)
    wanted = [item.value for item in begun if item.effective_from == newest][-1:] or [30]
    assert ruled(book(*drafts), "review.claim_minutes", on=on) == wanted[0]


def test_an_unknown_value_is_not_looked_up() -> None:
    found = PRESETS.resolve(VILLAGE, scheme=Scheme.RESIDENT_PENSION, on=TODAY)
    with pytest.raises(KeyError):
        found.value("review.nothing")


# -- what cannot be together -----------------------------------------------------------------


def test_the_presets_contradict_themselves_nowhere() -> None:
    for region in PRESETS.regions:
        check_fits(PRESETS, DivisionPath(region), since=date.min)


@pytest.mark.parametrize(
    "drafts",
    [
        [draft(key="face.review", value=0.47)],
        [draft(key="face.accept", value=0.33)],
        [draft(key="cycle.arithmetic", value="days_365")],
        [draft(key="liveness.steps", value=6)],
        [draft(key="liveness.steps", value=1)],
        [
            draft(key="review.clock_working_days", value=1),
            draft(key="review.target_working_days", value=2),
        ],
        [draft(key="liveness.light_contradicts", value=0.7)],
    ],
)
def test_values_that_contradict_each_other_are_refused(drafts: list[OverrideDraft]) -> None:
    rules = book(*drafts)
    assert code_of(lambda: check_fits(rules, COUNTY, since=TOMORROW)) == "policy.contradiction"


def test_a_contradiction_is_found_below_and_on_a_later_day() -> None:
    below = draft(division=TOWNSHIP, key="face.accept", value=0.4, effective_from=date(2026, 6, 1))
    wide = draft(key="face.review", value=0.42)
    assert code_of(lambda: check_fits(book(below, wide), COUNTY, since=TOMORROW)) == (
        "policy.contradiction"
    )
    check_fits(book(replace(below, effective_to=date(2026, 6, 2))), COUNTY, since=TOMORROW)


def test_a_contradiction_that_only_an_end_brings_about_is_found() -> None:
    """Both are moved up; when the one ends before the other, what is left contradicts itself."""
    accept = draft(key="face.accept", value=0.6, effective_to=date(2026, 5, 31))
    review = draft(key="face.review", value=0.5)
    assert code_of(lambda: check_fits(book(accept, review), COUNTY, since=TOMORROW)) == (
        "policy.contradiction"
    )
    ended = replace(review, effective_to=date(2026, 5, 31))
    check_fits(book(accept, ended), COUNTY, since=TOMORROW)


def test_a_value_that_its_key_cannot_have_is_no_rule() -> None:
    with pytest.raises(ValueError, match="needs a value of type int"):
        entry_of(draft(value="20"), "0")


# -- where it stands -------------------------------------------------------------------------

S = OverrideState
A = Answer


@pytest.mark.parametrize(
    ("answer", "begins", "ends", "state"),
    [
        (None, 1, None, S.PENDING),
        (None, 0, None, S.LAPSED),
        (None, -5, -1, S.LAPSED),
        (A.RETURNED, -5, None, S.RETURNED),
        (A.WITHDRAWN, 1, None, S.WITHDRAWN),
        (A.CONFIRMED, 1, None, S.SCHEDULED),
        (A.CONFIRMED, 0, None, S.IN_FORCE),
        (A.CONFIRMED, 0, 0, S.IN_FORCE),
        (A.CONFIRMED, -5, -1, S.ENDED),
    ],
)
def test_where_an_override_stands(
    answer: Answer | None, begins: int, ends: int | None, state: OverrideState
) -> None:
    assert state is state_of(
        answer,
        effective_from=TODAY + timedelta(days=begins),
        effective_to=None if ends is None else TODAY + timedelta(days=ends),
        today=TODAY,
    )
