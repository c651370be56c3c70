"""What happened in the demo township before today: certifications, old cases and their verdicts.

Nothing of the past was filmed, so it is written down by the repositories as it would stand there:
each act with its own moment, its audit record, and the validity that followed from it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

import numpy as np

from app.demo.log_ins import backend_at
from app.demo.residents import PastAct, Resident
from domain.audit import AuditAction
from domain.biometric import FaceEvidence, PhotoMeasure
from domain.challenge import make_challenge, to_json
from domain.cycle import Channel
from domain.decision import Decision, Outcome
from domain.home_visit import Checklist, VisitOutcome
from domain.ids import SessionId
from domain.reasons import Reason
from services import validity
from services.accounts import StaffMember
from services.backend import Backend
from services.deciding import WORKER
from services.decision_record import DecisionRecord
from services.eligibility import person_caller
from services.evidence import Caller
from services.policies import resolved_for
from services.review_queue import Flagged, open_review
from services.unit_of_work import Unit
from services.validity import Ground
from storage.db.models.certification import Consent
from storage.db.models.certification import Session as SessionRow
from storage.db.repositories import attempts, sessions, visits
from storage.ids import uuid7_at

WELL = Checklist(alive=True, not_in_custody=True, name_and_id_right=True, contact_current=True)
_RELATIVES = ("晓燕", "志强", "小军", "丽娟", "海涛")
_RELATIONS = ("子女", "孙辈", "配偶", "邻居")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lived:
    """A resident as the register knows them, with the officer who comes to the door."""

    id: UUID
    resident: Resident
    officer: StaffMember

    def caller(self) -> Caller:
        """Name the worker, who sees this person only."""
        own = person_caller(self.id, self.resident.village)
        return Caller(actor=WORKER, scope=own.scope)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """An attempt of the past that the machine would not decide, and why."""

    person: Lived
    at: datetime
    decision: Decision


def moment(act: PastAct, number: int) -> datetime:
    """Choose a time of the working day for an act of a past day."""
    minutes = int(np.random.default_rng([number, act.on.toordinal()]).integers(0, 480))
    return datetime.combine(act.on, time(1, 0), UTC) + timedelta(minutes=minutes)


def certify(backend: Backend, lived: Lived, act: PastAct) -> None:
    """Put one certification of the past on record, with what followed from it."""
    then = backend_at(backend, moment(act, lived.resident.number))
    caller = lived.caller()
    with then.unit(caller.actor, caller.scope) as unit:
        person = then.people(unit).load(lived.id)
        assert person is not None, "registered before"
        ground = _GROUNDS[act.channel](then, unit, lived, act)
        validity.certify(then, unit, person, ground)


def _by_phone(backend: Backend, unit: Unit, lived: Lived, act: PastAct) -> Ground:
    attempt_id = add_attempt(backend, unit, lived, channel=act.channel)
    passed = Decision(outcome=Outcome.PASS, reasons=(Reason.FACE_MATCHES,), checks=())
    record_decision(backend, unit, lived, attempt_id=attempt_id, decision=passed)
    return Ground(channel=act.channel, captured_on=act.on, attempt_id=attempt_id)


def _by_visit(backend: Backend, unit: Unit, lived: Lived, act: PastAct) -> Ground:
    visit_id = uuid7_at(unit.now)
    received_at = unit.now
    visits.add(
        unit.session,
        {
            "id": visit_id,
            "client_id": str(visit_id),
            "beneficiary_id": lived.id,
            "officer_id": lived.officer.id,
            "manifest": _visit_pack(visit_id, received_at - timedelta(minutes=20)),
            "manifest_digest": visit_id.hex * 2,
            "visited_at": received_at - timedelta(minutes=20),
            "received_at": received_at,
        },
        [],
    )
    visits.record_decision(
        unit.session,
        {
            "visit_id": visit_id,
            "beneficiary_id": lived.id,
            "outcome": VisitOutcome.CERTIFIED.value,
            "reasons": ["visit_clean"],
            "checks": [],
            "models": {},
            "preset_digest": _digest(backend, lived, received_at),
            "decided_at": received_at,
        },
    )
    unit.audit(AuditAction.VISIT_SUBMITTED, visit=str(visit_id), beneficiary=str(lived.id))
    return Ground(channel=act.channel, captured_on=act.on, visit_id=visit_id)


_GROUNDS: Mapping[Channel, Callable[[Backend, Unit, Lived, PastAct], Ground]] = {
    Channel.APP_SELF: _by_phone,
    Channel.HELPER: _by_phone,
    Channel.HOME_VISIT: _by_visit,
}


def _visit_pack(visit_id: UUID, at: datetime) -> dict[str, Any]:
    return {
        "client_id": str(visit_id),
        "parts": [],
        "captured_at": at.isoformat(),
        "place": {"latitude": 27.1, "longitude": 115.2, "accuracy_m": 15.0, "mock": False},
        "device": "demo-officer-phone",
        "checklist": {name: getattr(WELL, name) for name in WELL.__slots__},
    }


def add_attempt(backend: Backend, unit: Unit, lived: Lived, *, channel: Channel) -> UUID:
    """Write down that a phone handed something in at the unit's moment."""
    attempt_id, session_id = uuid7_at(unit.now), SessionId(uuid7_at(unit.now))
    session = _session(unit, lived, session_id)
    if channel is Channel.HELPER:
        session.device_id = f"demo-relative-{lived.resident.number // 3:04d}"
        session.helper = helper_of(backend, unit, lived)
    sessions.add(unit.session, session)
    attempts.add(
        unit.session,
        {
            "id": attempt_id,
            "client_id": str(attempt_id),
            "session_id": session_id,
            "beneficiary_id": lived.id,
            "channel": channel.value,
            "manifest": {"client_id": str(attempt_id), "parts": []},
            "manifest_digest": attempt_id.hex * 2,
            "captured_at": unit.now - timedelta(seconds=40),
            "received_at": unit.now,
        },
        [],
    )
    unit.audit(AuditAction.ATTEMPT_SUBMITTED, attempt=str(attempt_id), beneficiary=str(lived.id))
    return attempt_id


