"""Requests that an officer comes."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from storage.db.models.cases import VisitRequest


def newest_since(session: Session, person_id: UUID, since: datetime) -> UUID | None:
    return session.scalar(
        sa.select(VisitRequest.id)
        .where(VisitRequest.beneficiary_id == person_id, VisitRequest.requested_at > since)
        .order_by(VisitRequest.requested_at.desc())
        .limit(1)
    )


def add(session: Session, row: VisitRequest) -> None:
    session.add(row)
    session.flush()
