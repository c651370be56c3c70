"""Certification sessions, consents, and the counts that limits are rules over."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from storage.db.models.certification import AttemptDecision, Consent
from storage.db.models.certification import Session as SessionRow


def add_consent(session: Session, row: Consent) -> None:
    session.add(row)
    session.flush()


def add(session: Session, row: SessionRow) -> None:
    session.add(row)
    session.flush()


def by_token(session: Session, digest: bytes) -> SessionRow | None:
    return session.scalar(sa.select(SessionRow).where(SessionRow.token_digest == digest))


def get_for_update(session: Session, session_id: UUID) -> SessionRow | None:
    """Lock the session's row, so that two manifests of one session take turns."""
    return session.scalar(
        sa.select(SessionRow).where(SessionRow.id == session_id).with_for_update(key_share=True)
    )


def count_for_person(session: Session, person_id: UUID, since: datetime) -> int:
    return _count(session, SessionRow.beneficiary_id == person_id, since)


def count_for_device(session: Session, device_id: str, since: datetime) -> int:
    return _count(session, SessionRow.device_id == device_id, since)


def count_for_address(session: Session, address_index: bytes, since: datetime) -> int:
    return _count(session, SessionRow.address_index == address_index, since)


def count_other_subjects(session: Session, device_id: str, since: datetime, *, but: UUID) -> int:
    """Count the persons other than this one whom a device opened sessions for."""
    query = sa.select(sa.func.count(sa.distinct(SessionRow.beneficiary_id))).where(
        SessionRow.device_id == device_id,
        SessionRow.created_at > since,
        SessionRow.beneficiary_id != but,
    )
    return session.scalar(query) or 0


def _count(session: Session, wanted: sa.ColumnElement[bool], since: datetime) -> int:
    query = sa.select(sa.func.count()).select_from(SessionRow)
    return session.scalar(query.where(wanted, SessionRow.created_at > since)) or 0


def failed_tries(session: Session, person_id: UUID) -> int:
    """Count the attempts that came to `retry` since the last one that came to anything else."""
    ours = AttemptDecision.beneficiary_id == person_id
    settled = (
        sa.select(sa.func.max(AttemptDecision.decided_at))
        .where(ours, AttemptDecision.outcome != "retry")
        .scalar_subquery()
    )
    since = sa.func.coalesce(settled, sa.text("'-infinity'::timestamptz"))
    query = (
        sa.select(sa.func.count())
        .select_from(AttemptDecision)
        .where(ours, AttemptDecision.outcome == "retry", AttemptDecision.decided_at > since)
    )
    return session.scalar(query) or 0
