"""Requests that an officer comes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from storage.db.models.cases import Visit, VisitRequest
from storage.db.models.registry import Beneficiary, DataKeyRow, Division


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


def get(session: Session, request_id: UUID) -> VisitRequest | None:
    return session.get(VisitRequest, request_id)


def count_open(session: Session, *, most: int) -> int:
    """Count people who asked for a visit that nobody has made since, up to one more than `most`."""
    people = sa.select(VisitRequest.id).where(*_waits()).limit(most + 1)
    return session.scalar(sa.select(sa.func.count()).select_from(people.subquery())) or 0


def open_ones(session: Session, *, after: VisitRequest | None, limit: int) -> Sequence[Any]:
    """Return requests that wait, one a person, the oldest first, from behind `after`.

    Each row has `VisitRequest`, `Beneficiary` with `DataKeyRow`, and `place`, the village's name.
    """
    order = (VisitRequest.requested_at, VisitRequest.id)
    page = sa.select(VisitRequest.id).where(*_waits()).order_by(*order).limit(limit)
    if after is not None:
        page = page.where(sa.tuple_(*order) > (after.requested_at, after.id))
    # The page first: joined before, all people in sight would be gathered for its few lines.
    ids = page.subquery()
    query = (
        sa.select(VisitRequest, Beneficiary, DataKeyRow, Division.name.label("place"))
        .join(ids, ids.c.id == VisitRequest.id)
        .join(Beneficiary, Beneficiary.id == VisitRequest.beneficiary_id)
        .join(DataKeyRow, DataKeyRow.beneficiary_id == Beneficiary.id, isouter=True)
        .join(Division, Division.path == Beneficiary.residence_path, isouter=True)
        .order_by(*order)
    )
    return session.execute(query).all()


def _waits() -> tuple[sa.ColumnElement[bool], ...]:
    """Nobody came since, and it is the newest that the person asked."""
    newer = aliased(VisitRequest)
    return (
        ~sa.exists().where(
            Visit.beneficiary_id == VisitRequest.beneficiary_id,
            Visit.received_at >= VisitRequest.requested_at,
        ),
        ~sa.exists().where(
            newer.beneficiary_id == VisitRequest.beneficiary_id,
            sa.tuple_(newer.requested_at, newer.id)
            > sa.tuple_(VisitRequest.requested_at, VisitRequest.id),
        ),
    )


def add(session: Session, row: VisitRequest) -> None:
    session.add(row)
    session.flush()
