"""What the page sends and gets for a certification; refusals are problem+json."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from domain.challenge import Need
from edge.shapes import (
    CapturedAt,
    ClientId,
    ConsentBody,
    HelperBody,
    Recorder,
    Sha256,
    Strict,
)
from edge.text import Text

_POINT = r"^[A-Za-z0-9+/]{87}=$"  # base64 of 65 bytes


class WantSession(Strict):
    consent: ConsentBody
    needs: Annotated[tuple[Need, ...], Field(max_length=8)] = ()
    helper: HelperBody | None = None


class ServerKey(BaseModel):
    """What the page seals to: an uncompressed P-256 point, base64."""

    version: Literal[1] = 1
    key_id: str
    public_key: str


class Opened(BaseModel):
    session_id: UUID
    challenge: dict[str, Any]
    expires_at: datetime
    upload_until: datetime
    now: datetime
    seal: ServerKey
    chunk_bytes: int


class Seal(Strict):
    version: Literal[1]
    key_id: Annotated[str, Field(pattern=r"^[0-9]{1,9}$")]
    ephemeral: Annotated[str, Field(pattern=_POINT)]


class PromisedPart(Strict):
    name: Literal["selfie", "video"]
    sha256: Sha256
    size: Annotated[int, Field(ge=1, le=20_000_000)]
    media_type: Annotated[Text, Field(max_length=64)]
    chunks: Annotated[int, Field(ge=1, le=100)]
    seal: Seal | None = None


class Promise(Strict):
    """`from_file`: the clip was chosen as a file; the page could not record it."""

    client_id: ClientId
    captured_at: CapturedAt
    from_file: bool
    recorder: Recorder | None = None
    parts: Annotated[list[PromisedPart], Field(min_length=1, max_length=2)]


class HandedIn(BaseModel):
    """Every byte is here and as promised: `digests` are of the plain parts, part -> hex."""

    client_id: str
    state: Literal["submitted"] = "submitted"
    digests: dict[str, str]


class ChunkKept(BaseModel):
    received: int
    of: int


class PartState(BaseModel):
    chunks: int
    received: list[int]


class UploadState(BaseModel):
    client_id: str | None
    parts: dict[str, PartState]
    upload_until: datetime
