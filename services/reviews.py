"""The review queue at work: listed in one's own division, claimed by one, decided once.

A reviewer never decides what he handed in (G13), and nobody decides twice. A decision to certify
moves the validity in the same commit.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from domain.audit import AuditAction
from domain.beneficiary import mask_name
from domain.cycle import Channel
from domain.errors import AppError, Kind
from domain.ids import StaffId
from domain.review import (
    Claim,
    Method,
    Verdict,
    check_claim,
    check_independent,
    check_verdict,
    claim,
)
from services import validity
from services.accounts import StaffMember, actor_of, scope_of
from services.backend import Backend
from services.eligibility import refuse_blocked
from services.entitlements import drawn_by
from services.evidence import Caller, open_key
from services.policies import legal_day, values_for
from services.unit_of_work import Unit
from services.validity import Certified, Ground
from services.visit_decisions import visited_on
from services.visit_requests import note_request
from storage.crypto.errors import KeyDestroyed
from storage.db.models.cases import Lead, Review, ReviewClaim
from storage.db.models.certification import Evidence
from storage.db.repositories import attempts, certifications, reviews, visits
from storage.db.repositories.people import Person
from storage.ids import uuid7

LEAD_KIND = "referred_by_review"
VISIT_REASON = "sent_by_review"


class ReviewState(StrEnum):
    """Where a case stands; a decided one stands where its verdict says."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    CERTIFIED = "certified"
    ASKED_AGAIN = "ask_again"
    VISIT_SENT = "send_visit"
    REFERRED = "refer_as_lead"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedCase:
    """One line of the queue. `masked_name` is None for somebody erased by law."""

    id: UUID
    masked_name: str | None
    residence_path: str
    channel: Channel
    reasons: tuple[str, ...]
    opened_at: datetime
    due_at: datetime
    state: ReviewState
    is_mine: bool
    is_late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePage:
    """`next_after` is the case to go on behind; None on the last page."""

    cases: tuple[QueuedCase, ...]
    next_after: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What a reviewer found."""

    verdict: Verdict
    method: Method | None
    findings: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruled:
    """What came of it. `certified` is there when the verdict was to certify."""

    verdict: Verdict
    certified: Certified | None


def caller_of(member: StaffMember) -> Caller:
    """Return a member of staff as one who sees the own division."""
    return Caller(actor=actor_of(member), scope=scope_of(member))


def queue_page(
    backend: Backend, reader: StaffMember, *, after: UUID | None, limit: int
) -> QueuePage:
    """List undecided cases of the own division, the most pressing first.

    Raises `review.not_found` for an `after` out of scope.
    """
    caller = caller_of(reader)
    with backend.unit(caller.actor, caller.scope) as unit:
        behind = None if after is None else find(unit, after)
        rows = reviews.waiting(unit.session, after=behind, limit=limit + 1)
        cases = tuple(_queued(backend, unit, reader, row) for row in rows[:limit])
    more = len(rows) > limit
    return QueuePage(cases=cases, next_after=cases[-1].id if more else None)


def _queued(backend: Backend, unit: Unit, reader: StaffMember, row: Any) -> QueuedCase:
    held = _held(row.ReviewClaim, unit.now)
    return QueuedCase(
        id=row.Review.id,
        masked_name=_masked_name(backend, unit, row.Review.beneficiary_id),
        residence_path=row.Beneficiary.residence_path,
        channel=Channel(row.channel) if row.channel else Channel.HOME_VISIT,
        reasons=tuple(row.Review.reasons),
        opened_at=row.Review.opened_at,
        due_at=row.Review.due_at,
        state=ReviewState.WAITING if held is None else ReviewState.CLAIMED,
        is_mine=held is not None and held.by == reader.id,
        is_late=unit.now > row.Review.due_at,
    )


def _masked_name(backend: Backend, unit: Unit, person_id: UUID) -> str | None:
    # No query: the rows that `reviews.waiting` returned keep person and key in the session.
    try:
        person = backend.people(unit).load(person_id)
    except KeyDestroyed:
        return None
    return mask_name(person.name) if person is not None else None


def _held(row: ReviewClaim | None, at: datetime) -> Claim | None:
    """Return the claim that a row stands for, unless it was released or has run out."""
    if row is None or row.released_at is not None:
        return None
    kept = Claim(by=StaffId(row.staff_id), until=row.expires_at)
    return kept if kept.holds(at) else None


def find(unit: Unit, review_id: UUID) -> Review:
    """Return a case in scope. Raises `review.not_found`."""
    row = reviews.get(unit.session, review_id)
    if row is None:
        raise AppError(Kind.NOT_FOUND, "review.not_found")
    return row


def find_open(unit: Unit, review_id: UUID) -> Review:
    """Return an undecided case, locked until the commit. Raises `review.already_decided`."""
    row = find(unit, review_id)
    reviews.lock(unit.session, review_id)
    if reviews.decision_of(unit.session, review_id) is not None:
        raise AppError(Kind.CONFLICT, "review.already_decided")
    return row


def claim_of(unit: Unit, review_id: UUID) -> Claim | None:
    """Return the newest claim that was not released, be it running or run out."""
    row = reviews.newest_claim(unit.session, review_id)
    return None if row is None else Claim(by=StaffId(row.staff_id), until=row.expires_at)


def parts_of(unit: Unit, review: Review) -> dict[str, Evidence]:
    """Return name -> evidence of what was handed in."""
    if review.attempt_id is not None:
        return attempts.parts_of(unit.session, review.attempt_id)
    assert review.visit_id is not None, "a review is of one of the two"
    return visits.parts_of(unit.session, review.visit_id)


def _involved(unit: Unit, review: Review) -> list[StaffId]:
    """Name the staff who visited, or who uploaded any part: helping with a case counts."""
    by = [part.stored_by.partition(":") for part in parts_of(unit, review).values()]
    involved = [StaffId(UUID(who)) for kind, _, who in by if kind == "staff"]
    visit = visits.get(unit.session, review.visit_id) if review.visit_id else None
    return involved if visit is None else [*involved, StaffId(visit.officer_id)]


def claim_case(backend: Backend, reviewer: StaffMember, review_id: UUID) -> datetime:
    """Keep a case for one reviewer, or prolong one's own claim; returns until when.

    Raises `review.not_found`, `review.already_decided`, `review.not_independent`,
    `review.claimed_by_other`.
    """
    caller = caller_of(reviewer)
    with backend.unit(caller.actor, caller.scope) as unit:
        review = find_open(unit, review_id)
        by = StaffId(reviewer.id)
        check_independent(by, _involved(unit, review))
        granted = claim(
            claim_of(unit, review_id),
            by=by,
            at=unit.now,
            lasts=_claim_life(backend, unit, review),
        )
        _keep(unit, review, granted)
        unit.audit(AuditAction.REVIEW_CLAIMED, review=str(review_id))
        return granted.until


def _claim_life(backend: Backend, unit: Unit, review: Review) -> timedelta:
    person = person_of(backend, unit, review)
    schemes = [entitlement.scheme for entitlement in drawn_by(backend, unit, person)]
    minutes = values_for(backend, person.household_path, schemes).review.claim_minutes
    return timedelta(minutes=minutes)


def person_of(backend: Backend, unit: Unit, review: Review) -> Person:
    """Open whom a case is about. Raises `evidence.erased` for somebody erased by law."""
    try:
        person = backend.people(unit).load(review.beneficiary_id)
    except KeyDestroyed as error:
        raise AppError(Kind.GONE, "evidence.erased") from error
    assert person is not None, "who sees a case sees its person"
    return person


def _keep(unit: Unit, review: Review, granted: Claim) -> None:
    row = reviews.newest_claim(unit.session, review.id)
    if row is not None and row.staff_id == granted.by and _held(row, unit.now) is not None:
        reviews.prolong(unit.session, row.id, granted.until)
        return
    reviews.add_claim(
        unit.session,
        ReviewClaim(
            id=uuid7(),
            review_id=review.id,
            beneficiary_id=review.beneficiary_id,
            staff_id=granted.by,
            claimed_at=unit.now,
            expires_at=granted.until,
        ),
    )


def release_case(backend: Backend, reviewer: StaffMember, review_id: UUID) -> None:
    """Give a case back to the queue. Raises `review.*` when one does not hold it."""
    caller = caller_of(reviewer)
    with backend.unit(caller.actor, caller.scope) as unit:
        find_open(unit, review_id)
        check_claim(claim_of(unit, review_id), by=StaffId(reviewer.id), at=unit.now)
        row = reviews.newest_claim(unit.session, review_id)
        assert row is not None, "the claim that was just checked"
        reviews.release(unit.session, row.id, unit.now)
        unit.audit(AuditAction.REVIEW_RELEASED, review=str(review_id))


def decide(backend: Backend, reviewer: StaffMember, review_id: UUID, ruling: Ruling) -> Ruled:
    """Decide a case that one holds, once, with all that follows in the same commit.

    Raises `review.*`, and `person.suspended_other_cause` when a verdict to certify comes after a
    stop for another cause.
    """
    check_verdict(ruling.verdict, ruling.method, ruling.findings)
    caller = caller_of(reviewer)
    with backend.unit(caller.actor, caller.scope) as unit:
        review = find_open(unit, review_id)
        by = StaffId(reviewer.id)
        check_independent(by, _involved(unit, review))
        check_claim(claim_of(unit, review_id), by=by, at=unit.now)
        _record(unit, review, reviewer, ruling=ruling)
        return Ruled(
            verdict=ruling.verdict, certified=_follow_up(backend, unit, review, ruling.verdict)
        )


def _record(unit: Unit, review: Review, reviewer: StaffMember, *, ruling: Ruling) -> None:
    row: dict[str, Any] = {
        "review_id": review.id,
        "beneficiary_id": review.beneficiary_id,
        "outcome": ruling.verdict.value,
        "method": ruling.method.value if ruling.method else None,
        "findings": ruling.findings.strip(),
        "decided_at": unit.now,
        "decided_by": reviewer.id,
    }
    if not reviews.record_decision(unit.session, row):
        raise AppError(Kind.CONFLICT, "review.already_decided")
    unit.audit(
        AuditAction.REVIEW_DECIDED,
        review=str(review.id),
        beneficiary=str(review.beneficiary_id),
        outcome=ruling.verdict.value,
        method=row["method"],
    )


def _follow_up(backend: Backend, unit: Unit, review: Review, verdict: Verdict) -> Certified | None:
    match verdict:
        case Verdict.CERTIFIED:
            return _certify(backend, unit, review)
        case Verdict.SEND_VISIT:
            _send_visit(backend, unit, review)
        case Verdict.REFER_AS_LEAD:
            _open_lead(unit, review)
        case Verdict.ASK_AGAIN:
            pass  # the tries count from here anew: `sessions.failed_tries`
    return None


def _certify(backend: Backend, unit: Unit, review: Review) -> Certified:
    # Before the look at the entitlements, so that no stop comes in between it and the certificate.
    certifications.lock_entitlements(unit.session, review.beneficiary_id)
    person = person_of(backend, unit, review)
    refuse_blocked(drawn_by(backend, unit, person))
    return validity.certify(backend, unit, person, _ground(unit, review))


def _ground(unit: Unit, review: Review) -> Ground:
    """Rest on the reviewed act: its channel and its day, by the hand of this review."""
    if review.attempt_id is not None:
        attempt = attempts.get(unit.session, review.attempt_id)
        assert attempt is not None, "attempts are never removed"
        day, channel = legal_day(attempt.received_at), Channel(attempt.channel)
    else:
        assert review.visit_id is not None, "a review is of one of the two"
        visit = visits.get(unit.session, review.visit_id)
        assert visit is not None, "visits are never removed"
        day, channel = visited_on(visit.visited_at, visit.received_at), Channel.HOME_VISIT
    return Ground(channel=channel, captured_on=day, review_id=review.id)


def _send_visit(backend: Backend, unit: Unit, review: Review) -> None:
    key = open_key(backend.people(unit), review.beneficiary_id)
    row = note_request(unit, review.beneficiary_id, key, reason=VISIT_REASON)
    unit.audit(
        AuditAction.VISIT_REQUESTED,
        request=str(row.id),
        beneficiary=str(review.beneficiary_id),
        review=str(review.id),
    )


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
