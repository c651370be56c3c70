"""The audit chain: insert-only for the application role."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storage.db.base import Base, Path


class AuditRow(Base):
    """One event of one county's chain. `body` is the exact bytes that were hashed."""

    __tablename__ = "audit_events"
    __table_args__ = (
        sa.CheckConstraint("chain ~ '^([1-9][0-9]{1,5}|system)$'", name="chain"),
        sa.CheckConstraint("seq > 0", name="seq"),
        sa.CheckConstraint("length(previous) = 32 and length(digest) = 32", name="digests"),
        sa.Index("ix_audit_events_at", "chain", "at"),
        sa.Index("ix_audit_events_actor", "chain", "actor", "seq"),
        sa.Index("ix_audit_events_action", "chain", "action", "seq"),
        sa.Index(
            "ix_audit_events_beneficiary",
            "chain",
            "beneficiary",
            "seq",
            postgresql_where=sa.text("beneficiary is not null"),
        ),
    )
    chain: Mapped[Path] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True)
    previous: Mapped[bytes]
    digest: Mapped[bytes]
    body: Mapped[bytes]
    at: Mapped[datetime]
    actor: Mapped[str]
    action: Mapped[str]
    details: Mapped[dict[str, Any]]
    # A column of its own: an index on an expression is not used behind row security.
    beneficiary: Mapped[str | None] = mapped_column(
        sa.Computed("details ->> 'beneficiary'", persisted=True)
    )
