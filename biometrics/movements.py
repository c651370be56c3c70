"""From measured signals to challenge steps: what moved, when, and was it asked for.

All thresholds are relative to the person's own baseline (biometrics study 3.4): faces differ
more from each other than one face does while it moves.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from domain.biometric import StepGrade, StepScore
from domain.challenge import Action, Step

TURN_DEG = 12.0
NOD_DEG = 8.0  # peak to peak
MOUTH_TIMES_BASELINE = 2.0
MOUTH_RISE_FLOOR = 0.15  # a shut mouth has a baseline near 0: twice that is no movement
BLINK_SHARE = 0.6  # of the open eye's 80th percentile
SHORTEST_MS = 150.0  # for turns, nods and the mouth; a blink may be one frame
WEAK_SHARE = 0.5  # of the threshold: some movement
CLEAR_SHARE = 1.3  # what nobody asked for must be clear before it speaks against someone
EARLY_MS, LATE_MS = 300.0, 1000.0  # off by this much in time is weak, not missing
_AT_PEAK = 0.9
_NOD_SPAN_MS = 1000.0
_NOD_MAX_YAW_DEG = 10.0  # pitch is not to be trusted while the head is turned
_MOUTH_MAX_YAW_DEG = 20.0
_BLINK_MAX_YAW_DEG = 15.0
_NEUTRAL_SAMPLES = 4
_FEWEST_IN_WINDOW = 3

_Series = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signals:
    """One value per sampled frame; NaN where the face was not measurable."""

    at_ms: _Series
    yaw_deg: _Series  # relative to the person's own neutral, positive to the person's left
    pitch_deg: _Series  # likewise, positive downwards
    mouth: _Series  # gap over width
    eye: _Series  # height over width


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """One stretch in which a signal stood above half of what its action needs."""

    action: Action
    reached_ms: float  # when it reached its threshold, or its peak when it never did
    peak_ms: float  # when it first came near its peak: a range grows on while the head goes back
    strength: float  # peak / threshold
    from_ms: float
    to_ms: float
    lasting: bool  # above the threshold for as long as the action needs

    @property
    def full(self) -> bool:
        """Large and long enough to be the action."""
        return self.strength >= 1.0 and self.lasting


def score_steps(
    signals: Signals, steps: Sequence[Step]
) -> tuple[tuple[StepScore, ...], tuple[Action, ...]]:
    """Grade every step, and name the clear movements that no step asked for.

    A step is SEEN when a full movement of its kind reaches its threshold inside the step's window,
    WEAK when it is smaller or off in time, UNSEEN when the face was not measurable then.
    """
    first_ms = min((float(step.onset_ms) for step in steps), default=0.0)
    strengths = _strengths(signals, first_ms)
    found = {action: _movements(action, signals.at_ms, strengths[action]) for action in Action}
    used: set[Movement] = set()
    exact = [_claim(step, found[step.action], used, fits=_inside) for step in steps]
    loose = [
        claimed or _claim(step, found[step.action], used, fits=_near)
        for step, claimed in zip(steps, exact, strict=True)
    ]
    scores = tuple(
        _score(step, movement, strength=strengths[step.action], at_ms=signals.at_ms)
        for step, movement in zip(steps, loose, strict=True)
    )
    return scores, _unasked(found, used, steps)


def _strengths(signals: Signals, first_ms: float) -> Mapping[Action, _Series]:
    """Each action's signal divided by what the action needs."""
    before = signals.at_ms < first_ms
    return {action: _strength(action, signals, before) for action in Action}


def _strength(action: Action, signals: Signals, before: NDArray[np.bool_]) -> _Series:
    match action:
        case Action.TURN_LEFT:
            return signals.yaw_deg / TURN_DEG
        case Action.TURN_RIGHT:
            return -signals.yaw_deg / TURN_DEG
        case Action.NOD:
            ahead = np.abs(signals.yaw_deg) <= _NOD_MAX_YAW_DEG
            return _trailing_range(signals.at_ms, np.where(ahead, signals.pitch_deg, np.nan))
        case Action.OPEN_MOUTH:
            ahead = np.abs(signals.yaw_deg) <= _MOUTH_MAX_YAW_DEG
            return _mouth_strength(np.where(ahead, signals.mouth, np.nan), before)
        case Action.BLINK:
            ahead = np.abs(signals.yaw_deg) <= _BLINK_MAX_YAW_DEG
            return _blink_strength(np.where(ahead, signals.eye, np.nan))
        case _:
            assert_never(action)


def _trailing_range(at_ms: _Series, pitch_deg: _Series) -> _Series:
    """Peak to peak over the last second, over the threshold."""
    ranges = np.full(len(at_ms), np.nan)
    for index, now_ms in enumerate(at_ms):
        if np.isnan(pitch_deg[index]):
            continue
        span = pitch_deg[(at_ms > now_ms - _NOD_SPAN_MS) & (at_ms <= now_ms)]
        ranges[index] = np.nanmax(span) - np.nanmin(span)
    return ranges / NOD_DEG


