"""What keeps the reviewers honest: cases whose answer is known, and what second looks came to."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storage.db.base import Base, PersonRef, same_person


class KnownAnswer(Base):
    """A decided case whose truth is established; it goes round blind, to every reviewer once."""

    __tablename__ = "known_answers"
    __table_args__ = (same_person("review_id", "reviews"),)
    review_id: Mapped[UUID] = mapped_column(primary_key=True)
    beneficiary_id: Mapped[PersonRef]
    expected: Mapped[str]
    facts: Mapped[dict[str, Any]]  # what established it
    reason: Mapped[str]
    added_at: Mapped[datetime]
    added_by: Mapped[UUID] = mapped_column(sa.ForeignKey("staff.id"))


class KnownAnswerEnd(Base):
    """A known answer was withdrawn: it goes round no more, and counts for nobody."""

    __tablename__ = "known_answer_ends"
    __table_args__ = (same_person("review_id", "reviews"),)
    review_id: Mapped[UUID] = mapped_column(primary_key=True)
    beneficiary_id: Mapped[PersonRef]
    reason: Mapped[str]
    ended_at: Mapped[datetime]
    ended_by: Mapped[UUID] = mapped_column(sa.ForeignKey("staff.id"))


class RereadAnswer(Base):
    """What the head made of a re-read that found otherwise; exactly one answer a re-read."""

    __tablename__ = "reread_answers"
    __table_args__ = (same_person("review_id", "reviews"),)
    review_id: Mapped[UUID] = mapped_column(primary_key=True)  # the re-read
    beneficiary_id: Mapped[PersonRef]
    outcome: Mapped[str]
    note: Mapped[str]
    answered_at: Mapped[datetime]
    answered_by: Mapped[UUID] = mapped_column(sa.ForeignKey("staff.id"))
