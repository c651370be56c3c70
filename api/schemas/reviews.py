"""What a reviewer's screen sends and gets."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.visits import Said
from domain.cycle import Channel
from domain.proposal import Answer
from domain.review import LONGEST_FINDINGS, Method, Verdict
from edge.shapes import Strict
from edge.text import Lines
from services.reviews import ReviewState


class FromService(BaseModel):
    """Read from a value of `services` by its attributes."""

    model_config = ConfigDict(from_attributes=True)


class QueuedCase(FromService):
    """One line of the queue, masked."""

    id: UUID
    masked_name: str | None
    residence_path: str
    channel: Channel
    reasons: list[Said]
    opened_at: datetime
    due_at: datetime
    state: ReviewState
    is_mine: bool
    is_late: bool


class QueuePage(BaseModel):
    """`next_after` goes into `after` for the next page; null on the last."""

    cases: list[QueuedCase]
    next_after: UUID | None


class Claimed(BaseModel):
    until: datetime


class Subject(FromService):
    """Name and phone are masked unless the reader holds the case."""

    name: str
    id_number_masked: str
    phone: str | None
    sex: str
    birth_year: int
    residence_path: str
    household_path: str
    key_groups: list[str]


class Check(FromService):
    """One named check; `at_ms` is a moment of the clip."""

    name: str
    value: float | None
    threshold: float | None
    ok: bool
    at_ms: int | None = None


class CasePart(FromService):
    evidence_id: UUID
    name: str
    media_type: str
    size: int
    sha256: str


class KnownPhoto(FromService):
    evidence_id: UUID
    source: str
    source_rank: int
    taken_on: date | None
    age_days: int | None
    added_on: date


class EarlierAct(FromService):
    channel: Channel
    received_at: datetime
    outcome: str
    reasons: list[str]


class VerdictGiven(FromService):
    verdict: Verdict
    method: Method | None
    findings: str
    decided_at: datetime
    decided_by: UUID


class Settled(FromService):
    """What was proposed about the case and answered; the note of a returned one says why."""

    id: UUID
    grounds: str
    proposed_at: datetime
    proposed_by: UUID
    answer: Answer
    note: str
    answered_at: datetime
    answered_by: UUID


class CaseFile(FromService):
    """All that a verdict rests on; for reviewers, so scores are shown."""

    id: UUID
    state: ReviewState
    claimed_until: datetime | None
    is_mine: bool
    channel: Channel
    opened_at: datetime
    due_at: datetime
    captured_at: datetime
    received_at: datetime
    subject: Subject
    reasons: list[Said]
    checks: list[Check]
    models: dict[str, str]
    parts: list[CasePart]
    references: list[KnownPhoto]
    earlier: list[EarlierAct]
    pack: dict[str, Any]
    proposals: list[Settled]
    verdict: VerdictGiven | None


class Decide(Strict):
    verdict: Verdict
    method: Method | None = None
    findings: Annotated[Lines, Field(max_length=2 * LONGEST_FINDINGS)]


class Decided(BaseModel):
    """`certificate_number` and `valid_until` are there when the verdict was to certify.

    A verdict that would harm the person is `proposed`: it takes effect when a second reviewer
    confirms `proposal_id`.
    """

    state: ReviewState
    verdict: Verdict
    proposal_id: UUID | None
    certificate_number: str | None
    valid_until: dict[str, date] | None


class Step(BaseModel):
    """One movement that was asked for, and what was seen of it."""

    action: str
    grade: str
    strength: float
    onset_ms: int
    at_ms: int | None


class Timeline(BaseModel):
    """One value per sampled picture, null where no face was measurable. Angles in degrees."""

    at_ms: list[int]
    yaw_deg: list[float | None]
    pitch_deg: list[float | None]
    roll_deg: list[float | None]
    mouth: list[float | None]
    eye: list[float | None]


class EarlierClip(BaseModel):
    """The clip on record that is nearest; from a likeness of 1.0 on it is the same recording."""

    id: str
    likeness: float
    by: str
    shift_ms: int


class Material(BaseModel):
    """What was prepared for the reviewer's eye. Faces are JPEG in base64."""

    reference_jpeg: str | None
    selfie_jpeg: str | None
    best_frame_jpeg: str | None
    timeline: Timeline | None
    steps: list[Step]
    earlier: EarlierClip | None
