"""From measured signals to challenge steps: what moved, when, and was it asked for.

All thresholds are relative to the person's own baseline (biometrics study 3.4): faces differ
more from each other than one face does while it moves. A movement counts by the moment at which it
leaves that baseline, not by the one at which it is large enough: slow people are slow in between.

What is asked for must be seen, be the largest movement of its moment, and nothing else may be seen:
`domain.guessing` counts on a clip that can show one order of movements only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from biometrics.signals import Movement, Signals, movements_of, strengths_of
from domain.biometric import StepGrade, StepScore
from domain.challenge import Action, Step

__all__ = ["Signals", "score_steps"]

EARLY_MS, LATE_MS = 300.0, 1000.0  # off by this much in time is weak, not missing
_REPEAT_MS = 900.0  # who nods, nods twice: so long after its window a step may be done again
_FEWEST_IN_WINDOW = 3

_Series = NDArray[np.float64]

_LOOKS_LIKE: Mapping[Action, Action] = {
    Action.PHONE_LEFT: Action.TURN_RIGHT,  # seen from its left, the face points to the right
    Action.PHONE_RIGHT: Action.TURN_LEFT,
    Action.PHONE_UP: Action.NOD,
}
_BY_PHONE: Mapping[Action, Action] = {seen: asked for asked, seen in _LOOKS_LIKE.items()}


def score_steps(
    signals: Signals, steps: Sequence[Step]
) -> tuple[tuple[StepScore, ...], tuple[Action, ...]]:
    """Grade every step, and name the movements that no step asked for.

    A step is SEEN when a full movement of its kind begins inside the step's window and no other is
    larger just then, WEAK when it is smaller or off in time, UNSEEN when the face was not
    measurable then.
    """
    asked = [replace(s, action=_LOOKS_LIKE.get(s.action, s.action)) for s in steps]
    first_ms = min((float(step.onset_ms) for step in steps), default=0.0)
    strengths = strengths_of(signals, first_ms)
    found = [
        movement
        for action, strength in strengths.items()
        for movement in movements_of(action, signals.at_ms, strength)
    ]
    exact = [_seen(step, found) for step in asked]
    used = {movement for movement in exact if movement is not None}
    scores = []
    for step, named, movement in zip(asked, steps, exact, strict=True):
        if movement is not None:
            scores.append(_graded(named, StepGrade.SEEN, movement))
            continue
        near = _near(step, found, used)
        if near is not None:
            used.add(near)
            scores.append(_graded(named, StepGrade.WEAK, near))
            continue
        scores.append(_absent(named, strengths[step.action], signals.at_ms))
    return tuple(scores), _unasked(found, asked, exact, used=used, by_phone=asked != list(steps))


def _seen(step: Step, found: Sequence[Movement]) -> Movement | None:
    """Take the first full movement of the kind that begins in the window, if it is the largest."""
    fitting = [
        m
        for m in found
        if m.action is step.action and m.full and step.onset_ms <= m.began_ms <= step.end_ms
    ]
    return next((m for m in fitting if not any(_outdoes(other, m) for other in found)), None)


def _outdoes(other: Movement, movement: Movement) -> bool:
    """Tell whether `other` is the larger one of two at a time. A blink comes with anything."""
    return (
        other is not movement
        and Action.BLINK not in (other.action, movement.action)
        and other.lasting
        and other.strength > movement.strength
        and _together(other, movement)
    )


def _together(one: Movement, other: Movement) -> bool:
    return one.from_ms <= other.peak_ms <= one.to_ms or other.from_ms <= one.peak_ms <= other.to_ms


def _near(step: Step, found: Sequence[Movement], used: set[Movement]) -> Movement | None:
    """Take the strongest movement of the kind that is too small, too early or too late."""
    fitting = [
        m
        for m in found
        if m.action is step.action
        and m not in used
        and step.onset_ms - EARLY_MS <= m.began_ms <= step.end_ms + LATE_MS
    ]
    return max(fitting, key=lambda m: m.strength, default=None)


def _absent(step: Step, strength: _Series, at_ms: _Series) -> StepScore:
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
        began_ms=round(movement.began_ms),
    )


def _unasked(
    found: Sequence[Movement],
    asked: Sequence[Step],
    exact: Sequence[Movement | None],
    *,
    used: set[Movement],
    by_phone: bool,
) -> tuple[Action, ...]:
    """Full movements that no step asked for, up to the end of the last step.

    Let by: what comes along with a larger movement that was asked for, the same movement done once
    more, and what follows the last one, which is putting the phone away. None of that helps a clip
    made beforehand: its first movement in a window still has to be the one that is asked for.
    """
    last = exact[-1] if exact else None
    last_ms = last.peak_ms if last is not None else max((s.end_ms for s in asked), default=0)
    told_apart = {step.action for step in asked} | set(Action) - {Action.PHONE_DOWN}
    held_against = {
        m.action
        for m in found
        if m.full
        and m not in used
        and m.action is not Action.BLINK  # eyes blink by themselves
        and (m.action in told_apart or by_phone)
        and m.began_ms <= last_ms
        and not any(_outdoes(other, m) for other in used)
        and not _once_more(m, asked, exact, found)
    }
    words = _BY_PHONE if by_phone else {}
    return tuple(a for a in Action if a in {words.get(m, m) for m in held_against})


def _once_more(
    movement: Movement,
    asked: Sequence[Step],
    exact: Sequence[Movement | None],
    found: Sequence[Movement],
) -> bool:
    """Tell whether a step that was seen is done again at once, nothing else in between."""
    return any(
        first is not None
        and first.action is movement.action
        and first.began_ms < movement.began_ms <= step.end_ms + _REPEAT_MS
        and not any(
            m.full
            and m.action not in (movement.action, Action.BLINK)
            and first.began_ms < m.began_ms < movement.began_ms
            for m in found
        )
        for step, first in zip(asked, exact, strict=True)
    )