def _mouth_strength(mouth: _Series, before: NDArray[np.bool_]) -> _Series:
    neutral = mouth[before & ~np.isnan(mouth)]
    seen = neutral if len(neutral) >= _NEUTRAL_SAMPLES else mouth[~np.isnan(mouth)]
    if len(seen) == 0:
        return mouth
    baseline = float(np.median(seen))
    rise = max(MOUTH_RISE_FLOOR, (MOUTH_TIMES_BASELINE - 1.0) * baseline)
    return (mouth - baseline) / rise


def _blink_strength(eye: _Series) -> _Series:
    seen = eye[~np.isnan(eye)]
    if len(seen) < _NEUTRAL_SAMPLES:
        return np.full(len(eye), np.nan)
    open_eye = max(1e-6, float(np.percentile(seen, 80)))
    return (1.0 - eye / open_eye) / (1.0 - BLINK_SHARE)


def _movements(action: Action, at_ms: _Series, strength: _Series) -> list[Movement]:
    above = np.nan_to_num(strength, nan=-1.0) >= WEAK_SHARE
    edges = np.flatnonzero(np.diff(np.concatenate([[0], above.astype(int), [0]])))
    return [
        _movement(action, at_ms[start:stop], strength[start:stop])
        for start, stop in zip(edges[::2], edges[1::2], strict=True)
    ]


def _movement(action: Action, at_ms: _Series, strength: _Series) -> Movement:
    peak = int(np.argmax(strength))
    over = np.flatnonzero(strength >= 1.0)
    held_ms = float(at_ms[over[-1]] - at_ms[over[0]]) if len(over) else 0.0
    return Movement(
        action=action,
        reached_ms=float(at_ms[over[0]] if len(over) else at_ms[peak]),
        peak_ms=float(at_ms[np.argmax(strength >= _AT_PEAK * strength[peak])]),
        strength=float(strength[peak]),
        from_ms=float(at_ms[0]),
        to_ms=float(at_ms[-1]),
        lasting=len(over) > 0 and (action is Action.BLINK or held_ms >= SHORTEST_MS),
    )


def _inside(step: Step, movement: Movement) -> bool:
    return movement.full and step.onset_ms <= movement.reached_ms <= step.end_ms


def _near(step: Step, movement: Movement) -> bool:
    return step.onset_ms - EARLY_MS <= movement.reached_ms <= step.end_ms + LATE_MS


def _claim(
    step: Step,
    movements: Sequence[Movement],
    used: set[Movement],
    *,
    fits: Callable[[Step, Movement], bool],
) -> Movement | None:
    """Take the strongest movement that fits and that no other step has taken."""
    fitting = [m for m in movements if m not in used and fits(step, m)]
    best = max(fitting, key=lambda m: m.strength, default=None)
    if best is not None:
        used.add(best)
    return best


def _score(
    step: Step, movement: Movement | None, *, strength: _Series, at_ms: _Series
) -> StepScore:
    if movement is not None:
        seen = _inside(step, movement)
        return _graded(step, StepGrade.SEEN if seen else StepGrade.WEAK, movement)
    inside = (at_ms >= step.onset_ms) & (at_ms <= step.end_ms) & ~np.isnan(strength)
    grade = StepGrade.MISSING if inside.sum() >= _FEWEST_IN_WINDOW else StepGrade.UNSEEN
    best = float(strength[inside].max()) if inside.any() else 0.0
    return StepScore(
        action=step.action,
        grade=grade,
        strength=max(0.0, best),
        onset_ms=step.onset_ms,
        at_ms=None,
    )


def _graded(step: Step, grade: StepGrade, movement: Movement) -> StepScore:
    return StepScore(
        action=step.action,
        grade=grade,
        strength=max(0.0, movement.strength),
        onset_ms=step.onset_ms,
        at_ms=round(movement.peak_ms),
    )


def _unasked(
    found: Mapping[Action, Sequence[Movement]], used: set[Movement], steps: Sequence[Step]
) -> tuple[Action, ...]:
    """Clear movements outside every window of their kind, up to the end of the last step.

    Eyes blink by themselves: never named. What follows the last step is putting the phone away.
    """
    last_ms = max((step.end_ms for step in steps), default=0)
    return tuple(
        action
        for action in Action
        if action is not Action.BLINK
        and any(
            m.lasting
            and m.strength >= CLEAR_SHARE
            and m not in used
            and m.from_ms <= last_ms
            and not any(_touches(step, m) for step in steps if step.action is action)
            for m in found[action]
        )
    )


def _touches(step: Step, movement: Movement) -> bool:
    return movement.from_ms <= step.end_ms and movement.to_ms >= step.onset_ms
