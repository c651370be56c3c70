"""Challenge scoring on made-up signals: what counts, when, and what speaks against someone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from biometrics.movements import Signals, score_steps
from biometrics.signals import movements_of, strengths_of
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


HEIGHTS = {
    Action.TURN_LEFT: ("yaw", 17.7),
    Action.TURN_RIGHT: ("yaw", -17.7),
    Action.NOD: ("pitch", 20.6),
    Action.PHONE_DOWN: ("pitch", -14.4),
    Action.TILT_LEFT: ("roll", 18.0),
    Action.TILT_RIGHT: ("roll", -18.0),
    Action.OPEN_MOUTH: ("mouth", 0.4),
    Action.BLINK: ("eye", 0.7),
}


def bump(at_ms: float, height: float, *, width_ms: float = 700) -> Series:
    """Rise from 0 to `height` and back, its middle `width_ms / 2` after `at_ms`."""
    phase = np.clip((AT_MS - at_ms) / width_ms, 0, 1)
    return np.asarray(height * np.sin(np.pi * phase) ** 2, np.float64)


def signals(
    moves: dict[Action, float], *, amount: float = 1.0, mouth: float = 0.05, eye: float = 0.3
) -> Signals:
    """A person who makes each movement once, beginning at the given time."""
    seen = {name: np.zeros_like(AT_MS) for name in ("yaw", "pitch", "roll", "mouth", "eye")}
    for action, at_ms in moves.items():
        name, height = HEIGHTS[action]
        seen[name] += bump(at_ms, height * amount, width_ms=400 if name == "eye" else 700)
    return Signals(
        at_ms=AT_MS,
        yaw_deg=seen["yaw"],
        pitch_deg=seen["pitch"],
        roll_deg=seen["roll"],
        mouth=mouth + seen["mouth"],
        eye=eye * (1 - np.clip(seen["eye"], 0, 1)),
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
    scores, unasked = score_steps(signals(ANSWER, amount=0.35), STEPS)
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


TILTS = (
    Step(action=Action.TILT_RIGHT, onset_ms=1000, window_ms=1000),
    Step(action=Action.OPEN_MOUTH, onset_ms=2500, window_ms=1000),
    Step(action=Action.TILT_LEFT, onset_ms=4000, window_ms=1000),
)


def test_a_tilt_is_told_from_one_to_the_other_side() -> None:
    asked = {Action.TILT_RIGHT: 1300.0, Action.OPEN_MOUTH: 2900.0, Action.TILT_LEFT: 4400.0}
    scores, unasked = score_steps(signals(asked), TILTS)
    assert grades(scores) == [StepGrade.SEEN] * 3
    assert unasked == ()
    swapped = asked | {Action.TILT_RIGHT: 4400.0, Action.TILT_LEFT: 1300.0}
    scores, unasked = score_steps(signals(swapped), TILTS)
    assert scores[0].grade is scores[2].grade is StepGrade.MISSING
    assert set(unasked) == {Action.TILT_LEFT, Action.TILT_RIGHT}


def test_without_a_measured_tilt_none_is_seen() -> None:
    answer = signals({Action.TILT_RIGHT: 1300.0})
    blind = Signals(
        at_ms=AT_MS,
        yaw_deg=answer.yaw_deg,
        pitch_deg=answer.pitch_deg,
        mouth=answer.mouth,
        eye=answer.eye,
    )
    scores, _ = score_steps(blind, TILTS)
    assert scores[0].grade is StepGrade.MISSING


AROUND = (
    Step(action=Action.PHONE_LEFT, onset_ms=1000, window_ms=1000),
    Step(action=Action.PHONE_UP, onset_ms=2500, window_ms=1000),
    Step(action=Action.PHONE_DOWN, onset_ms=4000, window_ms=1000),
)
SEEN_AROUND = {Action.TURN_RIGHT: 1300.0, Action.NOD: 2900.0, Action.PHONE_DOWN: 4400.0}


def test_a_phone_that_goes_left_shows_a_face_that_points_to_its_right() -> None:
    scores, unasked = score_steps(signals(SEEN_AROUND), AROUND)
    assert grades(scores) == [StepGrade.SEEN] * 3
    assert [score.action for score in scores] == [step.action for step in AROUND]
    assert unasked == ()


def test_a_phone_that_goes_to_the_other_side_is_named_as_that() -> None:
    other = {Action.TURN_LEFT: 1300.0, Action.NOD: 2900.0, Action.PHONE_DOWN: 4400.0}
    scores, unasked = score_steps(signals(other), AROUND)
    assert scores[0].grade is StepGrade.MISSING
    assert unasked == (Action.PHONE_RIGHT,)


def test_up_and_down_are_told_apart() -> None:
    other = SEEN_AROUND | {Action.NOD: 4400.0, Action.PHONE_DOWN: 2900.0}
    scores, unasked = score_steps(signals(other), AROUND)
    assert StepGrade.SEEN not in grades(scores[1:])
    assert unasked == (Action.PHONE_DOWN,)


def test_who_nods_nods_twice() -> None:
    twice = signals(ANSWER)
    again = replaced(twice, pitch_deg=twice.pitch_deg + bump(3700, 19))
    scores, unasked = score_steps(again, STEPS)
    assert grades(scores) == [StepGrade.SEEN] * 4
    assert unasked == ()


def test_a_movement_done_before_it_is_asked_for_is_not_its_own_repeat() -> None:
    answer = signals(ANSWER)
    before = replaced(answer, pitch_deg=answer.pitch_deg + bump(300, 19))
    _, unasked = score_steps(before, STEPS)
    assert unasked == (Action.NOD,)


def test_no_movement_counts_in_the_shade_of_a_larger_one() -> None:
    everything = signals({Action.TURN_LEFT: 1350.0, Action.TILT_LEFT: 1350.0})
    larger = everything.roll_deg
    assert larger is not None
    scores, unasked = score_steps(replaced(everything, roll_deg=1.5 * larger), STEPS[:2])
    assert scores[0].grade is StepGrade.WEAK
    assert unasked == (Action.TILT_LEFT,)


def test_what_comes_along_with_a_larger_movement_is_let_by() -> None:
    answer = signals(ANSWER)
    leaning = replaced(answer, roll_deg=0.6 * answer.yaw_deg)
    scores, unasked = score_steps(leaning, STEPS)
    assert grades(scores) == [StepGrade.SEEN] * 4
    assert unasked == ()


def test_a_small_movement_that_would_have_counted_speaks_against_a_clip_that_made_it_unasked() -> (
    None
):
    answer = signals(ANSWER | {Action.TILT_LEFT: 3400.0})
    roll = answer.roll_deg
    assert roll is not None
    scores, unasked = score_steps(replaced(answer, roll_deg=0.62 * roll), STEPS)
    assert grades(scores) == [StepGrade.SEEN] * 4
    assert unasked == (Action.TILT_LEFT,)


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


@settings(deadline=None)
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


@settings(deadline=None)
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
        roll_deg=shaken(rest.yaw_deg, 0.7),
    )
    scores, unasked = score_steps(trembling, STEPS)
    assert StepGrade.SEEN not in grades(scores)
    assert unasked == ()


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(*(st.floats(-90, 90) | st.just(float("nan")) for _ in range(5))), max_size=60
    )
)
def test_any_signals_give_one_score_per_step(rows: list[tuple[float, ...]]) -> None:
    columns: list[Series] = [
        np.array([row[index] for row in rows], np.float64) for index in range(5)
    ]
    made = Signals(
        at_ms=np.arange(len(rows), dtype=np.float64) * 66,
        yaw_deg=columns[0],
        pitch_deg=columns[1],
        mouth=columns[2],
        eye=columns[3],
        roll_deg=columns[4],
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


@pytest.mark.parametrize("tremor_hz", [4.0, 5.0, 6.0])
@pytest.mark.parametrize("rise_ms", [300.0, 500.0, 900.0])
def test_the_moment_a_movement_begins_is_known_to_150_ms_through_a_tremor(
    rise_ms: float, tremor_hz: float
) -> None:
    for begins in np.arange(1500.0, 1566.0, 11.0):
        rise = np.clip((AT_MS - begins) / rise_ms, 0, 1)
        back = np.clip((begins + 2 * rise_ms + 200 - AT_MS) / rise_ms, 0, 1)
        turn = 18 * np.minimum(rise**2 * (3 - 2 * rise), back**2 * (3 - 2 * back))
        shake = 1.5 * np.sin(2 * np.pi * tremor_hz * AT_MS / 1000)
        seen = strengths_of(replaced(signals({}), yaw_deg=turn + shake), 1000.0)
        found = movements_of(Action.TURN_LEFT, AT_MS, seen[Action.TURN_LEFT])
        assert len(found) == 1
        assert found[0].full
        assert abs(found[0].began_ms - begins) <= 150
