"""A synthetic county whose people certify themselves: fixtures and what a phone does.

`county` puts people and staff in; `tests.phone_world` has the phones.
Whoever asks a face question needs the models and portraits of `jianzai models fetch` (marker
`faces`).
"""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy.orm import Session, sessionmaker

from app.demo.studio import Studio
from app.presets import load_presets
from biometrics.engine import FaceEngine
from biometrics.models import ModelStore
from domain.audit import Actor, ActorKind, AuditAction
from domain.beneficiary import EntitlementStatus, SuspensionCause
from domain.decision import Outcome
from domain.policy import PolicyBook, PolicyEntry, PolicyPreset
from domain.policy_values import Scalar, Scheme
from domain.regions import DivisionPath, SystemName, SystemScope
from domain.roles import Role
from services import accounts, evidence
from services.accounts import NewStaff, StaffMember, create_staff_from_console
from services.backend import Backend
from services.decisions import decide_attempt
from services.evidence import Caller
from services.faces import Faces, embedding_scheme
from services.live_policies import LivePolicies
from services.submissions import DECIDE_TASK
from services.unit_of_work import Unit
from storage.db.base import Base
from storage.db.models import cases, certification, registry
from storage.db.models.audit import AuditRow
from storage.db.repositories import certifications, divisions, references
from storage.db.repositories.people import NewPerson
from storage.ids import uuid7
from storage.jobs.queue import JobQueue
from tests import backend_world
from tests.backend_world import id_number
from tests.clock import FixedClock
from tests.places import COUNTY, TOWNSHIP, VILLAGE
from tests.signed_in import token_of

