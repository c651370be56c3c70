"""The append-only certification log and the validity projected from it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from storage.db.models.certification import Certification, Validity
from storage.db.models.registry import Entitlement, EntitlementState


def log_of(session: Session, entitlement_id: UUID) -> list[Certification]:
    rows = session.scalars(
        sa.select(Certification)
        .where(Certification.entitlement_id == entitlement_id)
        .order_by(Certification.id)
    )
    return list(rows)


def append(session: Session, rows: Sequence[Certification]) -> None:
    session.add_all(rows)
    session.flush()


def lock_entitlements(session: Session, person_id: UUID) -> None:
    """Make acts that move one person's validity take turns."""
    session.execute(
        sa.text("select pg_advisory_xact_lock(hashtextextended('validity:' || :person, 0))"),
        {"person": str(person_id)},
    )


def project(
    session: Session,
    *,
    entitlement_id: UUID,
    person_id: UUID,
    valid_until: date | None,
    certification_id: UUID | None,
    at: datetime,
) -> None:
    statement = insert(Validity).values(
        entitlement_id=entitlement_id,
        beneficiary_id=person_id,
        valid_until=valid_until,
        certification_id=certification_id,
        projected_at=at,
    )
    newer = {
        name: statement.excluded[name]
        for name in ("valid_until", "certification_id", "projected_at")
    }
    session.execute(statement.on_conflict_do_update(index_elements=["entitlement_id"], set_=newer))


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """The last valid day of one entitlement; None before anything was projected."""

    entitlement_id: UUID
    scheme: str
    day: date | None


def ends_of(session: Session, person_id: UUID) -> list[End]:
    """Return the last valid days of one person, oldest entitlement first."""
    rows = session.execute(
        sa.select(Entitlement.id, Entitlement.scheme, Validity.valid_until)
        .join(Validity, Validity.entitlement_id == Entitlement.id, isouter=True)
        .where(Entitlement.beneficiary_id == person_id)
        .order_by(Entitlement.id)
    )
    return [End(entitlement_id=row.id, scheme=row.scheme, day=row.valid_until) for row in rows]


def validities_of(session: Session, person_id: UUID) -> list[tuple[str, date | None]]:
    """Return (scheme, last valid day) of each entitlement of one person, oldest first."""
    return [(end.scheme, end.day) for end in ends_of(session, person_id)]


def certificate_of_attempt(session: Session, attempt_id: UUID) -> list[Certification]:
    rows = session.scalars(sa.select(Certification).where(Certification.attempt_id == attempt_id))
    return list(rows)


def certificate_of_review(session: Session, review_id: UUID) -> list[Certification]:
    rows = session.scalars(sa.select(Certification).where(Certification.review_id == review_id))
    return list(rows)


def certificate_of_appeal(session: Session, appeal_id: UUID) -> list[Certification]:
    rows = session.scalars(sa.select(Certification).where(Certification.appeal_id == appeal_id))
    return list(rows)


def certificate_of_visit(session: Session, visit_id: UUID) -> list[Certification]:
    rows = session.scalars(sa.select(Certification).where(Certification.visit_id == visit_id))
    return list(rows)


def certificate_of(session: Session, person_id: UUID, number: str) -> list[Certification]:
    """Return the certifications under one number: one for each entitlement that it renewed."""
    rows = session.scalars(
        sa.select(Certification)
        .where(
            Certification.beneficiary_id == person_id,
            Certification.certificate_number == number,
            Certification.kind == "certified",
        )
        .order_by(Certification.id)
    )
    return list(rows)


def revoked_among(session: Session, ids: Collection[UUID]) -> set[UUID]:
    """Return those of the certifications `ids` that were found false since."""
    rows = session.scalars(
        sa.select(Certification.revokes_id).where(Certification.revokes_id.in_(ids))
    )
    return {row for row in rows if row is not None}


def resumed_at(session: Session, person_id: UUID, at: datetime) -> list[UUID]:
    """Return the entitlements of a person whose suspension ended at that very moment."""
    rows = session.scalars(
        sa.select(EntitlementState.entitlement_id).where(
            EntitlementState.beneficiary_id == person_id,
            EntitlementState.status == "active",
            EntitlementState.recorded_at == at,
        )
    )
    return list(rows)


def set_state(session: Session, row: EntitlementState) -> None:
    session.add(row)
