"""Certification sessions, consents, and the counts that limits are rules over."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from storage.db.models.accounts import LoginFailure
from storage.db.models.cases import AppealAnswer
from storage.db.models.certification import AttemptDecision, Certification, Consent
from storage.db.models.certification import Session as SessionRow

HELPER_NAME = "session:helper_name"
"""What the helper's name is sealed for."""


def add_consent(session: Session, row: Consent) -> None:
    session.add(row)
    session.flush()


def add(session: Session, row: SessionRow) -> None:
    session.add(row)
    session.flush()


def by_token(session: Session, digest: bytes) -> SessionRow | None:
    return session.scalar(sa.select(SessionRow).where(SessionRow.token_digest == digest))


def take_turns(session: Session, *subjects: str) -> None:
    """Make acts about one of the same subjects wait for each other until they commit.

    Locks of the application's own: a row lock would need the right to change sessions, which
    nobody has. Taken in one order, whatever order they are named in, so that none waits in a ring.
    """
    for subject in sorted(set(subjects)):
        session.execute(
            sa.text("select pg_advisory_xact_lock(hashtextextended('session:' || :subject, 0))"),
            {"subject": subject},
        )


def count_for_person(session: Session, person_id: UUID, since: datetime) -> int:
    return _count(session, SessionRow.beneficiary_id == person_id, since)


def count_for_device(session: Session, device_id: str, since: datetime) -> int:
    return _count(session, SessionRow.device_id == device_id, since)


def count_for_address(session: Session, address_index: bytes, since: datetime) -> int:
    return _count(session, SessionRow.address_index == address_index, since)


def other_subjects(session: Session, device_id: str, since: datetime, *, but: UUID) -> int:
    """Count the persons other than `but` whom a device opened sessions for."""
    return session.scalar(_others(device_id, since, but=but)) or 0


def other_helped(session: Session, device_id: str, since: datetime, *, but: UUID) -> int:
    """Count those among the other subjects of a device whom a relative helped."""
    helped = sa.func.jsonb_typeof(SessionRow.helper) == "object"
    return session.scalar(_others(device_id, since, but=but).where(helped)) or 0


def _others(device_id: str, since: datetime, *, but: UUID) -> sa.Select[int]:
    return sa.select(sa.func.count(sa.distinct(SessionRow.beneficiary_id))).where(
        SessionRow.device_id == device_id,
        SessionRow.created_at > since,
        SessionRow.beneficiary_id != but,
    )


def _count(session: Session, wanted: sa.ColumnElement[bool], since: datetime) -> int:
    query = sa.select(sa.func.count()).select_from(SessionRow)
    return session.scalar(query.where(wanted, SessionRow.created_at > since)) or 0


def failed_tries(session: Session, person_id: UUID) -> int:
    """Count the attempts that came to `retry` since all was last settled.

    A pass, a review, a certification and the answer to an appeal settle it.
    """
    ours = AttemptDecision.beneficiary_id == person_id
    settled = sa.select(sa.func.max(AttemptDecision.decided_at)).where(
        ours, AttemptDecision.outcome != "retry"
    )
    certified = sa.select(sa.func.max(Certification.received_at)).where(
        Certification.beneficiary_id == person_id
    )
    answered = sa.select(sa.func.max(AppealAnswer.answered_at)).where(
        AppealAnswer.beneficiary_id == person_id
    )
    # Of several moments the latest; those that are not there are left out.
    since = sa.func.greatest(
        settled.scalar_subquery(), certified.scalar_subquery(), answered.scalar_subquery()
    )
    query = (
        sa.select(sa.func.count())
        .select_from(AttemptDecision)
        .where(
            ours,
            AttemptDecision.outcome == "retry",
            sa.or_(since.is_(None), AttemptDecision.decided_at > since),
        )
    )
    return session.scalar(query) or 0


def add_failed_lookup(session: Session, row_id: UUID, address_index: bytes, at: datetime) -> None:
    """Note that somebody at this address named a person whom we do not know."""
    session.add(LoginFailure(id=row_id, login_digest=address_index, failed_at=at))


def count_failed_lookups(session: Session, address_index: bytes, since: datetime) -> int:
    query = (
        sa.select(sa.func.count())
        .select_from(LoginFailure)
        .where(LoginFailure.login_digest == address_index, LoginFailure.failed_at > since)
    )
    return session.scalar(query) or 0
