"""Whether the frames come as evenly as no camera and no phone delivers them.

A camera's exposures drift with light, load and clock, and a recorder stamps what arrives. A file
made by a program has one time step; rounding to the container's tick (33, 33, 34 ms) hides it
from a plain look at the differences, so the stamps are held against an even grid instead. Some
hardware recorders write constant durations: alone this says nothing.
"""

import numpy as np
from numpy.typing import NDArray

from biometrics.container_facts import ContainerFacts
from domain.capture import Cue, CueScore

_FRAMES_MIN = 30
_COARSEST_TICK_MS = 1.2  # iPhones count in 1/600 s: what is under that cannot be seen
_FINEST_MS = 0.02
_TICKS = 0.75  # rounding moves a stamp by half a tick, an even rate that is not whole a bit more
_STEADY_SHARE = 0.98


def steady_clock(facts: ContainerFacts) -> CueScore | None:
    """Share of frames that stand on an even grid, 0..1; None where the file cannot tell."""
    times = np.asarray(facts.times_ms)
    if len(times) < _FRAMES_MIN:
        return None
    tick_ms = _tick(times, facts.tick_ms)
    if tick_ms > _COARSEST_TICK_MS:
        return None
    away = _away_from_grid(times)
    steady = float(np.mean(away <= max(_FINEST_MS, _TICKS * tick_ms)))
    return CueScore(cue=Cue.STEADY_CLOCK, value=steady, limit=_STEADY_SHARE)


def _tick(times: NDArray[np.float64], declared_ms: float) -> float:
    """Find the step in which time was really kept: often whole milliseconds under a finer scale."""
    whole = np.abs(times - np.round(times)).max() <= max(declared_ms, 1e-3) / 2 + 1e-6
    return max(1.0, declared_ms) if whole else declared_ms


def _away_from_grid(times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distance of every stamp from the best even grid; grid places without a frame are fine."""
    period = float(np.median(np.diff(times)))
    residual = np.full(len(times), np.inf)
    for _ in range(3):
        if period <= 0:
            break
        steps = np.maximum(1.0, np.round(np.diff(times) / period))
        places = np.concatenate([[0.0], np.cumsum(steps)])
        slope, start = np.polyfit(places, times, 1)
        residual, period = times - (slope * places + start), float(slope)
    middle = (residual.max() + residual.min()) / 2
    away: NDArray[np.float64] = np.abs(residual - middle)
    return away
