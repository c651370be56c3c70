from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.contact import (
    LONGEST_NOTE,
    UNSUCCESSFUL,
    ContactChannel,
    ContactOutcome,
    Try,
    check_contact,
    check_enough,
    proof,
    reached,
)
from domain.errors import AppError, Kind
from domain.policy_values import ContactRules

RULES = ContactRules(attempts=3, channels=2, days=2)
NOW = datetime(2026, 3, 20, 2, 0, tzinfo=UTC)
CALL, SMS, VISIT = ContactChannel.CALL, ContactChannel.SMS, ContactChannel.VISIT
NO_ANSWER, REACHED = ContactOutcome.NO_ANSWER, ContactOutcome.REACHED

tries = st.lists(
    st.builds(
        lambda channel, outcome, hours: a_try(channel, outcome, hours=hours),
        st.sampled_from(ContactChannel),
        st.sampled_from(ContactOutcome),
        st.integers(0, 200),
    ),
    max_size=12,
)


def a_try(channel: ContactChannel, outcome: ContactOutcome = NO_ANSWER, *, hours: int = 0) -> Try:
    """A try so many hours ago."""
    at = NOW - timedelta(hours=hours)
    return Try(channel=channel, outcome=outcome, at=at, on=(at + timedelta(hours=8)).date())


ENOUGH = (a_try(CALL, hours=50), a_try(CALL, hours=30), a_try(SMS, hours=2))


def test_three_tries_by_two_means_on_two_days_are_enough() -> None:
    found = proof(ENOUGH, RULES)
    assert (found.attempts, found.channels, found.days) == (3, 2, 3)
    check_enough(found)


@pytest.mark.parametrize(
    ("made", "missing"),
    [
        pytest.param([], (3, 2, 2), id="none"),
        pytest.param(ENOUGH[:2], (1, 1, 0), id="two-calls"),
        pytest.param([a_try(CALL, hours=h) for h in (0, 30, 60)], (0, 1, 0), id="one-means"),
        pytest.param([a_try(c) for c in (CALL, SMS, VISIT)], (0, 0, 1), id="one-day"),
    ],
)
def test_what_is_missing_is_named(made: list[Try], missing: tuple[int, int, int]) -> None:
    with pytest.raises(AppError) as refused:
        check_enough(proof(made, RULES))
    error = refused.value
    assert (error.kind, error.code) == (Kind.CONFLICT, "contact.too_few")
    named = ("attempts_missing", "channels_missing", "days_missing")
    assert tuple(error.params[name] for name in named) == missing


@pytest.mark.parametrize("outcome", sorted(set(ContactOutcome) - UNSUCCESSFUL))
def test_who_was_reached_is_counted_from_then_on(outcome: ContactOutcome) -> None:
    lived = proof([*ENOUGH, a_try(VISIT, outcome, hours=1)], RULES)
    assert (lived.attempts, lived.channels, lived.days) == (0, 0, 0)
    before = proof([a_try(VISIT, outcome, hours=90), *ENOUGH], RULES)
    assert before.is_enough


def test_a_certification_or_an_appeal_of_ones_own_is_being_reached() -> None:
    assert proof(ENOUGH, RULES, reached_at=NOW - timedelta(hours=2)).attempts == 0
    assert proof(ENOUGH, RULES, reached_at=NOW - timedelta(hours=10)).attempts == 1
    assert proof(ENOUGH, RULES, reached_at=NOW - timedelta(days=9)).is_enough


def test_the_day_is_that_of_the_law_not_of_greenwich() -> None:
    late, early = datetime(2026, 3, 1, 15, 59, tzinfo=UTC), datetime(2026, 3, 1, 16, 0, tzinfo=UTC)
    made = [
        Try(channel=CALL, outcome=NO_ANSWER, at=at, on=(at + timedelta(hours=8)).date())
        for at in (late, early)
    ]
    assert proof(made, RULES).days == 2


@given(tries)
def test_a_further_unsuccessful_try_never_sets_the_count_back(made: list[Try]) -> None:
    before, after = proof(made, RULES), proof([*made, a_try(VISIT)], RULES)
    if not any(reached(one.outcome) and one.at == NOW for one in made):
        assert after.attempts == before.attempts + 1
        assert after.channels >= before.channels
        assert after.days >= before.days


@given(tries)
def test_being_reached_always_sets_the_count_to_nothing(made: list[Try]) -> None:
    assert proof([*made, a_try(CALL, REACHED)], RULES).attempts == 0


@given(tries.flatmap(lambda made: st.tuples(st.just(made), st.permutations(made))))
def test_the_order_of_the_log_does_not_matter(twice: tuple[list[Try], list[Try]]) -> None:
    made, mixed = twice
    assert proof(mixed, RULES) == proof(made, RULES)


@given(tries)
def test_unreachable_is_said_only_when_nothing_of_the_three_is_missing(made: list[Try]) -> None:
    found = proof(made, RULES)
    lives = [one.at for one in made if reached(one.outcome)]
    counted = [
        one for one in made if not reached(one.outcome) and all(one.at > life for life in lives)
    ]
    wanted = (
        len(counted) >= RULES.attempts
        and len({one.channel for one in counted}) >= RULES.channels
        and len({one.on for one in counted}) >= RULES.days
    )
    assert found.is_enough is wanted


def test_only_what_did_not_reach_anybody_counts_as_unsuccessful() -> None:
    assert {o for o in ContactOutcome if not reached(o)} == UNSUCCESSFUL
    assert ContactOutcome.REFUSED not in UNSUCCESSFUL


@pytest.mark.parametrize(
    ("ago", "note", "code"),
    [
        (timedelta(seconds=-1), "", "contact.in_future"),
        (timedelta(days=365, seconds=1), "", "contact.too_old"),
        (timedelta(), "长" * (LONGEST_NOTE + 1), "contact.note_too_long"),
    ],
)
def test_a_contact_that_cannot_be_is_refused(ago: timedelta, note: str, code: str) -> None:
    with pytest.raises(AppError) as refused:
        check_contact(NOW - ago, note, now=NOW)
    assert (refused.value.kind, refused.value.code) == (Kind.INVALID, code)


@pytest.mark.parametrize("ago", [timedelta(), timedelta(days=365)])
def test_the_edges_of_the_year_are_fine(ago: timedelta) -> None:
    check_contact(NOW - ago, "长" * LONGEST_NOTE, now=NOW)


@pytest.mark.parametrize(("attempts", "channels", "days"), list(product((0, 1, 2), repeat=3)))
def test_a_minimum_asks_for_something_that_can_be_met(
    attempts: int, channels: int, days: int
) -> None:
    if 1 <= channels <= attempts and 1 <= days <= attempts:
        ContactRules(attempts=attempts, channels=channels, days=days)
        return
    with pytest.raises(ValueError, match="contact"):
        ContactRules(attempts=attempts, channels=channels, days=days)
