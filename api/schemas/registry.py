"""What staff send and get about people in the register; identifying fields come masked."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from domain.beneficiary import KeyGroup
from edge.text import Text
from services.registry import ChangeReason


class Search(BaseModel):
    """The number travels in the body only: addresses end up in logs."""

    model_config = ConfigDict(extra="forbid")
    id_number: Annotated[Text, Field(min_length=15, max_length=40)]


class CorrectPhone(BaseModel):
    model_config = ConfigDict(extra="forbid")
    phone: Annotated[Text, Field(min_length=7, max_length=20)]
    reason: ChangeReason


class Place(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    path: str
    name: str


class EntitlementOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: UUID
    scheme: str
    started_on: date
    status: str
    cause: str | None
    valid_until: date | None


class Change(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    field: str
    changed_at: datetime
    changed_by: str
    reason: str


class PersonOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: UUID
    name: str
    id_number: str
    phone: str | None
    sex: str
    age: int
    household: Place
    residence: Place
    key_groups: list[KeyGroup]
    entitlements: list[EntitlementOut]
    usable_references: int
    changes: list[Change]
