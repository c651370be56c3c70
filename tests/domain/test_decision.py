from dataclasses import replace
from itertools import pairwise
from math import nan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.biometric import (
    ClipMeasure,
    Continuity,
    Depth,
    EarlierClip,
    FaceEvidence,
    MediaFault,
    PhotoMeasure,
    StepGrade,
    StepScore,
)
from domain.capture import SOURCE, Cue, CueScore, CueSource
from domain.challenge import Action
from domain.decision import Decision, Outcome, decide
from domain.limits import Limits
from domain.reasons import Reason, Standing, selfie_reason, standing, video_reason

LIMITS = Limits()
MODELS = {"matcher": "sface@0123456789ab"}


def step(action: Action, at_ms: int, grade: StepGrade = StepGrade.SEEN) -> StepScore:
    return StepScore(action=action, grade=grade, strength=1.4, onset_ms=at_ms - 500, at_ms=at_ms)


STEPS = (
    step(Action.TURN_LEFT, 1500),
    step(Action.OPEN_MOUTH, 3100),
    step(Action.BLINK, 4800),
    step(Action.NOD, 6500),
)
SELFIE = PhotoMeasure(faults=(), similarity=0.71, quality=0.8, similarity_to_anchor=0.71)
DEPTH = Depth(ratio=1.6, span_deg=52.0, pairs=24, follows=0.98, at_ms=1400)
CLIP = ClipMeasure(
    faults=(),
    similarity=0.66,
    similarity_to_selfie=0.62,
    self_similarity=0.58,
    stillness=0.99,
    unasked_actions=(),
    steps=STEPS,
    duration_ms=7600,
    frames=110,
    face_fraction=0.97,
    best_frame_ms=400,
    similarity_to_anchor=0.60,
    depth=DEPTH,
    continuity=Continuity(jumps=0, worst=0.4),
)
GOOD = FaceEvidence(references=1, selfie=SELFIE, clip=CLIP, models=MODELS)


def with_clip(**changes: Any) -> FaceEvidence:
    return replace(GOOD, clip=replace(CLIP, **changes))


def with_step(number: int, **changes: Any) -> FaceEvidence:
    steps = [replace(s, **changes) if i == number else s for i, s in enumerate(STEPS)]
    return with_clip(steps=tuple(steps))


def cue(cue: Cue, share: float = 1.5) -> CueScore:
    return CueScore(cue=cue, value=4.0 * share, limit=4.0, at_ms=900)


def near(likeness: float) -> EarlierClip:
    return EarlierClip(id="earlier", likeness=likeness, by="frames", shift_ms=0)


def decided(evidence: FaceEvidence, *, leads: int = 0, tries: int = 2) -> Decision:
    return decide(evidence, LIMITS, open_leads=leads, tries_left=tries)


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


@pytest.mark.parametrize(
    "change",
    [
        {"review": 0.0},
        {"review": 0.47},
        {"review": 0.5},
        {"accept": 1.0},
        {"accept": nan},
        {"selfie_to_clip": 0.0},
        {"self_similarity": -0.1},
        {"stillness": 1.0},
        {"face_fraction": 1.5},
        {"face_fraction": nan},
        {"frames": 0},
        {"steps": 0},
        {"distinct_actions": 0},
        {"references": 0},
    ],
)
def test_limits_that_would_pass_anyone_or_nobody_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"limit"):
        Limits(**change)


cosines = st.floats(-1, 1) | st.sampled_from([0.33, 0.35, 0.40, 0.47])
maybe = st.none() | cosines
faults = st.lists(st.sampled_from(MediaFault), max_size=2).map(tuple)
photos = st.builds(
    PhotoMeasure, faults=faults, similarity=maybe, quality=maybe, similarity_to_anchor=maybe
)
depths = st.builds(
    Depth,
    ratio=st.none() | st.floats(0, 3),
    span_deg=st.floats(0, 90),
    pairs=st.integers(0, 40),
)
unbroken = st.builds(Continuity, jumps=st.integers(0, 2), worst=st.floats(0, 5))
cue_scores = st.builds(
    CueScore, cue=st.sampled_from(Cue), value=st.floats(0, 2), limit=st.just(1.0)
)


