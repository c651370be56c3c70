"""How far a county may move each value, and how what an official types is read.

A slip of the pen must not shut everybody out, or wave everybody through; what lies beyond is for
whoever maintains the presets, with the reasons there. A test holds every preset to these bounds.
"""

import re
import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from domain.challenge import FEWEST_STEPS, MOST_STEPS
from domain.errors import AppError, Kind
from domain.policy_values import KEYS, Scalar

_WHOLE = re.compile(r"[0-9]{1,9}", re.ASCII)
_DECIMAL = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?", re.ASCII)
_YES_NO = MappingProxyType({"true": True, "false": False})

BOUNDS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "cycle.months": (1, 12),  # at least once a year (人社厅发〔2018〕107号)
        "cycle.due_soon_months": (0, 6),
        "face.accept": (0.3, 0.9),
        "face.review": (0.2, 0.8),
        "face.references": (1, 5),
        "face.growth_margin": (0, 0.5),
        "face.growth_days": (1, 730),
        "face.growth_most": (0, 10),
        "face.second_distance": (0.3, 0.9),
        "liveness.selfie_to_clip": (0.2, 0.9),
        "liveness.self_similarity": (0.2, 0.9),
        "liveness.stillness": (0.98, 0.9999),
        "liveness.depth": (0.5, 3),
        "liveness.likeness": (0.5, 2),
        "liveness.face_fraction": (0.3, 0.99),
        "liveness.frames": (15, 300),
        "liveness.steps": (1, MOST_STEPS),
        "liveness.distinct_actions": (1, 3),
        "liveness.light_snr": (1, 20),
        "liveness.light_follows": (0.3, 0.99),
        "liveness.light_contradicts": (0.05, 0.9),
        "liveness.light_ratio": (1, 10),
        "quality.min_face_px": (40, 400),
        "quality.min_reference_face_px": (24, 200),
        "quality.max_yaw_deg": (5, 45),
        "challenge.steps": (FEWEST_STEPS, MOST_STEPS),
        "challenge.session_ttl_s": (60, 900),
        "challenge.upload_grace_s": (3600, 604800),
        "attempt.tries_before_review": (1, 10),
        "attempt.per_person_per_day": (3, 100),
        "attempt.per_device_per_day": (5, 1000),
        "attempt.per_address_per_hour": (20, 10000),
        "attempt.subjects_per_device_per_day": (1, 200),
        "review.target_working_days": (1, 3),
        "review.clock_working_days": (1, 3),  # never over three (rule 7.2)
        "review.claim_minutes": (5, 240),
        "review.reread_share_percent": (5, 100),  # at least one in twenty is read again
        "appeal.answer_working_days": (1, 30),
        "contact.attempts": (3, 20),  # nobody is called unreachable after less
        "contact.channels": (2, 5),
        "contact.days": (2, 30),
        "helper.max_bound": (0, 10),
        "helper.max_unbinds": (0, 10),
        "helper.subjects_per_day": (1, 50),
        "visit.request_working_days": (1, 30),
        "visit.photo_max_age_hours": (1, 168),
        "visit.min_photos": (1, 10),
        "visit.max_accuracy_m": (10, 2000),
        "retention.failed_clip_days": (7, 365),
        "retention.suspected_clip_days": (30, 1095),
        "retention.passed_clip_days_after_next": (0, 365),
        "retention.best_frame_cycles": (1, 5),
        "retention.officer_location_days": (30, 365),
        "retention.template_days_after_end": (0, 365),
        "retention.consent_years_after_end": (3, 10),  # 个人信息保护法 五十六: at least three
    }
)
"""Lowest and highest value of every key that is a number."""


def parse_value(key: str, text: str) -> Scalar:
    """Read what an official typed, full-width digits too, as a value of `key` within bounds.

    Raises `AppError` INVALID `policy.key_unknown`, `policy.value_malformed` or
    `policy.value_out_of_range`.
    """
    kind = KEYS.get(key)
    if kind is None:
        raise AppError(Kind.INVALID, "policy.key_unknown")
    typed = unicodedata.normalize("NFKC", text).strip()
    value = _read(kind, typed)
    if value is None:
        raise AppError(Kind.INVALID, "policy.value_malformed", key=key)
    if key in BOUNDS:
        _check_range(key, float(value))
    return value


def _read(kind: type, typed: str) -> Scalar | None:
    if issubclass(kind, StrEnum):
        return kind(typed) if typed in {member.value for member in kind} else None
    if kind is bool:
        return _YES_NO.get(typed)
    if kind is int:
        return int(typed) if _WHOLE.fullmatch(typed) else None
    return float(typed) if _DECIMAL.fullmatch(typed) else None


def _check_range(key: str, value: float) -> None:
    lowest, highest = BOUNDS[key]
    if not lowest <= value <= highest:
        raise AppError(
            Kind.INVALID,
            "policy.value_out_of_range",
            key=key,
            at_least=f"{lowest:g}",
            at_most=f"{highest:g}",
        )
