"""Certificates that a machine gave, and the acts by which one is revoked."""

from datetime import date
from uuid import UUID

from domain.cycle import Channel
from domain.enrolment import Source, rank
from domain.policy_values import Scheme
from domain.proposal import Answer
from services import proposals, revocations, validity
from services.accounts import StaffMember
from services.backend import Backend
from services.policies import legal_day
from services.proposals import Reply
from services.unit_of_work import Unit
from services.validity import Ground
from storage.db.models.certification import ReferencePhoto
from storage.db.repositories import attempts
from storage.ids import uuid7
from tests import attempt_world
from tests import case_world as world
from tests.case_world import SYSTEM

GROUNDS = "村里证实本人去年已去世"
CONFIRM = Reply(answer=Answer.CONFIRMED, note="")
LEANING = [
    {"name": "selfie_anchor", "value": 0.3, "threshold": None, "ok": True},
    {"name": "selfie_match", "value": 0.9, "threshold": 0.5, "ok": True},
]
"""Checks of a pass that an enrolled photo alone would not have given."""
BOTH = (Scheme.RESIDENT_PENSION, Scheme.SURVIVOR_ALLOWANCE)


def passed(backend: Backend, person: UUID, client_id: str, *, leans: bool = False) -> str:
    """Let the machine pass an attempt; returns the certificate's number."""
    attempt_id = attempt_world.add_attempt(backend, person, client_id)
    with backend.unit(SYSTEM.actor, SYSTEM.scope) as unit:
        _record_pass(unit, person, attempt_id, leans=leans)
        found = backend.people(unit).load(person)
        assert found is not None
        ground = Ground(
            channel=Channel.APP_SELF, captured_on=legal_day(unit.now), attempt_id=attempt_id
        )
        return validity.certify(backend, unit, found, ground).certificate_number


def _record_pass(unit: Unit, person: UUID, attempt_id: UUID, *, leans: bool) -> None:
    row = {
        "attempt_id": attempt_id,
        "beneficiary_id": person,
        "outcome": "pass",
        "reasons": [],
        "checks": LEANING if leans else [],
        "evidence": {},
        "models": {},
        "preset_digest": "00" * 32,
        "decided_at": unit.now,
    }
    assert attempts.record_decision(unit.session, row)


def learn_from(backend: Backend, person: UUID, client_id: str) -> UUID:
    """Keep the selfie of an attempt beside the enrolled photos; returns the reference's id."""
    with backend.unit(SYSTEM.actor, SYSTEM.scope) as unit:
        attempt = attempts.by_client_id(unit.session, client_id)
        assert attempt is not None
        selfie = attempts.parts_of(unit.session, attempt.id)["selfie"]
        session = attempts.session_of(unit.session, attempt)
        row = ReferencePhoto(
            id=uuid7(),
            beneficiary_id=person,
            evidence_id=selfie.id,
            consent_id=session.consent_id,
            source=Source.STRONG_SELF_CERTIFICATION.value,
            source_rank=rank(Source.STRONG_SELF_CERTIFICATION),
            taken_on=date(2026, 3, 2),
            embedding_sealed=b"",
            model="test",
            quality=1.0,
            added_at=unit.now,
            added_by="system:test",
        )
        unit.session.add(row)
    return row.id


def propose(backend: Backend, by: StaffMember, person: UUID, number: str) -> UUID:
    awake = world.confirmed(backend, by)
    return revocations.propose_revocation(backend, awake, person, number, grounds=GROUNDS)


def confirm(backend: Backend, by: StaffMember, proposal: UUID) -> None:
    proposals.answer(backend, world.confirmed(backend, by), proposal, CONFIRM)


def hanging(
    backend: Backend, who: StaffMember, person: UUID, number: str
) -> tuple[revocations.Touched, ...]:
    return revocations.hanging_on(backend, who, person, number).touched
