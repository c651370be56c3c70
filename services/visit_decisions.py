"""Deciding a home visit: measure with no transaction open, then one act writes all that follows."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from biometrics.embed import Embedding
from domain.audit import AuditAction
from domain.biometric import PhotoMeasure
from domain.cycle import Channel
from domain.home_visit import (
    DOORWAY_PART,
    ID_CARD_PART,
    PERSON_PARTS,
    VisitDecision,
    VisitLimits,
    VisitManifest,
    VisitMeasures,
    VisitOutcome,
    VisitReason,
    decide_visit,
)
from domain.policy_values import PolicyValues
from services import evidence, validity
from services.backend import Backend
from services.deciding import EVERYWHERE, Subject, doubts, subject_of
from services.gallery import anchors, brought_up_to_date
from services.home_visits import from_json
from services.policies import legal_day
from services.review_queue import Flagged, open_review
from services.unit_of_work import Unit
from services.validity import Ground
from storage.db.repositories import certifications, visits


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """All that the measuring needs, read in one go."""

    visit_id: UUID
    subject: Subject
    visit: VisitManifest
    received_at: datetime
    parts: dict[str, UUID]
    seen_before: int


def decide_submitted(backend: Backend, visit_id: UUID) -> VisitOutcome | None:
    """Decide one visit, once. Returns None when it was decided before.

    Safe to run any number of times and in several workers at once: the decision's primary key
    lets exactly one through, and everything that follows from it is in the same commit.
    """
    case = _load(backend, visit_id)
    if case is None:
        return None
    measures = _measure(backend, case)
    with backend.unit(case.subject.caller.actor, case.subject.caller.scope) as unit:
        # Before the doubts are counted, so that no stop comes in between them and the certificate.
        certifications.lock_entitlements(unit.session, case.subject.person.id)
        decision = decide_visit(
            measures,
            case.visit,
            limits_of(case.subject.policy.values),
            received_at=case.received_at,
            open_leads=doubts(backend, unit, case.subject.person),
        )
        return _write(backend, unit, case, measures=measures, decision=decision)


def give_up(backend: Backend, visit_id: UUID) -> None:
    """Send a visit to a human whose measuring failed for good: nobody waits for a broken job."""
    case = _load(backend, visit_id)
    if case is None:
        return
    nothing = PhotoMeasure(faults=(), similarity=None, quality=None)
    measures = VisitMeasures(
        references=len(case.subject.faces),
        person=(),
        with_id_card=nothing,
        doorway_faults=(),
        photos_seen_before=case.seen_before,
    )
    decision = VisitDecision(
        outcome=VisitOutcome.REVIEW, reasons=(VisitReason.MODEL_MISSING,), checks=()
    )
    with backend.unit(case.subject.caller.actor, case.subject.caller.scope) as unit:
        _write(backend, unit, case, measures=measures, decision=decision)


def _load(backend: Backend, visit_id: UUID) -> Case | None:
    with backend.unit(EVERYWHERE.actor, EVERYWHERE.scope) as unit:
        row = visits.get(unit.session, visit_id)
        if row is None or visits.decision_of(unit.session, visit_id) is not None:
            return None
        subject = subject_of(backend, unit, row.beneficiary_id, received_at=row.received_at)
        if subject is None:
            return None
        parts = visits.parts_of(unit.session, visit_id)
        digests = [part.sha256 for part in parts.values()]
        return Case(
            visit_id=visit_id,
            subject=subject,
            visit=from_json(row.manifest),
            received_at=row.received_at,
            parts={kind: part.id for kind, part in parts.items()},
            seen_before=visits.photos_used_elsewhere(unit.session, visit_id, digests),
        )


def _measure(backend: Backend, case: Case) -> VisitMeasures:
    """Compare with anchors only: what a phone taught the machine must not vouch for a visit."""
    known = anchors(brought_up_to_date(backend, case.subject.caller, case.subject.faces))
    measured = {name: _measure_photo(backend, case, name, known) for name in case.parts}
    # Policy's least number of references: with fewer the visit counts as having none.
    enough = len(known) >= case.subject.policy.values.face.references
    return VisitMeasures(
        references=len(known) if enough else 0,
        person=tuple(measured[name] for name in PERSON_PARTS if name in measured),
        with_id_card=measured[ID_CARD_PART],
        doorway_faults=measured[DOORWAY_PART].faults,
        photos_seen_before=case.seen_before,
        models=backend.faces.models(),
    )


def _measure_photo(
    backend: Backend, case: Case, name: str, known: Sequence[Embedding]
) -> PhotoMeasure:
    content, _ = evidence.read(backend, case.subject.caller, case.parts[name])
    compared = () if name == DOORWAY_PART else known
    return backend.faces.measure_photo(content, compared)


def limits_of(values: PolicyValues) -> VisitLimits:
    """Return the thresholds that policy sets for a visit."""
    return VisitLimits(
        accept=values.face.accept,
        review=values.face.review,
        max_age=timedelta(hours=values.visit.photo_max_age_hours),
    )


def _write(
    backend: Backend, unit: Unit, case: Case, *, measures: VisitMeasures, decision: VisitDecision
) -> VisitOutcome | None:
    """Record the decision and all that follows from it; None when another worker was faster."""
    row = _decision_row(unit, case, measures=measures, decision=decision)
    if not visits.record_decision(unit.session, row):
        return None
    unit.audit(
        AuditAction.VISIT_DECIDED,
        visit=str(case.visit_id),
        outcome=decision.outcome.value,
        reasons=row["reasons"],
        policy=case.subject.policy.digest,
    )
    match decision.outcome:
        case VisitOutcome.CERTIFIED:
            validity.certify(backend, unit, case.subject.person, _ground(case))
        case VisitOutcome.REVIEW:
            flagged = Flagged(reasons=row["reasons"], visit_id=case.visit_id)
            open_review(backend, unit, case.subject.person, flagged)
    return decision.outcome


def _ground(case: Case) -> Ground:
    return Ground(
        channel=Channel.HOME_VISIT,
        captured_on=visited_on(case.visit.captured_at, case.received_at),
        visit_id=case.visit_id,
    )


def visited_on(captured_at: datetime, received_at: datetime) -> date:
    """Return the legal day of a visit; a clock that runs ahead never makes it a day to come."""
    return min(legal_day(captured_at), legal_day(received_at))


def _decision_row(
    unit: Unit, case: Case, *, measures: VisitMeasures, decision: VisitDecision
) -> dict[str, Any]:
    """Everything by which the decision can be made again, bit for bit."""
    return {
        "visit_id": case.visit_id,
        "beneficiary_id": case.subject.person.id,
        "outcome": decision.outcome.value,
        "reasons": [reason.value for reason in decision.reasons],
        "checks": [asdict(check) for check in decision.checks],
        "evidence": asdict(measures),
        "models": dict(measures.models),
        "preset_digest": case.subject.policy.digest,
        "decided_at": unit.now,
    }
