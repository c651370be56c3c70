"""A submission: a manifest of digests, accepted only when every part is there and matches.

The same client id gives the same answer for ever; the same id with other content is refused
(platform study: keys live as long as the submission). Accepting is one act: attempt, parts, audit
and the job that decides it.

A challenge must be answered before it expires, and a slow line must not cost anybody the answer:
so a manifest that comes in time but before its parts is refused, naming them, and remembered. Its
parts may follow during the grace; any other manifest is then too late.
"""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.attempt import (
    Manifest,
    MediaLimits,
    check_manifest,
    check_received,
    fingerprint,
)
from domain.audit import AuditAction
from domain.capture import RecordingClient
from domain.errors import AppError, Kind
from services.backend import Backend
from services.certification import OwnSession
from services.unit_of_work import Unit
from storage.db.models.certification import Attempt, AttemptPart, Evidence
from storage.db.repositories import attempts, evidence, promises, sessions
from storage.ids import uuid7

DECIDE_TASK = "certification.decide"
VIDEO = "video"
PARTS_TO_COME = "submission.parts_not_received"
PROMISES_PER_SESSION = 8
"""A photo may be taken again before it is handed in; more than this is no person any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What a phone hands in. Its clock and what it says of itself are recorded, never trusted."""

    manifest: Manifest
    captured_at: datetime
    client: RecordingClient | None = None


def submit(backend: Backend, session: OwnSession, given: Submission) -> str:
    """Accept a submission and return its client id, now or at any repetition.

    Raises `submission.*`, `session.used`, `challenge.expired`, `session.expired`.
    """
    check_manifest(given.manifest, MediaLimits())
    digest = fingerprint(given.manifest, session=str(session.id))
    try:
        with backend.unit(session.caller.actor, session.caller.scope) as unit:
            _accept_once(unit, session, given=given, digest=digest)
    except AppError as refusal:
        _record_refusal(backend, session, refusal, digest=digest)
        raise
    return given.manifest.client_id


def _accept_once(unit: Unit, session: OwnSession, *, given: Submission, digest: str) -> None:
    # Manifests of one session take turns: of two sent at once one waits and then repeats.
    sessions.take_turns(unit.session, str(session.id))
    if _is_repetition(unit, session, manifest=given.manifest, digest=digest):
        return
    _refuse_late(unit, session, digest)
    _accept(unit, session, given, digest=digest)


def _refuse_late(unit: Unit, session: OwnSession, digest: str) -> None:
    if unit.now >= session.upload_until:
        raise AppError(Kind.GONE, "session.expired")
    in_time = unit.now < session.expires_at
    if not in_time and not promises.exists(unit.session, session.id, digest):
        raise AppError(Kind.GONE, "challenge.expired")


def _record_refusal(
    backend: Backend, session: OwnSession, refusal: AppError, *, digest: str
) -> None:
    """Keep the refusal on record: a clip sent twice is a sign that an inspector wants to see."""
    with backend.unit(session.caller.actor, session.caller.scope) as unit:
        if refusal.code == PARTS_TO_COME:
            _remember(unit, session, digest)
        unit.audit(
            AuditAction.SUBMISSION_REFUSED,
            session=str(session.id),
            beneficiary=str(session.person_id),
            code=refusal.code,
        )


def _remember(unit: Unit, session: OwnSession, digest: str) -> None:
    """Remember a manifest whose parts are still to come, when it came in time."""
    if unit.now >= session.expires_at:
        return
    if promises.count(unit.session, session.id) < PROMISES_PER_SESSION:
        promises.add(unit.session, session.id, digest, person_id=session.person_id, at=unit.now)


def _is_repetition(unit: Unit, session: OwnSession, *, manifest: Manifest, digest: str) -> bool:
    """Tell whether this very submission was accepted before; refuse what merely resembles it."""
    known = attempts.by_client_id(unit.session, manifest.client_id)
    if known is None:
        if attempts.of_session(unit.session, session.id) is not None:
            raise AppError(Kind.CONFLICT, "session.used")
        return False
    if known.session_id != session.id or known.manifest_digest != digest:
        raise AppError(Kind.CONFLICT, "submission.client_id_taken")
    return True


def _stored_parts(unit: Unit, session: OwnSession, manifest: Manifest) -> dict[str, Evidence]:
    """Return part name -> evidence. Raises `submission.parts_not_received`, naming them."""
    wanted = [part.sha256 for part in manifest.parts]
    stored = evidence.by_digests(unit.session, session.person_id, wanted)
    missing = sorted(part.name for part in manifest.parts if part.sha256 not in stored)
    if missing:
        raise AppError(Kind.CONFLICT, "submission.parts_not_received", missing=missing)
    for part in manifest.parts:
        check_received(part, sha256=part.sha256, size=stored[part.sha256].size)
    return {part.name: stored[part.sha256] for part in manifest.parts}


def _recorder(client: RecordingClient | None) -> dict[str, Any]:
    return {} if client is None else {"recorder": asdict(client)}


def _as_json(manifest: Manifest) -> dict[str, Any]:
    parts = [
        {"name": p.name, "sha256": p.sha256, "size": p.size, "media_type": p.media_type}
        for p in manifest.parts
    ]
    return {"client_id": manifest.client_id, "parts": parts}


def _accept(unit: Unit, session: OwnSession, given: Submission, *, digest: str) -> None:
    stored = _stored_parts(unit, session, given.manifest)
    attempt_id = uuid7()
    row = {
        "id": attempt_id,
        "client_id": given.manifest.client_id,
        "session_id": session.id,
        "beneficiary_id": session.person_id,
        "channel": "helper" if session.is_helped else "app_self",
        "manifest": _as_json(given.manifest) | _recorder(given.client),
        "manifest_digest": digest,
        "captured_at": given.captured_at,
        "received_at": unit.now,
    }
    if not attempts.add(unit.session, row, _parts(attempt_id, session.person_id, stored)):
        raise AppError(Kind.CONFLICT, "submission.client_id_taken")
    if not evidence.claim_video(unit.session, stored[VIDEO].sha256, attempt_id):
        raise AppError(Kind.CONFLICT, "submission.video_seen_before")
    unit.audit(
        AuditAction.ATTEMPT_SUBMITTED,
        attempt=str(attempt_id),
        beneficiary=str(session.person_id),
        manifest=digest,
    )
    unit.defer(DECIDE_TASK, key=f"attempt:{attempt_id}", attempt_id=str(attempt_id))


def _parts(attempt_id: UUID, person_id: UUID, stored: dict[str, Evidence]) -> list[AttemptPart]:
    return [
        AttemptPart(attempt_id=attempt_id, kind=name, evidence_id=row.id, beneficiary_id=person_id)
        for name, row in stored.items()
    ]


def own_attempt(unit: Unit, person_id: UUID, client_id: str) -> Attempt:
    """Return the person's own attempt. Raises `submission.not_found`."""
    attempt = attempts.by_client_id(unit.session, client_id)
    if attempt is None or attempt.beneficiary_id != person_id:
        raise AppError(Kind.NOT_FOUND, "submission.not_found")
    return attempt
