"""Attempts and reference photos for tests of visits and reviews. Synthetic throughout."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from domain.challenge import make_challenge, to_json
from domain.enrolment import Source, rank
from domain.ids import SessionId
from services import decisions, evidence
from services.backend import Backend
from services.eligibility import person_caller
from services.faces import embedding_scheme
from services.unit_of_work import Unit
from storage.db.models.cases import Review
from storage.db.models.certification import Attempt, AttemptPart, Consent, ReferencePhoto
from storage.db.models.certification import Session as SessionRow
from storage.db.repositories import references, sessions
from storage.ids import uuid7
from tests.case_world import SYSTEM, review_where
from tests.places import VILLAGE


def add_attempt(
    backend: Backend,
    person_id: UUID,
    client_id: str,
    *,
    channel: str = "app_self",
    helper: str | None = None,
) -> UUID:
    caller = person_caller(person_id, VILLAGE)
    stored = {
        name: evidence.store(
            backend, caller, person_id, content=f"{name}{client_id}".encode(), media_type=kind
        )
        for name, kind in (("selfie", "image/jpeg"), ("video", "video/webm"))
    }
    attempt_id = uuid7()
    with backend.unit(SYSTEM.actor, SYSTEM.scope) as unit:
        session = _add_session(
            unit, person_id, helper=_sealed_helper(backend, unit, person_id, helper)
        )
        unit.session.add(
            Attempt(
                id=attempt_id,
                client_id=client_id,
                session_id=session,
                beneficiary_id=person_id,
                channel=channel,
                manifest={"client_id": client_id},
                manifest_digest="00" * 32,
                captured_at=unit.now,
                received_at=unit.now,
            )
        )
        unit.session.flush()
        for name, part in stored.items():
            row = AttemptPart(
                attempt_id=attempt_id, kind=name, evidence_id=part.id, beneficiary_id=person_id
            )
            unit.session.add(row)
    return attempt_id


def flagged_attempt(
    backend: Backend,
    person_id: UUID,
    client_id: str,
    *,
    channel: str = "app_self",
    helper: str | None = None,
) -> UUID:
    """Put an attempt that no worker could measure on record; returns the id of its review."""
    attempt_id = add_attempt(backend, person_id, client_id, channel=channel, helper=helper)
    decisions.give_up(backend, attempt_id)
    return review_where(backend, Review.attempt_id == attempt_id)


def _add_consent(unit: Unit, person_id: UUID) -> UUID:
    row = Consent(
        id=uuid7(),
        beneficiary_id=person_id,
        purpose="certification",
        basis="separate_consent",
        text_version="test-1",
        text_digest="00" * 32,
        given_at=unit.now,
        given_by="system:test",
    )
    unit.session.add(row)
    unit.session.flush()
    return row.id


def _sealed_helper(
    backend: Backend, unit: Unit, person_id: UUID, name: str | None
) -> dict[str, Any] | None:
    if name is None:
        return None
    sealed = backend.people(unit).load_key(person_id).seal(name.encode(), sessions.HELPER_NAME)
    return {"relation": "child", "declared": True, "name_sealed": sealed.hex()}


def _add_session(unit: Unit, person_id: UUID, *, helper: dict[str, Any] | None) -> UUID:
    session_id = SessionId(uuid7())
    challenge = make_challenge(
        draw=lambda n: n // 2,
        needs=[],
        at=unit.now,
        ttl_s=120,
        nonce="n0nce-of_thirty-two-characters--",
        challenge_id=session_id,
    )
    row = SessionRow(
        id=session_id,
        beneficiary_id=person_id,
        consent_id=_add_consent(unit, person_id),
        token_digest=session_id.bytes,
        device_id="device-1",
        address_index=b"address",
        challenge=to_json(challenge),
        helper=helper,
        created_at=unit.now,
        expires_at=unit.now + timedelta(minutes=2),
        upload_grace_s=60,
    )
    unit.session.add(row)
    unit.session.flush()
    return session_id


def enrol(backend: Backend, person_id: UUID, photo: bytes, *, taken_on: date | None = None) -> UUID:
    """Keep a photo to compare with, read by the real engine; returns its evidence id."""
    template = backend.faces.template(photo)
    assert template.embedding is not None
    return _keep_reference(backend, person_id, photo, vector=template.embedding, taken_on=taken_on)


def enrol_unread(backend: Backend, person_id: UUID, photo: bytes, taken_on: date | None) -> UUID:
    """Keep a reference photo whose embedding is nobody's."""
    nobody = np.full(128, 128**-0.5, np.float32)
    return _keep_reference(backend, person_id, photo, vector=nobody, taken_on=taken_on)


def _keep_reference(
    backend: Backend,
    person_id: UUID,
    photo: bytes,
    *,
    vector: NDArray[np.float32],
    taken_on: date | None,
) -> UUID:
    stored = evidence.store(backend, SYSTEM, person_id, content=photo, media_type="image/jpeg")
    with backend.unit(SYSTEM.actor, SYSTEM.scope) as unit:
        sealed = references.seal_embedding(vector, backend.people(unit).load_key(person_id))
        _add_reference(unit, person_id, stored.id, sealed=sealed, taken_on=taken_on)
    return stored.id


def refer_to(backend: Backend, person_id: UUID, evidence_id: UUID) -> None:
    """Make any stored file a reference of the person."""
    with backend.unit(SYSTEM.actor, SYSTEM.scope) as unit:
        _add_reference(unit, person_id, evidence_id, sealed=b"", taken_on=None)


def _add_reference(
    unit: Unit, person_id: UUID, evidence_id: UUID, *, sealed: bytes, taken_on: date | None
) -> None:
    unit.session.add(
        ReferencePhoto(
            id=uuid7(),
            beneficiary_id=person_id,
            evidence_id=evidence_id,
            consent_id=_add_consent(unit, person_id),
            source=Source.WINDOW_CAPTURE.value,
            source_rank=rank(Source.WINDOW_CAPTURE),
            taken_on=taken_on,
            embedding_sealed=sealed,
            model=embedding_scheme(),
            quality=1.0,
            added_at=unit.now,
            added_by="system:test",
        )
    )
