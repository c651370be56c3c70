"""Challenge scoring on made-up signals: what counts, when, and what speaks against someone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from biometrics.movements import Signals, score_steps
from domain.biometric import StepGrade, StepScore
from domain.challenge import Action, Step

Series = NDArray[np.float64]
HZ = 15
AT_MS: Series = np.arange(0, 7000, 1000 / HZ)
STEPS = (
    Step(action=Action.TURN_LEFT, onset_ms=1000, window_ms=1000),
    Step(action=Action.NOD, onset_ms=2500, window_ms=1000),
    Step(action=Action.OPEN_MOUTH, onset_ms=4000, window_ms=1000),
    Step(action=Action.BLINK, onset_ms=5500, window_ms=1000),
)
ANSWER = {
    Action.TURN_LEFT: 1350.0,
    Action.NOD: 2850.0,
    Action.OPEN_MOUTH: 4350.0,
    Action.BLINK: 5850.0,
}


def bump(at_ms: float, height: float, *, width_ms: float = 700) -> Series:
    """Rise from 0 to `height` and back, its middle `width_ms / 2` after `at_ms`."""
    phase = np.clip((AT_MS - at_ms) / width_ms, 0, 1)
    return np.asarray(height * np.sin(np.pi * phase) ** 2, np.float64)


def signals(
    moves: dict[Action, float], *, amount: float = 1.0, mouth: float = 0.05, eye: float = 0.3
) -> Signals:
    """A person who makes each movement once, beginning at the given time."""
    yaw, pitch, gap, lids = (np.zeros_like(AT_MS) for _ in range(4))
    for action, at_ms in moves.items():
        match action:
            case Action.TURN_LEFT:
                yaw += bump(at_ms, 20 * amount)
            case Action.TURN_RIGHT:
                yaw -= bump(at_ms, 20 * amount)
            case Action.NOD:
                pitch += bump(at_ms, 14 * amount)
            case Action.OPEN_MOUTH:
                gap += bump(at_ms, 0.4 * amount)
            case Action.BLINK:
                lids += bump(at_ms, 0.7 * amount, width_ms=400)
    return Signals(
        at_ms=AT_MS,
        yaw_deg=yaw,
        pitch_deg=pitch,
        mouth=mouth + gap,
        eye=eye * (1 - np.clip(lids, 0, 1)),
    )


def grades(scores: tuple[StepScore, ...]) -> list[StepGrade]:
    return [score.grade for score in scores]


def replaced(base: Signals, **series: Series) -> Signals:
    kept = {name: getattr(base, name) for name in Signals.__slots__}
    return Signals(**{**kept, **series})


def test_every_step_answered_in_its_window_is_seen() -> None:
    scores, unasked = score_steps(signals(ANSWER), STEPS)
    assert grades(scores) == [StepGrade.SEEN] * 4
    assert unasked == ()
    assert all(s.at_ms is not None and s.at_ms >= s.onset_ms for s in scores)


def test_no_movement_leaves_every_step_missing_and_nothing_unasked() -> None:
    scores, unasked = score_steps(signals({}), STEPS)
    assert grades(scores) == [StepGrade.MISSING] * 4
    assert unasked == ()


def test_half_a_movement_is_weak() -> None:
    scores, unasked = score_steps(signals(ANSWER, amount=0.45), STEPS)
    assert grades(scores) == [StepGrade.WEAK] * 4
    assert unasked == ()


@pytest.mark.parametrize("late_ms", [700.0, 1200.0])
def test_a_late_movement_is_weak_and_not_held_against_anyone(late_ms: float) -> None:
    late = ANSWER | {Action.NOD: ANSWER[Action.NOD] + late_ms}
    scores, unasked = score_steps(signals(late), STEPS)
    assert scores[1].grade is StepGrade.WEAK
    assert unasked == ()


def test_a_face_that_cannot_be_measured_says_nothing() -> None:
    hidden = np.where((AT_MS > 900) & (AT_MS < 2200), np.nan, 0.0)
    scores, _ = score_steps(replaced(signals(ANSWER), yaw_deg=hidden), STEPS)
    assert scores[0].grade is StepGrade.UNSEEN


def test_a_single_outlying_frame_is_not_a_turn() -> None:
    spike = np.zeros_like(AT_MS)
    spike[np.searchsorted(AT_MS, 1500)] = 40.0
    scores, unasked = score_steps(replaced(signals({}), yaw_deg=spike), STEPS)
    assert scores[0].grade is not StepGrade.SEEN
    assert Action.TURN_LEFT not in unasked


def test_turning_to_the_other_side_is_missing_and_unasked() -> None:
    moves = {**ANSWER, Action.TURN_RIGHT: ANSWER[Action.TURN_LEFT]}
    del moves[Action.TURN_LEFT]
    scores, unasked = score_steps(signals(moves), STEPS)
    assert scores[0].grade is StepGrade.MISSING
    assert unasked == (Action.TURN_RIGHT,)


def test_the_right_movements_in_the_wrong_order_are_unasked() -> None:
    swapped = ANSWER | {
        Action.TURN_LEFT: ANSWER[Action.OPEN_MOUTH],
        Action.OPEN_MOUTH: ANSWER[Action.TURN_LEFT],
    }
    scores, unasked = score_steps(signals(swapped), STEPS)
    assert scores[0].grade is StepGrade.MISSING
    assert scores[2].grade is StepGrade.MISSING
    assert set(unasked) == {Action.TURN_LEFT, Action.OPEN_MOUTH}


def test_the_right_answer_played_backwards_is_contradicted() -> None:
    answer = signals(ANSWER)
    mirrored = {
        name: getattr(answer, name)[::-1].copy()
        for name in ("yaw_deg", "pitch_deg", "mouth", "eye")
    }
    scores, unasked = score_steps(replaced(answer, **mirrored), STEPS)
    assert StepGrade.SEEN not in grades(scores[:1])
    assert unasked


def test_blinks_that_nobody_asked_for_are_never_named() -> None:
    steps = STEPS[:3]
    scores, unasked = score_steps(signals(ANSWER | {Action.BLINK: 3600.0}), steps)
    assert grades(scores) == [StepGrade.SEEN] * 3
    assert unasked == ()


def test_what_follows_the_last_step_is_putting_the_phone_away() -> None:
    steps = STEPS[:2]
    _, unasked = score_steps(signals(ANSWER), steps)
    assert unasked == ()


def test_one_long_movement_answers_one_step_only() -> None:
    steps = (
        Step(action=Action.OPEN_MOUTH, onset_ms=1000, window_ms=1000),
        Step(action=Action.NOD, onset_ms=2500, window_ms=1000),
        Step(action=Action.OPEN_MOUTH, onset_ms=4000, window_ms=1000),
    )
    held = np.where((AT_MS > 1300) & (AT_MS < 4600), 0.5, 0.05)
    scores, _ = score_steps(replaced(signals(ANSWER), mouth=held), steps)
    assert scores[0].grade is StepGrade.SEEN
    assert scores[2].grade is not StepGrade.SEEN


def test_pitch_is_not_believed_while_the_head_is_turned() -> None:
    turned = bump(1000, 25, width_ms=1500)
    nodding = replaced(signals({}), yaw_deg=turned, pitch_deg=turned / 2)
    _, unasked = score_steps(nodding, STEPS)
    assert Action.NOD not in unasked


@given(
    mouth=st.floats(0.01, 0.12),
    eye=st.floats(0.18, 0.45),
    delay=st.floats(-300, 300),
    amount=st.floats(0.9, 1.6),
)
def test_anyones_own_baseline_and_pace_within_the_window_are_seen(
    mouth: float, eye: float, delay: float, amount: float
) -> None:
    moves = {action: at_ms + delay for action, at_ms in ANSWER.items()}
    scores, unasked = score_steps(signals(moves, amount=amount, mouth=mouth, eye=eye), STEPS)
    assert grades(scores) == [StepGrade.SEEN] * 4
    assert unasked == ()


@given(seed=st.integers(0, 10_000))
def test_tremor_and_noise_are_no_movement(seed: int) -> None:
    chance = np.random.default_rng(seed)

    def shaken(base: Series, size: float) -> Series:
        return base + chance.normal(0, size, len(base))

    rest = signals({})
    trembling = Signals(
        at_ms=AT_MS,
        yaw_deg=shaken(rest.yaw_deg, 1.2),
        pitch_deg=shaken(rest.pitch_deg, 0.7),
        mouth=shaken(rest.mouth, 0.02),
        eye=shaken(rest.eye, 0.02),
    )
    scores, unasked = score_steps(trembling, STEPS)
    assert StepGrade.SEEN not in grades(scores)
    assert unasked == ()


@given(
    st.lists(
        st.tuples(*(st.floats(-90, 90) | st.just(float("nan")) for _ in range(4))), max_size=60
    )
)
def test_any_signals_give_one_score_per_step(rows: list[tuple[float, ...]]) -> None:
    columns: list[Series] = [
        np.array([row[index] for row in rows], np.float64) for index in range(4)
    ]
    made = Signals(
        at_ms=np.arange(len(rows), dtype=np.float64) * 66,
        yaw_deg=columns[0],
        pitch_deg=columns[1],
        mouth=columns[2],
        eye=columns[3],
    )
    scores, _ = score_steps(made, STEPS)
    assert [score.action for score in scores] == [step.action for step in STEPS]
    assert all(score.strength >= 0 for score in scores)


@pytest.mark.parametrize("action", [Action.TURN_LEFT, Action.NOD, Action.OPEN_MOUTH])
def test_a_larger_movement_is_never_weaker(action: Action) -> None:
    step = next(step for step in STEPS if step.action is action)

    def measure(amount: float) -> float:
        scores, _ = score_steps(signals({action: ANSWER[action]}, amount=amount), (step,))
        return scores[0].strength

    strengths = [measure(amount) for amount in (0.3, 0.6, 0.9, 1.2)]
    assert strengths == sorted(strengths)
