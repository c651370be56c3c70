"""One row of every kind that belongs to a person. Synthetic throughout."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import chain
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from storage.db.models import cases, certification, clips, identity, quality, registry, uploads
from storage.ids import uuid7
from tests.db_world import DIGEST, THEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One row of every kind that belongs to a person."""

    person: UUID
    consent: UUID
    entitlement: UUID
    evidence: UUID
    session: UUID
    attempt: UUID
    review: UUID
    visit: UUID
    certification: UUID
    link: UUID


def add_case(session: Session, person: UUID, officer: UUID) -> Case:
    """Add one row to every table that hangs on a person."""
    case = Case(
        person=person,
        consent=uuid7(),
        entitlement=uuid7(),
        evidence=uuid7(),
        session=uuid7(),
        attempt=uuid7(),
        review=uuid7(),
        visit=uuid7(),
        certification=uuid7(),
        link=uuid7(),
    )
    # Row by row: without relationships the ORM does not know which row must come first.
    made = (
        _registry(case),
        _identity(case),
        _intake(case, officer),
        _outcome(case, officer),
        _office(case, officer),
    )
    for row in (*chain.from_iterable(made), *_log(case)):
        session.add(row)
        session.flush()
    return case


def _registry(case: Case) -> list[Any]:  # lint-skip: function-size
    who = {"beneficiary_id": case.person}
    return [
        registry.DataKeyRow(**who, suite="A256GCM", kek_version=1, wrapped=b"k", created_at=THEN),
        registry.Entitlement(
            **who,
            id=case.entitlement,
            scheme="resident_pension",
            started_on=THEN.date(),
            created_at=THEN,
        ),
        registry.EntitlementState(
            **who,
            id=uuid7(),
            entitlement_id=case.entitlement,
            status="active",
            effective_on=THEN.date(),
            recorded_at=THEN,
            recorded_by="system:test",
        ),
        registry.BeneficiaryChange(
            **who,
            id=uuid7(),
            field="phone",
            changed_at=THEN,
            changed_by="system:test",
            reason="moved",
        ),
        certification.Consent(
            **who,
            id=case.consent,
            purpose="face",
            basis="consent",
            text_version="1",
            text_digest=DIGEST,
            given_at=THEN,
            given_by="person",
        ),
        certification.Evidence(
            **who,
            id=case.evidence,
            sha256=str(case.evidence),
            sm3=DIGEST,
            size=1,
            media_type="image/jpeg",
            object_key=f"evidence/{case.evidence}",
            suite="A256GCM",
            stored_at=THEN,
            stored_by="system:test",
        ),
        cases.Lead(
            **who, id=uuid7(), kind="reported_death", opened_at=THEN, opened_by="system:test"
        ),
    ]


def _identity(case: Case) -> list[Any]:
    who = {"beneficiary_id": case.person}
    return [
        identity.Link(
            **who,
            id=case.link,
            token_digest=case.link.bytes,
            letter_index=b"letter",
            made_at=THEN,
            made_by="system:test",
            expires_at=THEN + timedelta(days=30),
        ),
        identity.Ticket(
            **who,
            id=uuid7(),
            token_digest=case.link.bytes,
            device_index=b"device",
            proof="link",
            link_id=case.link,
            opened_at=THEN,
            expires_at=THEN + timedelta(days=7),
        ),
    ]


def _intake(case: Case, officer: UUID) -> list[Any]:  # lint-skip: function-size
    who = {"beneficiary_id": case.person}
    return [
        certification.ReferencePhoto(
            **who,
            id=uuid7(),
            evidence_id=case.evidence,
            consent_id=case.consent,
            source="id_card",
            source_rank=1,
            embedding_sealed=b"sealed",
            model="sface",
            quality=1.0,
            added_at=THEN,
            added_by="system:test",
        ),
        certification.Session(
            **who,
            id=case.session,
            consent_id=case.consent,
            token_digest=case.session.bytes,
            device_id="device",
            address_index=b"address",
            challenge={},
            created_at=THEN,
            expires_at=THEN + timedelta(minutes=10),
            upload_grace_s=600,
        ),
        certification.Promise(
            **who, session_id=case.session, manifest_digest=DIGEST, promised_at=THEN
        ),
        uploads.Upload(**who, session_id=case.session, manifest={}, noted_at=THEN),
        uploads.UploadChunk(
            **who,
            session_id=case.session,
            part="video",
            index=0,
            sha256=DIGEST,
            object_key=f"upload/{DIGEST}",
            sealed_by_phone=True,
            received_at=THEN,
        ),
        certification.Attempt(
            **who,
            id=case.attempt,
            client_id=uuid7(),
            session_id=case.session,
            channel="self",
            manifest={},
            manifest_digest=DIGEST,
            captured_at=THEN,
            received_at=THEN,
        ),
        cases.VisitRequest(
            **who, id=uuid7(), reason="asked", requested_at=THEN, requested_by="person"
        ),
        cases.Visit(
            **who,
            id=case.visit,
            client_id=uuid7(),
            officer_id=officer,
            manifest={},
            manifest_digest=DIGEST,
            visited_at=THEN,
            received_at=THEN,
        ),
    ]


