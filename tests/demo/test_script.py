"""A performance answers a challenge in time, or fails it in the way that it says."""

from datetime import UTC, datetime
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from app.demo.profiles import PROFILES
from app.demo.script import Behaviour, Course, perform
from domain.challenge import Action, Challenge, Need, make_challenge
from domain.ids import SessionId

SEEDS = st.integers(0, 2**20)
unhurried = settings(deadline=None, max_examples=40)


def _drawn(seed: int, needs: tuple[Need, ...] = ()) -> Challenge:
    chance = np.random.default_rng(seed)
    return make_challenge(
        draw=lambda bound: int(chance.integers(bound)),
        needs=needs,
        at=datetime(2026, 3, 2, tzinfo=UTC),
        ttl_s=120,
        nonce="made-up-nonce-0002",
        challenge_id=SessionId(UUID(int=seed)),
    )


def _share(pose: Course, action: Action) -> NDArray[np.float64]:
    """How much of an action is shown, 1 for what anyone would call it."""
    beside, above = pose.view
    return {
        Action.TURN_LEFT: pose.yaw_deg / 18,
        Action.TURN_RIGHT: -pose.yaw_deg / 18,
        Action.NOD: pose.pitch_deg / 12,
        Action.OPEN_MOUTH: pose.mouth / 0.6,
        Action.BLINK: pose.blink / 0.9,
        Action.TILT_LEFT: pose.roll_deg / 14,
        Action.TILT_RIGHT: -pose.roll_deg / 14,
        Action.PHONE_LEFT: beside / 16,
        Action.PHONE_RIGHT: -beside / 16,
        Action.PHONE_UP: above / 16,
        Action.PHONE_DOWN: -above / 16,
    }[action]


def _best(challenge: Challenge, behaviour: Behaviour, seed: int) -> list[float]:
    """Per step, the most that its action was shown inside its window."""
    performance = perform(challenge, behaviour, seed=seed)
    return [
        float(_share(performance.course(_moments(s.onset_ms, s.end_ms)), s.action).max())
        for s in challenge.steps
    ]


def _moments(from_ms: int, to_ms: int) -> NDArray[np.float64]:
    return np.arange(from_ms, to_ms, 20, dtype=np.float64)


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
def test_a_phone_is_carried_around_a_head_that_keeps_still(seed: int) -> None:
    challenge = _drawn(seed, (Need.BEDRIDDEN,))
    performance = perform(challenge, Behaviour.ANSWERS, seed=seed)
    seen = performance.course(_moments(0, performance.duration_ms))
    assert (np.abs(seen.yaw_deg) + np.abs(seen.pitch_deg) + np.abs(seen.roll_deg)).max() < 4
    assert min(_best(challenge, Behaviour.ANSWERS, seed)) >= 0.9


@unhurried
@given(seed=SEEDS)
def test_who_is_late_shows_nothing_in_time(seed: int) -> None:
    challenge = _drawn(seed)
    performance = perform(challenge, Behaviour.LATE, seed=seed)
    assert all(
        movement.begins > step.end_ms
        for movement, step in zip(performance.movements, challenge.steps, strict=False)
    )


@pytest.mark.parametrize("name", PROFILES)
def test_a_manner_only_changes_how_the_asked_movements_are_made(name: str) -> None:
    profile = PROFILES[name]
    challenge = _drawn(11, profile.needs)
    performance = perform(challenge, Behaviour.ANSWERS, seed=11, manner=profile.manner)
    made = performance.movements[: len(challenge.steps)]
    assert [m.action for m in made] == [s.action for s in challenge.steps]
    shortest, longest = profile.manner.reaction
    assert all(
        shortest <= m.begins - s.onset_ms <= longest
        for m, s in zip(made, challenge.steps, strict=True)
    )


def test_the_course_is_the_poses_at_many_moments(challenge: Challenge) -> None:
    performance = perform(challenge, Behaviour.ANSWERS, seed=4)
    at_ms = np.arange(0.0, 6000.0, 250.0)
    course = performance.course(at_ms)
    poses = [performance.pose_at(at) for at in at_ms]
    assert list(course.yaw_deg) == [pose.yaw_deg for pose in poses]
    assert list(course.view[1]) == [pose.view[1] for pose in poses]


@unhurried
@given(seed=SEEDS)
def test_a_wrong_order_misses_at_least_half_of_the_steps(seed: int) -> None:
    shown = _best(_drawn(seed), Behaviour.WRONG_ORDER, seed)
    assert sum(share < 0.5 for share in shown) * 2 >= len(shown)


@unhurried
@given(seed=SEEDS)
def test_who_does_not_respond_only_sways_and_blinks(seed: int) -> None:
    performance = perform(_drawn(seed), Behaviour.NO_RESPONSE, seed=seed)
    seen = performance.course(_moments(0, performance.duration_ms))
    assert (np.abs(seen.yaw_deg) + np.abs(seen.pitch_deg)).max() < 3
    assert not seen.mouth.any()


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