WINDOW = "城关镇"
PASSWORD = "not-a-real-password"
TEST = Caller(
    actor=Actor(kind=ActorKind.SYSTEM, id=SystemName.DEMO),
    scope=SystemScope(name=SystemName.DEMO),
)
_serial = count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pensioner:
    """A registered person, with what only the test may know in clear."""

    id: UUID
    id_number: str = field(repr=False)
    name: str = field(repr=False)
    phone: str = field(repr=False)
    household: DivisionPath

    @property
    def claim(self) -> dict[str, str]:
        return {"id_number": self.id_number, "name": self.name}


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A member of staff who can sign in."""

    id: UUID
    login: str
    role: Role
    division: DivisionPath

    def token(self, backend: Backend) -> str:
        return token_of(backend, self.login, PASSWORD)

    def headers(self, backend: Backend) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token(backend)}"}


@dataclass(frozen=True, slots=True, kw_only=True)
class County:
    """Puts people, staff and what hangs on them into the database."""

    backend: Backend

    def person(
        self,
        name: str = "周桂香",
        *,
        schemes: Sequence[Scheme] = (Scheme.RESIDENT_PENSION,),
        household: DivisionPath = VILLAGE,
        residence: DivisionPath | None = None,
        born: date = date(1950, 3, 4),
        started_on: date = date(2024, 5, 1),
    ) -> Pensioner:
        """Register somebody who draws `schemes` since `started_on`."""
        number = id_number(next(_serial) % 1000, f"{born:%Y%m%d}")
        person = Pensioner(
            id=uuid7(),
            id_number=number,
            name=name,
            phone=f"1990000{number[-5:-1]}",
            household=household,
        )
        with self.backend.unit(TEST.actor, TEST.scope) as unit:
            new = NewPerson(
                id=person.id,
                id_number=number,
                name=name,
                phone=person.phone,
                sex="female",
                birth_date=born,
                household_path=household,
                residence_path=residence or household,
                key_groups=(),
            )
            people = self.backend.people(unit)
            people.add_all([new], at=unit.now, by=str(unit.actor))
            for scheme in schemes:
                _add_entitlement(unit, person.id, scheme, started_on)
        return person

    def set_state(
        self,
        person: Pensioner,
        status: EntitlementStatus,
        cause: SuspensionCause | None = None,
        *,
        scheme: Scheme = Scheme.RESIDENT_PENSION,
    ) -> None:
        """Record a state of one entitlement, as an officer's decision would."""
        with self.backend.unit(TEST.actor, TEST.scope) as unit:
            rows = self.backend.people(unit).entitlements_of(person.id)
            found = next(row for row in rows if row.scheme == scheme.value)
            state = registry.EntitlementState(
                id=uuid7(),
                entitlement_id=found.id,
                beneficiary_id=person.id,
                status=status.value,
                cause=cause.value if cause else None,
                effective_on=unit.now.date(),
                recorded_at=unit.now,
                recorded_by=str(unit.actor),
            )
            certifications.set_state(unit.session, state)

    def suspend(self, person: Pensioner, cause: SuspensionCause, **which: Scheme) -> None:
        self.set_state(person, EntitlementStatus.SUSPENDED, cause, **which)

    def open_lead(self, person: Pensioner, kind: str = "reported_death") -> None:
        with self.backend.unit(TEST.actor, TEST.scope) as unit:
            unit.session.add(
                cases.Lead(
                    id=uuid7(),
                    beneficiary_id=person.id,
                    kind=kind,
                    opened_at=unit.now,
                    opened_by=str(unit.actor),
                )
            )

    def enrol(self, person: Pensioner, photo: bytes) -> None:
        """Give a person a reference photo. Asks the face models."""
        template = self.backend.faces.template(photo)
        assert template.embedding is not None, "a reference shows a face"
        self._refer(person, photo, template.embedding)

    def enrol_nobody(self, person: Pensioner) -> None:
        """Give a person a reference that no face will ever match, without asking the models."""
        self._refer(person, b"reference of " + person.id.bytes, np.eye(1, 128, dtype=np.float32)[0])

    def _refer(self, person: Pensioner, photo: bytes, embedding: NDArray[np.float32]) -> None:
        stored = evidence.store(
            self.backend, TEST, person.id, content=photo, media_type="image/jpeg"
        )
        with self.backend.unit(TEST.actor, TEST.scope) as unit:
            key = self.backend.people(unit).load_key(person.id)
            reference = certification.ReferencePhoto(
                id=uuid7(),
                beneficiary_id=person.id,
                evidence_id=stored.id,
                consent_id=_add_consent(unit, person.id),
                source="id_card_chip",
                source_rank=1,
                taken_on=None,
                embedding_sealed=references.seal_embedding(embedding, key),
                model=embedding_scheme(),
                quality=1.0,
                added_at=unit.now,
                added_by=str(unit.actor),
            )
            unit.session.add(reference)

    def staff(
        self, role: Role, division: DivisionPath, *, login: str | None = None, name: str = "虚构"
    ) -> Account:
        """Open an account; its password is `PASSWORD`."""
        chosen = login or f"{role.value}-{next(_serial)}"
        new = NewStaff(
            login=chosen,
            display_name=name,
            role=role,
            division_path=division,
            password=PASSWORD,
        )
        staff_id = create_staff_from_console(self.backend, "test", new)
        return Account(id=staff_id, login=chosen, role=role, division=division)


def _add_consent(unit: Unit, person_id: UUID) -> UUID:
    consent = certification.Consent(
        id=uuid7(),
        beneficiary_id=person_id,
        purpose="enrolment",
        basis="consent",
        text_version="test",
        text_digest="0" * 64,
        given_at=unit.now,
        given_by=str(unit.actor),
    )
    unit.session.add(consent)
    unit.session.flush()
    return consent.id


def _add_entitlement(unit: Unit, person_id: UUID, scheme: Scheme, started_on: date) -> None:
    unit.session.add(
        registry.Entitlement(
            id=uuid7(),
            beneficiary_id=person_id,
            scheme=scheme.value,
            started_on=started_on,
            created_at=unit.now,
        )
    )
    unit.session.flush()


@pytest.fixture(scope="session")
def faces() -> Iterator[Faces]:
    """The face models, made at the first question. One decoder serves the whole run."""
    made = Faces(lambda: FaceEngine(ModelStore()))
    yield made
    made.close()


@pytest.fixture(scope="session")
def studio() -> Studio:
    """Portraits and clips; what was rendered once is kept for the next run."""
    return Studio.open()


