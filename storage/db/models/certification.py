"""How a person certifies: consent, reference photos, sessions, attempts, and the validity log."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storage.db.base import Base, Key, PersonRef, Sealed, one_person, same_person


class Consent(Base):
    """The basis on which a face is processed: the text shown, its version and digest."""

    __tablename__ = "consents"
    __table_args__ = (one_person(),)
    id: Mapped[Key]
    beneficiary_id: Mapped[PersonRef]
    purpose: Mapped[str]
    basis: Mapped[str]
    text_version: Mapped[str]
    text_digest: Mapped[str]
    given_at: Mapped[datetime]
    given_by: Mapped[str]
    withdrawn_at: Mapped[datetime | None]


class Evidence(Base):
    """One stored object: ciphertext under the person's key, with the digests of what it holds."""

    __tablename__ = "evidence"
    __table_args__ = (sa.UniqueConstraint("beneficiary_id", "sha256"), one_person())
    id: Mapped[Key]
    beneficiary_id: Mapped[PersonRef]
    sha256: Mapped[str] = mapped_column(index=True)
    sm3: Mapped[str]
    size: Mapped[int]
    media_type: Mapped[str]
    object_key: Mapped[str]
    suite: Mapped[str]
    stored_at: Mapped[datetime]
    stored_by: Mapped[str]


class ReferencePhoto(Base):
    __tablename__ = "reference_photos"
    __table_args__ = (
        same_person("evidence_id", "evidence"),
        same_person("consent_id", "consents"),
    )
    id: Mapped[Key]
    beneficiary_id: Mapped[PersonRef]
    evidence_id: Mapped[UUID] = mapped_column(index=True)
    consent_id: Mapped[UUID]
    source: Mapped[str]
    source_rank: Mapped[int]
    taken_on: Mapped[date | None]
    embedding_sealed: Mapped[Sealed]
    model: Mapped[str]
    quality: Mapped[float]
    added_at: Mapped[datetime]
    added_by: Mapped[str]
    removed_at: Mapped[datetime | None]


class Session(Base):
    """A single-use right to submit: one person, one device, one challenge, a short life."""

    __tablename__ = "sessions"
    __table_args__ = (
        one_person(),
        same_person("consent_id", "consents"),
        sa.Index("ix_sessions_device", "device_id", "created_at"),
        sa.Index("ix_sessions_address", "address_index", "created_at"),
    )
    id: Mapped[Key]
    beneficiary_id: Mapped[PersonRef]
    consent_id: Mapped[UUID]
    token_digest: Mapped[bytes] = mapped_column(unique=True)
    device_id: Mapped[str]
    address_index: Mapped[bytes]
    challenge: Mapped[dict[str, Any]]
    helper: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    upload_grace_s: Mapped[int]


class Promise(Base):
    """A manifest that came in time, before its parts: what is uploaded later must be that."""

    __tablename__ = "promises"
    __table_args__ = (same_person("session_id", "sessions"),)
    session_id: Mapped[UUID] = mapped_column(primary_key=True)
    manifest_digest: Mapped[str] = mapped_column(primary_key=True)
    beneficiary_id: Mapped[PersonRef]
    promised_at: Mapped[datetime]


class Attempt(Base):
    """One submission that was accepted: every part is stored and matches its manifest."""

    __tablename__ = "attempts"
    __table_args__ = (one_person(), same_person("session_id", "sessions"))
    id: Mapped[Key]
    client_id: Mapped[str] = mapped_column(unique=True)
    session_id: Mapped[UUID] = mapped_column(unique=True)
    beneficiary_id: Mapped[PersonRef]
    channel: Mapped[str]
    manifest: Mapped[dict[str, Any]]
    manifest_digest: Mapped[str]
    captured_at: Mapped[datetime]
    received_at: Mapped[datetime]


class AttemptPart(Base):
    __tablename__ = "attempt_parts"
    __table_args__ = (
        same_person("attempt_id", "attempts"),
        same_person("evidence_id", "evidence"),
    )
    attempt_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    evidence_id: Mapped[UUID] = mapped_column(index=True)
    beneficiary_id: Mapped[PersonRef]


class VideoDigest(Base):
    """Every clip ever accepted, by exact digest, across all persons: none counts twice."""

    __tablename__ = "video_digests"
    sha256: Mapped[str] = mapped_column(primary_key=True)
    attempt_id: Mapped[UUID]


class AttemptDecision(Base):
    """Exactly one per attempt: the primary key refuses a second."""

    __tablename__ = "attempt_decisions"
    __table_args__ = (
        same_person("attempt_id", "attempts"),
        same_person("material_id", "evidence"),
    )
    attempt_id: Mapped[UUID] = mapped_column(primary_key=True)
    beneficiary_id: Mapped[PersonRef]
    outcome: Mapped[str]
    reasons: Mapped[list[str]]
    checks: Mapped[list[dict[str, Any]]]
    evidence: Mapped[dict[str, Any]]
    models: Mapped[dict[str, Any]]
    preset_digest: Mapped[str]
    decided_at: Mapped[datetime]
    inputs: Mapped[dict[str, Any]] = mapped_column(server_default=sa.text("'{}'::jsonb"))
    material_id: Mapped[UUID | None]


class Certification(Base):
    """The append-only log that validity is computed from; a revocation is a row of its own."""

    __tablename__ = "certifications"
    __table_args__ = (
        one_person(),
        same_person("entitlement_id", "entitlements"),
        same_person("attempt_id", "attempts"),
        same_person("visit_id", "visits"),
        same_person("review_id", "reviews"),
        same_person("appeal_id", "appeals"),
        same_person("revokes_id", "certifications"),
    )
    id: Mapped[Key]
    beneficiary_id: Mapped[PersonRef]
    entitlement_id: Mapped[UUID] = mapped_column(index=True)
    kind: Mapped[str]
    channel: Mapped[str] = mapped_column(index=True)
    captured_on: Mapped[date]
    received_at: Mapped[datetime]
    attempt_id: Mapped[UUID | None]
    visit_id: Mapped[UUID | None]
    review_id: Mapped[UUID | None]
    appeal_id: Mapped[UUID | None]
    revokes_id: Mapped[UUID | None]
    certificate_number: Mapped[str | None] = mapped_column(index=True)
    preset_digest: Mapped[str]
    recorded_by: Mapped[str]


class Validity(Base):
    """What the log says today: a projection, rewritten with each new log row in the same commit."""

    __tablename__ = "validities"
    __table_args__ = (
        same_person("entitlement_id", "entitlements"),
        same_person("certification_id", "certifications"),
        sa.Index("ix_validities_due", "valid_until", "beneficiary_id"),
    )
    entitlement_id: Mapped[UUID] = mapped_column(primary_key=True)
    beneficiary_id: Mapped[PersonRef]
    valid_until: Mapped[date | None]
    certification_id: Mapped[UUID | None]
    projected_at: Mapped[datetime]
