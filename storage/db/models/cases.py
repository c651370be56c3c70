"""Cases that people work on: home visits, reviews of flagged matches, open leads."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storage.db.base import Base, Key, PersonRef, Sealed, one_person, same_person


class VisitRequest(Base):
    """Somebody asked that an officer comes, or the machine named that road."""

    __tablename__ = "visit_requests"
    id: Mapped[Key]
    beneficiary_id: Mapped[PersonRef]
    reason: Mapped[str]
    requested_at: Mapped[datetime]
    requested_by: Mapped[str]
    code_sealed: Mapped[Sealed | None]  # what the visitor has to name at the door


class Visit(Base):
    __tablename__ = "visits"
    __table_args__ = (one_person(),)
    id: Mapped[Key]
    client_id: Mapped[str] = mapped_column(unique=True)
    beneficiary_id: Mapped[PersonRef]
    officer_id: Mapped[UUID] = mapped_column(sa.ForeignKey("staff.id"))
    manifest: Mapped[dict[str, Any]]
    manifest_digest: Mapped[str]
    visited_at: Mapped[datetime]
    received_at: Mapped[datetime]


class VisitPart(Base):
    __tablename__ = "visit_parts"
    __table_args__ = (same_person("visit_id", "visits"), same_person("evidence_id", "evidence"))
    visit_id: Mapped[UUID] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    evidence_id: Mapped[UUID] = mapped_column(index=True)
    beneficiary_id: Mapped[PersonRef]


class VisitDecision(Base):
    __tablename__ = "visit_decisions"
    __table_args__ = (same_person("visit_id", "visits"),)
    visit_id: Mapped[UUID] = mapped_column(primary_key=True)
    beneficiary_id: Mapped[PersonRef]
    outcome: Mapped[str]
    reasons: Mapped[list[str]]
    checks: Mapped[list[dict[str, Any]]]
    evidence: Mapped[dict[str, Any]] = mapped_column(server_default=sa.text("'{}'::jsonb"))
    models: Mapped[dict[str, Any]]
    preset_digest: Mapped[str]
    decided_at: Mapped[datetime]


class Review(Base):
    """A flagged case in the township's queue; open until it has a decision row."""

    __tablename__ = "reviews"
    __table_args__ = (
        one_person(),
        same_person("attempt_id", "attempts"),
        same_person("visit_id", "visits"),
        same_person("reread_of", "reviews"),
        sa.CheckConstraint("num_nonnulls(attempt_id, visit_id) = 1", name="one_case"),
        sa.Index("ix_reviews_queue", "priority", "opened_at", "id"),
        sa.Index(
            "ix_reviews_waiting",
            "opened_at",
            "id",
            postgresql_where=sa.text("decided_at is null"),
        ),
        *(
            sa.Index(
                f"uq_reviews_{column}",
                column,
                unique=True,
                postgresql_where=sa.text("reread_of is null"),
            )
            for column in ("attempt_id", "visit_id")
        ),
    )
    id: Mapped[Key]
    beneficiary_id: Mapped[PersonRef]
    attempt_id: Mapped[UUID | None]
    visit_id: Mapped[UUID | None]
    reasons: Mapped[list[str]]
    priority: Mapped[int]
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime]
    reread_of: Mapped[UUID | None] = mapped_column(index=True)  # set: read again, blind
    expected: Mapped[str | None]  # set: the answer is known
    decided_at: Mapped[datetime | None]  # a mark, set with the decision: finds what waits


class ReviewClaim(Base):
    """Who holds the case now; a claim ends by expiry, by release or by the decision."""

    __tablename__ = "review_claims"
    __table_args__ = (same_person("review_id", "reviews"),)
    id: Mapped[Key]
    review_id: Mapped[UUID] = mapped_column(index=True)
    beneficiary_id: Mapped[PersonRef]
    staff_id: Mapped[UUID] = mapped_column(sa.ForeignKey("staff.id"))
    claimed_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    released_at: Mapped[datetime | None]


