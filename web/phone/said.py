"""What the page sends to say who it is, and what it is told; refusals are problem+json."""

from datetime import date
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field

from domain.attempt import AttemptState
from domain.errors import AppError
from domain.visit_request import Progress
from edge import words
from edge.errors import registry
from edge.shapes import Appeal, Notice, Receipt, Strict, Window
from edge.text import Text
from services.backend import NoticeText
from services.phone_status import PhoneStatus, WhoSeen
from services.visit_requests import VisitAsked

HELPER_RELATIONS = ("子女", "配偶", "孙辈", "兄弟姐妹", "邻居", "村干部", "其他")
LANG = "zh_CN"


class Proof(Strict):
    kind: Literal["phone", "letter"]
    value: Annotated[Text, Field(min_length=1, max_length=24)]


class ByLink(Strict):
    """The token of a link that the person was sent."""

    link: Annotated[Text, Field(min_length=1, max_length=128)]


class ByProof(Strict):
    """A number and its second factor. Sent in a body, never in an address."""

    id_number: Annotated[Text, Field(min_length=1, max_length=40)]
    proof: Proof


class Obstacle(BaseModel):
    """Why no face is asked for, and the road that is open instead."""

    code: str
    say: str
    do: str
    next_channel: str

    @classmethod
    def of(cls, refusal: AppError) -> Self:
        entry = registry()[refusal.code]
        said = {name: entry[name] for name in ("say", "do", "next_channel")}
        return cls(code=refusal.code, **said)


class Review(BaseModel):
    """Who looks at it, by which day."""

    office: str
    by: date


class Status(BaseModel):
    """What became of the latest submission, in words; never a score."""

    state: AttemptState
    say: str
    do: str
    reasons: list[str]
    next_channels: list[str]
    tries_left: int | None
    window: Window | None
    receipt: Receipt | None
    review: Review | None
    may_appeal: bool
    appeal: Appeal | None
    digests: dict[str, str]

    @classmethod
    def of(cls, found: PhoneStatus) -> Self:
        status, review = found.status, found.review
        say, do = words.of_status(status)
        return cls(
            state=status.state,
            say=say,
            do=do,
            reasons=list(status.reasons),
            next_channels=[channel.value for channel in status.channels],
            tries_left=status.tries_left,
            window=Window.of(status.window),
            receipt=Receipt.of(status.receipt),
            review=None if review is None else Review(office=review.office, by=review.by),
            may_appeal=status.may_appeal,
            appeal=Appeal.of_any(status.appeal),
            digests=dict(found.digests),
        )


class WantVisit(Strict):
    reason: Annotated[Text, Field(min_length=1, max_length=200)]


class Visit(BaseModel):
    """A visit that was asked for; `code` is what the officer has to name at the door."""

    request_id: UUID
    state: Progress
    code: str
    say: str
    asked_on: date

    @classmethod
    def of(cls, asked: VisitAsked) -> Self:
        return cls(
            request_id=asked.request_id,
            state=asked.state,
            code=asked.code,
            say=words.of_visit(asked.state),
            asked_on=asked.asked_on,
        )


class Who(BaseModel):
    """Whom the ticket names: masked, with what is open to them and how matters stand.

    `due_on` is the first day on which something they draw runs out, past or to come; `valid_until`
    is the same day while it has not passed.
    """

    masked_name: str
    masked_number: str
    may_show_face: bool
    obstacle: Obstacle | None
    due_on: date | None
    valid_until: date | None
    notice: Notice
    window: Window | None
    latest: Status | None
    visit: Visit | None
    helper_relations: list[str]
    lang: str

    @classmethod
    def of(cls, seen: WhoSeen, notice: NoticeText) -> Self:
        return cls(
            masked_name=seen.masked_name,
            masked_number=seen.masked_number,
            may_show_face=seen.obstacle is None,
            obstacle=None if seen.obstacle is None else Obstacle.of(seen.obstacle),
            due_on=seen.due_on,
            valid_until=seen.valid_until,
            notice=Notice.of(notice),
            window=Window.of(seen.window),
            latest=None if seen.latest is None else Status.of(seen.latest),
            visit=None if seen.visit is None else Visit.of(seen.visit),
            helper_relations=list(HELPER_RELATIONS),
            lang=LANG,
        )
