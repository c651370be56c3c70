import json
from dataclasses import replace
from datetime import timedelta, timezone
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.challenge import (
    BY_PHONE,
    LONGEST_MS,
    SIDEWAYS,
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
    make_challenge,
    pace_for,
    sequences,
    to_json,
    with_light,
)
from domain.errors import AppError, Kind
from tests.domain.challenges import AT, ID, NONCE, challenge, chance

needs_sets = st.sets(st.sampled_from(Need))


@given(st.integers(0, 10**9), needs_sets)
def test_every_challenge_asks_only_for_what_the_person_can_do(seed: int, needs: set[Need]) -> None:
    made = challenge(seed, needs)
    assert {s.action for s in made.steps} <= set(allowed_actions(needs))
    assert set(made.needs) == needs


def no_blink(made: Challenge) -> list[Action]:
    return [s.action for s in made.steps if s.action is not Action.BLINK]


@given(st.integers(0, 10**9), needs_sets)
def test_a_challenge_has_five_steps_and_now_and_then_a_blink_beside_them(
    seed: int, needs: set[Need]
) -> None:
    made = challenge(seed, needs)
    assert len(no_blink(made)) == 5
    assert len(made.steps) <= 6


def test_a_blink_is_asked_for_once_in_six_challenges() -> None:
    with_blink = sum(len(challenge(seed).steps) == 6 for seed in range(1200))
    assert 150 < with_blink < 250  # 200 expected, deviation 13


@given(st.integers(0, 10**9), needs_sets)
def test_nothing_comes_twice_running_and_one_step_shows_the_face_from_a_side(
    seed: int, needs: set[Need]
) -> None:
    actions = no_blink(challenge(seed, needs))
    assert all(a is not b for a, b in pairwise(actions))
    assert SIDEWAYS & set(actions)


@given(st.integers(0, 10**9), needs_sets)
def test_an_old_person_has_time_for_each_step_and_the_clip_stays_short(
    seed: int, needs: set[Need]
) -> None:
    made = challenge(seed, needs)
    pace = pace_for(needs)
    assert all(s.window_ms >= 1200 for s in made.steps)
    assert all(b.onset_ms - a.onset_ms >= pace.spacing_ms for a, b in pairwise(made.steps))
    assert all(s.onset_ms % TICK_MS == 0 for s in made.steps)
    assert made.steps[0].onset_ms >= 600
    assert made.duration_ms <= pace.longest_ms(len(made.steps)) <= 20_000


@pytest.mark.parametrize(
    ("needs", "mean_ms", "longest_ms"),
    [
        (set[Need](), 11_500, 13_200),
        ({Need.SEATED}, 16_000, 18_200),
        ({Need.NO_TURN}, 17_500, 20_000),
    ],
)
def test_clips_last_as_long_as_the_field_app_is_told(
    needs: set[Need], mean_ms: float, longest_ms: float
) -> None:
    lengths = [challenge(seed, needs).duration_ms for seed in range(400)]
    assert sum(lengths) / len(lengths) < mean_ms
    assert max(lengths) <= longest_ms


@pytest.mark.parametrize("needs", [set[Need](), {Need.NO_TURN}])
@pytest.mark.parametrize("steps", [3, 4, 5, 6])
def test_no_order_is_its_own_reverse(needs: set[Need], steps: int) -> None:
    orders = sequences(allowed_actions(needs), steps)
    assert orders
    assert all(order != order[::-1] for order in orders)


@given(st.integers(0, 10**9), needs_sets)
def test_a_clip_played_backwards_never_answers_its_own_challenge(
    seed: int, needs: set[Need]
) -> None:
    """Whatever the timing: windows never overlap, so that order alone tells them apart.

    Blinks may come anywhere by themselves, so that they are left out of account.
    """
    made = challenge(seed, needs)
    for lag_ms in range(0, made.steps[0].window_ms + 1, 100):
        moves = [(s.action, made.duration_ms - s.onset_ms - lag_ms) for s in made.steps[::-1]]
        backwards = [(action, at) for action, at in moves if action is not Action.BLINK]
        asked = [s for s in made.steps if s.action is not Action.BLINK]
        assert not all(
            action is step.action and step.onset_ms <= at <= step.end_ms
            for (action, at), step in zip(backwards, asked, strict=True)
        )


