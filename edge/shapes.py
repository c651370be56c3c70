"""Bodies that every HTTP application of ours takes or gives alike; refusals are problem+json."""

from datetime import UTC, date, datetime
from typing import Annotated, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from domain.appeal import LONGEST_STATEMENT, AppealOutcome
from domain.attempt import CLIENT_ID, SHA256
from edge import words
from edge.text import Lines, Text
from services import attempt_status, eligibility
from services.appeal_views import AppealSeen
from services.backend import NoticeText

EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
"""A phone whose battery was out says 1970; beyond these no calendar of ours reckons."""
CapturedAt = Annotated[AwareDatetime, Field(ge=EARLIEST, le=LATEST)]
Sha256 = Annotated[str, Field(pattern=f"^{SHA256.pattern}$")]
ClientId = Annotated[str, Field(pattern=f"^{CLIENT_ID.pattern}$")]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Notice(BaseModel):
    version: str
    digest: str
    text: str

    @classmethod
    def of(cls, shown: NoticeText) -> Self:
        return cls(version=shown.version, digest=shown.digest, text=shown.text)


class ConsentBody(Strict):
    text_version: Annotated[Text, Field(max_length=40)]
    text_digest: Sha256


class HelperBody(Strict):
    name: Annotated[Text, Field(min_length=1, max_length=64)]
    relation: Annotated[Text, Field(min_length=1, max_length=32)]
    declared: bool


class Recorder(Strict):
    """What recorded the clip, by its own word: compared with the file, never trusted."""

    user_agent: Annotated[Text, Field(max_length=400)] | None = None
    camera_label: Annotated[Text, Field(max_length=120)] | None = None


class Receipt(BaseModel):
    """What the pensioner keeps: 您已于…完成认证,有效期至…."""

    certificate_number: str
    certified_on: date
    valid_until: dict[str, date | None]

    @classmethod
    def of(cls, receipt: attempt_status.Receipt | None) -> Self | None:
        if receipt is None:
            return None
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

    @classmethod
    def of(cls, known: eligibility.Window | None) -> Self | None:
        if known is None:
            return None
        return cls(name=known.name, address=known.address, hours=known.hours)


class Appeal(BaseModel):
    """That somebody looks again, by when, and what came of it; `outcome` is null while it is open.

    `say` is fit to be read aloud.
    """

    raised_on: date
    answer_by: date
    outcome: AppealOutcome | None
    answered_on: date | None
    say: str

    @classmethod
    def of(cls, seen: AppealSeen) -> Self:
        return cls(
            raised_on=seen.raised_on,
            answer_by=seen.answer_by,
            outcome=seen.outcome,
            answered_on=seen.answered_on,
            say=words.of_appeal(seen.outcome),
        )

    @classmethod
    def of_any(cls, seen: AppealSeen | None) -> Self | None:
        return None if seen is None else cls.of(seen)


class WantAppeal(Strict):
    """The wish itself is enough; who likes says more."""

    statement: Annotated[Lines, Field(max_length=LONGEST_STATEMENT)] = ""
