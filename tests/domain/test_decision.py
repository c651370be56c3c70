"""What one case comes to: the table of causes and outcomes."""

from dataclasses import replace
from math import nan

import pytest

from domain.biometric import Continuity, FaceEvidence, MediaFault, StepGrade
from domain.capture import Cue
from domain.challenge import Action
from domain.decision import Outcome
from domain.reasons import Reason, Standing, selfie_reason, standing, video_reason
from tests.domain.evidence import (
    CLIP,
    DEPTH,
    GOOD,
    SELFIE,
    STEPS,
    cue,
    decided,
    light,
    near,
    step,
    with_clip,
    with_step,
)


def test_the_right_person_answering_the_challenge_passes() -> None:
    decision = decided(GOOD)
    assert decision.outcome is Outcome.PASS
    assert decision.reasons == (Reason.FACE_MATCHES,)
    assert all(check.ok for check in decision.checks)


REVIEWED: list[tuple[FaceEvidence, Reason]] = [
    (replace(GOOD, references=0), Reason.NO_REFERENCE),
    (replace(GOOD, models={}), Reason.MODEL_MISSING),
    (replace(GOOD, clip=None), Reason.NO_CLIP),
    (replace(GOOD, clip=None, clip_without_challenge=True), Reason.NO_CHALLENGE),
    (replace(GOOD, selfie=replace(SELFIE, similarity=0.1)), Reason.FACE_DIFFERS),
    (replace(GOOD, selfie=replace(SELFIE, similarity=0.40)), Reason.FACE_UNCERTAIN),
    (replace(GOOD, selfie=replace(SELFIE, similarity=nan)), Reason.FACE_UNCERTAIN),
    (replace(GOOD, selfie=replace(SELFIE, similarity=None)), Reason.NOT_MEASURED),
    (with_clip(similarity=-0.2), Reason.FACE_DIFFERS),
    (with_clip(similarity=0.44), Reason.FACE_UNCERTAIN),
    (with_clip(similarity=None), Reason.NOT_MEASURED),
    (with_clip(similarity_to_selfie=0.2), Reason.SELFIE_NOT_IN_CLIP),
    (with_clip(similarity_to_selfie=None), Reason.NOT_MEASURED),
    (with_clip(self_similarity=0.1), Reason.PERSON_CHANGED),
    (with_clip(self_similarity=None), Reason.NOT_MEASURED),
    (with_clip(stillness=0.9995), Reason.STILL_IMAGE),
    (with_clip(stillness=nan), Reason.STILL_IMAGE),
    (with_clip(stillness=None), Reason.NOT_MEASURED),
    (with_clip(depth=None), Reason.DEPTH_UNSEEN),
    (with_clip(depth=replace(DEPTH, ratio=None)), Reason.DEPTH_UNSEEN),
    (with_clip(depth=replace(DEPTH, ratio=0.2, most=0.99)), Reason.FLAT_FACE),
    (with_clip(depth=replace(DEPTH, ratio=0.99, most=1.4)), Reason.DEPTH_UNSEEN),
    (with_clip(depth=replace(DEPTH, ratio=0.99)), Reason.FLAT_FACE),
    (with_clip(depth=replace(DEPTH, ratio=nan)), Reason.FLAT_FACE),
    (with_clip(continuity=None), Reason.NOT_MEASURED),
    (with_clip(continuity=Continuity(jumps=1, worst=3.2, at_ms=2100)), Reason.CLIP_SPLICED),
    (with_clip(earlier=near(1.0)), Reason.CLIP_SEEN_BEFORE),
    (with_clip(cues=(cue(Cue.MOIRE),)), Reason.SCREEN_OR_PRINT),
    (with_clip(cues=(cue(Cue.PASSIVE_MODEL),)), Reason.SCREEN_OR_PRINT),
    (
        with_clip(cues=(cue(Cue.ENCODER_TAG), cue(Cue.STEADY_CLOCK))),
        Reason.INJECTION_SUSPECTED,
    ),
    (with_clip(light=light(correlation=0.69)), Reason.LIGHT_DOUBTFUL),
    (with_clip(light=light(ratio=1.49)), Reason.LIGHT_DOUBTFUL),
    (with_clip(light=light(ratio=None)), Reason.LIGHT_DOUBTFUL),
    (with_clip(light=light(correlation=nan)), Reason.LIGHT_DOUBTFUL),
    (with_clip(light=light(correlation=0.34)), Reason.LIGHT_CONTRADICTS),
    (replace(GOOD, selfie=replace(SELFIE, similarity_to_anchor=0.2)), Reason.LEARNT_ONLY),
    (replace(GOOD, selfie=replace(SELFIE, similarity_to_anchor=None)), Reason.NOT_MEASURED),
    (with_clip(similarity_to_anchor=0.2), Reason.LEARNT_ONLY),
    (with_clip(similarity_to_anchor=None), Reason.NOT_MEASURED),
    (with_clip(steps=()), Reason.NO_CHALLENGE),
    (with_clip(steps=STEPS[:2]), Reason.NO_CHALLENGE),
    (
        with_clip(steps=tuple(step(Action.OPEN_MOUTH, 1500 * k) for k in (1, 2, 3))),
        Reason.CHALLENGE_LIMITED,
    ),
    (with_step(1, grade=StepGrade.WEAK), Reason.CHALLENGE_WEAK),
    (with_step(1, at_ms=None), Reason.CHALLENGE_WEAK),
    (with_step(1, at_ms=2500), Reason.CHALLENGE_WEAK),
    (with_step(1, at_ms=1500, onset_ms=1400), Reason.CHALLENGE_WEAK),
    (with_step(2, grade=StepGrade.WEAK), Reason.CHALLENGE_BLINK_UNSEEN),
    (with_step(2, grade=StepGrade.MISSING, at_ms=None), Reason.CHALLENGE_BLINK_UNSEEN),
    (with_step(2, grade=StepGrade.UNSEEN, at_ms=None), Reason.CHALLENGE_BLINK_UNSEEN),
]


