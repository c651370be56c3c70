"""What one face case comes to: pass, review or retry. Never a rejection.

Sources: requirements rules 3.3 to 3.5 and the matrix of section G; biometrics study 3.4 and 4.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from domain.advice import of_cues, of_light, of_second
from domain.biometric import (
    ClipMeasure,
    Continuity,
    Depth,
    EarlierClip,
    FaceEvidence,
    PhotoMeasure,
    StepGrade,
    StepScore,
)
from domain.challenge import Action
from domain.checks import Check, Finding, finding
from domain.limits import Limits
from domain.reasons import Reason, Standing, selfie_reason, standing, video_reason


class Outcome(StrEnum):
    """The only three things that a machine may say about a face."""

    PASS = "pass"
    REVIEW = "review"
    RETRY = "retry"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The outcome, its reasons (those that decided first), and every check in the order made."""

    outcome: Outcome
    reasons: tuple[Reason, ...]
    checks: tuple[Check, ...]


def decide(evidence: FaceEvidence, limits: Limits, *, open_leads: int, tries_left: int) -> Decision:
    """Decide one case. Never rejects: the worst automatic outcome is that a human looks.

    `tries_left` counts the tries after this one. Passes only when every mandatory check is ok; a
    missing score is never ok. Better measurements never lower the `standing`; in particular they
    never turn a pass into anything else. A missing blink alone makes at worst a review.
    """
    findings = [*_on_file(evidence, limits, open_leads), *_selfie(evidence, limits)]
    findings += _no_clip(evidence) if evidence.clip is None else _clip(evidence.clip, limits)
    findings += of_second(evidence, limits)
    findings.append(_recorded_live(evidence))
    found = dict.fromkeys(reason for _, reasons in findings for reason in reasons)
    reasons = tuple(sorted(found, key=lambda reason: standing([reason])))
    checks = tuple(check for check, _ in findings)
    if not reasons:
        return Decision(outcome=Outcome.PASS, reasons=(Reason.FACE_MATCHES,), checks=checks)
    if standing(reasons) is not Standing.AGAIN:
        return Decision(outcome=Outcome.REVIEW, reasons=reasons, checks=checks)
    if tries_left > 0:
        return Decision(outcome=Outcome.RETRY, reasons=reasons, checks=checks)
    exhausted = (*reasons, Reason.TRIES_EXHAUSTED)
    return Decision(outcome=Outcome.REVIEW, reasons=exhausted, checks=checks)


def _recorded_live(evidence: FaceEvidence) -> Finding:
    """Let a human look at a chosen file at best: it may be of any day."""
    live = not evidence.clip_from_file
    return _count("recorded_live", int(live), ok=live, reasons=[Reason.CLIP_FROM_FILE])


def _at_least(name: str, value: float | None, threshold: float, *, reason: Reason) -> Finding:
    ok = value is not None and value >= threshold
    check = Check(name=name, value=value, threshold=threshold, ok=ok)
    return finding(check, Reason.NOT_MEASURED if value is None else reason)


def _match(
    name: str, similarity: float | None, limits: Limits, *, at_ms: int | None = None
) -> Finding:
    ok = similarity is not None and similarity >= limits.accept
    check = Check(name=name, value=similarity, threshold=limits.accept, ok=ok, at_ms=at_ms)
    if similarity is None:
        return finding(check, Reason.NOT_MEASURED)
    differs = similarity < limits.review
    return finding(check, Reason.FACE_DIFFERS if differs else Reason.FACE_UNCERTAIN)


def _count(name: str, value: int, *, ok: bool, reasons: Iterable[Reason]) -> Finding:
    return finding(Check(name=name, value=value, threshold=None, ok=ok), *reasons)


def _on_file(evidence: FaceEvidence, limits: Limits, open_leads: int) -> Iterator[Finding]:
    yield _at_least(
        "references", evidence.references, limits.references, reason=Reason.NO_REFERENCE
    )
    named = len(evidence.models)
    yield _count("models", named, ok=named > 0, reasons=[Reason.MODEL_MISSING])
    clean = open_leads == 0
    yield _count("open_leads", open_leads, ok=clean, reasons=[Reason.FLAGGED_BY_LEAD])


def _selfie(evidence: FaceEvidence, limits: Limits) -> Iterator[Finding]:
    faults = evidence.selfie.faults
    reasons = [selfie_reason(f) for f in faults]
    yield _count("selfie_faults", len(faults), ok=not faults, reasons=reasons)
    yield _match("selfie_match", evidence.selfie.similarity, limits)
    yield _anchored("selfie_anchor", evidence.selfie, limits)


def _anchored(name: str, measured: PhotoMeasure | ClipMeasure, limits: Limits) -> Finding:
    """Let what was learnt from selfies help, never replace the photo it began with (G7)."""
    anchor = measured.similarity_to_anchor
    ok = anchor is not None and anchor >= limits.review
    check = Check(name=name, value=anchor, threshold=limits.review, ok=ok)
    if anchor is None:
        return finding(check, Reason.NOT_MEASURED)
    leans = measured.similarity is not None and measured.similarity >= limits.review
    return finding(check, Reason.LEARNT_ONLY if leans else Reason.FACE_DIFFERS)


