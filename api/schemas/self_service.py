"""What the phone page sends and gets."""

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from domain.attempt import AttemptState
from domain.challenge import Need
from services import attempt_status

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Claim(Strict):
    """Who somebody says they are. Sent in a body, never in an address."""

    id_number: Annotated[str, Field(min_length=1, max_length=40)]
    name: Annotated[str, Field(min_length=1, max_length=64)]


class Notice(BaseModel):
    version: str
    digest: str
    text: str


class Eligibility(BaseModel):
    """The person may certify by face; `masked_name` lets the page greet them."""

    masked_name: str
    notice: Notice
    other_ways: list[str]


class ConsentBody(Strict):
    text_version: Annotated[str, Field(max_length=40)]
    text_digest: Sha256


class HelperBody(Strict):
    name: Annotated[str, Field(min_length=1, max_length=64)]
    relation: Annotated[str, Field(min_length=1, max_length=32)]
    declared: bool


class OpenSession(Strict):
    claim: Claim
    device_id: Annotated[str, Field(min_length=8, max_length=128)]
    consent: ConsentBody
    needs: Annotated[list[Need], Field(max_length=8)] = []
    helper: HelperBody | None = None


class OpenedSession(BaseModel):
    session_id: UUID
    token: str
    expires_at: datetime
    challenge: dict[str, Any]


ClientId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{8,64}$")]


class Part(Strict):
    name: Literal["selfie", "video"]
    sha256: Sha256
    size: Annotated[int, Field(ge=1, le=20_000_000)]
    media_type: Annotated[str, Field(max_length=64)]


class StoredPart(BaseModel):
    sha256: str
    size: int


class Submit(Strict):
    client_id: ClientId
    parts: Annotated[list[Part], Field(min_length=1, max_length=8)]
    captured_at: AwareDatetime


class Accepted(BaseModel):
    client_id: ClientId
    status_link: str


class Receipt(BaseModel):
    """What the pensioner keeps: 您已于…完成认证,有效期至…."""

    certificate_number: str
    certified_on: date
    valid_until: dict[str, date | None]

    @classmethod
    def of(cls, receipt: attempt_status.Receipt) -> Self:
        return cls(
            certificate_number=receipt.certificate_number,
            certified_on=receipt.certified_on,
            valid_until=receipt.valid_until,
        )


class Status(BaseModel):
    """What happened and what comes next, in words; never a score."""

    client_id: ClientId
    state: AttemptState
    say: str
    do: str
    reasons: list[str]
    next_channels: list[str]
    tries_left: int | None
    receipt: Receipt | None


class WantVisit(Strict):
    claim: Claim
    reason: Annotated[str, Field(min_length=1, max_length=200)]


class VisitWanted(BaseModel):
    request_id: UUID
    say: str
