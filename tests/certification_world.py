"""A synthetic county whose people certify themselves: fixtures and what a phone does.

`county` puts people and staff in; `Phone` sends what a phone page sends, to the real application.
Whoever asks a face question needs the models and portraits of `jianzai models fetch` (marker
`faces`).
"""

import asyncio
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from http import HTTPStatus
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response
from sqlalchemy.orm import Session, sessionmaker

from api.main import create_app
from app.demo.studio import Studio
from biometrics.engine import FaceEngine
from biometrics.models import ModelStore
from domain.audit import Actor, ActorKind, AuditAction
from domain.beneficiary import EntitlementStatus, SuspensionCause
from domain.challenge import from_json
from domain.decision import Outcome
from domain.policy import Scheme
from domain.regions import DivisionPath, SystemName, SystemScope
from domain.roles import Role
from services import evidence
from services.accounts import NewStaff, create_staff_from_console, sign_in
from services.backend import Backend
from services.decisions import decide_attempt
from services.evidence import Caller
from services.faces import Faces
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

VILLAGE = DivisionPath("990101100001")
OTHER_VILLAGE = DivisionPath("990101100002")
TOWNSHIP = DivisionPath("990101100")
OTHER_TOWNSHIP = DivisionPath("990101101")
OTHER_COUNTY_VILLAGE = DivisionPath("990102100001")
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
        return sign_in(backend, self.login, PASSWORD).token

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
        stored = evidence.store(
            self.backend, TEST, person.id, content=photo, media_type="image/jpeg"
        )
        with self.backend.unit(TEST.actor, TEST.scope) as unit:
            consent = certification.Consent(
                id=uuid7(),
                beneficiary_id=person.id,
                purpose="enrolment",
                basis="consent",
                text_version="test",
                text_digest="0" * 64,
                given_at=unit.now,
                given_by=str(unit.actor),
            )
            unit.session.add(consent)
            unit.session.flush()
            key = self.backend.people(unit).load_key(person.id)
            reference = certification.ReferencePhoto(
                id=uuid7(),
                beneficiary_id=person.id,
                evidence_id=stored.id,
                consent_id=consent.id,
                source="id_card_chip",
                source_rank=1,
                taken_on=None,
                embedding_sealed=references.seal_embedding(template.embedding, key),
                model="test",
                quality=template.quality or 0.0,
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


class Http:
    """Asks the whole application, without a network between; an unforeseen exception comes out."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    def ask(self, method: str, path: str, **how: Any) -> Response:
        """Send one request. Safe from many threads."""
        return asyncio.run(self._send(method, path, **how))

    async def _send(self, method: str, path: str, **how: Any) -> Response:
        async with AsyncClient(transport=ASGITransport(self._app), base_url="http://test") as http:
            return await http.request(method, path, **how)


@dataclass(slots=True, kw_only=True)
class Phone:
    """What a phone page sends. Each method returns the answer as it came."""

    http: Http
    backend: Backend
    device_id: str = "phone-00000001"
    token: str = ""
    challenge: dict[str, Any] = field(default_factory=dict)

    def open(self, person: Pensioner, **changed: Any) -> Response:
        """Agree to the notice and ask for a challenge; `changed` are fields to differ in."""
        notice = self.backend.notice
        body = {
            "claim": person.claim,
            "device_id": self.device_id,
            "consent": {"text_version": notice.version, "text_digest": notice.digest},
        }
        answer = self.http.ask("POST", "/v1/sessions", json=body | changed)
        if answer.status_code == HTTPStatus.CREATED:
            self.token, self.challenge = answer.json()["token"], answer.json()["challenge"]
        return answer

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", "Device-Id": self.device_id}

    def put(self, content: bytes, media_type: str, *, sha256: str | None = None) -> Response:
        return self.http.ask(
            "PUT",
            f"/v1/parts/{sha256 or digest(content)}",
            content=content,
            headers=self.headers | {"Content-Type": media_type},
        )

    def submit(self, client_id: str, selfie: bytes, video: bytes, **changed: Any) -> Response:
        body = {
            "client_id": client_id,
            "parts": [part("selfie", selfie, "image/jpeg"), part("video", video, "video/webm")],
            "captured_at": self.backend.clock.now().isoformat(),
        }
        return self.http.ask("POST", "/v1/submissions", json=body | changed, headers=self.headers)

    def hand_in(self, client_id: str, selfie: bytes, video: bytes) -> Response:
        """Upload both parts, then the manifest."""
        for content, kind in ((selfie, "image/jpeg"), (video, "video/webm")):
            stored = self.put(content, kind)
            if stored.status_code != HTTPStatus.OK:
                return stored
        return self.submit(client_id, selfie, video)

    def status(self, client_id: str) -> dict[str, Any]:
        answer = self.http.ask("GET", f"/v1/submissions/{client_id}", headers=self.headers)
        found: dict[str, Any] = answer.json()
        return found

    def film(self, studio: Studio, actor: str, *, seed: int = 0, **how: Any) -> bytes:
        """A clip of `actor` before the challenge of this phone's session."""
        return studio.clip(actor, from_json(self.challenge), seed=seed, **how)


def part(name: str, content: bytes, media_type: str) -> dict[str, Any]:
    """One line of a manifest."""
    return {
        "name": name,
        "sha256": digest(content),
        "size": len(content),
        "media_type": media_type,
    }


def digest(content: bytes) -> str:
    return sha256(content).hexdigest()


def broken_clip(serial: int = 0) -> bytes:
    """Bytes that begin as a WebM clip does, and hold none."""
    return b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm" + bytes(64) + serial.to_bytes(4, "big")


def broken_photo(serial: int = 0) -> bytes:
    """Bytes that begin as a JPEG does, and hold none."""
    return b"\xff\xd8\xff\xe0" + bytes(64) + serial.to_bytes(4, "big")


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


@pytest.fixture
def http(county: County) -> Http:
    return Http(create_app(county.backend))


@pytest.fixture
def phone(http: Http, county: County) -> Phone:
    return Phone(http=http, backend=county.backend)