def _no_clip(evidence: FaceEvidence) -> Iterator[Finding]:
    reason = Reason.NO_CHALLENGE if evidence.clip_without_challenge else Reason.NO_CLIP
    yield _count("clip", 0, ok=False, reasons=[reason])


def _clip(clip: ClipMeasure, limits: Limits) -> Iterator[Finding]:
    faults = [video_reason(f) for f in clip.faults]
    yield _count("clip_faults", len(faults), ok=not faults, reasons=faults)
    yield _at_least("frames", clip.frames, limits.frames, reason=Reason.VIDEO_TOO_FEW_FRAMES)
    fraction = clip.face_fraction
    yield _at_least("face_fraction", fraction, limits.face_fraction, reason=Reason.VIDEO_FACE_LOST)
    yield _match("clip_match", clip.similarity, limits, at_ms=clip.best_frame_ms)
    yield _anchored("clip_anchor", clip, limits)
    to_selfie = clip.similarity_to_selfie
    yield _at_least(
        "selfie_to_clip", to_selfie, limits.selfie_to_clip, reason=Reason.SELFIE_NOT_IN_CLIP
    )
    same = clip.self_similarity
    yield _at_least("same_person", same, limits.self_similarity, reason=Reason.PERSON_CHANGED)
    yield _moving(clip.stillness, limits)
    yield _deep(clip.depth, limits)
    yield _unbroken(clip.continuity)
    yield _fresh(clip.earlier, limits)
    yield from of_cues(clip.cues)
    yield from of_light(clip.light, limits)
    yield from _challenge(clip, limits)


def _moving(stillness: float | None, limits: Limits) -> Finding:
    ok = stillness is not None and stillness <= limits.stillness
    check = Check(name="stillness", value=stillness, threshold=limits.stillness, ok=ok)
    return finding(check, Reason.NOT_MEASURED if stillness is None else Reason.STILL_IMAGE)


def _deep(depth: Depth | None, limits: Limits) -> Finding:
    """Demand that the nose stands out of the face: what a print or a screen cannot show.

    A blurred face may show neither that it does nor that it does not: that is doubt, no suspicion.
    """
    if depth is None or depth.ratio is None:
        check = Check(name="depth", value=None, threshold=limits.depth, ok=False)
        return finding(check, Reason.DEPTH_UNSEEN)
    ok = depth.ratio >= limits.depth
    check = Check(name="depth", value=depth.ratio, threshold=limits.depth, ok=ok, at_ms=depth.at_ms)
    possible = depth.most is not None and depth.most >= limits.depth
    return finding(check, Reason.DEPTH_UNSEEN if possible else Reason.FLAT_FACE)


def _unbroken(continuity: Continuity | None) -> Finding:
    if continuity is None:
        check = Check(name="one_recording", value=None, threshold=1.0, ok=False)
        return finding(check, Reason.NOT_MEASURED)
    check = Check(
        name="one_recording",
        value=continuity.worst,
        threshold=1.0,
        ok=continuity.jumps == 0,
        at_ms=continuity.at_ms,
    )
    return finding(check, Reason.CLIP_SPLICED)


def _fresh(earlier: EarlierClip | None, limits: Limits) -> Finding:
    """No clip on record is this one again. Nothing near is nothing to hold against anybody."""
    likeness = 0.0 if earlier is None else earlier.likeness
    ok = likeness < limits.likeness
    check = Check(name="earlier_clip", value=likeness, threshold=limits.likeness, ok=ok)
    return finding(check, Reason.CLIP_SEEN_BEFORE)


def _challenge(clip: ClipMeasure, limits: Limits) -> Iterator[Finding]:
    asked = len(clip.steps)
    yield _at_least("steps", asked, limits.steps, reason=Reason.NO_CHALLENGE)
    kinds = len({s.action for s in clip.steps} - {Action.BLINK})
    yield _at_least("step_kinds", kinds, limits.distinct_actions, reason=Reason.CHALLENGE_LIMITED)
    unasked = [a for a in clip.unasked_actions if a is not Action.BLINK]  # eyes blink by themselves
    wrong = [Reason.CHALLENGE_WRONG_SEQUENCE]
    yield _count("unasked_actions", len(unasked), ok=not unasked, reasons=wrong)
    after = -1
    for number, step in enumerate(clip.steps, start=1):
        yield _step(step, number, after=after)
        after = after if step.at_ms is None else step.at_ms


_GRADES: Mapping[StepGrade, Reason] = {
    StepGrade.SEEN: Reason.CHALLENGE_WEAK,  # seen, yet not when it was asked for
    StepGrade.WEAK: Reason.CHALLENGE_WEAK,
    StepGrade.MISSING: Reason.CHALLENGE_MISSING,
    StepGrade.UNSEEN: Reason.CHALLENGE_UNSEEN,
}


def _step(step: StepScore, number: int, *, after: int) -> Finding:
    timely = step.at_ms is not None and step.at_ms >= step.onset_ms and step.at_ms > after
    ok = step.grade is StepGrade.SEEN and timely
    check = Check(
        name=f"step_{number}_{step.action}",
        value=step.strength,
        threshold=1.0,
        ok=ok,
        at_ms=step.at_ms,
    )
    blink = step.action is Action.BLINK
    return finding(check, Reason.CHALLENGE_BLINK_UNSEEN if blink else _GRADES[step.grade])
