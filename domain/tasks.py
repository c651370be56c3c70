"""When two challenges ask so nearly the same that honest answers to both move alike."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

SAME_MOMENT_MS = 600
"""Whoever is asked for one thing at moments this near moves at much the same moment."""
NEAR_WHERE_LAID_MS = 900
"""The same where clips were laid over each other: the best place is found by how people moved,
which is up to 0.3 s later or earlier than they were asked to."""
_FEWEST_SHARED = 2
"""One movement in common does not make fresh clips alike: they reach 0.45 then, of 0.56 needed."""
_SIDES = {"left": "right", "right": "left"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Laid:
    """How an earlier clip lies on a new one, on the new one's clock.

    What stands in the earlier one at `t` is at `shift_ms + pace * t` in the new one. Both are
    there from `from_ms` until `until_ms`.
    """

    shift_ms: float
    pace: float
    mirrored: bool
    from_ms: float
    until_ms: float


def is_like_task(own: Mapping[str, Any], other: Mapping[str, Any], laid: Laid) -> bool:
    """Tell whether two challenges ask for the same, as they stand or where their clips were laid.

    Both in the form of `domain.challenge.to_json`; a task that is not known counts as alike, since
    then more must agree before two clips are taken for one. As they stand, half of the own steps
    must come at the same moment in the other. Where the clips were laid, half of the steps that
    fall where both are, of the clip that has fewer of them, and at least two: two movements that
    happen to come at one distance in both, seconds apart, make fresh clips look alike at just that
    shift.
    """
    steps, others = _moments(own), _moments(other)
    if not steps or not others:
        return True
    if 2 * _shared(steps, others, SAME_MOMENT_MS) >= len(steps):
        return True
    there = [(_seen(action, laid), laid.shift_ms + laid.pace * at) for action, at in others]
    steps, there = _within(steps, laid), _within(there, laid)
    shared = _shared(steps, there, NEAR_WHERE_LAID_MS)
    return shared >= _FEWEST_SHARED and 2 * shared >= min(len(steps), len(there))


_Moment = tuple[str, float]


def _moments(task: Mapping[str, Any]) -> list[_Moment]:
    return [(step["action"], step["onset_ms"]) for step in task.get("steps", [])]


def _seen(action: str, laid: Laid) -> str:
    """Name what an action is in a mirror: `turn_left` for `turn_right`, and so on."""
    what, _, side = action.rpartition("_")
    return f"{what}_{_SIDES[side]}" if laid.mirrored and side in _SIDES else action


def _within(moments: Iterable[_Moment], laid: Laid) -> list[_Moment]:
    return [one for one in moments if laid.from_ms <= one[1] <= laid.until_ms]


def _shared(steps: Iterable[_Moment], others: Iterable[_Moment], near_ms: float) -> int:
    """How many of `steps` are among the others at about their moment."""
    there = list(others)
    return sum(
        any(a == action and abs(at - when) <= near_ms for a, at in there) for action, when in steps
    )
