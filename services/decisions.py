"""Deciding an attempt: measure with no transaction open, then one act writes all that follows."""

from dataclasses import dataclass, replace
from uuid import UUID

from biometrics.engine import Case as FaceCase
from biometrics.engine import CaseReading
from domain.attempt import tries_left
from domain.audit import AuditAction
from domain.biometric import FaceEvidence, PhotoMeasure
from domain.capture import RecordingClient
from domain.challenge import Challenge, from_json
from domain.cycle import Channel
from domain.decision import Decision, Outcome, decide
from domain.reasons import Reason
from domain.second_opinion import SecondOpinion
from services import evidence, gallery, validity
from services.backend import Backend
from services.deciding import EVERYWHERE, Subject, doubts, subject_of
from services.decision_record import DecisionRecord, Inputs, decided, limits_of
from services.earlier_clips import SentClip, nearest, remember
from services.gallery import KnownFace
from services.learning import Lesson, learn
from services.policies import legal_day
from services.review_material import keep_material
from services.review_queue import Flagged, open_review
from services.unit_of_work import Unit
from services.validity import Ground
from storage.db.models.certification import Attempt
from storage.db.repositories import attempts, certifications, sessions


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """All that the measuring needs, read in one go."""

    attempt_id: UUID
    subject: Subject
    challenge: Challenge
    parts: dict[str, UUID]
    client: RecordingClient
    asks_second: bool  # policy of the day of receipt wanted a second opinion
    device_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The faces that were compared with, in the model's current numbers, and what was found."""

    faces: tuple[KnownFace, ...]
    reading: CaseReading


def decide_attempt(backend: Backend, attempt_id: UUID) -> Outcome | None:
    """Decide one attempt, once. Returns None when it was decided before.

    Safe to run any number of times and in several workers at once: the decision's primary key
    lets exactly one through, and everything that follows from it is in the same commit.
    """
    case = load_case(backend, attempt_id)
    if case is None:
        return None
    measured = _looked_up(backend, case, measure_case(backend, case))
    material_id = _keep_material(backend, case, measured)
    with backend.unit(case.subject.caller.actor, case.subject.caller.scope) as unit:
        gallery.keep(
            unit,
            case.subject.faces,
            measured.faces,
            case.subject.person.key,
            model=backend.faces.embedder(),
        )
        decision = _decide(backend, unit, case, measured=measured, material_id=material_id)
        if decision is None:
            return None
        _learn(backend, unit, case, measured=measured, decision=decision)
        return decision.outcome


def give_up(backend: Backend, attempt_id: UUID) -> None:
    """Send an attempt to a human whose measuring failed for good: nobody waits for a broken job."""
    case = load_case(backend, attempt_id)
    if case is None:
        return
    nothing = FaceEvidence(
        references=len(case.subject.faces),
        selfie=PhotoMeasure(faults=(), similarity=None, quality=None),
        clip=None,
    )
    decision = Decision(outcome=Outcome.REVIEW, reasons=(Reason.NOT_MEASURED,), checks=())
    with backend.unit(case.subject.caller.actor, case.subject.caller.scope) as unit:
        _write(backend, unit, case, DecisionRecord(evidence=nothing, decision=decision, inputs={}))


def load_case(backend: Backend, attempt_id: UUID, *, again: bool = False) -> Case | None:
    """Read all that measuring needs; None when there is nothing to decide (`again`: or repeat)."""
    with backend.unit(EVERYWHERE.actor, EVERYWHERE.scope) as unit:
        attempt = attempts.get(unit.session, attempt_id)
        if attempt is None:
            return None
        if not again and attempts.decision_of(unit.session, attempt_id) is not None:
            return None
        subject = subject_of(backend, unit, attempt.beneficiary_id, received_at=attempt.received_at)
        if subject is None:
            return None
        session = attempts.session_of(unit.session, attempt)
        return Case(
            attempt_id=attempt_id,
            subject=subject,
            challenge=from_json(session.challenge),
            device_id=session.device_id,
            parts={k: e.id for k, e in attempts.parts_of(unit.session, attempt_id).items()},
            client=RecordingClient(**attempt.manifest.get("recorder", {})),
            asks_second=subject.policy.values.face.second_opinion is not SecondOpinion.OFF,
        )


def measure_case(backend: Backend, case: Case) -> Measured:
    """Measure with no transaction open. Raises what `evidence.read` raises."""
    caller = case.subject.caller
    faces = gallery.brought_up_to_date(backend, caller, case.subject.faces)
    selfie, _ = evidence.read(backend, caller, case.parts["selfie"])
    video, _ = evidence.read(backend, caller, case.parts["video"])
    reading = backend.faces.read_case(
        FaceCase(
            references=gallery.anchors(faces),
            learnt=gallery.learnt(faces),
            selfie=selfie,
            clip=video,
            challenge=case.challenge,
            client=case.client,
            second=_enrolled_photos(backend, case, faces),
        )
    )
    return Measured(faces=faces, reading=reading)


