"""What a reviewer looks at: two faces, and what the head did when it was asked to."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biometrics.crop import small_jpeg
from biometrics.engine import CaseReading
from biometrics.signals import Signals

_DECIMALS = 2
Series = tuple[float | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """One value per sampled frame; None where the face was not measurable. Angles in degrees."""

    at_ms: tuple[int, ...]
    yaw_deg: Series
    pitch_deg: Series
    roll_deg: Series
    mouth: Series
    eye: Series


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewMaterial:
    """Faces as JPEG without metadata. None where there was nothing to show."""

    selfie_jpeg: bytes | None
    best_frame_jpeg: bytes | None
    timeline: Timeline | None


def material_of(reading: CaseReading) -> ReviewMaterial:
    """Gather what was measured; nothing is measured again."""
    clip = reading.clip
    best = None if clip is None else clip.best
    signals = None if clip is None else clip.signals
    return ReviewMaterial(
        selfie_jpeg=reading.selfie.crop_jpeg,
        best_frame_jpeg=None if best is None else small_jpeg(best),
        timeline=None if signals is None else _timeline(signals),
    )


def _timeline(signals: Signals) -> Timeline:
    roll = signals.roll_deg
    return Timeline(
        at_ms=tuple(round(float(at_ms)) for at_ms in signals.at_ms),
        yaw_deg=_series(signals.yaw_deg),
        pitch_deg=_series(signals.pitch_deg),
        roll_deg=_series(np.full(len(signals.at_ms), np.nan) if roll is None else roll),
        mouth=_series(signals.mouth),
        eye=_series(signals.eye),
    )


def _series(values: NDArray[np.float64]) -> Series:
    return tuple(None if np.isnan(v) else round(float(v), _DECIMALS) for v in values)