@st.composite
def clips(draw: st.DrawFn) -> ClipMeasure:
    grades = draw(st.lists(st.sampled_from(StepGrade), max_size=5))
    actions = [draw(st.sampled_from(Action)) for _ in grades]
    steps = tuple(
        step(action, 1500 * (k + 1), grade)
        for k, (action, grade) in enumerate(zip(actions, grades, strict=True))
    )
    return ClipMeasure(
        faults=draw(faults),
        similarity=draw(maybe),
        similarity_to_selfie=draw(maybe),
        self_similarity=draw(maybe),
        stillness=draw(st.none() | st.floats(0.9, 1)),
        unasked_actions=draw(st.lists(st.sampled_from(Action), max_size=2).map(tuple)),
        steps=steps,
        duration_ms=7000,
        frames=draw(st.integers(0, 200)),
        face_fraction=draw(st.floats(0, 1)),
        best_frame_ms=None,
        similarity_to_anchor=draw(maybe),
        depth=draw(st.none() | depths),
        continuity=draw(st.none() | unbroken),
        cues=draw(st.lists(cue_scores, max_size=4).map(tuple)),
        earlier=draw(st.none() | st.floats(0, 2).map(near)),
    )


nearly_good = st.builds(
    lambda s, c, f, d, q: replace(
        GOOD,
        selfie=replace(SELFIE, similarity=s),
        clip=replace(CLIP, similarity=c, face_fraction=f, depth=d, cues=tuple(q)),
    ),
    maybe,
    maybe,
    st.floats(0, 1),
    st.none() | depths,
    st.lists(cue_scores, max_size=3),
)
any_evidence = nearly_good | st.builds(
    FaceEvidence,
    references=st.integers(0, 2),
    selfie=photos,
    clip=st.none() | clips(),
    models=st.sampled_from([{}, MODELS]),
)


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


def better_photos(photo: PhotoMeasure, score: float) -> list[PhotoMeasure]:
    more = [replace(photo, faults=photo.faults[1:])]
    if photo.similarity is not None and score > photo.similarity:
        more.append(replace(photo, similarity=score))
    return more


GRADES = [StepGrade.MISSING, StepGrade.UNSEEN, StepGrade.WEAK, StepGrade.SEEN]


def better_clips(clip: ClipMeasure, score: float) -> list[ClipMeasure]:
    more = [
        replace(clip, faults=clip.faults[1:]),
        replace(clip, unasked_actions=clip.unasked_actions[1:]),
        replace(clip, frames=clip.frames + 60),
        replace(clip, face_fraction=(clip.face_fraction + 1) / 2),
    ]
    more += [replace(clip, cues=clip.cues[1:]), replace(clip, earlier=None)]
    if clip.depth is not None and clip.depth.ratio is not None:
        more.append(replace(clip, depth=replace(clip.depth, ratio=clip.depth.ratio + 0.5)))
    if clip.continuity is not None:
        more.append(replace(clip, continuity=Continuity(jumps=0, worst=0.1)))
    for name in ("similarity", "similarity_to_selfie", "similarity_to_anchor", "self_similarity"):
        was = getattr(clip, name)
        if was is not None and score > was:
            more.append(replace(clip, **{name: score}))  # type: ignore[arg-type]
    if clip.stillness is not None:
        more.append(replace(clip, stillness=clip.stillness * 0.99))
    for k, one in enumerate(clip.steps):
        for grade in GRADES[GRADES.index(one.grade) + 1 :]:
            steps = (*clip.steps[:k], replace(one, grade=grade), *clip.steps[k + 1 :])
            more.append(replace(clip, steps=steps))
    return more


def better(evidence: FaceEvidence, score: float) -> list[FaceEvidence]:
    """Evidence that is better in one component."""
    more = [replace(evidence, references=evidence.references + 1)]
    more += [replace(evidence, selfie=s) for s in better_photos(evidence.selfie, score)]
    if evidence.clip is not None:
        more += [replace(evidence, clip=c) for c in better_clips(evidence.clip, score)]
    return more


@given(any_evidence, cosines, st.integers(0, 1), st.integers(0, 2))
def test_better_evidence_never_gives_a_worse_outcome(
    evidence: FaceEvidence, score: float, leads: int, tries: int
) -> None:
    before = decided(evidence, leads=leads, tries=tries)
    for improved in better(evidence, score):
        after = decided(improved, leads=leads, tries=tries)
        assert standing(after.reasons) >= standing(before.reasons)
        if before.outcome is Outcome.PASS:
            assert after.outcome is Outcome.PASS
        if after.outcome is Outcome.RETRY and before.outcome is Outcome.REVIEW:
            assert standing(before.reasons) is Standing.SUSPECT


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


def test_every_fault_has_a_reason_of_its_own_for_selfie_and_clip() -> None:
    named = [name(f) for f in MediaFault for name in (selfie_reason, video_reason)]
    assert len(set(named)) == 2 * len(MediaFault)
    assert all(standing([reason]) is Standing.AGAIN for reason in named)
