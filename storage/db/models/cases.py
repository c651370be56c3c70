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
        sa.CheckConstraint("num_nonnulls(attempt_id, visit_id) = 1", name="one_case"),
        sa.Index("ix_reviews_queue", "priority", "opened_at", "id"),
    )
    id: Mapped[Key]
    beneficiary_id: Mapped[PersonRef]
    attempt_id: Mapped[UUID | None] = mapped_column(unique=True)
    visit_id: Mapped[UUID | None] = mapped_column(unique=True)
    reasons: Mapped[list[str]]
    priority: Mapped[int]
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime]


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
    __table_args__ = (same_person("review_id", "reviews"),)
    review_id: Mapped[UUID] = mapped_column(primary_key=True)
    beneficiary_id: Mapped[PersonRef]
    outcome: Mapped[str]
    method: Mapped[str | None]
    findings: Mapped[str]
    decided_at: Mapped[datetime]
    decided_by: Mapped[UUID] = mapped_column(sa.ForeignKey("staff.id"))


class Lead(Base):
    """A suspicion that is being looked into; while one is open no machine passes the person."""

    __tablename__ = "leads"
    id: Mapped[Key]
    beneficiary_id: Mapped[PersonRef]
    kind: Mapped[str]
    opened_at: Mapped[datetime]
    opened_by: Mapped[str]
    closed_at: Mapped[datetime | None]
