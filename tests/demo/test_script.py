"""A performance answers a challenge in time, or fails it in the way that it says."""

from datetime import UTC, datetime
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.demo.puppet import Pose
from app.demo.script import Behaviour, perform
from domain.challenge import Action, Challenge, make_challenge
from domain.ids import SessionId

SEEDS = st.integers(0, 2**20)
unhurried = settings(deadline=None, max_examples=40)


def _drawn(seed: int) -> Challenge:
    chance = np.random.default_rng(seed)
    return make_challenge(
        draw=lambda bound: int(chance.integers(bound)),
        needs=(),
        at=datetime(2026, 3, 2, tzinfo=UTC),
        ttl_s=120,
        nonce="made-up-nonce-0002",
        challenge_id=SessionId(UUID(int=seed)),
    )


def _share(pose: Pose, action: Action) -> float:
    """How much of an action a pose shows, 1 for what anyone would call it."""
    return {
        Action.TURN_LEFT: pose.yaw_deg / 18,
        Action.TURN_RIGHT: -pose.yaw_deg / 18,
        Action.NOD: pose.pitch_deg / 12,
        Action.OPEN_MOUTH: pose.mouth / 0.6,
        Action.BLINK: pose.blink / 0.9,
    }[action]


def _best(challenge: Challenge, behaviour: Behaviour, seed: int) -> list[float]:
    """Per step, the most that its action was shown inside its window."""
    performance = perform(challenge, behaviour, seed=seed)
    return [
        max(
            _share(performance.pose_at(at), step.action)
            for at in range(step.onset_ms, step.end_ms, 20)
        )
        for step in challenge.steps
    ]


@unhurried
@given(seed=SEEDS)
def test_an_answer_shows_every_action_inside_its_window(seed: int) -> None:
    assert min(_best(_drawn(seed), Behaviour.ANSWERS, seed)) >= 1


@unhurried
@given(seed=SEEDS)
def test_an_elderly_answer_is_smaller_and_still_in_time(seed: int) -> None:
    slow = _best(_drawn(seed), Behaviour.ELDERLY_SLOW, seed)
    assert min(slow) >= 0.9
    assert sum(slow) < sum(_best(_drawn(seed), Behaviour.ANSWERS, seed))


@unhurried
@given(seed=SEEDS)
def test_a_wrong_order_misses_at_least_half_of_the_steps(seed: int) -> None:
    shown = _best(_drawn(seed), Behaviour.WRONG_ORDER, seed)
    assert sum(share < 0.5 for share in shown) * 2 >= len(shown)


@unhurried
@given(seed=SEEDS)
def test_who_does_not_respond_only_sways_and_blinks(seed: int) -> None:
    performance = perform(_drawn(seed), Behaviour.NO_RESPONSE, seed=seed)
    poses = [performance.pose_at(at) for at in range(0, performance.duration_ms, 50)]
    assert max(abs(pose.yaw_deg) + abs(pose.pitch_deg) for pose in poses) < 3
    assert all(pose.mouth == 0 for pose in poses)


def test_reversed_is_the_answer_played_backwards(challenge: Challenge) -> None:
    forward = perform(challenge, Behaviour.ANSWERS, seed=3)
    back = perform(challenge, Behaviour.REVERSED, seed=3)
    assert back.pose_at(1000) == forward.pose_at(challenge.duration_ms - 1000)


def test_nothing_moves_before_the_first_onset(challenge: Challenge) -> None:
    performance = perform(challenge, Behaviour.ANSWERS, seed=3)
    assert abs(performance.pose_at(challenge.steps[0].onset_ms).yaw_deg) < 2


@pytest.mark.parametrize("behaviour", Behaviour)
def test_the_same_seed_gives_the_same_performance(
    challenge: Challenge, behaviour: Behaviour
) -> None:
    once, again = (perform(challenge, behaviour, seed=5) for _ in range(2))
    other = perform(challenge, behaviour, seed=6)
    assert once == again
    assert once != other
