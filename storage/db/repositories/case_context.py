"""What stands around a case: device and telephone, leads, appeals, and who else hangs on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from storage.db.models.cases import Appeal, AppealAnswer, Lead
from storage.db.models.certification import Attempt, ReferencePhoto
from storage.db.models.certification import Session as SessionRow
from storage.db.models.registry import Beneficiary, DataKeyRow


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceUse:
    """How much one device was used, in sight of the transaction: persons and submissions."""

    people: int
    attempts: int


def device_use(session: Session, device_id: str, since: datetime) -> DeviceUse:
    row = session.execute(
        sa.select(sa.func.count(sa.distinct(SessionRow.beneficiary_id)), sa.func.count(Attempt.id))
        .select_from(SessionRow)
        .join(Attempt, Attempt.session_id == SessionRow.id, isouter=True)
        .where(SessionRow.device_id == device_id, SessionRow.created_at > since)
    ).one()
    return DeviceUse(people=row[0], attempts=row[1])


def on_device(
    session: Session, device_id: str, since: datetime, *, but: UUID, limit: int
) -> list[SessionRow]:
    """Return the newest session of each other person on a device, the newest person first."""
    newest = (
        sa.select(SessionRow.id)
        .where(
            SessionRow.device_id == device_id,
            SessionRow.created_at > since,
            SessionRow.beneficiary_id != but,
        )
        .ext(distinct_on(SessionRow.beneficiary_id))
        .order_by(SessionRow.beneficiary_id, SessionRow.created_at.desc())
        .subquery()
    )
    rows = session.scalars(
        sa.select(SessionRow)
        .join(newest, newest.c.id == SessionRow.id)
        .order_by(SessionRow.created_at.desc())
        .limit(limit)
    )
    return list(rows)


def with_phone(session: Session, person_id: UUID, *, limit: int) -> list[UUID]:
    """Return who else is registered with a person's telephone number."""
    own = sa.select(Beneficiary.phone_index).where(Beneficiary.id == person_id).scalar_subquery()
    rows = session.scalars(
        sa.select(Beneficiary.id)
        .where(Beneficiary.phone_index == own, Beneficiary.id != person_id)
        .order_by(Beneficiary.id)
        .limit(limit)
    )
    return list(rows)


def people_of(session: Session, ids: Sequence[UUID]) -> Sequence[Any]:
    """Return `Beneficiary` with `DataKeyRow` for each; read at once, so that opening asks none."""
    return session.execute(
        sa.select(Beneficiary, DataKeyRow)
        .join(DataKeyRow, DataKeyRow.beneficiary_id == Beneficiary.id, isouter=True)
        .where(Beneficiary.id.in_(ids))
    ).all()


def best_references(session: Session, ids: Sequence[UUID]) -> dict[UUID, ReferencePhoto]:
    """Return the most trusted reference photo of each person."""
    rows = session.scalars(
        sa.select(ReferencePhoto)
        .where(ReferencePhoto.beneficiary_id.in_(ids), ReferencePhoto.removed_at.is_(None))
        .ext(distinct_on(ReferencePhoto.beneficiary_id))
        .order_by(
            ReferencePhoto.beneficiary_id, ReferencePhoto.source_rank, ReferencePhoto.added_at
        )
    )
    return {row.beneficiary_id: row for row in rows}


def open_leads(session: Session, person_id: UUID, *, until: datetime) -> list[Lead]:
    rows = session.scalars(
        sa.select(Lead)
        .where(Lead.beneficiary_id == person_id, Lead.closed_at.is_(None), Lead.opened_at <= until)
        .order_by(Lead.opened_at)
        .limit(50)
    )
    return list(rows)


def open_appeals(session: Session, person_id: UUID, *, until: datetime) -> list[Appeal]:
    answered = sa.exists().where(AppealAnswer.appeal_id == Appeal.id)
    rows = session.scalars(
        sa.select(Appeal)
        .where(
            Appeal.beneficiary_id == person_id,
            Appeal.joins_id.is_(None),
            ~answered,
            Appeal.raised_at <= until,
        )
        .order_by(Appeal.raised_at)
        .limit(50)
    )
    return list(rows)