def _enrolled_photos(
    backend: Backend, case: Case, faces: tuple[KnownFace, ...]
) -> tuple[bytes, ...] | None:
    """Read the photos that a second opinion compares with; None where policy asks for none."""
    if not case.asks_second:
        return None
    caller = case.subject.caller
    return tuple(
        evidence.read(backend, caller, face.evidence_id)[0] for face in faces if not face.learnt
    )


def _looked_up(backend: Backend, case: Case, measured: Measured) -> Measured:
    """Put the clip on record, in an act of its own, and then look for an earlier one like it."""
    reading = measured.reading
    if reading.clip is None or reading.clip.fingerprint is None or reading.evidence.clip is None:
        return measured
    sent = SentClip(
        id=case.attempt_id,
        person_id=case.subject.person.id,
        device_id=case.device_id,
        fingerprint=reading.clip.fingerprint,
    )
    caller = case.subject.caller
    with backend.unit(caller.actor, caller.scope) as unit:
        remember(backend, unit, sent)
    with backend.unit(caller.actor, caller.scope) as unit:
        earlier = nearest(backend, unit, sent)
    clip = replace(reading.evidence.clip, earlier=earlier)
    return replace(
        measured, reading=replace(reading, evidence=replace(reading.evidence, clip=clip))
    )


def _keep_material(backend: Backend, case: Case, measured: Measured) -> UUID | None:
    """Keep what a reviewer will look at, unless the face alone lets the case pass."""
    values = limits_of(case.subject.policy.values)
    likely = decide(measured.reading.evidence, values, open_leads=0, tries_left=0)
    if likely.outcome is Outcome.PASS:
        return None
    return keep_material(
        backend,
        case.subject.caller,
        case.subject.person.id,
        measured.reading,
        faces=measured.faces,
    )


def _decide(
    backend: Backend, unit: Unit, case: Case, *, measured: Measured, material_id: UUID | None
) -> Decision | None:
    # Before tries and doubts are counted: neither another try of this person nor a stop may come
    # in between them and the decision.
    certifications.lock_entitlements(unit.session, case.subject.person.id)
    found = measured.reading.evidence
    values = case.subject.policy.values
    failed = sessions.failed_tries(unit.session, case.subject.person.id)
    inputs = Inputs(
        open_leads=doubts(backend, unit, case.subject.person),
        tries_left=tries_left(failed, values.attempt.tries_before_review),
        limits=limits_of(values),
        faces=tuple(face.id for face in measured.faces),
    )
    decision = decided(found, inputs)
    record = DecisionRecord(
        evidence=found, decision=decision, inputs=inputs.as_json(), material_id=material_id
    )
    return decision if _write(backend, unit, case, record) else None


def _learn(
    backend: Backend, unit: Unit, case: Case, *, measured: Measured, decision: Decision
) -> None:
    attempt = attempts.get(unit.session, case.attempt_id)
    assert attempt is not None, "decided just now"
    lesson = Lesson(
        decision=decision,
        evidence=measured.reading.evidence,
        selfie=measured.reading.selfie,
        selfie_id=case.parts["selfie"],
        consent_id=attempts.session_of(unit.session, attempt).consent_id,
        taken_on=legal_day(attempt.received_at),
        faces=measured.faces,
        values=case.subject.policy.values,
    )
    learn(backend, unit, case.subject.person, lesson)


def _write(backend: Backend, unit: Unit, case: Case, record: DecisionRecord) -> bool:
    """Record the decision and all that follows from it; False when another worker was faster."""
    attempt = attempts.get(unit.session, case.attempt_id)
    assert attempt is not None, "attempts are never removed"
    decision = record.decision
    row = record.as_row() | {
        "attempt_id": case.attempt_id,
        "beneficiary_id": case.subject.person.id,
        "preset_digest": case.subject.policy.digest,
        "decided_at": unit.now,
    }
    if not attempts.record_decision(unit.session, row):
        return False
    unit.audit(
        AuditAction.ATTEMPT_DECIDED,
        attempt=str(case.attempt_id),
        outcome=decision.outcome.value,
        reasons=[reason.value for reason in decision.reasons],
        policy=case.subject.policy.digest,
    )
    _follow_up(backend, unit, case, attempt=attempt, decision=decision)
    return True


def _follow_up(
    backend: Backend, unit: Unit, case: Case, *, attempt: Attempt, decision: Decision
) -> None:
    match decision.outcome:
        case Outcome.PASS:
            ground = Ground(
                channel=Channel(attempt.channel),
                captured_on=legal_day(attempt.received_at),
                attempt_id=attempt.id,
            )
            validity.certify(backend, unit, case.subject.person, ground)
        case Outcome.REVIEW:
            reasons = [reason.value for reason in decision.reasons]
            flagged = Flagged(reasons=reasons, attempt_id=attempt.id)
            open_review(backend, unit, case.subject.person, flagged)
        case Outcome.RETRY:
            pass
