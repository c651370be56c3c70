"""How often a clip made beforehand would pass, for every set of needs."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, product
from typing import NamedTuple

import pytest

from domain.challenge import STANDARD, Need, allowed_actions, pace_for, sequences
from domain.guessing import best_onset_guess, guess_probability, onset_guess

GOAL = 3e-5


class Row(NamedTuple):
    """What `field_app_spec/README.md` says of a set of needs."""

    needs: tuple[Need, ...]
    kinds: int  # besides a blink
    mean_ms: int  # without one
    longest_ms: int  # with one
    guess: float


TABLE = (
    Row((), 6, 11_133, 13_200, 2.80e-5),
    Row((Need.NO_BLINK,), 6, 11_133, 12_000, 2.56e-5),
    Row((Need.SEATED,), 6, 15_333, 18_200, 2.90e-5),
    Row((Need.SEATED, Need.GLASSES), 6, 15_333, 16_400, 2.66e-5),
    Row((Need.NO_TURN,), 5, 16_833, 20_000, 2.85e-5),
    Row((Need.BEDRIDDEN, Need.NO_BLINK), 5, 16_833, 18_200, 2.42e-5),
)


@pytest.mark.parametrize("row", TABLE)
def test_the_table_that_the_documents_show_is_right(row: Row) -> None:
    pace, actions = pace_for(row.needs), allowed_actions(row.needs)
    blinks = "blink" in actions
    assert len(actions) - blinks == row.kinds
    mean_ms = pace.shortest_ms(pace.steps) + pace.slack_ms * pace.steps / (pace.steps + 1)
    assert mean_ms == pytest.approx(row.mean_ms, abs=1)
    assert pace.longest_ms(pace.steps + blinks) == row.longest_ms
    assert guess_probability(pace, row.needs) == pytest.approx(row.guess, rel=5e-3)


def every_set_of_needs() -> Iterator[tuple[Need, ...]]:
    for size in range(len(Need) + 1):
        yield from combinations(Need, size)


def test_no_set_of_needs_makes_a_challenge_easier_to_guess_than_the_goal() -> None:
    sets = list(every_set_of_needs())
    assert len(sets) == 2 ** len(Need)
    assert max(guess_probability(pace_for(needs), needs) for needs in sets) <= GOAL


def test_wider_windows_fewer_steps_and_less_slack_are_easier_to_guess() -> None:
    standard = guess_probability(STANDARD)
    assert guess_probability(replace(STANDARD, window_ms=1300, spacing_ms=1300)) > standard
    assert guess_probability(replace(STANDARD, steps=4)) > standard
    assert guess_probability(replace(STANDARD, slack_ms=4000)) > standard


def test_without_slack_only_the_order_is_left_to_guess() -> None:
    still = replace(STANDARD, slack_ms=0)
    orders = len(sequences(allowed_actions(()), still.steps))
    assert guess_probability(still) == pytest.approx(1 / orders)


@pytest.mark.parametrize("free", [(False, False), (True, False), (False, True, False)])
@pytest.mark.parametrize(("room", "width"), [(7, 2), (9, 4), (6, 6)])
def test_the_climb_ends_where_every_time_tried_in_turn_does(
    room: int, width: int, free: tuple[bool, ...]
) -> None:
    starts = product(range(-width, room + 1), repeat=len(free))
    best = max(onset_guess(room, width, free, tried) for tried in starts)
    assert best_onset_guess(room, width, free) == pytest.approx(best)


@pytest.mark.parametrize("free", [(False, False, False), (False, True, False)])
def test_the_count_of_draws_is_right(free: tuple[bool, ...]) -> None:
    room, width, starts = 5, 2, (0, 1, 3)
    draws = [sorted(draw) for draw in product(range(room + 1), repeat=3)]
    hits = sum(
        all(f or s <= d <= s + width for f, s, d in zip(free, starts, draw, strict=True))
        for draw in draws
    )
    assert onset_guess(room, width, free, starts) == pytest.approx(hits / len(draws))


def test_a_blink_beside_the_steps_does_not_help_a_clip_that_blinks_all_along() -> None:
    """Its window is free, its place shifts the others: taken into the bound, and little."""
    with_blink, without = guess_probability(STANDARD), guess_probability(STANDARD, [Need.NO_BLINK])
    assert without < with_blink < 1.15 * without
