"""Requests that an officer comes."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from storage.db.models.cases import Visit, VisitRequest


def newest_since(session: Session, person_id: UUID, since: datetime) -> VisitRequest | None:
    """Return the newest request with a code; those of the first version have none."""
    return session.scalar(
        sa.select(VisitRequest)
        .where(
            VisitRequest.beneficiary_id == person_id,
            VisitRequest.requested_at > since,
            VisitRequest.code_sealed.is_not(None),
        )
        .order_by(VisitRequest.requested_at.desc(), VisitRequest.id.desc())
        .limit(1)
    )


def is_visited_since(session: Session, person_id: UUID, since: datetime) -> bool:
    """Tell whether an officer handed in a visit of the person from a moment on."""
    found = sa.exists().where(Visit.beneficiary_id == person_id, Visit.received_at >= since)
    return bool(session.scalar(sa.select(found)))


def add(session: Session, row: VisitRequest) -> None:
    session.add(row)
    session.flush()
