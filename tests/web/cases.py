"""Flagged cases for the console: attempts with files, a decision, and their place in the queue."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from domain.audit import Actor, ActorKind
from domain.challenge import make_challenge, to_json
from domain.ids import SessionId
from services import evidence
from services.evidence import Caller
from storage.db.models.cases import Review
from storage.db.models.certification import Attempt, AttemptDecision, AttemptPart, Consent
from storage.db.models.certification import Session as SessionRow
from storage.ids import uuid7
from tests.certification_world import TEST, County

CLIP = bytes(range(256)) * 8
FILES = {"selfie": (b"\xff\xd8\xff selfie", "image/jpeg"), "video": (CLIP, "video/webm")}


def case_of(
    county: County,
    person_id: UUID,
    *,
    channel: str = "app_self",
    device: str = "device-1",
    by: UUID | None = None,
    **values: Any,
) -> UUID:
    """Put a flagged attempt into the queue; `by` uploaded it. `values` are columns of the review.

    `checks`, `material_id` and `helper` are those of the decision and of the session.
    """
    backend = county.backend
    attempt = uuid7()
    parts = _files(county, person_id, attempt, TEST if by is None else _staff(by))
    with backend.unit(TEST.actor, TEST.scope) as unit:
        session, now = unit.session, unit.now
        consent = _consent(person_id, now)
        opened = _session(person_id, device, now)
        opened.consent_id, opened.helper = consent.id, values.pop("helper", None)
        decision = _decision(attempt, person_id, now)
        decision.checks = values.pop("checks", [])
        decision.material_id = values.pop("material_id", None)
        given = _usual(now) | values
        review = Review(id=uuid7(), beneficiary_id=person_id, attempt_id=attempt, **given)
        sent = _attempt(attempt, opened.id, person_id, now)
        sent.channel = channel
        for row in (consent, opened, sent, decision, review, *parts):
            session.add(row)
            session.flush()
    return review.id


def _files(county: County, person_id: UUID, attempt: UUID, uploader: Caller) -> list[AttemptPart]:
    """Store both files, unlike those of any other attempt."""
    stored = {
        name: evidence.store(
            county.backend, uploader, person_id, content=content + attempt.bytes, media_type=kind
        )
        for name, (content, kind) in FILES.items()
    }
    return [
        AttemptPart(attempt_id=attempt, kind=name, evidence_id=file.id, beneficiary_id=person_id)
        for name, file in stored.items()
    ]


def _consent(person_id: UUID, now: Any) -> Consent:
    return Consent(
        id=uuid7(),
        beneficiary_id=person_id,
        purpose="certification",
        basis="separate_consent",
        text_version="test",
        text_digest="0" * 64,
        given_at=now,
        given_by="system:test",
    )


def _staff(member: UUID) -> Caller:
    return Caller(actor=Actor(kind=ActorKind.STAFF, id=str(member)), scope=TEST.scope)


def _usual(now: Any) -> dict[str, Any]:
    return {
        "reasons": ["not_measured"],
        "priority": 0,
        "opened_at": now,
        "due_at": now + timedelta(days=3),
    }


def _session(person_id: UUID, device: str, now: Any) -> SessionRow:
    session_id = SessionId(uuid7())
    challenge = make_challenge(
        draw=lambda n: n // 2,
        needs=[],
        at=now,
        ttl_s=120,
        nonce="n0nce-of_thirty-two-characters--",
        challenge_id=session_id,
    )
    return SessionRow(
        id=session_id,
        beneficiary_id=person_id,
        token_digest=session_id.bytes,
        device_id=device,
        address_index=b"address",
        challenge=to_json(challenge),
        created_at=now,
        expires_at=now + timedelta(minutes=2),
        upload_grace_s=60,
    )


def _attempt(attempt_id: UUID, session_id: UUID, person_id: UUID, now: Any) -> Attempt:
    return Attempt(
        id=attempt_id,
        client_id=f"client-{attempt_id}",
        session_id=session_id,
        beneficiary_id=person_id,
        manifest={},
        manifest_digest="00" * 32,
        captured_at=now,
        received_at=now,
    )


def _decision(attempt_id: UUID, person_id: UUID, now: Any) -> AttemptDecision:
    return AttemptDecision(
        attempt_id=attempt_id,
        beneficiary_id=person_id,
        outcome="review",
        reasons=["not_measured"],
        evidence={},
        models={},
        preset_digest="00" * 32,
        decided_at=now,
        inputs={},
    )
