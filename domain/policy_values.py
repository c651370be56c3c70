"""The values that rule an entitlement on one day, by group, and the keys that presets state."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from types import MappingProxyType
from typing import Any, get_type_hints

from domain.calendar import MonthArithmetic
from domain.light import LightRule
from domain.second_opinion import SecondOpinion


class Scheme(StrEnum):
    """The benefit that an entitlement draws."""

    RESIDENT_PENSION = "resident_pension"  # 城乡居民养老
    EMPLOYEE_PENSION = "employee_pension"  # 企业职工养老
    INSTITUTION_PENSION = "institution_pension"  # 机关事业单位养老
    SURVIVOR_ALLOWANCE = "survivor_allowance"  # 遗属定补
    WORK_INJURY = "work_injury"  # 工伤长期待遇
    UNEMPLOYMENT = "unemployment"  # 失业


class RenewalModel(StrEnum):
    """How a region words its renewal. In all three a certification restarts the clock."""

    ROLLING = "rolling"  # 递延制,滚动计算 (海安)
    EVERY_N_MONTHS = "every_n_months"  # 确认周期为 N 个月 (漾濞)
    SERVICE_PERIOD = "service_period"  # 认证服务期 (石堰)


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleRules:
    """The clock of an entitlement (requirements A.0 and A.2)."""

    months: int
    arithmetic: MonthArithmetic
    renewal: RenewalModel
    quarterly: bool  # besides the cycle, each calendar quarter needs a certification
    due_soon_months: int  # reminder window before the last valid day

    def __post_init__(self) -> None:
        if self.months < 1:
            raise ValueError("cycle.months: a cycle has at least one month")
        yearly = {MonthArithmetic.DAYS_365, MonthArithmetic.BIRTHDAY_MONTH}
        if self.arithmetic in yearly and self.months != 12:
            raise ValueError(f"cycle.arithmetic: {self.arithmetic} is defined for 12 months only")


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceRules:
    """SFace cosines: at or above `accept` the faces match, at or above `review` they may."""

    accept: float
    review: float
    references: int  # usable reference photos without which nothing passes
    growth_margin: float  # added to `accept` before a certification may teach a face
    growth_days: int  # from one learnt photo to the next
    growth_most: int  # learnt photos that may stand; 0 turns learning off
    second_opinion: SecondOpinion
    second_distance: float  # of the second matcher; farther apart is another person

    def __post_init__(self) -> None:
        if not 0 < self.review < self.accept < 1:
            raise ValueError("face: 0 < review < accept < 1")
        if not (0 <= self.growth_margin < 1 and self.growth_days > 0 and self.growth_most >= 0):
            raise ValueError("face: growth has a margin from 0 to 1, whole days and a count")


@dataclass(frozen=True, slots=True, kw_only=True)
class LivenessRules:
    """What a clip must bring; the fields mean what `domain.decision.Limits` says of them."""

    selfie_to_clip: float
    self_similarity: float
    stillness: float
    depth: float
    likeness: float
    face_fraction: float
    frames: int
    steps: int
    distinct_actions: int
    light_snr: float
    light_follows: float
    light_contradicts: float
    light_ratio: float

    def __post_init__(self) -> None:
        if not 0 < self.light_contradicts < self.light_follows < 1:
            raise ValueError("liveness: 0 < light_contradicts < light_follows < 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityRules:
    """What a still photo must bring. The reference limit fits the ID chip photo of 102x126."""

    min_face_px: int  # width of the face box in a selfie or visit photo
    min_reference_face_px: int
    max_yaw_deg: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ChallengeRules:
    """Life of a challenge. Its pace stands in `domain.challenge`, with the odds of guessing it."""

    steps: int
    session_ttl_s: int  # from handing out to the manifest
    upload_grace_s: int  # from the manifest to the last part: a slow network is no fraud
    light: LightRule  # whether the screen shows colours meanwhile


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptRules:
    """Counted limits. Reaching one leads to another channel, never to a dead end."""

    tries_before_review: int
    per_person_per_day: int
    per_device_per_day: int
    per_address_per_hour: int  # villages and offices share one address
    subjects_per_device_per_day: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRules:
    """Clocks of the human review."""

    target_working_days: int
    clock_working_days: int
    claim_minutes: int  # a claim not decided by then returns to the queue
    reread_share_percent: int  # of an office's decisions, read again by another who is not told

    def __post_init__(self) -> None:
        if self.reread_share_percent > 100:
            raise ValueError("review.reread_share_percent: more than all cannot be read again")


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealRules:
    """The clock of an appeal."""

    answer_working_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRules:
    """What must have been tried before somebody may be called unreachable (A.8.2)."""

    attempts: int
    channels: int  # different means
    days: int  # different days

    def __post_init__(self) -> None:
        if not (1 <= self.channels <= self.attempts and 1 <= self.days <= self.attempts):
            raise ValueError("contact: at least one of each, and no more than the attempts")


@dataclass(frozen=True, slots=True, kw_only=True)
class HelperRules:
    """Relatives who certify others with their own phone (亲情号)."""

    max_bound: int
    max_unbinds: int
    subjects_per_day: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitRules:
    """Home visits. The place never decides; it can only raise a flag."""

    request_working_days: int
    photo_max_age_hours: int
    min_photos: int
    max_accuracy_m: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionRules:
    """How long evidence is kept (requirements E.3)."""

    failed_clip_days: int
    suspected_clip_days: int
    passed_clip_days_after_next: int
    best_frame_cycles: int
    officer_location_days: int
    template_days_after_end: int
    consent_years_after_end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyValues:
    """All values that rule one entitlement on one day."""

    cycle: CycleRules
    face: FaceRules
    liveness: LivenessRules
    quality: QualityRules
    challenge: ChallengeRules
    attempt: AttemptRules
    review: ReviewRules
    appeal: AppealRules
    contact: ContactRules
    helper: HelperRules
    visit: VisitRules
    retention: RetentionRules


Scalar = int | float | bool | str  # members of a StrEnum are strings

GROUPS: Mapping[str, Any] = MappingProxyType(get_type_hints(PolicyValues))
"""The groups of `PolicyValues`, each with the type that holds its rules."""
KEYS: Mapping[str, type] = MappingProxyType(
    {
        f"{group}.{item.name}": get_type_hints(kind)[item.name]
        for group, kind in GROUPS.items()
        for item in fields(kind)
    }
)
"""Every policy key, `group.name`, with the type of its value."""


def read_value(key: str, raw: object) -> Scalar:
    """Check a raw value against its key. ValueError names what is wrong, fit for an official."""
    kind = KEYS.get(key)
    if kind is None:
        raise ValueError(f"{key}: no such key")
    if issubclass(kind, StrEnum) and isinstance(raw, str):
        if raw not in {member.value for member in kind}:
            raise ValueError(f"{key}: {raw!r} is not one of {', '.join(kind)}")
        return kind(raw)
    if kind is float and type(raw) is int:
        raw = float(raw)
    if type(raw) is not kind or not isinstance(raw, int | float):
        raise ValueError(f"{key}: needs a value of type {kind.__name__}")
    if raw < 0:
        raise ValueError(f"{key}: must not be negative")
    return raw