def _session(unit: Unit, lived: Lived, session_id: SessionId) -> SessionRow:
    chance = np.random.default_rng([lived.resident.number, 61])
    opened_at = unit.now - timedelta(seconds=70)
    challenge = make_challenge(
        draw=lambda bound: int(chance.integers(bound)),
        needs=(),
        at=opened_at,
        ttl_s=120,
        nonce=session_id.hex,
        challenge_id=session_id,
    )
    return SessionRow(
        id=session_id,
        beneficiary_id=lived.id,
        consent_id=add_consent(unit, lived),
        token_digest=session_id.bytes,
        device_id=f"demo-phone-{lived.resident.number:04d}",
        address_index=session_id.bytes,
        challenge=to_json(challenge),
        created_at=opened_at,
        expires_at=challenge.expires_at,
        upload_grace_s=600,
    )


def helper_of(backend: Backend, unit: Unit, lived: Lived) -> dict[str, Any]:
    """Name the relative who held the phone, sealed like every name."""
    number = lived.resident.number
    name = lived.resident.name[0] + _RELATIVES[number % len(_RELATIVES)]
    sealed = backend.people(unit).load_key(lived.id).seal(name.encode(), "session:helper_name")
    relation = _RELATIONS[number % len(_RELATIONS)]
    return {"relation": relation, "declared": True, "name_sealed": sealed.hex()}


def add_consent(unit: Unit, lived: Lived, purpose: str = "certification") -> UUID:
    """Record the ground on which a face was processed."""
    row = Consent(
        id=uuid7_at(unit.now),
        beneficiary_id=lived.id,
        purpose=purpose,
        basis="separate_consent",
        text_version="demo-1",
        text_digest="00" * 32,
        given_at=unit.now,
        given_by=f"person:{lived.id}",
    )
    sessions.add_consent(unit.session, row)
    return row.id


def record_decision(
    backend: Backend, unit: Unit, lived: Lived, *, attempt_id: UUID, decision: Decision
) -> None:
    """Write down what the machine decided then."""
    nothing = FaceEvidence(
        references=1, selfie=PhotoMeasure(faults=(), similarity=None, quality=None), clip=None
    )
    record = DecisionRecord(evidence=nothing, decision=decision, inputs={})
    row = record.as_row() | {
        "attempt_id": attempt_id,
        "beneficiary_id": lived.id,
        "preset_digest": _digest(backend, lived, unit.now),
        "decided_at": unit.now,
    }
    attempts.record_decision(unit.session, row)
    unit.audit(
        AuditAction.ATTEMPT_DECIDED,
        attempt=str(attempt_id),
        outcome=decision.outcome.value,
        reasons=[reason.value for reason in decision.reasons],
    )


def _digest(backend: Backend, lived: Lived, at: datetime) -> str:
    scheme = lived.resident.schemes[0]
    return resolved_for(backend, lived.resident.village, scheme=scheme, on=at.date()).digest


def flag(backend: Backend, flagged: Flag) -> UUID:
    """Put an attempt of the past into the queue; returns the case."""
    lived, caller = flagged.person, flagged.person.caller()
    then = backend_at(backend, flagged.at)
    with then.unit(caller.actor, caller.scope) as unit:
        channel = Channel.HELPER if lived.resident.number % 3 == 0 else Channel.APP_SELF
        attempt_id = add_attempt(then, unit, lived, channel=channel)
        record_decision(then, unit, lived, attempt_id=attempt_id, decision=flagged.decision)
        person = then.people(unit).load(lived.id)
        assert person is not None, "registered before"
        reasons = [reason.value for reason in flagged.decision.reasons]
        return open_review(then, unit, person, Flagged(reasons=reasons, attempt_id=attempt_id))