def _outcome(case: Case, officer: UUID) -> list[Any]:  # lint-skip: function-size
    who = {"beneficiary_id": case.person}
    decided = {"outcome": "review", "reasons": ["no_match"], "checks": [], "models": {}}
    return [
        certification.AttemptPart(
            **who, attempt_id=case.attempt, kind="selfie", evidence_id=case.evidence
        ),
        clips.Clip(
            **who,
            id=case.attempt,
            device_index=b"device",
            picture_index=1,
            form=1,
            fingerprint_sealed=b"sealed",
            remembered_at=THEN,
        ),
        certification.AttemptDecision(
            **who,
            **decided,
            attempt_id=case.attempt,
            evidence={},
            preset_digest=DIGEST,
            decided_at=THEN,
        ),
        cases.VisitPart(
            **who, visit_id=case.visit, position=1, kind="person", evidence_id=case.evidence
        ),
        cases.VisitDecision(
            **who, **decided, visit_id=case.visit, preset_digest=DIGEST, decided_at=THEN
        ),
        cases.Review(
            **who,
            id=case.review,
            attempt_id=case.attempt,
            reasons=["no_match"],
            priority=1,
            opened_at=THEN,
            due_at=THEN + timedelta(days=5),
        ),
        cases.ReviewClaim(
            **who,
            id=uuid7(),
            review_id=case.review,
            staff_id=officer,
            claimed_at=THEN,
            expires_at=THEN + timedelta(hours=1),
        ),
        cases.ReviewDecision(
            **who,
            review_id=case.review,
            outcome="certify",
            findings="same person",
            decided_at=THEN,
            decided_by=officer,
        ),
    ]


def _office(case: Case, officer: UUID) -> list[Any]:  # lint-skip: function-size
    who = {"beneficiary_id": case.person}
    answered = {"answered_at": THEN, "answered_by": officer}
    proposal, appeal = uuid7(), uuid7()
    return [
        cases.Proposal(
            **who,
            id=proposal,
            kind="refer_as_lead",
            review_id=case.review,
            grounds="not the same person",
            facts={},
            proposed_at=THEN,
            proposed_by=officer,
        ),
        cases.ProposalAnswer(
            **who, **answered, proposal_id=proposal, answer="returned", note="look again"
        ),
        cases.Appeal(
            **who,
            id=appeal,
            attempt_id=case.attempt,
            channel="window",
            statement="it is me",
            raised_at=THEN,
            raised_by="person",
            due_at=THEN + timedelta(days=5),
        ),
        cases.AppealAnswer(
            **who, **answered, appeal_id=appeal, outcome="stands", findings="looked again"
        ),
        cases.Contact(
            **who,
            id=uuid7(),
            channel="call",
            outcome="no_answer",
            note="",
            contacted_at=THEN,
            recorded_at=THEN,
            recorded_by=officer,
        ),
        quality.KnownAnswer(
            **who,
            review_id=case.review,
            expected="certified",
            facts={},
            reason="seen at the door",
            added_at=THEN,
            added_by=officer,
        ),
        quality.KnownAnswerEnd(
            **who, review_id=case.review, reason="too easy", ended_at=THEN, ended_by=officer
        ),
        quality.RereadAnswer(
            **who, **answered, review_id=case.review, outcome="stands", note="looked again"
        ),
        cases.ContactState(
            **who, id=uuid7(), state="unreachable", facts={}, set_at=THEN, set_by=officer
        ),
    ]


def _log(case: Case) -> list[Any]:
    who = {"beneficiary_id": case.person}
    return [
        certification.Certification(
            **who,
            id=case.certification,
            entitlement_id=case.entitlement,
            kind="certified",
            channel="self",
            captured_on=THEN.date(),
            received_at=THEN,
            attempt_id=case.attempt,
            review_id=case.review,
            preset_digest=DIGEST,
            recorded_by="system:test",
        ),
        certification.Validity(
            **who,
            entitlement_id=case.entitlement,
            valid_until=THEN.date(),
            certification_id=case.certification,
            projected_at=THEN,
        ),
    ]
