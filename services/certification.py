"""A pensioner's session: consent, the single-use challenge, and the parts that arrive under it."""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from domain.audit import Actor, ActorKind, AuditAction
from domain.challenge import (
    Challenge,
    Need,
    from_json,
    make_challenge,
    pace_for,
    to_json,
    with_light,
)
from domain.errors import AppError, Kind
from domain.ids import SessionId
from domain.light import LightRule
from domain.policy_values import PolicyValues, Scheme
from domain.regions import DivisionPath
from services import eligibility, evidence
from services.backend import Backend
from services.eligibility import (
    SELF_SERVICE,
    Claimed,
    Eligible,
    Identified,
    person_caller,
    same_name,
)
from services.evidence import Caller, StoredEvidence
from services.policies import values_for
from services.session_limits import Opening, refuse_excess
from services.unit_of_work import Unit
from storage.crypto.digest import digests_of
from storage.crypto.tokens import new_token, stored_token
from storage.db.models.certification import Consent
from storage.db.models.certification import Session as SessionRow
from storage.db.repositories import evidence as evidence_rows
from storage.db.repositories import sessions
from storage.ids import uuid7

PURPOSE = "certification"
PARTS_PER_SESSION = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentGiven:
    """Which text the person agreed to, as the page showed it."""

    text_version: str
    text_digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HelperGiven:
    """A relative who certifies somebody with the own phone (亲情认证)."""

    name: str = field(repr=False)
    relation: str
    declared: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionWanted:
    """Whose session: who claims to be somebody, or was identified before; from which address."""

    claimed: Claimed | Identified
    address: str = field(repr=False)
    device_id: str
    needs: Sequence[Need]
    consent: ConsentGiven
    helper: HelperGiven | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOpened:
    """`token` is shown once; only its digest is kept."""

    id: UUID
    token: str = field(repr=False)
    challenge: dict[str, Any]
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnSession:
    """The session whose token a request carries. It may have expired: reading goes on."""

    id: UUID
    person_id: UUID
    caller: Caller
    device_id: str
    challenge: Challenge
    created_at: datetime
    expires_at: datetime  # until then the answer must be known, if only by its digests
    upload_until: datetime  # until then its parts may follow
    is_helped: bool


def open_session(backend: Backend, wanted: SessionWanted) -> SessionOpened:
    """Check, record the consent, and hand out a challenge bound to person and device.

    Raises what `eligibility.person_behind` and `check_person` raise, `consent.text_outdated`,
    `helper.declaration_missing`, `helper.is_subject`, `helper.too_many`, and `rate.*`.
    """
    _check_consent(backend, wanted)
    person = eligibility.person_behind(backend, wanted.claimed)
    eligible = eligibility.check_person(backend, person)
    _check_helper(eligible, wanted.helper)
    values = values_for(backend, eligible.person.household_path, _schemes(eligible))
    opening = Opening(
        person_id=eligible.person.id,
        device_id=wanted.device_id,
        address_index=backend.index.of("address", wanted.address),
        is_helped=wanted.helper is not None,
    )
    token, digest = new_token()
    try:
        with _unit_of(backend, eligible, wanted) as unit:
            refuse_excess(unit, opening, values)
            consent = _record_consent(unit, eligible, wanted.consent)
            row = _row(unit, opening, values, needs=wanted.needs, consent=consent)
            row.token_digest = digest
            row.helper = _sealed_helper(eligible, wanted.helper)
            _add(unit, row)
    except AppError as refusal:
        _record_refusal(backend, eligible, wanted, code=refusal.code)
        raise
    return SessionOpened(id=row.id, token=token, challenge=row.challenge, expires_at=row.expires_at)


def _check_consent(backend: Backend, wanted: SessionWanted) -> None:
    given, notice = wanted.consent, backend.notice
    if (given.text_version, given.text_digest) != (notice.version, notice.digest):
        raise AppError(Kind.CONFLICT, "consent.text_outdated", version=notice.version)
    if wanted.helper is not None and not wanted.helper.declared:
        raise AppError(Kind.INVALID, "helper.declaration_missing")


def _check_helper(eligible: Eligible, helper: HelperGiven | None) -> None:
    """Nobody helps oneself (requirements 3.2): such an entry would hide who held the phone."""
    if helper is not None and same_name(eligible.person.name, helper.name):
        raise AppError(Kind.INVALID, "helper.is_subject")


def _schemes(eligible: Eligible) -> tuple[Scheme, ...]:
    return tuple(entitlement.scheme for entitlement in eligible.entitlements)


@contextmanager
def _unit_of(backend: Backend, eligible: Eligible, wanted: SessionWanted) -> Iterator[Unit]:
    """Open an act that counts over all counties and is recorded in the person's own."""
    with backend.unit(_actor(eligible, wanted), SELF_SERVICE.scope) as unit:
        unit.record_in(DivisionPath(eligible.person.household_path))
        yield unit


def _actor(eligible: Eligible, wanted: SessionWanted) -> Actor:
    """Name who acts: a helper acts in the pensioner's name, and the record says so."""
    if wanted.helper is None:
        return eligible.caller.actor
    return Actor(kind=ActorKind.HELPER, id=str(eligible.person.id))


