"""What holds of every decision, whatever was measured."""

from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from domain.biometric import FaceEvidence, StepGrade
from domain.capture import SOURCE, CueSource
from domain.challenge import Action
from domain.decision import Outcome
from domain.reasons import Reason, standing
from tests.domain.evidence import LIMITS, any_evidence, decided


@given(any_evidence, st.integers(0, 2), st.integers(0, 2))
def test_a_pass_has_every_mandatory_check(evidence: FaceEvidence, leads: int, tries: int) -> None:
    decision = decided(evidence, leads=leads, tries=tries)
    if decision.outcome is not Outcome.PASS:
        return
    clip = evidence.clip
    assert clip is not None
    assert leads == 0
    assert evidence.references > 0
    assert not evidence.selfie.faults
    assert not clip.faults
    assert min(evidence.selfie.similarity or -1, clip.similarity or -1) >= LIMITS.accept
    assert (clip.similarity_to_selfie or -1) >= LIMITS.selfie_to_clip
    assert (clip.self_similarity or -1) >= LIMITS.self_similarity
    assert clip.stillness is not None
    assert clip.stillness <= LIMITS.stillness
    assert min(evidence.selfie.similarity_to_anchor or -1, clip.similarity_to_anchor or -1) >= 0.33
    assert clip.depth is not None
    assert (clip.depth.ratio or 0) >= LIMITS.depth
    assert clip.continuity is not None
    assert clip.continuity.jumps == 0
    assert clip.earlier is None or clip.earlier.likeness < LIMITS.likeness
    found = {SOURCE[c.cue] for c in clip.cues if c.found}
    assert CueSource.SURFACE not in found
    seen = clip.light if clip.light and clip.light.snr >= LIMITS.light_snr else None
    assert seen is None or seen.correlation is None or seen.correlation >= LIMITS.light_follows
    assert len(found) <= 1
    assert len(clip.steps) >= 3
    assert all(s.grade is StepGrade.SEEN for s in clip.steps)


@given(any_evidence, st.integers(0, 2), st.integers(0, 2))
def test_every_decision_has_a_reason_and_only_a_pass_has_no_failed_check(
    evidence: FaceEvidence, leads: int, tries: int
) -> None:
    decision = decided(evidence, leads=leads, tries=tries)
    assert decision.reasons
    assert all(c.ok for c in decision.checks) == (decision.outcome is Outcome.PASS)
    ranks = [standing([r]) for r in decision.reasons if r is not Reason.TRIES_EXHAUSTED]
    assert all(a <= b for a, b in pairwise(ranks))


MEASURED = (
    "similarity",
    "similarity_to_selfie",
    "similarity_to_anchor",
    "self_similarity",
    "stillness",
    "depth",
    "continuity",
)


@given(any_evidence)
def test_a_missing_score_never_passes(evidence: FaceEvidence) -> None:
    unknown = [
        replace(evidence, clip=None),
        replace(evidence, selfie=replace(evidence.selfie, similarity=None)),
    ]
    if evidence.clip is not None:
        unknown += [
            replace(evidence, clip=replace(evidence.clip, **{name: None}))  # type: ignore[arg-type]
            for name in MEASURED
        ]
    assert all(decided(e).outcome is not Outcome.PASS for e in unknown)


@given(any_evidence)
def test_a_missing_blink_alone_turns_a_pass_into_a_review_at_worst(evidence: FaceEvidence) -> None:
    if evidence.clip is None:
        return
    blinks = tuple(
        replace(s, grade=StepGrade.MISSING, at_ms=None) if s.action is Action.BLINK else s
        for s in evidence.clip.steps
    )
    seen = tuple(
        replace(s, grade=StepGrade.SEEN, at_ms=s.onset_ms) if s.action is Action.BLINK else s
        for s in evidence.clip.steps
    )
    without = decided(replace(evidence, clip=replace(evidence.clip, steps=blinks)))
    with_it = decided(replace(evidence, clip=replace(evidence.clip, steps=seen)))
    if without.outcome is Outcome.RETRY:
        assert with_it.outcome is Outcome.RETRY
