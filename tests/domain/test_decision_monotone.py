"""Better evidence never gives a worse outcome."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from domain.biometric import ClipMeasure, Continuity, FaceEvidence, PhotoMeasure, StepGrade
from domain.decision import Outcome
from domain.reasons import Standing, standing
from tests.domain.evidence import any_evidence, cosines, decided


def better_photos(photo: PhotoMeasure, score: float) -> list[PhotoMeasure]:
    more = [replace(photo, faults=photo.faults[1:])]
    if photo.similarity is not None and score > photo.similarity:
        more.append(replace(photo, similarity=score))
    return more


GRADES = [StepGrade.MISSING, StepGrade.UNSEEN, StepGrade.WEAK, StepGrade.SEEN]


def better_depths(clip: ClipMeasure) -> list[ClipMeasure]:
    if clip.depth is None or clip.depth.ratio is None:
        return []
    return [replace(clip, depth=replace(clip.depth, ratio=clip.depth.ratio + 0.5))]


def better_courses(clip: ClipMeasure) -> list[ClipMeasure]:
    more = []
    if clip.light is not None and clip.light.correlation is not None:
        follows = (clip.light.correlation + 1) / 2
        more.append(replace(clip, light=replace(clip.light, correlation=follows)))
    if clip.continuity is not None:
        more.append(replace(clip, continuity=Continuity(jumps=0, worst=0.1)))
    return more


def better_clips(clip: ClipMeasure, score: float) -> list[ClipMeasure]:
    more = [
        replace(clip, faults=clip.faults[1:]),
        replace(clip, unasked_actions=clip.unasked_actions[1:]),
        replace(clip, frames=clip.frames + 60),
        replace(clip, face_fraction=(clip.face_fraction + 1) / 2),
    ]
    more += [replace(clip, cues=clip.cues[1:]), replace(clip, earlier=None)]
    more += [*better_depths(clip), *better_courses(clip)]
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