def _record_refusal(
    backend: Backend, eligible: Eligible, wanted: SessionWanted, *, code: str
) -> None:
    """Keep it on record: many subjects on one phone are a sign that an inspector wants to see."""
    with _unit_of(backend, eligible, wanted) as unit:
        unit.audit(AuditAction.SESSION_REFUSED, beneficiary=str(eligible.person.id), code=code)


def _row(
    unit: Unit,
    opening: Opening,
    values: PolicyValues,
    *,
    needs: Sequence[Need],
    consent: Consent,
) -> SessionRow:
    """Make the session with a fresh challenge; the caller adds token and helper."""
    challenge = _draw_challenge(unit.now, needs, values)
    return SessionRow(
        id=challenge.id,
        beneficiary_id=opening.person_id,
        consent_id=consent.id,
        device_id=opening.device_id,
        address_index=opening.address_index,
        challenge=to_json(challenge),
        created_at=unit.now,
        expires_at=challenge.expires_at,
        upload_grace_s=values.challenge.upload_grace_s,
    )


def _add(unit: Unit, row: SessionRow) -> None:
    sessions.add(unit.session, row)
    unit.audit(
        AuditAction.SESSION_OPENED,
        session=str(row.id),
        beneficiary=str(row.beneficiary_id),
        helped=row.helper is not None,
    )


def _record_consent(unit: Unit, eligible: Eligible, given: ConsentGiven) -> Consent:
    consent = Consent(
        id=uuid7(),
        beneficiary_id=eligible.person.id,
        purpose=PURPOSE,
        basis="separate_consent",
        text_version=given.text_version,
        text_digest=given.text_digest,
        given_at=unit.now,
        given_by=str(unit.actor),
    )
    sessions.add_consent(unit.session, consent)
    unit.audit(
        AuditAction.CONSENT_RECORDED,
        consent=str(consent.id),
        beneficiary=str(eligible.person.id),
        version=given.text_version,
        digest=given.text_digest,
    )
    return consent


def _draw_challenge(now: datetime, needs: Sequence[Need], values: PolicyValues) -> Challenge:
    challenge = make_challenge(
        draw=secrets.randbelow,
        needs=needs,
        at=now,
        ttl_s=values.challenge.session_ttl_s,
        nonce=secrets.token_urlsafe(24),
        challenge_id=SessionId(uuid7()),
        pace=pace_for(needs, fewest=values.challenge.steps),
    )
    if values.challenge.light is LightRule.OFF:
        return challenge
    return with_light(challenge, secrets.randbelow)


def _sealed_helper(eligible: Eligible, helper: HelperGiven | None) -> dict[str, Any] | None:
    if helper is None:
        return None
    name = eligible.person.key.seal(helper.name.encode(), sessions.HELPER_NAME)
    return {"relation": helper.relation, "declared": helper.declared, "name_sealed": name.hex()}


def session_of(backend: Backend, token: str) -> OwnSession:
    """Whose session `token` opens. Raises `session.token_unknown` when it opens none."""
    with backend.unit(SELF_SERVICE.actor, SELF_SERVICE.scope) as unit:
        row = sessions.by_token(unit.session, stored_token(token))
        household = None if row is None else backend.people(unit).household_of(row.beneficiary_id)
    if row is None or household is None:
        raise AppError(Kind.UNAUTHENTICATED, "session.token_unknown")
    return OwnSession(
        id=row.id,
        person_id=row.beneficiary_id,
        caller=person_caller(row.beneficiary_id, household),
        device_id=row.device_id,
        challenge=from_json(row.challenge),
        created_at=row.created_at,
        expires_at=row.expires_at,
        upload_until=row.expires_at + timedelta(seconds=row.upload_grace_s),
        is_helped=row.helper is not None,
    )


def store_part(
    backend: Backend, session: OwnSession, *, sha256: str, content: bytes, media_type: str
) -> StoredEvidence:
    """Keep one part of a submission to come; sent again it is the same part.

    Raises `submission.part_altered` when the bytes are not those of `sha256`,
    `submission.part_empty`, `submission.not_media`, `session.expired`, `rate.person`, and what
    `evidence.store` raises.
    """
    refuse_expired(backend, session)
    if digests_of(content).sha256.hex() != sha256:
        raise AppError(Kind.CONFLICT, "submission.part_altered")
    evidence.refuse_unless_media(content)
    _refuse_flood(backend, session)
    return evidence.store(
        backend, session.caller, session.person_id, content=content, media_type=media_type
    )


def _refuse_flood(backend: Backend, session: OwnSession) -> None:
    """Let a photo be taken again a few times; who uploads for ever wants to fill our store."""
    with backend.unit(session.caller.actor, session.caller.scope) as unit:
        kept = evidence_rows.count_from(
            unit.session, session.person_id, session.created_at, by=str(unit.actor)
        )
    if kept >= PARTS_PER_SESSION:
        raise AppError(Kind.TOO_MANY, "rate.person", retry_after_s=3600)


def refuse_expired(backend: Backend, session: OwnSession) -> None:
    """Raise `session.expired` once the challenge is too old, the upload's grace included."""
    if backend.clock.now() >= session.upload_until:
        raise AppError(Kind.GONE, "session.expired")


def refuse_other_device(session: OwnSession, device_id: str) -> None:
    """Raise `session.device_differs` for a phone other than the one that opened the session."""
    if device_id != session.device_id:
        raise AppError(Kind.CONFLICT, "session.device_differs")
