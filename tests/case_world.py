"""People, staff and cases for tests of visits and reviews. Synthetic throughout."""

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from json import dumps
from typing import Any
from uuid import UUID

import numpy as np
import sqlalchemy as sa
from httpx import ASGITransport, AsyncClient, Response
from numpy.typing import NDArray

from api.main import create_app
from domain.attempt import Manifest, Part
from domain.audit import Actor, ActorKind
from domain.beneficiary import SuspensionCause
from domain.challenge import make_challenge, to_json
from domain.enrolment import Source, rank
from domain.home_visit import Checklist, Place, VisitManifest
from domain.ids import SessionId
from domain.policy_values import Scheme
from domain.regions import DivisionPath, SystemName, SystemScope
from domain.roles import Role
from services import accounts, decisions, entitlements, evidence, home_visits, visit_decisions
from services.accounts import NewStaff, StaffMember
from services.backend import Backend
from services.eligibility import person_caller
from services.evidence import Caller
from services.faces import embedding_scheme
from services.unit_of_work import Unit
from storage.db.models.audit import AuditRow
from storage.db.models.cases import Review
from storage.db.models.certification import (
    Attempt,
    AttemptPart,
    Certification,
    Consent,
    ReferencePhoto,
)
from storage.db.models.certification import Session as SessionRow
from storage.db.models.registry import Entitlement, EntitlementState
from storage.db.repositories import certifications, references, sessions, visits
from storage.db.repositories.people import NewPerson
from storage.ids import uuid7
from tests.backend_world import id_number
from tests.signed_in import token_of

VILLAGE = DivisionPath("990101100001")
OTHER_VILLAGE = DivisionPath("990101100002")
TOWNSHIP = DivisionPath("990101100")
OTHER_TOWNSHIP = DivisionPath("990101101")
COUNTY = DivisionPath("990101")
OTHER_TOWNSHIP_VILLAGE = DivisionPath("990101101001")
OTHER_COUNTY_VILLAGE = DivisionPath("990102100001")
PASSWORD = "only-for-tests"

SYSTEM = Caller(
    actor=Actor(kind=ActorKind.SYSTEM, id=SystemName.COMMAND_LINE),
    scope=SystemScope(name=SystemName.COMMAND_LINE),
)
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00"
PHOTOS = ("person", "person_with_id_card", "doorway")
ALL_WELL = Checklist(alive=True, not_in_custody=True, name_and_id_right=True, contact_current=True)


def photos(seed: str) -> dict[str, bytes]:
    """Three files unlike those of any other seed, which begin as photos and are none."""
    return {name: JPEG + f"{name}{seed}".encode() for name in PHOTOS}


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def add_person(
    backend: Backend,
    serial: int,
    village: DivisionPath = VILLAGE,
    *,
    schemes: tuple[Scheme, ...] = (Scheme.RESIDENT_PENSION,),
    lives_in: DivisionPath | None = None,
) -> UUID:
    person = NewPerson(
        id=uuid7(),
        id_number=id_number(serial),
        name="王测试",
        phone="13800001234",
        sex="female",
        birth_date=date(1950, 1, 1),
        household_path=village,
        residence_path=lives_in or village,
        key_groups=(),
    )
    with backend.unit(SYSTEM.actor, SYSTEM.scope) as unit:
        backend.people(unit).add_all([person], at=unit.now, by="system:test")
        for scheme in schemes:
            _add_entitlement(unit, person.id, scheme)
    return person.id


def _add_entitlement(unit: Unit, person_id: UUID, scheme: Scheme) -> None:
    row = Entitlement(
        id=uuid7(),
        beneficiary_id=person_id,
        scheme=scheme.value,
        started_on=date(2025, 3, 10),
        created_at=unit.now,
    )
    unit.session.add(row)
    unit.session.flush()
    unit.session.add(
        EntitlementState(
            id=uuid7(),
            entitlement_id=row.id,
            beneficiary_id=person_id,
            status="active",
            effective_on=row.started_on,
            recorded_at=unit.now - timedelta(days=300),
            recorded_by="system:test",
        )
    )


def add_staff(
    backend: Backend,
    login: str,
    *,
    role: Role = Role.TOWNSHIP_CLERK,
    path: DivisionPath = TOWNSHIP,
) -> StaffMember:
    new = NewStaff(
        login=login, display_name="虚构", role=role, division_path=path, password=PASSWORD
    )
    staff_id = accounts.create_staff_from_console(backend, "test", new)
    return StaffMember(
        id=staff_id,
        login=login,
        display_name="虚构",
        role=role.value,
        division_path=path,
        confirmed_at=backend.clock.now(),
    )


def confirmed(backend: Backend, member: StaffMember) -> StaffMember:
    """The same member of staff, who gave the password again just now."""
    return replace(member, confirmed_at=backend.clock.now())


def officer(backend: Backend, login: str = "officer", path: DivisionPath = VILLAGE) -> StaffMember:
    return add_staff(backend, login, role=Role.VILLAGE_OFFICER, path=path)