@given(st.integers(0, 10**9), needs_sets)
def test_the_public_form_reads_back_exactly(seed: int, needs: set[Need]) -> None:
    made = challenge(seed, needs)
    document = json.loads(json.dumps(to_json(made)))
    assert from_json(document) == made
    assert to_json(from_json(document)) == document


@given(st.integers(0, 10**9), needs_sets)
def test_colours_are_part_of_the_public_form_and_never_shown_to_who_cannot_bear_them(
    seed: int, needs: set[Need]
) -> None:
    made = with_light(challenge(seed, needs), chance(seed))
    assert ("light" in to_json(made)) == (Need.NO_FLASH not in needs)
    assert from_json(json.loads(json.dumps(to_json(made)))) == made


def test_colours_for_someone_who_asked_for_none_are_refused() -> None:
    shown = with_light(challenge(), chance(1))
    with pytest.raises(ValueError, match="cannot bear"):
        replace(shown, needs=(Need.NO_FLASH,))


HEAD = {
    Action.TURN_LEFT,
    Action.TURN_RIGHT,
    Action.NOD,
    Action.OPEN_MOUTH,
    Action.BLINK,
    Action.TILT_LEFT,
    Action.TILT_RIGHT,
}
STILL = {
    Action.OPEN_MOUTH,
    Action.BLINK,
    Action.PHONE_LEFT,
    Action.PHONE_RIGHT,
    Action.PHONE_UP,
    Action.PHONE_DOWN,
}
BLINK = {Action.BLINK}


@pytest.mark.parametrize(
    ("needs", "left"),
    [
        (set(), HEAD),
        ({Need.SEATED}, HEAD),
        ({Need.TREMOR}, HEAD),
        ({Need.NO_BLINK}, HEAD - BLINK),
        ({Need.PTOSIS}, HEAD - BLINK),
        ({Need.GLASSES}, HEAD - BLINK),
        ({Need.NO_FLASH}, HEAD),
        ({Need.NO_TURN}, STILL),
        ({Need.BEDRIDDEN}, STILL),
        ({Need.BEDRIDDEN, Need.NO_TURN}, STILL),
        (set(Need), STILL - BLINK),
    ],
)
def test_whoever_keeps_the_head_still_is_shown_by_the_phone(
    needs: set[Need], left: set[Action]
) -> None:
    assert set(allowed_actions(needs)) == left


@pytest.mark.parametrize(
    ("needs", "pace"),
    [
        (set(), STANDARD),
        ({Need.NO_BLINK}, STANDARD),
        ({Need.GLASSES}, STANDARD),
        ({Need.SEATED}, SLOW),
        ({Need.TREMOR}, SLOW),
        ({Need.NO_TURN}, BY_PHONE),
        ({Need.BEDRIDDEN}, BY_PHONE),
        ({Need.TREMOR, Need.NO_TURN}, BY_PHONE),
    ],
)
def test_whoever_sits_or_trembles_or_holds_still_is_given_longer_steps(
    needs: set[Need], pace: Pace
) -> None:
    assert pace_for(needs) is pace


@pytest.mark.parametrize("fewest", [0, 4, 5, 6, 7])
def test_policy_may_ask_for_more_steps_and_never_for_fewer(fewest: int) -> None:
    assert pace_for({Need.BEDRIDDEN}, fewest=fewest).steps == max(5, fewest)


def test_every_order_is_reached_by_the_draw() -> None:
    orders = sequences(allowed_actions(()), 5)
    assert len(orders) == len(set(orders)) == 3312
    drawn = {
        tuple(
            s.action
            for s in make_challenge(
                draw=lambda n, k=k: k if n == 3312 else n // 2,  # type: ignore[misc]
                needs=(),
                at=AT,
                ttl_s=1,
                nonce=NONCE,
                challenge_id=ID,
            ).steps
        )
        for k in range(3312)
    }
    assert drawn == set(orders)


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
        {"steps": 8},
        {"lead_ms": -50},
        {"spacing_ms": 1310},
        {"window_ms": 0},
        {"window_ms": 1250},
        {"slack_ms": LONGEST_MS},
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
        {"light": None},
        {"light": {"segments": []}},
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
