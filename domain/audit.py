"""What is written down about every act: who, what, when, about which ids; never a name or number.

The event's canonical bytes are what gets hashed, and what gets stored (ADR 0006).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

from domain.ids import StaffId

Detail = str | int | bool | None | list[str]


class ActorKind(StrEnum):
    STAFF = "staff"
    PERSON = "person"
    HELPER = "helper"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts. `id` is a staff or beneficiary id, or the name of a system actor."""

    kind: ActorKind
    id: str

    def __post_init__(self) -> None:
        if not self.id:
            raise ValueError("an act without an actor cannot be recorded")

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"


def staff_behind(actor: str) -> StaffId | None:
    """Return the member of staff whom an actor, as it is written down, names; None for others."""
    kind, _, who = actor.partition(":")
    return StaffId(UUID(who)) if kind == ActorKind.STAFF else None


class AuditAction(StrEnum):
    """Every act that leaves a record. A value is never renamed: old chains hold it."""

    APPEAL_ANSWERED = "appeal.answered"
    APPEAL_RAISED = "appeal.raised"
    APPEAL_VIEWED = "appeal.viewed"
    ATTEMPT_DECIDED = "attempt.decided"
    ATTEMPT_REPLAYED = "attempt.replayed"
    ATTEMPT_SUBMITTED = "attempt.submitted"
    AUDIT_EXPORTED = "audit.exported"
    AUDIT_SEARCHED = "audit.searched"
    AUDIT_VERIFIED = "audit.verified"
    BENEFICIARIES_IMPORTED = "beneficiaries.imported"
    BENEFICIARY_ADDED = "beneficiary.added"
    BENEFICIARY_CHANGED = "beneficiary.changed"
    CERTIFICATION_RECORDED = "certification.recorded"
    CERTIFICATION_REVOKED = "certification.revoked"
    CONSENT_RECORDED = "consent.recorded"
    CONTACT_MARKED = "contact.marked"
    CONTACT_RECORDED = "contact.recorded"
    DIVISIONS_IMPORTED = "divisions.imported"
    ENTITLEMENT_RESUMED = "entitlement.resumed"
    ENTITLEMENT_SUSPENDED = "entitlement.suspended"
    EVIDENCE_STORED = "evidence.stored"
    EVIDENCE_VIEWED = "evidence.viewed"
    FILING_EXPORTED = "filing.exported"
    KNOWN_ANSWER_ADDED = "known_answer.added"
    KNOWN_ANSWER_WITHDRAWN = "known_answer.withdrawn"
    LEAD_OPENED = "lead.opened"
    LINK_MADE = "link.made"
    LINK_REVOKED = "link.revoked"
    PEOPLE_EXPORTED = "people.exported"
    PERSON_OPENED = "person.opened"
    POLICY_ANSWERED = "policy.answered"
    POLICY_PROPOSED = "policy.proposed"
    PROOF_REFUSED = "proof.refused"
    PROPOSAL_ANSWERED = "proposal.answered"
    PROPOSAL_MADE = "proposal.made"
    QUALITY_VIEWED = "quality.viewed"
    REFERENCE_ADDED = "reference.added"
    REFERENCE_REFUSED = "reference.refused"
    REFERENCE_REMOVED = "reference.removed"
    REREAD_ANSWERED = "reread.answered"
    REVIEW_CLAIMED = "review.claimed"
    REVIEW_DECIDED = "review.decided"
    REVIEW_OPENED = "review.opened"
    REVIEW_RELEASED = "review.released"
    REVIEW_VIEWED = "review.viewed"
    SESSION_OPENED = "session.opened"
    SESSION_REFUSED = "session.refused"
    STAFF_CONFIRMED = "staff.confirmed"
    STAFF_CREATED = "staff.created"
    STAFF_DISABLED = "staff.disabled"
    STAFF_FACTOR_REMOVED = "staff.factor_removed"
    STAFF_FACTOR_SET = "staff.factor_set"
    STAFF_LOGGED_IN = "staff.logged_in"
    STAFF_LOGGED_OUT = "staff.logged_out"
    STAFF_LOGIN_FAILED = "staff.login_failed"
    STAFF_PASSWORD_CHANGED = "staff.password_changed"
    SUBMISSION_REFUSED = "submission.refused"
    TICKET_ENDED = "ticket.ended"
    TICKET_OPENED = "ticket.opened"
    VISIT_DECIDED = "visit.decided"
    VISIT_REQUESTED = "visit.requested"
    VISIT_SUBMITTED = "visit.submitted"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEvent:
    """One act. `at` is aware UTC; `details` holds ids, enums and counts only."""

    action: AuditAction
    actor: Actor
    at: datetime
    details: Mapping[str, Detail]


def canonical(event: AuditEvent, *, chain: str, seq: int) -> bytes:
    """Return the one byte string that stands for `event` at its place in the chain.

    UTF-8 JSON with sorted keys, no spaces and no floats.
    """
    return json.dumps(
        {
            "action": event.action,
            "actor": str(event.actor),
            "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "chain": chain,
            "details": dict(event.details),
            "seq": seq,
        },
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
        allow_nan=False,
    ).encode()


def linked(previous: bytes, seq: int, body: bytes) -> bytes:
    """Return the bytes whose SM3 digest is the record's digest: previous ‖ seq (8 bytes) ‖ body."""
    return previous + seq.to_bytes(8, "big") + body


GENESIS = bytes(32)
"""What the first record of a chain follows."""