def pack(
    client_id: str, files: Mapping[str, bytes], made_at: datetime, **changed: Any
) -> VisitManifest:
    """Return a visit's manifest for `files`; `changed` are fields to differ in."""
    parts = tuple(
        Part(name=name, sha256=digest(content), size=len(content), media_type="image/jpeg")
        for name, content in files.items()
    )
    visit = VisitManifest(
        manifest=Manifest(client_id=client_id, parts=parts),
        captured_at=made_at,
        place=Place(latitude=28.1, longitude=115.9, accuracy_m=12.5, mock=False),
        device="tablet-7",
        checklist=ALL_WELL,
    )
    return replace(visit, **changed)


def upload(backend: Backend, by: StaffMember, person_id: UUID, files: Mapping[str, bytes]) -> None:
    for content in files.values():
        home_visits.store_photo(
            backend,
            by,
            person_id,
            sha256=digest(content),
            content=content,
            media_type="image/jpeg",
        )


def hand_in(
    backend: Backend,
    by: StaffMember,
    person_id: UUID,
    client_id: str,
    files: Mapping[str, bytes] | None = None,
    **changed: Any,
) -> UUID:
    """Upload and submit a visit, an hour after it was made; returns the visit's id."""
    given = photos(client_id) if files is None else files
    upload(backend, by, person_id, given)
    visit = pack(client_id, given, backend.clock.now() - timedelta(hours=1), **changed)
    home_visits.submit(backend, by, person_id, visit)
    return visit_id(backend, client_id)


def visit_id(backend: Backend, client_id: str) -> UUID:
    with backend.unit(SYSTEM.actor, SYSTEM.scope) as unit:
        row = visits.by_client_id(unit.session, client_id)
    assert row is not None
    return row.id


def record_reasons(backend: Backend, of: UUID, reasons: list[str]) -> None:
    """Decide a visit without measuring it, for these reasons."""
    with backend.unit(SYSTEM.actor, SYSTEM.scope) as unit:
        visit = visits.get(unit.session, of)
        assert visit is not None
        row = {
            "visit_id": of,
            "beneficiary_id": visit.beneficiary_id,
            "outcome": "review",
            "reasons": reasons,
            "checks": [],
            "models": {},
            "preset_digest": "00" * 32,
            "decided_at": unit.now,
        }
        assert visits.record_decision(unit.session, row)


class Client:
    """Asks the whole application, without a network between."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self._app = create_app(backend)

    def get(self, path: str, headers: dict[str, str] | None = None) -> Response:
        return self.ask("GET", path, headers=headers)

    def delete(self, path: str, headers: dict[str, str]) -> Response:
        return self.ask("DELETE", path, headers=headers)

    def post(
        self, path: str, *, json: object = None, headers: dict[str, str] | None = None
    ) -> Response:
        """Send ASCII-only JSON, in which even what is no text can be written."""
        content = b"" if json is None else dumps(json).encode()
        sent = (headers or {}) | {"Content-Type": "application/json"}
        return self.ask("POST", path, content=content, headers=sent)

    def ask(self, method: str, path: str, **how: Any) -> Response:
        return asyncio.run(self._send(method, path, **how))

    async def _send(self, method: str, path: str, **how: Any) -> Response:
        async with AsyncClient(transport=ASGITransport(self._app), base_url="http://test") as http:
            return await http.request(method, path, **how)


def signed_in(client: Client, login: str) -> dict[str, str]:
    """Return the headers of somebody who logged in."""
    return {"Authorization": f"Bearer {token_of(client.backend, login, PASSWORD)}"}


def flagged_visit(
    backend: Backend, by: StaffMember, person_id: UUID, client_id: str, **changed: Any
) -> UUID:
    """Hand in a visit that no worker could measure; returns the id of its review."""
    visit_id = hand_in(backend, by, person_id, client_id, **changed)
    visit_decisions.give_up(backend, visit_id)
    return _review_where(backend, Review.visit_id == visit_id)


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
    return _review_where(backend, Review.attempt_id == attempt_id)


def _review_where(backend: Backend, wanted: sa.ColumnElement[bool]) -> UUID:
    with backend.unit(SYSTEM.actor, SYSTEM.scope) as unit:
        review_id = unit.session.scalar(sa.select(Review.id).where(wanted))
    assert review_id is not None
    return review_id


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


def suspend(backend: Backend, person_id: UUID, cause: SuspensionCause) -> None:
    with backend.unit(SYSTEM.actor, SYSTEM.scope) as unit:
        person = backend.people(unit).load(person_id)
        assert person is not None
        for entitlement in entitlements.drawn_by(backend, unit, person):
            entitlements.suspend(unit, entitlement, cause)


def log_of(backend: Backend, person_id: UUID) -> list[Certification]:
    with backend.unit(SYSTEM.actor, SYSTEM.scope) as unit:
        wanted = sa.select(Certification).where(Certification.beneficiary_id == person_id)
        return list(unit.session.scalars(wanted))


def valid_until(backend: Backend, person_id: UUID) -> dict[str, date | None]:
    with backend.unit(SYSTEM.actor, SYSTEM.scope) as unit:
        return dict(certifications.validities_of(unit.session, person_id))


def audited(backend: Backend, action: str) -> list[AuditRow]:
    with backend.unit(SYSTEM.actor, SYSTEM.scope) as unit:
        wanted = sa.select(AuditRow).where(AuditRow.action == action).order_by(AuditRow.seq)
        return list(unit.session.scalars(wanted))
