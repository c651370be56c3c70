"""What a reviewer's verdict leads to, in the commit that records it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.audit import AuditAction
from domain.errors import AppError, Kind
from domain.review import Method, Verdict
from domain.visit_request import SentBy
from services import validity
from services.acts import shown_alive
from services.backend import Backend
from services.eligibility import refuse_blocked
from services.entitlements import drawn_by
from services.rereads import after_decision, after_reread, is_reread
from services.shown import open_known
from services.unit_of_work import Unit
from services.validity import Certified, Ground
from services.visit_requests import send_visit
from storage.db.models.cases import Lead, Review
from storage.db.repositories import certifications, reviews
from storage.ids import uuid7

LEAD_KIND = "referred_by_review"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What a reviewer found."""

    verdict: Verdict
    method: Method | None
    findings: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """Who decided. `confirmed_at` is when the one who sealed it last gave the password."""

    by: UUID
    confirmed_at: datetime | None
    proposal_id: UUID | None = None


def record(unit: Unit, review: Review, ruling: Ruling, signed: Signature) -> None:
    """Write the decision down. Raises `review.already_decided`."""
    row: dict[str, Any] = {
        "review_id": review.id,
        "beneficiary_id": review.beneficiary_id,
        "outcome": ruling.verdict.value,
        "method": ruling.method.value if ruling.method else None,
        "findings": ruling.findings.strip(),
        "decided_at": unit.now,
        "decided_by": signed.by,
        "confirmed_at": signed.confirmed_at,
        "proposal_id": signed.proposal_id,
    }
    if not reviews.record_decision(unit.session, row):
        raise AppError(Kind.CONFLICT, "review.already_decided")
    unit.audit(
        AuditAction.REVIEW_DECIDED,
        review=str(review.id),
        beneficiary=str(review.beneficiary_id),
        outcome=ruling.verdict.value,
        method=row["method"],
        by=str(signed.by),
        proposal=str(signed.proposal_id) if signed.proposal_id else None,
    )


def follow_up(backend: Backend, unit: Unit, review: Review, verdict: Verdict) -> Certified | None:
    """Do what a verdict leads to, in the caller's unit; that of a second look leads to nothing.

    Raises `person.suspended_other_cause` when a verdict to certify comes after a stop for another
    cause, and `evidence.erased`.
    """
    if is_reread(review):
        after_reread(backend, unit, review)
        return None
    certified = _effect(backend, unit, review, verdict)
    after_decision(backend, unit, review)
    return certified


def _effect(backend: Backend, unit: Unit, review: Review, verdict: Verdict) -> Certified | None:
    match verdict:
        case Verdict.CERTIFIED:
            return _certify(backend, unit, review)
        case Verdict.SEND_VISIT:
            send_visit_for(backend, unit, review)
        case Verdict.REFER_AS_LEAD:
            _open_lead(unit, review)
        case Verdict.ASK_AGAIN:
            pass  # the tries count from here anew: `sessions.failed_tries`
    return None


def _certify(backend: Backend, unit: Unit, review: Review) -> Certified:
    # Before the look at the entitlements, so that no stop comes in between it and the certificate.
    certifications.lock_entitlements(unit.session, review.beneficiary_id)
    person = open_known(backend, unit, review.beneficiary_id)
    refuse_blocked(drawn_by(backend, unit, person))
    return validity.certify(backend, unit, person, _ground(unit, review))


def _ground(unit: Unit, review: Review) -> Ground:
    """Rest on the reviewed act: its channel and its day, by the hand of this review."""
    channel, day = shown_alive(unit, attempt_id=review.attempt_id, visit_id=review.visit_id)
    return Ground(channel=channel, captured_on=day, review_id=review.id)


def send_visit_for(backend: Backend, unit: Unit, review: Review) -> None:
    """Have an officer go and look, because of a case. Raises `evidence.erased`."""
    reason, person_id = SentBy.REVIEW, review.beneficiary_id
    send_visit(backend, unit, person_id, reason=reason, review=str(review.id))


def _open_lead(unit: Unit, review: Review) -> None:
    row = Lead(
        id=uuid7(),
        beneficiary_id=review.beneficiary_id,
        kind=LEAD_KIND,
        opened_at=unit.now,
        opened_by=str(unit.actor),
    )
    reviews.add_lead(unit.session, row)
    unit.audit(
        AuditAction.LEAD_OPENED,
        lead=str(row.id),
        beneficiary=str(review.beneficiary_id),
        review=str(review.id),
    )
