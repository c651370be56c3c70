"""What staff send and get about their accounts."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from domain.roles import Role
from edge.text import Secret, Text


class SignIn(BaseModel):
    model_config = ConfigDict(extra="forbid")
    login: Annotated[Text, Field(min_length=1, max_length=64)]
    password: Annotated[Secret, Field(min_length=1, max_length=256)]


class Me(BaseModel):
    id: UUID
    login: str
    display_name: str
    role: Role
    division: str


class SignedIn(BaseModel):
    token: str
    expires_at: datetime
    staff: Me


class FactorOffered(BaseModel):
    """Shown once: an authenticator app reads the address from a picture, or the secret typed."""

    secret: str
    address: str


class Code(BaseModel):
    model_config = ConfigDict(extra="forbid")
    code: Annotated[str, Field(pattern=r"^[0-9]{6}$")]


class Confirm(BaseModel):
    model_config = ConfigDict(extra="forbid")
    password: Annotated[Secret, Field(min_length=1, max_length=256)]


class CreateStaff(BaseModel):
    model_config = ConfigDict(extra="forbid")
    login: Annotated[str, Field(min_length=3, max_length=64, pattern=r"^[a-z0-9._-]+$")]
    display_name: Annotated[Text, Field(min_length=1, max_length=64)]
    role: Role
    division: Annotated[Text, Field(max_length=12)]
    password: Annotated[Secret, Field(min_length=10, max_length=256)]


class Created(BaseModel):
    id: UUID
