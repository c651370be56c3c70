"""Made-up persons with needs: how each moves, and what a phone would measure of it.

Signal level: no picture is drawn, so that thousands are tried in seconds. Everything about them is
assumed, not observed: results on them are synthetic.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.demo.script import ELDERLY, NORMAL, Manner, Performance
from biometrics.movements import Signals
from biometrics.pose import SCALES, scaled
from domain.challenge import Need


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Somebody who names `needs` and moves in `manner`."""

    needs: tuple[Need, ...] = ()
    manner: Manner = NORMAL


_SLOW = Manner(
    reaction=(400, 800),
    ramp=600,
    hold=250,
    back=700,
    amount=0.62,
    tremor_deg=0.3,
    sway_deg=1.1,
    leans=0.15,
    drift_deg=2.0,
)
_TREMBLING = Manner(
    reaction=(350, 700),
    ramp=500,
    hold=250,
    back=600,
    amount=0.68,
    tremor_deg=1.5,
    tremor_hz=5.0,
    sway_deg=1.2,
    leans=0.15,
    drift_deg=1.5,
)
_LATE = Manner(
    reaction=(400, 900), ramp=350, hold=200, back=400, amount=0.85, sway_deg=0.9, leans=0.1
)
_LYING = Manner(reaction=(400, 800), ramp=450, hold=250, back=550, amount=0.75, sway_deg=0.5)
_SITTING = Manner(
    reaction=(350, 650), ramp=450, hold=250, back=500, amount=0.7, tremor_deg=0.3, sway_deg=1.0
)
_HANGING_LIDS = Manner(reaction=(300, 500), ramp=380, back=420, amount=0.8, lids=0.45)
_BEHIND_GLASSES = Manner(reaction=(280, 480), amount=0.9)

PROFILES: Mapping[str, Profile] = {
    "plain": Profile(),
    "elderly": Profile(manner=ELDERLY),
    "no_turn": Profile(needs=(Need.NO_TURN,), manner=_SITTING),
    "no_blink": Profile(needs=(Need.NO_BLINK,), manner=ELDERLY),
    "seated": Profile(needs=(Need.SEATED,), manner=_SITTING),
    "bedridden": Profile(needs=(Need.BEDRIDDEN,), manner=_LYING),
    "tremor": Profile(needs=(Need.TREMOR,), manner=_TREMBLING),
    "ptosis": Profile(needs=(Need.PTOSIS,), manner=_HANGING_LIDS),
    "glasses": Profile(needs=(Need.GLASSES,), manner=_BEHIND_GLASSES),
    "slow": Profile(needs=(Need.SEATED,), manner=_SLOW),
    "hard_of_hearing": Profile(manner=_LATE),
}
"""By the name of what makes it hard; `slow` is an old person who moves little, late and stiffly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauge:
    """What measuring does to a pose. Standard deviations and gains as on puppets of known pose.

    Gains and noise of turn and nod are those of what the landmarks tell, before its scales.
    """

    hz: float = 15.0
    unsteady_ms: float = 8.0
    yaw_gain: float = 0.85
    pitch_gain: float = 0.64
    noise_deg: float = 0.5
    pitch_of_yaw: float = 0.10  # degrees of false pitch for each degree of turn
    roll_of_yaw: float = 0.05
    mouth_rest: float = 0.10
    mouth_gain: float = 0.40
    mouth_of_yaw: float = 0.003  # lips part in perspective
    mouth_noise: float = 0.012
    eye_open: float = 0.30
    eye_noise: float = 0.015


def signals_of(performance: Performance, *, seed: int, gauge: Gauge | None = None) -> Signals:
    """Measure a performance as the tracker would, from the first frame to the last."""
    used = Gauge() if gauge is None else gauge
    chance = np.random.default_rng([seed, 15])
    even = np.arange(0.0, performance.duration_ms + 100, 1000 / used.hz)
    at_ms = np.sort(even + chance.normal(0, used.unsteady_ms, len(even)))
    seen = performance.course(at_ms)
    yaw, pitch = seen.yaw_deg - seen.view[0], seen.pitch_deg + seen.view[1]

    def noise(size: float) -> NDArray[np.float64]:
        return chance.normal(0, size, len(at_ms))

    told = np.column_stack(
        [
            used.yaw_gain * yaw + noise(used.noise_deg),
            used.pitch_gain * pitch + used.pitch_of_yaw * yaw + noise(used.noise_deg),
        ]
    )
    ways = scaled(told, SCALES)
    return Signals(
        at_ms=at_ms,
        yaw_deg=ways[:, 0],
        pitch_deg=ways[:, 1],
        roll_deg=seen.roll_deg + used.roll_of_yaw * yaw + noise(0.6 * used.noise_deg),
        mouth=used.mouth_rest
        + used.mouth_gain * seen.mouth
        + used.mouth_of_yaw * np.abs(yaw)
        + noise(used.mouth_noise),
        eye=used.eye_open * (1 - 0.85 * seen.blink) + noise(used.eye_noise),
    )
