"""People on the lists of the console: what puts them there."""

from datetime import date
from uuid import UUID

from domain.cycle import Channel
from services import accounts
from services.accounts import StaffMember
from services.backend import Backend
from storage.db.models.cases import ContactState
from storage.db.models.certification import Certification
from storage.db.models.registry import DataKeyRow
from storage.db.repositories import certifications
from storage.ids import uuid7
from tests.certification_world import TEST, Account, Pensioner


def member(backend: Backend, account: Account) -> StaffMember:
    """The account as one who has signed in."""
    return accounts.authenticate(backend, account.token(backend))


def entitlement_of(backend: Backend, person: Pensioner, scheme: str | None = None) -> UUID:
    with backend.unit(TEST.actor, TEST.scope) as unit:
        rows = backend.people(unit).entitlements_of(person.id)
        return next(row.id for row in rows if scheme in (None, row.scheme))


def clock(
    backend: Backend,
    person: Pensioner,
    until: date | None,
    *,
    channel: Channel | None = None,
    captured_on: date = date(2025, 3, 1),
    scheme: str | None = None,
) -> UUID | None:
    """Set a clock, by a certification of `channel` if there is one; returns the certification."""
    entitlement = entitlement_of(backend, person, scheme)
    with backend.unit(TEST.actor, TEST.scope) as unit:
        row = None
        if channel is not None:
            row = Certification(
                id=uuid7(),
                beneficiary_id=person.id,
                entitlement_id=entitlement,
                kind="certified",
                channel=channel.value,
                captured_on=captured_on,
                received_at=unit.now,
                certificate_number=f"JZ{captured_on:%Y%m%d}{person.id.int % 10**12:012d}",
                preset_digest="test",
                recorded_by=str(unit.actor),
            )
            certifications.append(unit.session, [row])
        certifications.project(
            unit.session,
            entitlement_id=entitlement,
            person_id=person.id,
            valid_until=until,
            certification_id=row.id if row else None,
            at=unit.now,
        )
        return row.id if row else None


def erase(backend: Backend, person: Pensioner) -> None:
    """Destroy the person's key, as the law asks."""
    with backend.unit(TEST.actor, TEST.scope) as unit:
        key = unit.session.get(DataKeyRow, person.id)
        assert key is not None
        key.wrapped, key.destroyed_at = None, unit.now


def mark(backend: Backend, person: Pensioner, state: str, by: Account) -> None:
    """Set how the person can be reached."""
    with backend.unit(TEST.actor, TEST.scope) as unit:
        unit.session.add(
            ContactState(
                id=uuid7(),
                beneficiary_id=person.id,
                state=state,
                facts={},
                set_at=unit.now,
                set_by=by.id,
            )
        )
