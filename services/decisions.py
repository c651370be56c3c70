"""Deciding an attempt: measure with no transaction open, then one act writes all that follows."""

from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from domain.attempt import tries_left
from domain.audit import Actor, ActorKind, AuditAction
from domain.beneficiary import blocks_certification
from domain.biometric import FaceEvidence, PhotoMeasure
from domain.challenge import Challenge, from_json
from domain.cycle import Channel
from domain.decision import Decision, Limits, Outcome, Reason, decide
from domain.ids import BeneficiaryId
from domain.policy import PolicyValues, ResolvedPolicy
from domain.regions import DivisionPath, SubjectScope, SystemName, SystemScope
from services import evidence, validity
from services.backend import Backend
from services.entitlements import drawn_by
from services.evidence import Caller
from services.policies import legal_day, resolved_for
from services.review_queue import Flagged, open_review
from services.unit_of_work import Unit
from services.validity import Ground
from storage.crypto.errors import KeyDestroyed
from storage.db.models.certification import Attempt
from storage.db.repositories import attempts, certifications, references, sessions
from storage.db.repositories.people import Person

WORKER = Actor(kind=ActorKind.SYSTEM, id=SystemName.DECISION_WORKER)
EVERYWHERE = Caller(actor=WORKER, scope=SystemScope(name=SystemName.DECISION_WORKER))


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """All that the measuring needs, read in one go."""

    attempt_id: UUID
    person: Person
    challenge: Challenge
    references: tuple[NDArray[np.float32], ...]
    parts: dict[str, UUID]
    policy: ResolvedPolicy

    @property
    def caller(self) -> Caller:
        """Return the worker as one who sees this person only."""
        scope = SubjectScope(
            beneficiary_id=BeneficiaryId(self.person.id),
            path=DivisionPath(self.person.household_path),
        )
        return Caller(actor=WORKER, scope=scope)


def decide_attempt(backend: Backend, attempt_id: UUID) -> Outcome | None:
    """Decide one attempt, once. Returns None when it was decided before.

    Safe to run any number of times and in several workers at once: the decision's primary key
    lets exactly one through, and everything that follows from it is in the same commit.
    """
    case = _load(backend, attempt_id)
    if case is None:
        return None
    measured = _measure(backend, case)
    with backend.unit(case.caller.actor, case.caller.scope) as unit:
        return _record(backend, unit, case, measured)


def give_up(backend: Backend, attempt_id: UUID) -> None:
    """Send an attempt to a human whose measuring failed for good: nobody waits for a broken job."""
    case = _load(backend, attempt_id)
    if case is None:
        return
    nothing = FaceEvidence(
        references=len(case.references),
        selfie=PhotoMeasure(faults=(), similarity=None, quality=None),
        clip=None,
    )
    decision = Decision(outcome=Outcome.REVIEW, reasons=(Reason.NOT_MEASURED,), checks=())
    with backend.unit(case.caller.actor, case.caller.scope) as unit:
        _write(backend, unit, case, measured=nothing, decision=decision)


def _load(backend: Backend, attempt_id: UUID) -> Case | None:
    with backend.unit(EVERYWHERE.actor, EVERYWHERE.scope) as unit:
        attempt = attempts.get(unit.session, attempt_id)
        if attempt is None or attempts.decision_of(unit.session, attempt_id) is not None:
            return None
        try:
            person = backend.people(unit).load(attempt.beneficiary_id)
        except KeyDestroyed:  # erased by law meanwhile: there is nothing left to decide on
            return None
        assert person is not None, "an attempt's person is never removed"
        drawn = drawn_by(backend, unit, person)
        return Case(
            attempt_id=attempt_id,
            person=person,
            challenge=from_json(attempts.session_of(unit.session, attempt).challenge),
            references=tuple(_embeddings(unit, person)),
            parts={k: e.id for k, e in attempts.parts_of(unit.session, attempt_id).items()},
            policy=resolved_for(
                backend,
                person.household_path,
                scheme=drawn[0].scheme,
                on=legal_day(attempt.received_at),
            ),
        )


def _embeddings(unit: Unit, person: Person) -> list[NDArray[np.float32]]:
    rows = references.usable_of(unit.session, person.id)
    return [references.open_embedding(row, person.key) for row in rows]


def _measure(backend: Backend, case: Case) -> FaceEvidence:
    selfie, _ = evidence.read(backend, case.caller, case.parts["selfie"])
    video, _ = evidence.read(backend, case.caller, case.parts["video"])
    return backend.faces.measure_case(
        references=case.references, selfie=selfie, clip=video, challenge=case.challenge
    )


def _record(backend: Backend, unit: Unit, case: Case, measured: FaceEvidence) -> Outcome | None:
    # Before tries and doubts are counted: neither another try of this person nor a stop may come
    # in between them and the decision.
    certifications.lock_entitlements(unit.session, case.person.id)
    values = case.policy.values
    failed = sessions.failed_tries(unit.session, case.person.id)
    decision = decide(
        measured,
        limits_of(values),
        open_leads=_doubts(backend, unit, case.person),
        tries_left=tries_left(failed, values.attempt.tries_before_review),
    )
    return _write(backend, unit, case, measured=measured, decision=decision)


def _write(
    backend: Backend, unit: Unit, case: Case, *, measured: FaceEvidence, decision: Decision
) -> Outcome | None:
    """Record the decision and all that follows from it; None when another worker was faster."""
    attempt = attempts.get(unit.session, case.attempt_id)
    assert attempt is not None, "attempts are never removed"
    row = _decision_row(unit, case, measured=measured, decision=decision)
    if not attempts.record_decision(unit.session, row):
        return None
    unit.audit(
        AuditAction.ATTEMPT_DECIDED,
        attempt=str(case.attempt_id),
        outcome=decision.outcome.value,
        reasons=[reason.value for reason in decision.reasons],
        policy=case.policy.digest,
    )
    _follow_up(backend, unit, case, attempt=attempt, decision=decision)
    return decision.outcome


def _doubts(backend: Backend, unit: Unit, person: Person) -> int:
    """Count what forbids an automatic pass: open leads, and a stop that came in meanwhile."""
    stopped = blocks_certification(drawn_by(backend, unit, person)) is not None
    return attempts.open_leads(unit.session, person.id) + stopped


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
            validity.certify(backend, unit, case.person, ground)
        case Outcome.REVIEW:
            flagged = Flagged(reasons=_named(decision.reasons), attempt_id=attempt.id)
            open_review(backend, unit, case.person, flagged)
        case Outcome.RETRY:
            pass


def limits_of(values: PolicyValues) -> Limits:
    """Return the thresholds that policy sets for a face."""
    return Limits(
        accept=values.face.accept,
        review=values.face.review,
        references=values.face.references,
        **asdict(values.liveness),
    )


def _named(reasons: tuple[Reason, ...]) -> list[str]:
    return [reason.value for reason in reasons]


def _decision_row(
    unit: Unit, case: Case, *, measured: FaceEvidence, decision: Decision
) -> dict[str, Any]:
    """Everything by which the decision can be made again, bit for bit."""
    return {
        "attempt_id": case.attempt_id,
        "beneficiary_id": case.person.id,
        "outcome": decision.outcome.value,
        "reasons": _named(decision.reasons),
        "checks": [asdict(check) for check in decision.checks],
        "evidence": asdict(measured),
        "models": dict(measured.models),
        "preset_digest": case.policy.digest,
        "decided_at": unit.now,
    }
