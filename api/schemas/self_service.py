"""What the phone page sends and gets."""

from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from domain.attempt import AttemptState
from domain.challenge import Need
from edge.text import Text
from services import attempt_status

DEVICE_ID = r"^[A-Za-z0-9._:-]{8,128}$"
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Claim(Strict):
    """Who somebody says they are. Sent in a body, never in an address."""

    id_number: Annotated[Text, Field(min_length=1, max_length=40)]
    name: Annotated[Text, Field(min_length=1, max_length=64)]


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
    text_version: Annotated[Text, Field(max_length=40)]
    text_digest: Sha256


class HelperBody(Strict):
    name: Annotated[Text, Field(min_length=1, max_length=64)]
    relation: Annotated[Text, Field(min_length=1, max_length=32)]
    declared: bool


class OpenSession(Strict):
    claim: Claim
    device_id: Annotated[str, Field(pattern=DEVICE_ID)]
    consent: ConsentBody
    needs: Annotated[list[Need], Field(max_length=8)] = []
    helper: HelperBody | None = None


class OpenedSession(BaseModel):
    session_id: UUID
    token: str
    expires_at: datetime
    challenge: dict[str, Any]


EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
"""A phone whose battery was out says 1970; beyond these no calendar of ours reckons."""
ClientId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{8,64}$")]


class Part(Strict):
    name: Literal["selfie", "video"]
    sha256: Sha256
    size: Annotated[int, Field(ge=1, le=20_000_000)]
    media_type: Annotated[Text, Field(max_length=64)]


class StoredPart(BaseModel):
    sha256: str
    size: int


class Recorder(Strict):
    """What recorded the clip, by its own word: compared with the file, never trusted."""

    user_agent: Annotated[Text, Field(max_length=400)] | None = None
    camera_label: Annotated[Text, Field(max_length=120)] | None = None


class Submit(Strict):
    client_id: ClientId
    parts: Annotated[list[Part], Field(min_length=1, max_length=8)]
    captured_at: Annotated[AwareDatetime, Field(ge=EARLIEST, le=LATEST)]
    recorder: Recorder | None = None


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


class Window(BaseModel):
    """The counter that serves without a phone."""

    name: str
    address: str | None
    hours: str | None


class Status(BaseModel):
    """What happened and what comes next, in words; never a score."""

    client_id: ClientId
    state: AttemptState
    say: str
    do: str
    reasons: list[str]
    next_channels: list[str]
    tries_left: int | None
    window: Window | None
    receipt: Receipt | None

    @classmethod
    def of(cls, found: attempt_status.AttemptStatus, *, say: str, do: str) -> Self:
        window, receipt = found.window, found.receipt
        return cls(
            client_id=found.client_id,
            state=found.state,
            say=say,
            do=do,
            reasons=list(found.reasons),
            next_channels=[channel.value for channel in found.channels],
            tries_left=found.tries_left,
            window=Window(name=window.name, address=window.address, hours=window.hours)
            if window
            else None,
            receipt=Receipt.of(receipt) if receipt else None,
        )


class WantVisit(Strict):
    claim: Claim
    reason: Annotated[Text, Field(min_length=1, max_length=200)]


class VisitWanted(BaseModel):
    request_id: UUID
    say: str
