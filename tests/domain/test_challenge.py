import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.challenge import (
    SLOW,
    STANDARD,
    TICK_MS,
    Action,
    Challenge,
    Need,
    Pace,
    Step,
    allowed_actions,
    from_json,
    guess_probability,
    make_challenge,
    pace_for,
    sequences,
    to_json,
)
from domain.errors import AppError, Kind
from domain.ids import SessionId

AT = datetime(2026, 1, 5, 8, 30, tzinfo=UTC)
ID = SessionId(UUID("01890000-0000-7000-8000-000000000001"))
NONCE = "n0nce-of_thirty-two-characters--"
needs_sets = st.sets(st.sampled_from(Need))


def chance(seed: int) -> Callable[[int], int]:
    """A small linear congruential generator: repeatable, and good enough for a spread."""
    state = seed * 2 + 1

    def draw(n: int) -> int:
        nonlocal state
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (state >> 33) % n

    return draw


def challenge(seed: int = 1, needs: set[Need] | None = None, pace: Pace | None = None) -> Challenge:
    return make_challenge(
        draw=chance(seed),
        needs=needs or set(),
        at=AT,
        ttl_s=120,
        nonce=NONCE,
        challenge_id=ID,
        pace=pace,
    )


@given(st.integers(0, 10**9), needs_sets)
def test_every_challenge_asks_only_for_what_the_person_can_do(seed: int, needs: set[Need]) -> None:
    made = challenge(seed, needs)
    assert {s.action for s in made.steps} <= set(allowed_actions(needs))
    assert set(made.needs) == needs


@given(st.integers(0, 10**9), needs_sets)
def test_every_challenge_has_three_steps_or_more_and_one_that_is_no_blink(
    seed: int, needs: set[Need]
) -> None:
    actions = [s.action for s in challenge(seed, needs).steps]
    assert len(actions) >= 3
    assert set(actions) != {Action.BLINK}


@given(st.integers(0, 10**9), needs_sets)
def test_no_action_comes_twice_running_unless_it_is_the_only_one(
    seed: int, needs: set[Need]
) -> None:
    actions = [s.action for s in challenge(seed, needs).steps]
    if len(allowed_actions(needs)) > 1:
        assert all(a is not b for a, b in pairwise(actions))


@given(st.integers(0, 10**9), needs_sets)
def test_an_old_person_has_time_for_each_step_and_the_clip_stays_short(
    seed: int, needs: set[Need]
) -> None:
    made = challenge(seed, needs)
    assert all(b.onset_ms - a.onset_ms >= 1300 for a, b in pairwise(made.steps))
    assert all(s.onset_ms % TICK_MS == 0 for s in made.steps)
    assert made.steps[0].onset_ms >= 800
    longest = 8_000 if pace_for(needs) is STANDARD else 10_200
    assert 5_000 <= made.duration_ms <= longest


@given(st.integers(0, 10**9), needs_sets)
def test_the_public_form_reads_back_exactly(seed: int, needs: set[Need]) -> None:
    made = challenge(seed, needs)
    document = json.loads(json.dumps(to_json(made)))
    assert from_json(document) == made
    assert to_json(from_json(document)) == document


@pytest.mark.parametrize(
    ("needs", "left"),
    [
        (set(), set(Action)),
        ({Need.SEATED}, set(Action)),
        ({Need.NO_TURN}, {Action.NOD, Action.OPEN_MOUTH, Action.BLINK}),
        ({Need.NO_BLINK}, set(Action) - {Action.BLINK}),
        ({Need.BEDRIDDEN}, set(Action) - {Action.NOD}),
        ({Need.BEDRIDDEN, Need.NO_TURN}, {Action.OPEN_MOUTH, Action.BLINK}),
        (set(Need), {Action.OPEN_MOUTH}),
    ],
)
def test_a_need_only_takes_actions_away(needs: set[Need], left: set[Action]) -> None:
    assert set(allowed_actions(needs)) == left


@pytest.mark.parametrize(
    ("needs", "pace"),
    [
        (set(), STANDARD),
        ({Need.NO_BLINK}, STANDARD),
        ({Need.NO_TURN}, STANDARD),
        ({Need.SEATED}, SLOW),
        ({Need.BEDRIDDEN}, SLOW),
        ({Need.NO_TURN, Need.NO_BLINK}, SLOW),
    ],
)
def test_whoever_sits_or_lies_or_can_do_little_is_given_longer_steps(
    needs: set[Need], pace: Pace
) -> None:
    assert pace_for(needs) is pace


def test_every_order_is_reached_by_the_draw() -> None:
    orders = sequences(allowed_actions(()), 4)
    assert len(orders) == len(set(orders)) == 276
    drawn = {
        tuple(
            s.action
            for s in make_challenge(
                draw=lambda n, k=k: k if n == 276 else 0,  # type: ignore[misc]
                needs=(),
                at=AT,
                ttl_s=1,
                nonce=NONCE,
                challenge_id=ID,
            ).steps
        )
        for k in range(276)
    }
    assert drawn == set(orders)


