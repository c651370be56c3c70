"""Evidence of made-up cases: one that passes, changes to it, and strategies that draw any."""

from dataclasses import replace
from typing import Any

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
from domain.capture import Cue, CueScore
from domain.challenge import Action
from domain.decision import Decision, decide
from domain.light import LightMeasure
from domain.limits import Limits

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


def light(
    correlation: float | None = 0.96, ratio: float | None = 6.0, snr: float = 9.0
) -> LightMeasure:
    return LightMeasure(correlation=correlation, ratio=ratio, snr=snr, lag_ms=100, at_ms=1400)


def near(likeness: float) -> EarlierClip:
    return EarlierClip(id="earlier", likeness=likeness, by="frames", shift_ms=0)


def decided(evidence: FaceEvidence, *, leads: int = 0, tries: int = 2) -> Decision:
    return decide(evidence, LIMITS, open_leads=leads, tries_left=tries)


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

lights = st.builds(
    light, st.none() | st.floats(-1, 1), st.none() | st.floats(0, 9), st.floats(0, 9)
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
        light=draw(st.none() | lights),
    )


nearly_good = st.builds(
    lambda s, c, f, d, q, li: replace(
        GOOD,
        selfie=replace(SELFIE, similarity=s),
        clip=replace(CLIP, similarity=c, face_fraction=f, depth=d, cues=tuple(q), light=li),
    ),
    maybe,
    maybe,
    st.floats(0, 1),
    st.none() | depths,
    st.lists(cue_scores, max_size=3),
    st.none() | lights,
)
any_evidence = nearly_good | st.builds(
    FaceEvidence,
    references=st.integers(0, 2),
    selfie=photos,
    clip=st.none() | clips(),
    models=st.sampled_from([{}, MODELS]),
)
