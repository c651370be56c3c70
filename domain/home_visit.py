"""A home visit by an officer: what its pack must hold, and when it certifies without a review.

Sources: requirements rules 1.3 and 6.4, G11, G12 and G16.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from enum import StrEnum

from domain.attempt import Manifest, MediaLimits, Medium, check_client_id, check_parts, fingerprint
from domain.biometric import MediaFault, PhotoMeasure
from domain.errors import AppError, Kind

PERSON_PARTS = ("person", "person_2", "person_3", "person_4")
ID_CARD_PART = "person_with_id_card"
DOORWAY_PART = "doorway"
REQUIRED_PARTS = (PERSON_PARTS[0], ID_CARD_PART, DOORWAY_PART)
VISIT_PARTS: Mapping[str, Medium] = dict.fromkeys(
    (*PERSON_PARTS, ID_CARD_PART, DOORWAY_PART), Medium.PHOTO
)
CLOCK_SKEW = timedelta(minutes=10)
"""How far an officer's clock may run ahead of the server's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checklist:
    """The four questions of rule 1.3. None is not answered; False sends the visit to review."""

    alive: bool | None
    not_in_custody: bool | None
    name_and_id_right: bool | None
    contact_current: bool | None  # confirmed or brought up to date


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the device says it was: WGS 84 degrees, metres. `mock` is None when it cannot tell."""

    latitude: float
    longitude: float
    accuracy_m: float
    mock: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitManifest:
    """What an officer hands in for one visit. `captured_at` is aware."""

    manifest: Manifest
    captured_at: datetime
    place: Place
    device: str
    checklist: Checklist


def check_visit(visit: VisitManifest, limits: MediaLimits, *, received_at: datetime) -> None:
    """Refuse an incomplete pack: `AppError` with a code of the area `visit` or `submission`."""
    check_client_id(visit.manifest.client_id)
    check_parts(visit.manifest.parts, VISIT_PARTS, limits, required=REQUIRED_PARTS)
    unanswered = [f.name for f in fields(Checklist) if getattr(visit.checklist, f.name) is None]
    if unanswered:
        raise AppError(Kind.INVALID, "visit.checklist_incomplete", missing=unanswered)
    if not visit.device.strip():
        raise AppError(Kind.INVALID, "visit.device_missing")
    _check_place(visit.place)
    if visit.captured_at.tzinfo is None:
        raise AppError(Kind.INVALID, "visit.time_malformed")
    if visit.captured_at > received_at + CLOCK_SKEW:
        raise AppError(Kind.INVALID, "visit.time_in_future")


def _check_place(place: Place) -> None:
    on_earth = -90 <= place.latitude <= 90 and -180 <= place.longitude <= 180
    if not on_earth or not 0 <= place.accuracy_m < 1e6:
        raise AppError(Kind.INVALID, "visit.place_malformed")


def visit_fingerprint(visit: VisitManifest) -> str:
    """Return the SHA-256 hex by which a visit that is sent again is known to be the same."""
    place, checklist = visit.place, visit.checklist
    return fingerprint(
        visit.manifest,
        captured_at=visit.captured_at.isoformat(),
        place=f"{place.latitude!r},{place.longitude!r},{place.accuracy_m!r},{place.mock!r}",
        device=visit.device,
        checklist=",".join(repr(getattr(checklist, f.name)) for f in fields(Checklist)),
    )


class VisitOutcome(StrEnum):
    """What a visit comes to without a human: never a refusal."""

    CERTIFIED = "certified"
    REVIEW = "review"


class VisitReason(StrEnum):
    """Why; words in `reason_codes.json`."""

    CLEAN = "visit_clean"
    NO_REFERENCE = "visit_no_reference"
    MODEL_MISSING = "visit_model_missing"
    FLAGGED_BY_LEAD = "visit_flagged_by_lead"
    NOT_ALIVE = "visit_not_alive"
    IN_CUSTODY = "visit_in_custody"
    IDENTITY_WRONG = "visit_identity_wrong"
    CONTACT_OUTDATED = "visit_contact_outdated"
    FACE_UNCLEAR = "visit_face_unclear"  # no photo of the person could be measured
    FACE_UNCERTAIN = "visit_face_uncertain"
    FACE_DIFFERS = "visit_face_differs"
    PHOTOS_DISAGREE = "visit_photos_disagree"
    ID_CARD_PHOTO_UNCLEAR = "visit_id_card_photo_unclear"
    DOORWAY_UNCLEAR = "visit_doorway_unclear"
    PHOTO_SEEN_BEFORE = "visit_photo_seen_before"
    PLACE_DOUBTFUL = "visit_place_doubtful"
    PHOTO_STALE = "visit_photo_stale"


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitLimits:
    """Thresholds, from policy. Similarities are SFace cosines. Raises `ValueError`."""

    accept: float = 0.45
    review: float = 0.33
    max_age: timedelta = timedelta(days=7)

    def __post_init__(self) -> None:
        if not 0 < self.review < self.accept < 1:
            raise ValueError("limits must hold 0 < review < accept < 1")
        if self.max_age <= timedelta(0):
            raise ValueError("a visit may be some time old")


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitMeasures:
    """The photos of one visit as measured, with what the record says about them."""

    references: int
    person: tuple[PhotoMeasure, ...]
    with_id_card: PhotoMeasure
    doorway_faults: tuple[MediaFault, ...]
    photos_seen_before: int  # by exact digest, in any other case
    models: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitCheck:
    """One check as it came out, for the record and the reviewer, never for the client."""

    name: str
    value: float | None
    threshold: float | None
    ok: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitDecision:
    """The outcome with its reasons and every face check."""

    outcome: VisitOutcome
    reasons: tuple[VisitReason, ...]
    checks: tuple[VisitCheck, ...]


def decide_visit(
    measures: VisitMeasures,
    visit: VisitManifest,
    limits: VisitLimits,
    *,
    received_at: datetime,
    open_leads: int,
) -> VisitDecision:
    """Decide one visit that `check_visit` let through: certified when clean, else review.

    Clean: all four answers are yes, one photo of the person matches a reference, no photo speaks
    against it, and nothing is odd about time, place or files. Closed eyes and a photo taken
    sideways are nothing odd: the person may lie in bed.
    """
    reasons = (
        *_record_reasons(measures, open_leads),
        *_checklist_reasons(visit.checklist),
        *_face_reasons(measures, limits),
        *_scene_reasons(measures, visit, limits, received_at=received_at),
    )
    outcome = VisitOutcome.REVIEW if reasons else VisitOutcome.CERTIFIED
    checks = _checks(measures, limits)
    return VisitDecision(outcome=outcome, reasons=reasons or (VisitReason.CLEAN,), checks=checks)


def _record_reasons(measures: VisitMeasures, open_leads: int) -> Iterator[VisitReason]:
    if measures.references < 1:
        yield VisitReason.NO_REFERENCE
    if not measures.models:
        yield VisitReason.MODEL_MISSING
    if open_leads != 0:
        yield VisitReason.FLAGGED_BY_LEAD


def _checklist_reasons(checklist: Checklist) -> Iterator[VisitReason]:
    if not checklist.alive:
        yield VisitReason.NOT_ALIVE
    if not checklist.not_in_custody:
        yield VisitReason.IN_CUSTODY
    if not checklist.name_and_id_right:
        yield VisitReason.IDENTITY_WRONG
    if not checklist.contact_current:
        yield VisitReason.CONTACT_OUTDATED


_CARD_IN_HAND = frozenset(
    {
        MediaFault.SEVERAL_FACES,  # the card shows one too
        MediaFault.FACE_TOO_SMALL,
        MediaFault.HALF_FACE,
        MediaFault.TURNED_AWAY,
    }
)


def _face_reasons(measures: VisitMeasures, limits: VisitLimits) -> Iterator[VisitReason]:
    clear = [p.similarity for p in measures.person if not p.faults and p.similarity is not None]
    best = max(clear, default=None)
    if best is None:
        yield VisitReason.FACE_UNCLEAR
    elif best < limits.review:
        yield VisitReason.FACE_DIFFERS
    elif not best >= limits.accept:
        yield VisitReason.FACE_UNCERTAIN
    card = measures.with_id_card
    if not set(card.faults) <= _CARD_IN_HAND:
        yield VisitReason.ID_CARD_PHOTO_UNCLEAR
    if card.similarity is not None and not card.faults:
        clear.append(card.similarity)
    others = [score for score in clear if not score >= limits.review]  # NaN speaks against
    if others and len(others) < len(clear):
        yield VisitReason.PHOTOS_DISAGREE


_NOT_A_PICTURE = frozenset(
    {
        MediaFault.UNREADABLE,
        MediaFault.WRONG_TYPE,
        MediaFault.TOO_LARGE,
        MediaFault.DECODER_FAILED,
        MediaFault.TOO_DARK,
    }
)


def _scene_reasons(
    measures: VisitMeasures, visit: VisitManifest, limits: VisitLimits, *, received_at: datetime
) -> Iterator[VisitReason]:
    if _NOT_A_PICTURE & set(measures.doorway_faults):
        yield VisitReason.DOORWAY_UNCLEAR
    if measures.photos_seen_before > 0:
        yield VisitReason.PHOTO_SEEN_BEFORE
    # no receiver is exact to nothing: an accuracy of 0 is a typical trace of a faked place (G12)
    if visit.place.mock or visit.place.accuracy_m == 0:
        yield VisitReason.PLACE_DOUBTFUL
    if received_at - visit.captured_at > limits.max_age:
        yield VisitReason.PHOTO_STALE


def _checks(measures: VisitMeasures, limits: VisitLimits) -> tuple[VisitCheck, ...]:
    photos = [*zip(PERSON_PARTS, measures.person, strict=False)]
    photos.append((ID_CARD_PART, measures.with_id_card))
    return tuple(
        VisitCheck(
            name=f"{name}_match",
            value=photo.similarity,
            threshold=limits.accept,
            ok=photo.similarity is not None and photo.similarity >= limits.accept,
        )
        for name, photo in photos
    )
