"""What an officer's app sends and gets about home visits."""

from datetime import UTC, datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
)

from domain import home_visit
from domain.attempt import Manifest
from domain.attempt import Part as ManifestPart
from edge.shapes import ClientId, Receipt, Sha256, Strict
from edge.text import Text
from services.home_visits import VisitState

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def _not_before_this_century(at: datetime) -> datetime:
    # A clock that was never set; and near the year 1 neither database nor calendar can follow.
    if at < LONG_AGO:
        raise ValueError("no visit was that long ago")
    return at


PART_BYTES = 10_000_000
Degrees = Annotated[float, Field(allow_inf_nan=False)]


class Place(Strict):
    """Where the device says it was; `mock` is null when it cannot tell."""

    latitude: Degrees
    longitude: Degrees
    accuracy_m: Degrees
    mock: StrictBool | None


class Checklist(Strict):
    """The four questions of every certification; none may be left open."""

    alive: StrictBool | None = None
    not_in_custody: StrictBool | None = None
    name_and_id_right: StrictBool | None = None
    contact_current: StrictBool | None = None


class VisitPart(Strict):
    name: Literal["person", "person_2", "person_3", "person_4", "person_with_id_card", "doorway"]
    sha256: Sha256
    size: Annotated[int, Field(ge=1, le=PART_BYTES)]
    media_type: Annotated[Text, Field(max_length=64)]


class SubmitVisit(Strict):
    client_id: ClientId
    beneficiary_id: UUID
    captured_at: Annotated[AwareDatetime, AfterValidator(_not_before_this_century)]
    place: Place
    device: Annotated[Text, Field(min_length=1, max_length=200)]
    checklist: Checklist
    parts: Annotated[list[VisitPart], Field(min_length=1, max_length=8)]

    def as_visit(self) -> home_visit.VisitManifest:
        """Return the pack as the rules know it."""
        parts = tuple(ManifestPart(**part.model_dump()) for part in self.parts)
        return home_visit.VisitManifest(
            manifest=Manifest(client_id=self.client_id, parts=parts),
            captured_at=self.captured_at,
            place=home_visit.Place(**self.place.model_dump()),
            device=self.device,
            checklist=home_visit.Checklist(**self.checklist.model_dump()),
        )


class Said(BaseModel):
    """A reason in words."""

    model_config = ConfigDict(frozen=True)
    code: str
    say: str
    do: str

    @classmethod
    def of(cls, code: str, registry: dict[str, dict[str, str]]) -> Self:
        """Look the words up. Raises KeyError for an unregistered code."""
        return cls(code=code, say=registry[code]["say"], do=registry[code]["do"])


class VisitStatus(BaseModel):
    """What became of a visit, in words; never a score."""

    client_id: ClientId
    state: VisitState
    say: str
    do: str
    reasons: list[Said]
    receipt: Receipt | None