def test_a_standard_challenge_is_guessed_less_than_three_times_in_a_thousand() -> None:
    assert guess_probability(STANDARD) < 3e-3
    assert guess_probability(Pace(steps=5)) < 1e-3
    assert guess_probability(STANDARD, {Need.NO_BLINK}) < 6e-3
    assert guess_probability(STANDARD, {Need.NO_TURN}) < 6e-2


def test_wider_windows_fewer_steps_and_less_slack_are_easier_to_guess() -> None:
    standard = guess_probability(STANDARD)
    assert guess_probability(replace(STANDARD, window_ms=1300)) > standard
    assert guess_probability(replace(STANDARD, steps=3)) > standard
    assert guess_probability(replace(STANDARD, slack_ms=1000)) > standard


def test_without_slack_only_the_order_is_left_to_guess() -> None:
    assert guess_probability(replace(STANDARD, slack_ms=0)) == pytest.approx(1 / 276)


def test_no_prepared_clip_answers_more_often_than_the_guess_probability_says() -> None:
    pace = Pace(steps=3, window_ms=500, slack_ms=1500)
    draws = [challenge(seed, {Need.NO_BLINK}, pace) for seed in range(4000)]
    times = [[s.onset_ms for s in c.steps] for c in draws]

    def hit_share(moves: list[int]) -> float:
        hits = sum(
            all(o <= m <= o + pace.window_ms for o, m in zip(onsets, moves, strict=True))
            for onsets in times
        )
        return hits / len(draws)

    shares = [
        hit_share([800 + a + 250, 2100 + b + 250, 3400 + c + 250])
        for a in range(0, 1500, 125)
        for b in range(a, 1500, 125)
        for c in range(b, 1500, 125)
    ]
    said = guess_probability(pace, {Need.NO_BLINK}) * len(
        sequences(allowed_actions({Need.NO_BLINK}), 3)
    )
    assert max(shares) <= said * 1.1  # sampling noise of 4,000 draws
    assert max(shares) >= said * 0.8


def test_a_challenge_expires_at_its_moment_and_not_before() -> None:
    made = challenge()
    assert not made.is_expired(AT + timedelta(seconds=120) - timedelta(microseconds=1))
    assert made.is_expired(AT + timedelta(seconds=120))


def test_a_challenge_issued_in_another_zone_is_kept_in_utc() -> None:
    made = make_challenge(
        draw=chance(1),
        needs=(),
        at=AT.astimezone(timezone(timedelta(hours=8))),
        ttl_s=120,
        nonce=NONCE,
        challenge_id=ID,
    )
    assert made == challenge()


@pytest.mark.parametrize(
    "change",
    [
        {"steps": 2},
        {"lead_ms": -50},
        {"spacing_ms": 1310},
        {"window_ms": 0},
        {"window_ms": 1350},
        {"slack_ms": 25_000},
    ],
)
def test_a_pace_that_nobody_could_follow_is_refused(change: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"step|tick|overlap|longer"):
        replace(STANDARD, **change)


def broken_documents() -> list[Any]:
    whole = to_json(challenge())
    steps = whole["steps"]
    out: list[Any] = [None, [], "challenge", 7, {}]
    out += [{k: v for k, v in whole.items() if k != name} for name in whole]
    out += [whole | {name: None} for name in whole]
    changes: list[dict[str, Any]] = [
        {"schema": "jianzai.challenge.v2"},
        {"more": 1},
        {"id": "7"},
        {"id": str(ID).upper() + "A"},
        {"nonce": ""},
        {"nonce": "short"},
        {"nonce": "white space is not allowed"},
        {"issued_at": "2026-01-05T08:30:00"},
        {"issued_at": "2026-01-05T16:30:00+08:00"},
        {"issued_at": "yesterday"},
        {"expires_at": whole["issued_at"]},
        {"duration_ms": 10},
        {"duration_ms": 30_001},
        {"duration_ms": float(whole["duration_ms"])},
        {"duration_ms": True},
        {"steps": steps[:2]},
        {"steps": steps[::-1]},
        {"steps": [steps[0], *steps]},
        {"steps": [{**steps[0], "onset_ms": -50}, *steps[1:]]},
        {"steps": [{**steps[0], "window_ms": 0}, *steps[1:]]},
        {"steps": [{**steps[0], "action": "jump"}, *steps[1:]]},
        {"steps": [{**steps[0], "note": "x"}, *steps[1:]]},
        {"steps": "abc"},
        {"needs": "no_turn"},
        {"needs": ["no_turn", "no_turn"]},
        {"needs": ["no_hurry"]},
        {"needs": {}},
    ]
    return out + [whole | change for change in changes]


@pytest.mark.parametrize("document", broken_documents())
def test_a_document_that_is_off_in_anything_is_malformed(document: Any) -> None:
    with pytest.raises(AppError) as refused:
        from_json(document)
    assert (refused.value.kind, refused.value.code) == (Kind.INVALID, "challenge.malformed")


def test_times_without_a_zone_are_refused() -> None:
    with pytest.raises(ValueError, match="UTC"):
        replace(challenge(), issued_at=AT.replace(tzinfo=None))


def test_a_step_counts_until_its_window_ends() -> None:
    assert Step(action=Action.NOD, onset_ms=1500, window_ms=1000).end_ms == 2500
