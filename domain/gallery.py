"""When a person's own certification may add a face to compare with, and when it must not.

A photo of twenty years ago matches badly; one taken today matches well. But who may add photos may
lead the gallery away from the person, a little at a time (G7; template update under attack, arXiv
1905.09162). So the photo it began with stays the anchor: everything learnt is held against it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from domain.decision import Decision, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class GrowthRules:
    """From policy. Raises `ValueError`."""

    margin: float = 0.10  # added to the accept threshold, both for selfie and clip
    days: int = 90  # from one learnt photo to the next
    most: int = 3  # learnt photos at a time
    drift: float = 0.03  # by how much a new one may be less like the anchor than those before

    def __post_init__(self) -> None:
        if not (0 <= self.margin < 1 and 0 <= self.drift < 1 and self.days > 0 and self.most >= 0):
            raise ValueError("growth: margin and drift are cosines, days and most are counts")


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """One photo learnt before: when, and how like the anchor it was then (cosine)."""

    added_on: date
    to_anchor: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What a certification offers to learn. Cosines are those against anchors only."""

    selfie_to_anchor: float | None
    clip_to_anchor: float | None
    quality: float | None  # 0..1
    cues_found: int
    on: date


class NotLearnt(StrEnum):
    """Why a passed certification adds nothing; never of any consequence for the person."""

    NOT_PASSED = "not_passed"
    NOT_STRONG = "not_strong"  # the match with the anchor has no margin
    QUALITY = "quality"
    CUES = "cues"  # something about the recording was odd, if only a little
    TOO_SOON = "too_soon"
    FULL = "full"
    AWAY_FROM_ANCHOR = "away_from_anchor"  # less like the anchor than what was learnt before


LEAST_QUALITY = 0.4


def may_learn(
    decision: Decision,
    candidate: Candidate,
    *,
    accept: float,
    before: Sequence[Learnt],
    rules: GrowthRules,
) -> NotLearnt | None:
    """Return None when the selfie may be learnt, else the first reason why not.

    `before` holds the learnt photos that stand; a missing score never helps.
    """
    if decision.outcome is not Outcome.PASS:
        return NotLearnt.NOT_PASSED
    floor = accept + rules.margin
    scores = (candidate.selfie_to_anchor, candidate.clip_to_anchor)
    if any(score is None or not score >= floor for score in scores):
        return NotLearnt.NOT_STRONG
    if candidate.quality is None or not candidate.quality >= LEAST_QUALITY:
        return NotLearnt.QUALITY
    if candidate.cues_found:
        return NotLearnt.CUES
    return _room(candidate, before, rules)


def _room(candidate: Candidate, before: Sequence[Learnt], rules: GrowthRules) -> NotLearnt | None:
    if len(before) >= rules.most:
        return NotLearnt.FULL
    if any(candidate.on < known.added_on + timedelta(days=rules.days) for known in before):
        return NotLearnt.TOO_SOON
    assert candidate.selfie_to_anchor is not None, "looked at before"
    nearest = max((known.to_anchor for known in before), default=-1.0)
    if candidate.selfie_to_anchor < nearest - rules.drift:
        return NotLearnt.AWAY_FROM_ANCHOR
    return None


def leaned(checks: Sequence[Mapping[str, Any]]) -> bool:
    """Tell whether a recorded pass rested on learnt photos: an anchor alone would not have done.

    `checks` are those of the decision, as they were written down.
    """
    by_name = {check["name"]: check for check in checks}
    return any(
        by_name[anchor]["value"] < by_name[match]["threshold"]
        for anchor, match in (("selfie_anchor", "selfie_match"), ("clip_anchor", "clip_match"))
        if anchor in by_name and match in by_name
    )
