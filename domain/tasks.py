"""When two challenges ask so nearly the same that honest answers to both move alike."""

from collections.abc import Mapping
from typing import Any

SAME_MOMENT_MS = 600


def is_like_task(own: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Tell whether half of the steps of one challenge come at the same moment in the other.

    Both in the form of `domain.challenge.to_json`; a task that is not known counts as alike, since
    then more must agree before two clips are taken for one.
    """
    steps, others = own.get("steps", []), other.get("steps", [])
    if not steps or not others:
        return True
    shared = sum(any(_at_the_same_moment(step, there) for there in others) for step in steps)
    return 2 * shared >= len(steps)


def _at_the_same_moment(step: Mapping[str, Any], there: Mapping[str, Any]) -> bool:
    if step["action"] != there["action"]:
        return False
    return bool(abs(step["onset_ms"] - there["onset_ms"]) <= SAME_MOMENT_MS)
