"""Comparing what is on the shelf as the service does, and counting what comes out."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from app.evaluation.intervals import Rate
from benchmarks.clip_likeness.edits import EDITS, OFF_A_SCREEN
from benchmarks.clip_likeness.shelf import Recording, Shelf
from biometrics.fingerprint import (
    MOTION_LIMIT,
    SAME_TASK_LIMIT,
    ClipFingerprint,
    Earlier,
    nearest_of,
)
from domain.tasks import is_like_task

Scores = list[float]


def found_again(shelf: Shelf, edited: Iterable[Recording]) -> dict[str, Any]:
    """Look for each edited copy, when the new session asks something else and when the same."""
    other: dict[str, Scores] = defaultdict(list)
    same: dict[str, Scores] = defaultdict(list)
    for one in edited:
        original = shelf.original(one)
        for name in one.edits():
            copy = shelf.copy(one, name)
            other[name].append(likeness(copy, original, MOTION_LIMIT))
            same[name].append(likeness(copy, original, SAME_TASK_LIMIT))
    return {"another task asked": _by_edit(other), "the same task asked": _by_edit(same)}


def fresh_pairs(shelf: Shelf, recordings: Sequence[Recording]) -> dict[str, Any]:
    """Compare every two takes of one person, under the limit that their tasks call for."""
    drawn = [(one, shelf.original(one), one.asked()) for one in recordings]
    scores: dict[str, Scores] = defaultdict(list)
    like = 0
    for (one, first, asked), (other, second, was_asked) in combinations(drawn, 2):
        if one.person != other.person:
            continue
        is_like = is_like_task(was_asked, asked)
        scores[_kind(one, other)].append(
            likeness(second, first, SAME_TASK_LIMIT if is_like else MOTION_LIMIT)
        )
        like += is_like and one.task != other.task
    return {
        **{name: _false_alarms(scores[name]) for name in sorted(scores)},
        "pairs of drawn tasks that count as alike": like,
    }


def likeness(new: ClipFingerprint | None, earlier: ClipFingerprint | None, limit: float) -> float:
    """As the service sees it: 0.0 without a fingerprint, and when a first look rules it out."""
    if new is None or earlier is None:
        return 0.0
    found = nearest_of(new, [Earlier(fingerprint=earlier, motion_limit=limit)])
    return 0.0 if found is None else found[1].likeness


def _kind(one: Recording, other: Recording) -> str:
    if one.task != other.task:
        return "tasks as drawn"
    timing = "the demo's own timing in both" if one.stock and other.stock else "varied timing"
    return f"the same task, {timing}"


def _by_edit(scores: dict[str, Scores]) -> dict[str, Any]:
    def together(names: Iterable[str]) -> Scores:
        return [score for name in names for score in scores[name]]

    return {
        **{name: _misses(scores[name]) for name in EDITS},
        "all edits by software": _misses(together(n for n in EDITS if n not in OFF_A_SCREEN)),
        "all filmed off a screen": _misses(together(OFF_A_SCREEN)),
        "all": _misses(together(EDITS)),
    }


def _misses(scores: Scores) -> dict[str, Any]:
    return _summary("missed", sum(score < 1.0 for score in scores), scores)


def _false_alarms(scores: Scores) -> dict[str, Any]:
    return _summary("false alarms", sum(score >= 1.0 for score in scores), scores)


def _summary(counted: str, errors: int, scores: Scores) -> dict[str, Any]:
    middle = float(np.median(scores)) if scores else None
    ends = (min(scores), max(scores)) if scores else (None, None)
    spread = {"lowest": ends[0], "median": middle, "highest": ends[1]}
    return {"counted": counted, **Rate(errors=errors, n=len(scores)).as_json(), "likeness": spread}