@pytest.fixture
def county(
    sessions: sessionmaker[Session],
    queue: JobQueue,
    clock: FixedClock,
    tmp_path: Path,
    faces: Faces,
) -> County:
    """An empty county; its township has a window."""
    backend = backend_world.make_backend(sessions, queue, clock, tmp_path, faces)
    backend_world.add_places(backend)
    with backend.unit(TEST.actor, TEST.scope) as unit:
        township = divisions.get(unit.session, TOWNSHIP)
        assert township is not None
        township.window_address, township.window_hours = "城关镇一号（虚构）", "工作日 9:00-17:00"
    return County(backend=backend)


@pytest.fixture
def known_challenge(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take chance out of the challenges, so that clips rendered once answer them again."""
    monkeypatch.setattr(secrets, "randbelow", lambda n: n // 2)


def waiting_attempts(backend: Backend) -> list[UUID]:
    """The attempts whose jobs wait, oldest first."""
    wanted = sa.text(
        "select args ->> 'attempt_id' from procrastinate_jobs"
        " where task_name = :task and status = 'todo' order by id"
    )
    with backend.unit(TEST.actor, TEST.scope) as unit:
        return [UUID(found) for found in unit.session.scalars(wanted, {"task": DECIDE_TASK})]


def decide_waiting(backend: Backend) -> list[Outcome | None]:
    """Do what a worker does with every attempt that waits, with the real engine."""
    return [decide_attempt(backend, attempt) for attempt in waiting_attempts(backend)]


def member(
    county: County, role: Role = Role.COUNTY_BUREAU, path: DivisionPath = COUNTY, **named: str
) -> StaffMember:
    """Somebody new who has signed in, as the services see them."""
    account = county.staff(role, path, **named)
    token = accounts.sign_in(county.backend, account.login, PASSWORD).token
    return accounts.access_of(county.backend, token).member


def valid_until(backend: Backend, person: Pensioner) -> dict[str, date | None]:
    with backend.unit(TEST.actor, TEST.scope) as unit:
        return dict(certifications.validities_of(unit.session, person.id))


def rows(backend: Backend, table: type[Base], **where: Any) -> list[Any]:
    """All rows of a table that are as `where` says."""
    with backend.unit(TEST.actor, TEST.scope) as unit:
        return list(unit.session.scalars(sa.select(table).filter_by(**where)))


def audited(backend: Backend, action: AuditAction) -> list[dict[str, Any]]:
    """What was written down of all acts of one kind, oldest first."""
    found = rows(backend, AuditRow, action=action.value)
    return [row.details for row in sorted(found, key=lambda row: row.seq)]


def ruled_by(county: County, **rules: Scalar) -> County:
    """The county under rules of its prefecture: `attempt__per_person_per_day=2`."""
    entries = tuple(
        PolicyEntry(
            key=key.replace("__", "."),
            value=value,
            effective_from=date(2020, 1, 1),
            basis="rule of a test",
        )
        for key, value in rules.items()
    )
    prefecture = PolicyPreset(region=DivisionPath("9901"), name="test", entries=entries)
    book = PolicyBook([*load_presets(), prefecture])
    return County(backend=replace(county.backend, policies=LivePolicies(book)))


def wait_for_a_lock(backend: Backend) -> None:
    """Return once somebody waits for what somebody else holds."""
    waiting = sa.text(
        "select count(*) from pg_stat_activity"
        " where datname = current_database() and wait_event_type = 'Lock'"
    )
    for _ in range(400):
        with backend.unit(TEST.actor, TEST.scope) as unit:
            if unit.session.scalar(waiting):
                return
            unit.session.execute(sa.text("select pg_sleep(0.05)"))
    pytest.fail("nobody waited")


def set_clock(county: County, person: Pensioner, ends: date | None) -> None:
    """Let every clock of a person end on a day."""
    with county.backend.unit(TEST.actor, TEST.scope) as unit:
        for found in county.backend.people(unit).entitlements_of(person.id):
            unit.session.merge(
                certification.Validity(
                    entitlement_id=found.id,
                    beneficiary_id=person.id,
                    valid_until=ends,
                    certification_id=None,
                    projected_at=unit.now,
                )
            )
