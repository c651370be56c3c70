"""Comparing what is on the shelf as the service does, and counting what comes out."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import partial
from itertools import combinations
from typing import Any

import numpy as np

from app.evaluation.intervals import Rate
from benchmarks.clip_likeness.edits import EDITS, OFF_A_SCREEN
from benchmarks.clip_likeness.films import challenge
from benchmarks.clip_likeness.shelf import Recording, Shelf
from biometrics.fingerprint import (
    ClipFingerprint,
    Earlier,
    nearest_of,
    same_task,
)
from biometrics.fingerprint.likeness import AsksAlike
from domain.challenge import to_json
from domain.tasks import is_like_task

Scores = list[float]
DRAWN = "tasks as drawn"
_OTHER_TASKS = 1_000_000
"""Numbers of tasks from here on are asked when a copy is sent, and of nobody else."""


def found_again(shelf: Shelf, edited: Sequence[Recording]) -> dict[str, Any]:
    """Look for each edited copy, when the new session asks something else and when the same.

    What else is asked is drawn anew for each copy, as the server draws it, and may by chance be
    alike.
    """
    other: dict[str, Scores] = defaultdict(list)
    same: dict[str, Scores] = defaultdict(list)
    held_out: Scores = []
    for one in edited:
        original = shelf.original(one)
        for number, name in enumerate(one.edits()):
            copy = shelf.copy(one, name)
            asked = to_json(challenge(_OTHER_TASKS + len(EDITS) * one.number + number))
            score = likeness(copy, original, partial(is_like_task, asked, one.asked()))
            other[name].append(score)
            same[name].append(likeness(copy, original, same_task))
            if one.held_out and name not in OFF_A_SCREEN:
                held_out.append(score)
    return {
        "another task asked": {
            **_by_edit(other),
            "all edits by software, of takes held out": _misses(held_out),
        },
        "the same task asked": _by_edit(same),
    }


def fresh_pairs(shelf: Shelf, recordings: Sequence[Recording]) -> dict[str, Any]:
    """Compare every two takes of one person, as their tasks call for.

    Of takes whose tasks were drawn, those that the limits were chosen without are counted apart.
    """
    drawn = [(one, shelf.original(one), one.asked()) for one in recordings]
    scores: dict[str, Scores] = defaultdict(list)
    for (one, first, asked), (other, second, was_asked) in combinations(drawn, 2):
        if one.person != other.person:
            continue
        score = likeness(second, first, partial(is_like_task, was_asked, asked))
        kind = _kind(one, other)
        scores[kind].append(score)
        if kind == DRAWN and (one.held_out or other.held_out):
            both = one.held_out and other.held_out
            scores[f"{DRAWN}, {'both takes' if both else 'one take'} held out"].append(score)
    return {name: _false_alarms(scores[name]) for name in sorted(scores)}


def likeness(
    new: ClipFingerprint | None, earlier: ClipFingerprint | None, asks_alike: AsksAlike
) -> float:
    """As the service sees it: 0.0 without a fingerprint, and when a first look rules it out."""
    if new is None or earlier is None:
        return 0.0
    found = nearest_of(new, [Earlier(fingerprint=earlier, asks_alike=asks_alike)])
    return 0.0 if found is None else found[1].likeness


def _kind(one: Recording, other: Recording) -> str:
    if one.task != other.task:
        return DRAWN
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