class ReviewDecision(Base):
    __tablename__ = "review_decisions"
    __table_args__ = (
        same_person("review_id", "reviews"),
        same_person("proposal_id", "proposals"),
        sa.Index("ix_review_decisions_decided", "decided_by", "decided_at"),
    )
    review_id: Mapped[UUID] = mapped_column(primary_key=True)
    beneficiary_id: Mapped[PersonRef]
    outcome: Mapped[str]
    method: Mapped[str | None]
    findings: Mapped[str]
    decided_at: Mapped[datetime]
    decided_by: Mapped[UUID] = mapped_column(sa.ForeignKey("staff.id"))
    confirmed_at: Mapped[datetime | None]  # when the reviewer last gave the password
    proposal_id: Mapped[UUID | None]  # what a second person agreed to


class Proposal(Base):
    """What would harm a person, proposed by one member of staff; it waits for a second."""

    __tablename__ = "proposals"
    __table_args__ = (one_person(), same_person("review_id", "reviews"))
    id: Mapped[Key]
    beneficiary_id: Mapped[PersonRef]
    kind: Mapped[str]
    review_id: Mapped[UUID | None] = mapped_column(index=True)
    certificate_number: Mapped[str | None]
    grounds: Mapped[str]
    facts: Mapped[dict[str, Any]]
    proposed_at: Mapped[datetime]
    proposed_by: Mapped[UUID] = mapped_column(sa.ForeignKey("staff.id"))


class ProposalAnswer(Base):
    """What the second person said; exactly one answer a proposal."""

    __tablename__ = "proposal_answers"
    __table_args__ = (same_person("proposal_id", "proposals"),)
    proposal_id: Mapped[UUID] = mapped_column(primary_key=True)
    beneficiary_id: Mapped[PersonRef]
    answer: Mapped[str]
    note: Mapped[str]
    answered_at: Mapped[datetime]
    answered_by: Mapped[UUID] = mapped_column(sa.ForeignKey("staff.id"))


class Appeal(Base):
    """Somebody asks that it be looked at again; while it is open, nothing goes further."""

    __tablename__ = "appeals"
    __table_args__ = (
        one_person(),
        same_person("attempt_id", "attempts"),
        same_person("review_id", "reviews"),
        same_person("joins_id", "appeals"),
        sa.Index("ix_appeals_due", "due_at", "id"),
    )
    id: Mapped[Key]
    beneficiary_id: Mapped[PersonRef]
    attempt_id: Mapped[UUID | None]
    review_id: Mapped[UUID | None]
    channel: Mapped[str]
    statement: Mapped[str]
    raised_at: Mapped[datetime]
    raised_by: Mapped[str]
    due_at: Mapped[datetime]
    joins_id: Mapped[UUID | None]  # set: says more in the appeal that is open already


class AppealAnswer(Base):
    __tablename__ = "appeal_answers"
    __table_args__ = (same_person("appeal_id", "appeals"),)
    appeal_id: Mapped[UUID] = mapped_column(primary_key=True)
    beneficiary_id: Mapped[PersonRef]
    outcome: Mapped[str]
    method: Mapped[str | None]
    findings: Mapped[str]
    answered_at: Mapped[datetime]
    answered_by: Mapped[UUID] = mapped_column(sa.ForeignKey("staff.id"))


class Contact(Base):
    """One try to reach a person: by which channel, and what came of it."""

    __tablename__ = "contacts"
    id: Mapped[Key]
    beneficiary_id: Mapped[PersonRef]
    channel: Mapped[str]
    outcome: Mapped[str]
    note: Mapped[str]
    contacted_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[UUID] = mapped_column(sa.ForeignKey("staff.id"))


class ContactState(Base):
    """Append-only: the person counts as unreachable, or as reached again, and on what."""

    __tablename__ = "contact_states"
    id: Mapped[Key]
    beneficiary_id: Mapped[PersonRef]
    state: Mapped[str]
    facts: Mapped[dict[str, Any]]
    set_at: Mapped[datetime]
    set_by: Mapped[UUID] = mapped_column(sa.ForeignKey("staff.id"))


class Lead(Base):
    """A suspicion that is being looked into; while one is open no machine passes the person."""

    __tablename__ = "leads"
    id: Mapped[Key]
    beneficiary_id: Mapped[PersonRef]
    kind: Mapped[str]
    opened_at: Mapped[datetime]
    opened_by: Mapped[str]
    closed_at: Mapped[datetime | None]
