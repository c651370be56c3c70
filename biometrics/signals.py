"""Series of what a face does, and the movements in them."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.challenge import Action

TURN_DEG = 9.735  # true degrees: 11 of those that the landmarks tell (`pose.SCALES`)
NOD_DEG = 7.21  # as for looking up; the study (3.4) asks for 8 from peak to peak
TILT_DEG = 9.0
LOOK_UP_DEG = 7.21  # 7 told
MOUTH_TIMES_BASELINE = 2.0
MOUTH_RISE_FLOOR = 0.15  # a shut mouth has a baseline near 0: twice that is no movement
BLINK_SHARE = 0.6  # of the open eye's 80th percentile
SHORTEST_MS = 150.0  # for all but a blink, which may be one frame
WEAK_SHARE = 0.5  # of the threshold: some movement
_HELD_SHARE = 0.75  # of the threshold, for as long as `SHORTEST_MS`
_AT_PEAK = 0.9
_NOD_MAX_YAW_DEG = 8.85  # pitch is not to be trusted while the head is turned
_MOUTH_MAX_YAW_DEG = 17.7
_BLINK_MAX_YAW_DEG = 13.275
_NEUTRAL_SAMPLES = 4
_SMOOTH_MS = 200.0  # half width: nothing is left of 4 to 6 Hz, and 95 % of a turn of half a second
_SETTLES_MS = 2500.0  # half width of the stretch whose median is where the head rests
_MARK_MS = 400.0  # a median is taken so often, and read off between
_YAW_SETTLES = (-3.54, 3.54)  # degrees by which that may be off from the first neutral
_PITCH_SETTLES = (-4.12, 5.88)
_ROLL_SETTLES = (-4.0, 4.0)
_LEAVES, _HALFWAY = 0.2, 0.5  # shares of the peak
_LONGEST_RISE_MS = 1500.0

_Series = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signals:
    """One value per sampled frame; NaN where the face was not measurable."""

    at_ms: _Series
    yaw_deg: _Series  # relative to the person's own neutral, positive to the person's left
    pitch_deg: _Series  # likewise, positive downwards
    mouth: _Series  # gap over width
    eye: _Series  # height over width
    roll_deg: _Series | None = None  # likewise, positive to the person's left; None: not measured


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """One stretch in which a signal stood above half of what its action needs."""

    action: Action
    began_ms: float  # when it left the baseline
    peak_ms: float  # when it first came near its peak
    strength: float  # peak / threshold
    from_ms: float
    to_ms: float
    lasting: bool  # near the threshold for as long as the action needs

    @property
    def full(self) -> bool:
        """Large and long enough to be the action."""
        return self.strength >= 1.0 and self.lasting


def strengths_of(signals: Signals, first_ms: float) -> Mapping[Action, _Series]:
    """Per kind of movement that a camera tells apart, its signal over what the action needs.

    `first_ms` is when the first step was asked for: what comes before is the mouth's baseline.
    """
    at_ms = signals.at_ms
    window = _window(at_ms)
    yaw = _settled(at_ms, _smooth(signals.yaw_deg, window), _YAW_SETTLES)
    measured = np.zeros(len(at_ms)) if signals.roll_deg is None else signals.roll_deg
    roll = _settled(at_ms, _smooth(measured, window), _ROLL_SETTLES)
    turned = np.abs(yaw)
    ahead = np.where(turned <= _NOD_MAX_YAW_DEG, signals.pitch_deg, np.nan)
    pitch = _settled(at_ms, _smooth(ahead, window), _PITCH_SETTLES)
    mouth = np.where(turned <= _MOUTH_MAX_YAW_DEG, _smooth(signals.mouth, window), np.nan)
    eye = np.where(turned <= _BLINK_MAX_YAW_DEG, signals.eye, np.nan)
    return {
        Action.TURN_LEFT: yaw / TURN_DEG,
        Action.TURN_RIGHT: -yaw / TURN_DEG,
        Action.NOD: pitch / NOD_DEG,
        Action.PHONE_DOWN: -pitch / LOOK_UP_DEG,
        Action.TILT_LEFT: roll / TILT_DEG,
        Action.TILT_RIGHT: -roll / TILT_DEG,
        Action.OPEN_MOUTH: _mouth_strength(mouth, at_ms < first_ms),
        Action.BLINK: _blink_strength(eye),
    }


def _window(at_ms: _Series) -> _Series:
    """Triangular weights over time: frames come unevenly, samples would be another filter."""
    return np.asarray(np.clip(1.0 - np.abs(at_ms[:, None] - at_ms) / _SMOOTH_MS, 0.0, None))


def _smooth(values: _Series, window: _Series) -> _Series:
    """Median of three against single outliers, then the window."""
    if len(values) < 3:
        return values
    beside = np.stack([np.r_[values[:1], values[:-1]], values, np.r_[values[1:], values[-1:]]])
    steady = np.where(np.isnan(beside).any(axis=0), values, np.sort(beside, axis=0)[1])
    known = ~np.isnan(steady)
    total = window @ known.astype(np.float64)
    mean = (window @ np.where(known, steady, 0.0)) / np.maximum(total, 1e-9)
    return np.where(known, mean, np.nan)


def _settled(at_ms: _Series, degrees: _Series, within: tuple[float, float]) -> _Series:
    """Relative to where the head rests around that time: it comes back, but not quite."""
    seen = ~np.isnan(degrees)
    if not seen.any():
        return degrees
    known_ms, known = at_ms[seen], degrees[seen]
    marks = np.arange(known_ms[0], known_ms[-1] + _MARK_MS, _MARK_MS)
    first = np.searchsorted(known_ms, marks - _SETTLES_MS)
    last = np.searchsorted(known_ms, marks + _SETTLES_MS, side="right")
    rests = [
        np.sort(known[a:b])[(b - a) // 2] if b > a else 0.0
        for a, b in zip(first, last, strict=True)
    ]
    rest = np.clip(np.interp(at_ms, marks, rests), *within)
    return np.asarray(degrees - rest, np.float64)


def _mouth_strength(mouth: _Series, before: NDArray[np.bool_]) -> _Series:
    neutral = mouth[before & ~np.isnan(mouth)]
    seen = neutral if len(neutral) >= _NEUTRAL_SAMPLES else mouth[~np.isnan(mouth)]
    if len(seen) == 0:
        return mouth
    baseline = float(np.median(seen))
    rise = max(MOUTH_RISE_FLOOR, (MOUTH_TIMES_BASELINE - 1.0) * baseline)
    return (mouth - baseline) / rise


def _blink_strength(eye: _Series) -> _Series:
    seen = eye[~np.isnan(eye)]
    if len(seen) < _NEUTRAL_SAMPLES:
        return np.full(len(eye), np.nan)
    open_eye = max(1e-6, float(np.percentile(seen, 80)))
    return (1.0 - eye / open_eye) / (1.0 - BLINK_SHARE)


def movements_of(action: Action, at_ms: _Series, strength: _Series) -> list[Movement]:
    """Find every stretch above `WEAK_SHARE`, in order of time."""
    known = np.nan_to_num(strength, nan=-1.0)
    above = known >= WEAK_SHARE
    edges = np.flatnonzero(np.diff(np.concatenate([[0], above.astype(int), [0]])))
    return [
        _movement(action, at_ms, known, start=int(start), stop=int(stop))
        for start, stop in zip(edges[::2], edges[1::2], strict=True)
    ]


def _movement(
    action: Action, at_ms: _Series, strength: _Series, *, start: int, stop: int
) -> Movement:
    inside = strength[start:stop]
    peak = int(np.argmax(inside))
    near_peak = start + int(np.argmax(inside >= _AT_PEAK * inside[peak]))
    held = np.flatnonzero(inside >= _HELD_SHARE)
    held_ms = float(at_ms[start + held[-1]] - at_ms[start + held[0]]) if len(held) else 0.0
    return Movement(
        action=action,
        began_ms=_began(at_ms, strength, near_peak),
        peak_ms=float(at_ms[near_peak]),
        strength=float(inside[peak]),
        from_ms=float(at_ms[start]),
        to_ms=float(at_ms[stop - 1]),
        lasting=action is Action.BLINK or held_ms >= SHORTEST_MS,
    )


def _began(at_ms: _Series, strength: _Series, peak: int) -> float:
    """Extend the line from a fifth to half of the peak down to nothing: where it left rest.

    On smooth rises of 300 to 900 ms that is 50 to 130 ms after the true beginning.
    """
    left_ms = _crossed(at_ms, strength, peak, share=_LEAVES)
    half_ms = _crossed(at_ms, strength, peak, share=_HALFWAY)
    return left_ms - (half_ms - left_ms) * _LEAVES / (_HALFWAY - _LEAVES)


def _crossed(at_ms: _Series, strength: _Series, peak: int, *, share: float) -> float:
    """When the signal last rose over `share` of its peak, between two frames."""
    level = share * strength[peak]
    under = np.flatnonzero(strength[:peak] < level)
    before = int(under[-1]) if len(under) else -1
    if before < 0 or at_ms[peak] - at_ms[before] > _LONGEST_RISE_MS:
        early = at_ms[: peak + 1] >= at_ms[peak] - _LONGEST_RISE_MS
        return float(at_ms[int(np.argmax(early))])
    rise = strength[before + 1] - strength[before]
    gap = at_ms[before + 1] - at_ms[before]
    return float(at_ms[before] + gap * np.clip((level - strength[before]) / rise, 0.0, 1.0))
