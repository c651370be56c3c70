"""What a strong certification teaches, and what hangs on it when it turns out to be wrong.

The rules stand in `domain.gallery`. Learning follows the decision in the same commit; a person who
is taught nothing loses nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from biometrics.embed import Embedding, cosine
from biometrics.photo import PhotoTemplate
from domain.audit import AuditAction
from domain.biometric import FaceEvidence
from domain.decision import Decision
from domain.enrolment import Source, rank
from domain.gallery import Candidate, GrowthRules, Learnt, NotLearnt, leaned, may_learn
from domain.policy_values import PolicyValues
from domain.reasons import Reason
from services.backend import Backend
from services.gallery import KnownFace, add_reference, anchors
from services.policies import legal_day
from services.review_queue import Flagged, open_review
from services.unit_of_work import Unit
from storage.db.models.certification import ReferencePhoto
from storage.db.repositories import attempts, references
from storage.db.repositories.people import Person
from storage.ids import uuid7


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """One decided attempt, as far as learning looks at it."""

    decision: Decision
    evidence: FaceEvidence
    selfie: PhotoTemplate
    selfie_id: UUID  # the stored photo
    consent_id: UUID
    taken_on: date
    faces: Sequence[KnownFace]
    values: PolicyValues


def learn(backend: Backend, unit: Unit, person: Person, lesson: Lesson) -> NotLearnt | None:
    """Add the selfie to the person's faces when the rules allow it; say why when they do not."""
    face = lesson.values.face
    why_not = may_learn(
        lesson.decision,
        _candidate(lesson),
        accept=face.accept,
        before=_before(unit, person.id, lesson.faces),
        rules=GrowthRules(margin=face.growth_margin, days=face.growth_days, most=face.growth_most),
    )
    if why_not is None:
        _add(backend, unit, person, lesson)
    return why_not


def _candidate(lesson: Lesson) -> Candidate:
    clip = lesson.evidence.clip
    return Candidate(
        selfie_to_anchor=lesson.evidence.selfie.similarity_to_anchor,
        clip_to_anchor=None if clip is None else clip.similarity_to_anchor,
        quality=lesson.selfie.quality,
        cues_found=0 if clip is None else sum(cue.found for cue in clip.cues),
        on=lesson.taken_on,
    )


def _before(unit: Unit, person_id: UUID, faces: Sequence[KnownFace]) -> tuple[Learnt, ...]:
    """Return what was learnt and stands, held against the anchors of today."""
    enrolled = anchors(faces)
    known = {face.id: face.embedding for face in faces if face.learnt}
    return tuple(
        Learnt(added_on=legal_day(row.added_at), to_anchor=_nearest(known.get(row.id), enrolled))
        for row in references.usable_of(unit.session, person_id)
        if row.source == Source.STRONG_SELF_CERTIFICATION
    )


def _nearest(face: Embedding | None, enrolled: Sequence[Embedding]) -> float:
    return max((cosine(face, one) for one in enrolled), default=-1.0) if face is not None else -1.0


def _add(backend: Backend, unit: Unit, person: Person, lesson: Lesson) -> None:
    embedding = lesson.selfie.embedding
    assert embedding is not None, "a selfie that passed has a face"
    row = ReferencePhoto(
        id=uuid7(),
        beneficiary_id=person.id,
        evidence_id=lesson.selfie_id,
        consent_id=lesson.consent_id,
        source=Source.STRONG_SELF_CERTIFICATION.value,
        source_rank=rank(Source.STRONG_SELF_CERTIFICATION),
        taken_on=lesson.taken_on,
        embedding_sealed=references.seal_embedding(embedding, person.key),
        model=backend.faces.embedder(),
        quality=lesson.selfie.quality or 0.0,
        added_at=unit.now,
        added_by=str(unit.actor),
    )
    add_reference(unit, row)


def take_back(
    backend: Backend,
    unit: Unit,
    person: Person,
    removed: ReferencePhoto,
    *,
    but: UUID | None = None,
) -> list[UUID]:
    """Undo what a removed reference led to: what was learnt beside it, and passes leaning on that.

    Learnt photos were held against the anchors, so they go with an anchor. A certification that
    would not have passed without learnt photos goes to a human; until that one has decided, the
    person keeps it. Returns the attempts that were put into the queue, `but` not among them.
    """
    if removed.source != Source.STRONG_SELF_CERTIFICATION:
        _forget_learnt(unit, person.id)
    queued = leaning_on(unit, removed, but=but)
    for attempt_id in queued:
        flagged = Flagged(reasons=[Reason.LEARNT_ONLY.value], attempt_id=attempt_id)
        open_review(backend, unit, person, flagged)
    return queued


def leaning_on(unit: Unit, reference: ReferencePhoto, *, but: UUID | None = None) -> list[UUID]:
    """Return the passes since a reference was added that needed learnt photos and no human saw."""
    return [
        decision.attempt_id
        for decision in attempts.passes_since(
            unit.session, reference.beneficiary_id, reference.added_at
        )
        if leaned(decision.checks) and decision.attempt_id != but
    ]


def _forget_learnt(unit: Unit, person_id: UUID) -> None:
    for row in references.usable_of(unit.session, person_id):
        if row.source == Source.STRONG_SELF_CERTIFICATION:
            row.removed_at = unit.now
            unit.audit(
                AuditAction.REFERENCE_REMOVED,
                reference=str(row.id),
                beneficiary=str(person_id),
                reason="learnt_beside_removed",
            )
