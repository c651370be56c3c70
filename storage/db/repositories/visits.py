"""Home visits, their photos, and their one decision each."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from storage.db.models.cases import Review, ReviewDecision, Visit, VisitDecision, VisitPart
from storage.db.models.certification import AttemptPart, Evidence, ReferencePhoto


def by_client_id(session: Session, client_id: str) -> Visit | None:
    return session.scalar(sa.select(Visit).where(Visit.client_id == client_id))


def get(session: Session, visit_id: UUID) -> Visit | None:
    return session.get(Visit, visit_id)


def add(session: Session, visit: dict[str, object], parts: Sequence[VisitPart]) -> bool:
    """Insert a visit with its parts; False when its client id is taken, seen or unseen."""
    added = session.execute(
        insert(Visit)
        .values(visit)
        .on_conflict_do_nothing(index_elements=["client_id"])
        .returning(Visit.id)
    )
    if added.first() is None:
        return False
    session.add_all(parts)
    session.flush()
    return True


def parts_of(session: Session, visit_id: UUID) -> dict[str, Evidence]:
    """Return kind -> evidence of one visit, in the order of the manifest."""
    rows = session.execute(
        sa.select(VisitPart.kind, Evidence)
        .join(Evidence, Evidence.id == VisitPart.evidence_id)
        .where(VisitPart.visit_id == visit_id)
        .order_by(VisitPart.position)
    )
    return {row.kind: row.Evidence for row in rows}


def photos_used_elsewhere(session: Session, visit_id: UUID, digests: Sequence[str]) -> int:
    """Count the files of a visit that any other case of anyone holds as well, byte for byte.

    Only a transaction that sees every county can tell. A file that was uploaded and never handed
    in is no case: an officer may have picked the wrong person first.
    """
    used = sa.or_(
        sa.exists().where(VisitPart.evidence_id == Evidence.id, VisitPart.visit_id != visit_id),
        sa.exists().where(AttemptPart.evidence_id == Evidence.id),
        sa.exists().where(ReferencePhoto.evidence_id == Evidence.id),
    )
    query = sa.select(sa.func.count(sa.distinct(Evidence.sha256))).where(
        Evidence.sha256.in_(digests), used
    )
    return session.scalar(query) or 0


def decision_of(session: Session, visit_id: UUID) -> VisitDecision | None:
    return session.get(VisitDecision, visit_id)


def record_decision(session: Session, row: dict[str, object]) -> bool:
    """Insert the decision; False when the visit has one already (a job that ran twice)."""
    added = session.execute(
        insert(VisitDecision)
        .values(row)
        .on_conflict_do_nothing(index_elements=["visit_id"])
        .returning(VisitDecision.visit_id)
    )
    return added.first() is not None


def review_of(session: Session, visit_id: UUID) -> tuple[Review | None, ReviewDecision | None]:
    """Return the review a visit led to, and what it came to; None for what is not there."""
    review = session.scalar(
        sa.select(Review).where(Review.visit_id == visit_id, Review.reread_of.is_(None))
    )
    if review is None:
        return None, None
    return review, session.get(ReviewDecision, review.id)


def newest_of(session: Session, person_id: UUID, limit: int) -> list[tuple[Visit, VisitDecision]]:
    """Return a person's decided visits, newest first."""
    rows = session.execute(
        sa.select(Visit, VisitDecision)
        .join(VisitDecision, VisitDecision.visit_id == Visit.id)
        .where(Visit.beneficiary_id == person_id)
        .order_by(Visit.received_at.desc(), Visit.id.desc())
        .limit(limit)
    )
    return [(row.Visit, row.VisitDecision) for row in rows]
