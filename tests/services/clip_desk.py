"""Clips that are taken in, and looked for, as the deciding worker does."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from uuid import UUID

from biometrics.fingerprint import FORM, ClipFingerprint
from domain.audit import Actor, ActorKind
from domain.biometric import EarlierClip
from domain.ids import BeneficiaryId
from domain.regions import SubjectScope, SystemName
from services.earlier_clips import SentClip, nearest, remember
from services.evidence import Caller
from storage.crypto.envelope import DataKey
from storage.db.models.certification import Attempt, Consent
from storage.db.models.certification import Session as SessionRow
from storage.db.repositories import clips
from storage.ids import uuid7
from tests import fingerprints
from tests.certification_world import TEST, County, Pensioner

WORKER = Actor(kind=ActorKind.SYSTEM, id=SystemName.DECISION_WORKER)


@cache
def recorded(person: int = 1, serial: int = 1) -> ClipFingerprint:
    return fingerprints.take(person, 1, serial).fingerprint()


@cache
def edited(person: int = 1, serial: int = 1) -> ClipFingerprint:
    clip = fingerprints.take(person, 1, serial)
    return fingerprints.trimmed(fingerprints.mirrored(clip)).fingerprint()


Sealing = Callable[[DataKey, UUID], bytes]


def worker(person: Pensioner) -> Caller:
    """The worker as one who sees this person only, as it decides."""
    scope = SubjectScope(beneficiary_id=BeneficiaryId(person.id), path=person.household)
    return Caller(actor=WORKER, scope=scope)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Takes clips in, and looks for earlier ones, as the deciding worker does."""

    county: County

    def sent(self, person: Pensioner, fingerprint: ClipFingerprint, device: str) -> SentClip:
        """An attempt of `person` whose clip has this fingerprint; not yet remembered."""
        attempt = self._attempt(person, device)
        return SentClip(id=attempt, person_id=person.id, device_id=device, fingerprint=fingerprint)

    def remember(self, person: Pensioner, sent: SentClip) -> None:
        caller = worker(person)
        with self.county.backend.unit(caller.actor, caller.scope) as unit:
            remember(self.county.backend, unit, sent)

    def take_in(self, person: Pensioner, fingerprint: ClipFingerprint, device: str) -> SentClip:
        sent = self.sent(person, fingerprint, device)
        self.remember(person, sent)
        return sent

    def take_in_sealed(self, person: Pensioner, sealing: Sealing, device: str) -> UUID:
        """Put a row on record whose fingerprint is sealed as `sealing` says; its id."""
        attempt = self._attempt(person, device)
        backend, caller = self.county.backend, worker(person)
        with backend.unit(caller.actor, caller.scope) as unit:
            row = {
                "id": attempt,
                "beneficiary_id": person.id,
                "device_index": backend.index.of("clip:device", device),
                "picture_index": 0,
                "form": FORM,
                "fingerprint_sealed": sealing(backend.people(unit).load_key(person.id), attempt),
                "remembered_at": unit.now,
            }
            assert clips.add(unit.session, row)
        return attempt

    def nearest(self, person: Pensioner, sent: SentClip) -> EarlierClip | None:
        caller = worker(person)
        with self.county.backend.unit(caller.actor, caller.scope) as unit:
            return nearest(self.county.backend, unit, sent)

    def _attempt(self, person: Pensioner, device: str) -> UUID:  # lint-skip: function-size
        consent, session, attempt = uuid7(), uuid7(), uuid7()
        who = {"beneficiary_id": person.id}
        with self.county.backend.unit(TEST.actor, TEST.scope) as unit:
            unit.session.add(
                Consent(
                    **who,
                    id=consent,
                    purpose="certification",
                    basis="consent",
                    text_version="1",
                    text_digest="0" * 64,
                    given_at=unit.now,
                    given_by="person",
                )
            )
            unit.session.flush()
            unit.session.add(
                SessionRow(
                    **who,
                    id=session,
                    consent_id=consent,
                    token_digest=session.bytes,
                    device_id=device,
                    address_index=b"address",
                    challenge={"steps": [{"action": "nod", "onset_ms": 800}]},
                    created_at=unit.now,
                    expires_at=unit.now,
                    upload_grace_s=0,
                )
            )
            unit.session.flush()
            unit.session.add(
                Attempt(
                    **who,
                    id=attempt,
                    client_id=str(attempt),
                    session_id=session,
                    channel="app_self",
                    manifest={},
                    manifest_digest="0" * 64,
                    captured_at=unit.now,
                    received_at=unit.now,
                )
            )
        return attempt
