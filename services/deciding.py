"""What deciding an attempt and a visit share: the worker, its subject, and what forbids a pass."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.audit import Actor, ActorKind
from domain.beneficiary import blocks_certification
from domain.ids import BeneficiaryId
from domain.policy import ResolvedPolicy
from domain.regions import DivisionPath, SubjectScope, SystemName, SystemScope
from services.backend import Backend
from services.entitlements import drawn_by
from services.evidence import Caller
from services.gallery import KnownFace, faces_of
from services.policies import legal_day, resolved_for
from services.unit_of_work import Unit
from storage.crypto.errors import KeyDestroyed
from storage.db.repositories import attempts
from storage.db.repositories.people import Person

WORKER = Actor(kind=ActorKind.SYSTEM, id=SystemName.DECISION_WORKER)
EVERYWHERE = Caller(actor=WORKER, scope=SystemScope(name=SystemName.DECISION_WORKER))


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Whom a case is about, what the face is compared with, and the rules of its day."""

    person: Person
    faces: tuple[KnownFace, ...]
    policy: ResolvedPolicy

    @property
    def caller(self) -> Caller:
        """Return the worker as one who sees this person only."""
        scope = SubjectScope(
            beneficiary_id=BeneficiaryId(self.person.id),
            path=DivisionPath(self.person.household_path),
        )
        return Caller(actor=WORKER, scope=scope)


def subject_of(
    backend: Backend, unit: Unit, person_id: UUID, *, received_at: datetime
) -> Subject | None:
    """Load the subject of a case; None when the person was erased by law meanwhile."""
    try:
        person = backend.people(unit).load(person_id)
    except KeyDestroyed:
        return None
    assert person is not None, "a case's person is never removed"
    return Subject(
        person=person,
        faces=faces_of(unit, person.id, person.key, model=backend.faces.embedder()),
        policy=resolved_for(
            backend,
            person.household_path,
            scheme=drawn_by(backend, unit, person)[0].scheme,
            on=legal_day(received_at),
        ),
    )


def doubts(backend: Backend, unit: Unit, person: Person) -> int:
    """Count what forbids an automatic pass: open leads, and a stop that came in meanwhile."""
    stopped = blocks_certification(drawn_by(backend, unit, person)) is not None
    return attempts.open_leads(unit.session, person.id) + stopped
