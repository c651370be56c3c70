"""Everything that hangs on one person, for the page about that person: newest first, bounded."""

from collections.abc import Collection
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from storage.db.base import Base
from storage.db.models.cases import (
    Lead,
    Review,
    ReviewDecision,
    Visit,
    VisitDecision,
    VisitPart,
    VisitRequest,
)
from storage.db.models.certification import (
    Attempt,
    AttemptDecision,
    AttemptPart,
    Certification,
    Consent,
    Evidence,
    ReferencePhoto,
)
from storage.db.models.registry import Beneficiary, DataKeyRow, Entitlement, EntitlementState

_Row = TypeVar("_Row", bound=Base)


def person(session: Session, person_id: UUID) -> tuple[Beneficiary, DataKeyRow | None] | None:
    """Return a person with the key; None out of scope."""
    row = session.execute(
        sa.select(Beneficiary, DataKeyRow)
        .join(DataKeyRow, DataKeyRow.beneficiary_id == Beneficiary.id, isouter=True)
        .where(Beneficiary.id == person_id)
    ).one_or_none()
    return None if row is None else (row.Beneficiary, row.DataKeyRow)


def certifications_of(session: Session, person_id: UUID) -> list[Certification]:
    """Return the whole log, oldest first: a timeline has no pages."""
    rows = session.scalars(
        sa.select(Certification)
        .where(Certification.beneficiary_id == person_id)
        .order_by(Certification.captured_on, Certification.id)
    )
    return list(rows)


def states_of(session: Session, person_id: UUID) -> list[EntitlementState]:
    """Return every state that an entitlement was ever in, oldest first."""
    rows = session.scalars(
        sa.select(EntitlementState)
        .where(EntitlementState.beneficiary_id == person_id)
        .order_by(EntitlementState.recorded_at, EntitlementState.id)
    )
    return list(rows)


def entitlements_of(session: Session, person_id: UUID) -> list[Entitlement]:
    return _newest(session, Entitlement, person_id, by=Entitlement.id)[::-1]


def attempts_of(session: Session, person_id: UUID, limit: int) -> list[Any]:
    """Return `Attempt`, `AttemptDecision`, `Review` and `ReviewDecision`, where there are."""
    return _acts(session, Attempt, AttemptDecision, person_id)[:limit]


def visits_of(session: Session, person_id: UUID, limit: int) -> list[Any]:
    """Return `Visit`, `VisitDecision`, `Review` and `ReviewDecision`, where there are."""
    return _acts(session, Visit, VisitDecision, person_id)[:limit]


def _acts(session: Session, act: Any, decision: Any, person_id: UUID) -> list[Any]:
    link, of = (
        (AttemptDecision.attempt_id, Review.attempt_id)
        if act is Attempt
        else (VisitDecision.visit_id, Review.visit_id)
    )
    rows = session.execute(
        sa.select(act, decision, Review, ReviewDecision)
        .join(decision, link == act.id, isouter=True)
        .join(Review, sa.and_(of == act.id, Review.reread_of.is_(None)), isouter=True)
        .join(ReviewDecision, ReviewDecision.review_id == Review.id, isouter=True)
        .where(act.beneficiary_id == person_id)
        .order_by(act.received_at.desc(), act.id.desc())
        .limit(_MOST)
    )
    return list(rows)


_MOST = 200


def reread_now(session: Session, person_id: UUID) -> set[UUID]:
    """Return the reviews that somebody reads again at this time, or is about to."""
    decided = sa.exists().where(ReviewDecision.review_id == Review.id)
    rows = session.scalars(
        sa.select(Review.reread_of).where(
            Review.beneficiary_id == person_id, Review.reread_of.is_not(None), ~decided
        )
    )
    return {row for row in rows if row is not None}


def requests_of(session: Session, person_id: UUID, limit: int) -> list[VisitRequest]:
    return _newest(session, VisitRequest, person_id, by=VisitRequest.requested_at)[:limit]


def leads_of(session: Session, person_id: UUID, limit: int) -> list[Lead]:
    return _newest(session, Lead, person_id, by=Lead.opened_at)[:limit]


def consents_of(session: Session, person_id: UUID, limit: int) -> list[Consent]:
    return _newest(session, Consent, person_id, by=Consent.given_at)[:limit]


def evidence_of(session: Session, person_id: UUID, limit: int) -> list[Evidence]:
    return _newest(session, Evidence, person_id, by=Evidence.stored_at)[:limit]


def kinds_of(session: Session, ids: Collection[UUID]) -> dict[UUID, str]:
    """Return what each file was handed in as: a part of an attempt or visit, or a reference."""
    kinds: dict[UUID, str] = {}
    for part in (AttemptPart, VisitPart):
        rows = session.execute(
            sa.select(part.evidence_id, part.kind).where(part.evidence_id.in_(ids))
        )
        kinds |= {row.evidence_id: row.kind for row in rows}
    references = session.scalars(
        sa.select(ReferencePhoto.evidence_id).where(ReferencePhoto.evidence_id.in_(ids))
    )
    return kinds | dict.fromkeys(references, "reference")


def _newest(session: Session, table: type[_Row], person_id: UUID, *, by: Any) -> list[_Row]:
    owner = sa.inspect(table).columns["beneficiary_id"]
    key = sa.inspect(table).primary_key[0]
    rows = session.scalars(
        sa.select(table).where(owner == person_id).order_by(by.desc(), key.desc()).limit(_MOST)
    )
    return list(rows)
