"""Values that a county put in place of a preset's: proposed by one, approved by another."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storage.db.base import Base, Key, Path


class PolicyOverride(Base):
    """One value of one key for a division, from a day on; in force once it is approved."""

    __tablename__ = "policy_overrides"
    id: Mapped[Key]
    division_path: Mapped[Path] = mapped_column(sa.ForeignKey("divisions.path"), index=True)
    key: Mapped[str]
    value: Mapped[dict[str, Any]]  # {"value": ...}: a scalar of the key's type
    schemes: Mapped[list[str]]
    effective_from: Mapped[date]
    effective_to: Mapped[date | None]
    basis: Mapped[str]
    report_digest: Mapped[str | None]  # of the evaluation that a threshold rests on
    proposed_at: Mapped[datetime]
    proposed_by: Mapped[UUID] = mapped_column(sa.ForeignKey("staff.id"))


class PolicyAnswer(Base):
    __tablename__ = "policy_answers"
    override_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("policy_overrides.id"), primary_key=True
    )
    answer: Mapped[str]
    note: Mapped[str]
    answered_at: Mapped[datetime]
    answered_by: Mapped[UUID] = mapped_column(sa.ForeignKey("staff.id"))
