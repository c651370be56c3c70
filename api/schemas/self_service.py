"""What the phone page sends and gets."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field

from domain.attempt import AttemptState
from domain.challenge import Need
from edge.shapes import (
    Appeal,
    CapturedAt,
    ClientId,
    ConsentBody,
    HelperBody,
    Notice,
    Receipt,
    Recorder,
    Sha256,
    Strict,
    Window,
)
from edge.text import Text
from services import attempt_status

DEVICE_ID = r"^[A-Za-z0-9._:-]{8,128}$"


class Claim(Strict):
    """Who somebody says they are. Sent in a body, never in an address."""

    id_number: Annotated[Text, Field(min_length=1, max_length=40)]
    name: Annotated[Text, Field(min_length=1, max_length=64)]


class Eligibility(BaseModel):
    """The person may certify by face; `masked_name` lets the page greet them."""

    masked_name: str
    notice: Notice
    other_ways: list[str]


class OpenSession(Strict):
    claim: Claim
    device_id: Annotated[str, Field(pattern=DEVICE_ID)]
    consent: ConsentBody
    needs: Annotated[tuple[Need, ...], Field(max_length=8)] = ()
    helper: HelperBody | None = None


class OpenedSession(BaseModel):
    session_id: UUID
    token: str
    expires_at: datetime
    challenge: dict[str, Any]


class Part(Strict):
    name: Literal["selfie", "video"]
    sha256: Sha256
    size: Annotated[int, Field(ge=1, le=20_000_000)]
    media_type: Annotated[Text, Field(max_length=64)]


class StoredPart(BaseModel):
    sha256: str
    size: int


class Submit(Strict):
    client_id: ClientId
    parts: Annotated[list[Part], Field(min_length=1, max_length=8)]
    captured_at: CapturedAt
    recorder: Recorder | None = None


class Accepted(BaseModel):
    client_id: ClientId
    status_link: str


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
    may_appeal: bool
    appeal: Appeal | None

    @classmethod
    def of(cls, found: attempt_status.AttemptStatus, *, say: str, do: str) -> Self:
        return cls(
            client_id=found.client_id,
            state=found.state,
            say=say,
            do=do,
            reasons=list(found.reasons),
            next_channels=[channel.value for channel in found.channels],
            tries_left=found.tries_left,
            window=Window.of(found.window),
            receipt=Receipt.of(found.receipt),
            may_appeal=found.may_appeal,
            appeal=Appeal.of_any(found.appeal),
        )


class WantVisit(Strict):
    claim: Claim
    reason: Annotated[Text, Field(min_length=1, max_length=200)]


class VisitWanted(BaseModel):
    request_id: UUID
    say: str