@pytest.mark.parametrize(("evidence", "reason"), REVIEWED)
@pytest.mark.parametrize("tries", [0, 2])
def test_doubt_and_suspicion_go_to_a_human_whatever_tries_are_left(
    evidence: FaceEvidence, reason: Reason, tries: int
) -> None:
    decision = decided(evidence, tries=tries)
    assert decision.outcome is Outcome.REVIEW
    assert reason in decision.reasons
    assert Reason.TRIES_EXHAUSTED not in decision.reasons


PASSED = [
    with_clip(earlier=near(0.99)),
    with_clip(cues=tuple(cue(c, 0.99) for c in Cue)),
    with_clip(cues=(cue(Cue.STEADY_CLOCK),)),
    with_clip(cues=(cue(Cue.NOISE_MISSING), cue(Cue.REPEATED_FRAMES))),
]


@pytest.mark.parametrize("evidence", PASSED)
def test_one_sign_of_an_injection_or_two_of_one_source_hold_nobody_up(
    evidence: FaceEvidence,
) -> None:
    decision = decided(evidence)
    assert decision.outcome is Outcome.PASS
    assert decision.reasons == (Reason.FACE_MATCHES,)


RETRIED: list[tuple[FaceEvidence, Reason]] = [
    *((replace(GOOD, selfie=replace(SELFIE, faults=(f,))), selfie_reason(f)) for f in MediaFault),
    *((with_clip(faults=(f,)), video_reason(f)) for f in MediaFault),
    (with_clip(frames=29), Reason.VIDEO_TOO_FEW_FRAMES),
    (with_clip(face_fraction=0.59), Reason.VIDEO_FACE_LOST),
    (with_clip(unasked_actions=(Action.NOD,)), Reason.CHALLENGE_WRONG_SEQUENCE),
    (with_step(0, grade=StepGrade.MISSING, at_ms=None), Reason.CHALLENGE_MISSING),
    (with_step(0, grade=StepGrade.UNSEEN, at_ms=None), Reason.CHALLENGE_UNSEEN),
]


@pytest.mark.parametrize(("evidence", "reason"), RETRIED)
def test_what_another_try_can_mend_is_tried_again_and_then_looked_at(
    evidence: FaceEvidence, reason: Reason
) -> None:
    assert decided(evidence).outcome is Outcome.RETRY
    assert reason in decided(evidence).reasons
    last = decided(evidence, tries=0)
    assert last.outcome is Outcome.REVIEW
    assert last.reasons[-1] is Reason.TRIES_EXHAUSTED


def test_a_dark_selfie_that_could_not_be_matched_is_tried_again() -> None:
    dark = replace(SELFIE, faults=(MediaFault.TOO_DARK,), similarity=None)
    decision = decided(replace(GOOD, selfie=dark))
    assert decision.outcome is Outcome.RETRY
    assert decision.reasons[0] is Reason.SELFIE_TOO_DARK


def test_a_photo_held_still_is_looked_at_although_its_steps_could_be_tried_again() -> None:
    missing = tuple(replace(s, grade=StepGrade.MISSING, at_ms=None) for s in STEPS)
    decision = decided(with_clip(stillness=0.9999, steps=missing))
    assert decision.outcome is Outcome.REVIEW
    assert decision.reasons[0] is Reason.STILL_IMAGE


def test_an_open_lead_never_lets_a_good_face_pass() -> None:
    decision = decided(GOOD, leads=1)
    assert decision.outcome is Outcome.REVIEW
    assert decision.reasons == (Reason.FLAGGED_BY_LEAD,)


def test_blinking_without_being_asked_is_no_wrong_sequence() -> None:
    assert decided(with_clip(unasked_actions=(Action.BLINK,))).outcome is Outcome.PASS


def test_a_reason_found_twice_is_told_once() -> None:
    other = replace(
        GOOD, selfie=replace(SELFIE, similarity=0.1), clip=replace(CLIP, similarity=0.1)
    )
    assert decided(other).reasons == (Reason.FACE_DIFFERS,)


def test_every_fault_has_a_reason_of_its_own_for_selfie_and_clip() -> None:
    named = [name(f) for f in MediaFault for name in (selfie_reason, video_reason)]
    assert len(set(named)) == 2 * len(MediaFault)
    assert all(standing([reason]) is Standing.AGAIN for reason in named)
