"""The review queue at work: listed in one's own division, claimed by one, decided once.

A reviewer never decides what he handed in (G13), and nobody decides twice. A decision to certify
moves the validity in the same commit; one that harms the person waits for a second reviewer.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from domain.audit import AuditAction
from domain.cycle import Channel
from domain.errors import AppError, Kind
from domain.ids import StaffId
from domain.proposal import ProposalKind, propose
from domain.review import (
    HARMFUL,
    Claim,
    Verdict,
    check_claim,
    check_independent,
    check_verdict,
    claim,
)
from services import acts
from services.accounts import StaffMember, actor_of, check_confirmed, scope_of
from services.backend import Backend
from services.entitlements import drawn_by
from services.evidence import Caller
from services.independence import is_helper, staff_of
from services.policies import values_for
from services.proposal_records import NewProposal, make
from services.rereads import is_hidden, is_reread
from services.review_outcomes import Ruling, Signature, follow_up, record
from services.shown import masked_name, open_known
from services.unit_of_work import Unit
from services.validity import Certified
from storage.db.models.cases import Review, ReviewClaim
from storage.db.models.certification import Evidence
from storage.db.repositories import proposals, reviews
from storage.db.repositories.rereads import is_offered
from storage.ids import uuid7

__all__ = ["Ruling"]


class ReviewState(StrEnum):
    """Where a case stands; a decided one stands where its verdict says."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    PROPOSED = "proposed"  # waits for a second person
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
class Ruled:
    """What came of it.

    `certified` is there when the verdict was to certify, `proposal_id` when it waits for a second
    person.
    """

    state: ReviewState
    verdict: Verdict
    certified: Certified | None = None
    proposal_id: UUID | None = None


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
        offered = is_offered(reader.id, unit.now)
        rows = reviews.waiting(unit.session, offered, after=behind, limit=limit + 1)
        cases = tuple(_queued(backend, unit, reader, row) for row in rows[:limit])
    more = len(rows) > limit
    return QueuePage(cases=cases, next_after=cases[-1].id if more else None)


def _queued(backend: Backend, unit: Unit, reader: StaffMember, row: Any) -> QueuedCase:
    held = _held(row.ReviewClaim, unit.now)
    return QueuedCase(
        id=row.Review.id,
        masked_name=masked_name(backend, unit, row.Review.beneficiary_id),
        residence_path=row.Beneficiary.residence_path,
        channel=Channel(row.channel) if row.channel else Channel.HOME_VISIT,
        reasons=tuple(row.Review.reasons),
        opened_at=row.Review.opened_at,
        due_at=row.Review.due_at,
        state=ReviewState.WAITING if held is None else ReviewState.CLAIMED,
        is_mine=held is not None and held.by == reader.id,
        is_late=unit.now > row.Review.due_at,
    )


def _held(row: ReviewClaim | None, at: datetime) -> Claim | None:
    """Return the claim that a row stands for, unless it was released or has run out."""
    if row is None or row.released_at is not None:
        return None
    kept = Claim(by=StaffId(row.staff_id), until=row.expires_at)
    return kept if kept.holds(at) else None


def find(unit: Unit, review_id: UUID) -> Review:
    """Return a case in scope. Raises `review.not_found`."""
    row = reviews.get(unit.session, review_id)
    if row is None or is_hidden(unit, row):
        raise AppError(Kind.NOT_FOUND, "review.not_found")
    return row


def find_open(unit: Unit, review_id: UUID) -> Review:
    """Return a case that waits for a reviewer, locked until the commit.

    Raises `review.not_found`, `review.already_decided`, `review.proposed` while it waits for a
    second person.
    """
    row = find(unit, review_id)
    reviews.lock(unit.session, review_id)
    if reviews.decision_of(unit.session, review_id) is not None:
        raise AppError(Kind.CONFLICT, "review.already_decided")
    if proposals.open_of_review(unit.session, review_id) is not None:
        raise AppError(Kind.CONFLICT, "review.proposed")
    return row


def claim_of(unit: Unit, review_id: UUID) -> Claim | None:
    """Return the newest claim that was not released, be it running or run out."""
    row = reviews.newest_claim(unit.session, review_id)
    return None if row is None else Claim(by=StaffId(row.staff_id), until=row.expires_at)


def parts_of(unit: Unit, review: Review) -> dict[str, Evidence]:
    """Return name -> evidence of what was handed in."""
    return acts.parts_of(unit, attempt_id=review.attempt_id, visit_id=review.visit_id)


