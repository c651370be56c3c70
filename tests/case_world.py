"""People, staff and cases for tests of visits and reviews. Synthetic throughout."""

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from json import dumps
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from httpx import ASGITransport, AsyncClient, Response

from api.main import create_app
from domain.attempt import Manifest, Part
from domain.audit import Actor, ActorKind
from domain.beneficiary import SuspensionCause
from domain.home_visit import Checklist, Place, VisitManifest
from domain.policy_values import Scheme
from domain.regions import DivisionPath, SystemName, SystemScope
from domain.roles import Role
from services import accounts, entitlements, home_visits, visit_decisions
from services.accounts import NewStaff, StaffMember
from services.backend import Backend
from services.evidence import Caller
from services.unit_of_work import Unit
from storage.db.models.audit import AuditRow
from storage.db.models.cases import Review
from storage.db.models.certification import Certification
from storage.db.models.registry import Entitlement, EntitlementState
from storage.db.repositories import certifications, visits
from storage.db.repositories.people import NewPerson
from storage.ids import uuid7
from tests.backend_world import id_number
from tests.places import TOWNSHIP, VILLAGE
from tests.signed_in import token_of

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
    return review_where(backend, Review.visit_id == visit_id)


def review_where(backend: Backend, wanted: sa.ColumnElement[bool]) -> UUID:
    """The id of the one review that is so."""
    with backend.unit(SYSTEM.actor, SYSTEM.scope) as unit:
        review_id = unit.session.scalar(sa.select(Review.id).where(wanted))
    assert review_id is not None
    return review_id


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
