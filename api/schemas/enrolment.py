"""What staff get about reference photos: provenance, never a score."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from domain.enrolment import Source
from services.enrolment import RemovalReason


class EnrolledOut(BaseModel):
    reference_id: UUID
    added: bool


class ReferenceOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: UUID
    source: Source
    source_rank: int
    taken_on: date | None
    basis: str
    text_version: str
    added_at: datetime
    removed_at: datetime | None


class Remove(BaseModel):
    model_config = ConfigDict(extra="forbid")
    reason: RemovalReason