def check_reviewer(backend: Backend, unit: Unit, reviewer: StaffMember, review: Review) -> None:
    """Refuse who had a part in a case. Raises `review.not_independent`."""
    involved = involved_in(unit, review)
    helped = is_helper(
        backend, unit, reviewer, person_id=review.beneficiary_id, attempt_id=review.attempt_id
    )
    if helped:
        involved |= {StaffId(reviewer.id)}
    check_independent(StaffId(reviewer.id), involved)


def involved_in(unit: Unit, review: Review) -> frozenset[StaffId]:
    """Name the staff who handed a case in."""
    return staff_of(unit, attempt_id=review.attempt_id, visit_id=review.visit_id)


def claim_case(backend: Backend, reviewer: StaffMember, review_id: UUID) -> datetime:
    """Keep a case for one reviewer, or prolong one's own claim; returns until when.

    Raises `review.not_found`, `review.already_decided`, `review.not_independent`,
    `review.claimed_by_other`.
    """
    caller = caller_of(reviewer)
    with backend.unit(caller.actor, caller.scope) as unit:
        review = find_open(unit, review_id)
        check_reviewer(backend, unit, reviewer, review)
        return take(backend, unit, reviewer, review)


def take(backend: Backend, unit: Unit, reviewer: StaffMember, review: Review) -> datetime:
    """Keep an open case, locked by the caller, for who may review it; returns until when.

    Raises `review.claimed_by_other`, `evidence.erased`.
    """
    granted = claim(
        claim_of(unit, review.id),
        by=StaffId(reviewer.id),
        at=unit.now,
        lasts=_claim_life(backend, unit, review),
    )
    _keep(unit, review, granted)
    unit.audit(AuditAction.REVIEW_CLAIMED, review=str(review.id))
    return granted.until


def _claim_life(backend: Backend, unit: Unit, review: Review) -> timedelta:
    person = open_known(backend, unit, review.beneficiary_id)
    schemes = [entitlement.scheme for entitlement in drawn_by(backend, unit, person)]
    minutes = values_for(backend, person.household_path, schemes).review.claim_minutes
    return timedelta(minutes=minutes)


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
        _release(unit, review_id)


def _release(unit: Unit, review_id: UUID) -> None:
    row = reviews.newest_claim(unit.session, review_id)
    assert row is not None, "the claim that was just checked"
    reviews.release(unit.session, row.id, unit.now)
    unit.audit(AuditAction.REVIEW_RELEASED, review=str(review_id))


def decide(backend: Backend, reviewer: StaffMember, review_id: UUID, ruling: Ruling) -> Ruled:
    """Decide a case that one holds, once, with all that follows in the same commit.

    A verdict that harms the person becomes a proposal, and the case waits for a second person.
    To certify asks for the password (`auth.confirmation_needed`). Raises `review.*`, and
    `person.suspended_other_cause` when a verdict to certify comes after a stop for another cause.
    """
    check_verdict(ruling.verdict, ruling.method, ruling.findings)
    caller = caller_of(reviewer)
    with backend.unit(caller.actor, caller.scope) as unit:
        review = find_open(unit, review_id)
        check_reviewer(backend, unit, reviewer, review)
        check_claim(claim_of(unit, review_id), by=StaffId(reviewer.id), at=unit.now)
        if ruling.verdict in HARMFUL and not is_reread(review):
            return _propose(unit, review, reviewer, ruling)
        if ruling.verdict is Verdict.CERTIFIED:
            check_confirmed(reviewer, unit.now)
        signed = Signature(by=reviewer.id, confirmed_at=reviewer.confirmed_at)
        record(unit, review, ruling, signed)
        certified = follow_up(backend, unit, review, ruling.verdict)
        return Ruled(state=ReviewState(ruling.verdict), verdict=ruling.verdict, certified=certified)


def _propose(unit: Unit, review: Review, reviewer: StaffMember, ruling: Ruling) -> Ruled:
    pending = propose(StaffId(reviewer.id), took_part=involved_in(unit, review))
    new = NewProposal(
        kind=ProposalKind(ruling.verdict),
        person_id=review.beneficiary_id,
        grounds=ruling.findings,
        facts={"reasons": review.reasons},
        review_id=review.id,
    )
    proposal_id = make(unit, reviewer, new, pending)
    _release(unit, review.id)
    return Ruled(state=ReviewState.PROPOSED, verdict=ruling.verdict, proposal_id=proposal_id)
