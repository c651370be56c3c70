"""A pensioner's session: consent, the single-use challenge, and the parts that arrive under it."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from domain.audit import Actor, ActorKind, AuditAction
from domain.challenge import Challenge, Need, from_json, make_challenge, to_json
from domain.errors import AppError, Kind
from domain.ids import SessionId
from domain.policy import AttemptRules, PolicyValues, Scheme
from domain.regions import DivisionPath
from services import eligibility, evidence
from services.backend import Backend
from services.eligibility import SELF_SERVICE, Claimed, Eligible, person_caller
from services.evidence import Caller, StoredEvidence
from services.policies import values_for
from services.unit_of_work import Unit
from storage.crypto.digest import digests_of
from storage.crypto.tokens import new_token, stored_token
from storage.db.models.certification import Consent
from storage.db.models.certification import Session as SessionRow
from storage.db.repositories import sessions
from storage.ids import uuid7

PURPOSE = "certification"
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


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
    claimed: Claimed
    device_id: str
    address: str
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
    challenge: Challenge
    expires_at: datetime
    upload_until: datetime
    is_helped: bool


def open_session(backend: Backend, wanted: SessionWanted) -> SessionOpened:
    """Check, record the consent, and hand out a challenge bound to person and device.

    Raises what `eligibility.check` raises, `consent.text_outdated`, `helper.declaration_missing`,
    and `rate.person`, `rate.device`, `rate.address`.
    """
    _check_consent(backend, wanted)
    eligible = eligibility.check(backend, wanted.claimed)
    values = values_for(backend, eligible.person.household_path, _schemes(eligible))
    _check_limits(backend, wanted, person_id=eligible.person.id, limits=values.attempt)
    token, digest = new_token()
    with backend.unit(_actor(eligible, wanted), eligible.caller.scope) as unit:
        consent = _record_consent(unit, eligible, wanted.consent)
        challenge = _draw_challenge(unit.now, wanted.needs, values)
        expires_at = unit.now + timedelta(seconds=values.challenge.session_ttl_s)
        row = SessionRow(
            id=challenge.id,
            beneficiary_id=eligible.person.id,
            consent_id=consent.id,
            token_digest=digest,
            device_id=wanted.device_id,
            address_index=backend.index.of("address", wanted.address),
            challenge=to_json(challenge),
            helper=_sealed_helper(eligible, wanted.helper),
            created_at=unit.now,
            expires_at=expires_at,
            upload_grace_s=values.challenge.upload_grace_s,
        )
        sessions.add(unit.session, row)
        unit.audit(
            AuditAction.SESSION_OPENED,
            session=str(row.id),
            beneficiary=str(eligible.person.id),
            helped=wanted.helper is not None,
        )
    return SessionOpened(
        id=row.id, token=token, challenge=to_json(challenge), expires_at=expires_at
    )


def _check_consent(backend: Backend, wanted: SessionWanted) -> None:
    given, notice = wanted.consent, backend.notice
    if (given.text_version, given.text_digest) != (notice.version, notice.digest):
        raise AppError(Kind.CONFLICT, "consent.text_outdated", version=notice.version)
    if wanted.helper is not None and not wanted.helper.declared:
        raise AppError(Kind.INVALID, "helper.declaration_missing")


def _schemes(eligible: Eligible) -> tuple[Scheme, ...]:
    return tuple(entitlement.scheme for entitlement in eligible.entitlements)


def _actor(eligible: Eligible, wanted: SessionWanted) -> Actor:
    """Name who acts: a helper acts in the pensioner's name, and the record says so."""
    if wanted.helper is None:
        return eligible.caller.actor
    return Actor(kind=ActorKind.HELPER, id=str(eligible.person.id))


def _check_limits(
    backend: Backend, wanted: SessionWanted, *, person_id: UUID, limits: AttemptRules
) -> None:
    """Count in the database, over all counties: a device farm does not stop at a border."""
    with backend.unit(SELF_SERVICE.actor, SELF_SERVICE.scope) as unit:
        day, hour = unit.now - DAY, unit.now - HOUR
        address = backend.index.of("address", wanted.address)
        by_person = sessions.count_for_person(unit.session, person_id, day)
        by_device = sessions.count_for_device(unit.session, wanted.device_id, day)
        by_address = sessions.count_for_address(unit.session, address, hour)
        subjects = sessions.count_other_subjects(unit.session, wanted.device_id, day, but=person_id)
    for count, limit, code, wait in (
        (by_person, limits.per_person_per_day, "rate.person", DAY),
        (by_device, limits.per_device_per_day, "rate.device", DAY),
        (by_address, limits.per_address_per_hour, "rate.address", HOUR),
        (subjects, limits.subjects_per_device_per_day, "rate.device_subjects", DAY),
    ):
        if count >= limit:
            raise AppError(Kind.TOO_MANY, code, retry_after_s=int(wait.total_seconds()))


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
    return make_challenge(
        draw=secrets.randbelow,
        needs=needs,
        at=now,
        ttl_s=values.challenge.session_ttl_s,
        nonce=secrets.token_urlsafe(24),
        challenge_id=SessionId(uuid7()),
    )


def _sealed_helper(eligible: Eligible, helper: HelperGiven | None) -> dict[str, Any] | None:
    if helper is None:
        return None
    name = eligible.person.key.seal(helper.name.encode(), "session:helper_name")
    return {"relation": helper.relation, "declared": helper.declared, "name_sealed": name.hex()}


def session_of(backend: Backend, token: str) -> OwnSession:
    """Whose session `token` opens. Raises `auth.session_expired` when it opens none."""
    with backend.unit(SELF_SERVICE.actor, SELF_SERVICE.scope) as unit:
        row = sessions.by_token(unit.session, stored_token(token))
        person = backend.people(unit).load(row.beneficiary_id) if row is not None else None
    if row is None or person is None:
        raise AppError(Kind.UNAUTHENTICATED, "auth.session_expired")
    return OwnSession(
        id=row.id,
        person_id=person.id,
        caller=person_caller(person.id, DivisionPath(person.household_path)),
        challenge=from_json(row.challenge),
        expires_at=row.expires_at,
        upload_until=row.expires_at + timedelta(seconds=row.upload_grace_s),
        is_helped=row.helper is not None,
    )


def store_part(
    backend: Backend, session: OwnSession, *, sha256: str, content: bytes, media_type: str
) -> StoredEvidence:
    """Keep one part of a submission to come; sent again it is the same part.

    Raises `submission.part_altered` when the bytes are not those of `sha256`, `session.expired`,
    and what `evidence.store` raises.
    """
    refuse_expired(backend, session)
    if digests_of(content).sha256.hex() != sha256:
        raise AppError(Kind.CONFLICT, "submission.part_altered")
    return evidence.store(
        backend, session.caller, session.person_id, content=content, media_type=media_type
    )


def refuse_expired(backend: Backend, session: OwnSession) -> None:
    """Raise `session.expired` once the challenge is too old, the upload's grace included."""
    if backend.clock.now() >= session.upload_until:
        raise AppError(Kind.GONE, "session.expired")
