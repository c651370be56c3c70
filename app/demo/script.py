"""What a person before the camera does when a challenge asks: movements with human timing.

A performance is continuous in time; the camera's clock decides when it is looked at.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from app.demo.puppet import Pose
from domain.challenge import Action, Challenge, Step

_Series = NDArray[np.float64]


class Behaviour(StrEnum):
    """How a clip relates to what was asked."""

    ANSWERS = "answers"
    ELDERLY_SLOW = "elderly_slow"  # answers, with less movement, later, trembling
    WRONG_ORDER = "wrong_order"  # moves at the right times, each time something else
    NO_RESPONSE = "no_response"  # looks into the camera and does nothing
    LATE = "late"  # answers rightly, each time when it is too late
    REVERSED = "reversed"  # the right answer played backwards
    STILL = "still"  # a photo of the person is held before the camera
    TILTED_PHOTO = "tilted_photo"  # the photo is tilted and nodded as asked; it stays flat
    OTHER = "other"  # another person gives the right answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How somebody moves. Times in milliseconds, angles in degrees."""

    reaction: tuple[int, int] = (250, 450)
    ramp: int = 320
    hold: int = 170
    back: int = 360
    amount: float = 1.0
    tremor_deg: float = 0.0
    tremor_hz: float = 4.8
    sway_deg: float = 0.7
    leans: float = 0.0  # degrees of tilt for each degree of a turn: nobody turns quite upright
    drift_deg: float = 0.0  # by which the head has sunk to one side when the clip ends
    lids: float = 0.0  # how far the lids hang while the eyes are open, 0..1
    blinks_per_s: float = 0.2  # that come by themselves


NORMAL = Manner()
ELDERLY = Manner(
    reaction=(330, 480), ramp=400, hold=160, back=480, amount=0.68, tremor_deg=0.35, sway_deg=1.0
)
_HEAD: Mapping[Action, tuple[float, float, float]] = {
    Action.TURN_LEFT: (31.0, 0.0, 0.0),
    Action.TURN_RIGHT: (-31.0, 0.0, 0.0),
    Action.NOD: (0.0, 20.0, 0.0),
    Action.TILT_LEFT: (0.0, 0.0, 24.0),
    Action.TILT_RIGHT: (0.0, 0.0, -24.0),
}
"""Yaw, pitch and roll of a whole movement, degrees."""
_CARRIED_AROUND = frozenset(
    {Action.PHONE_LEFT, Action.PHONE_RIGHT, Action.PHONE_UP, Action.PHONE_DOWN}
)
_ORBIT_DEG = 26.0  # by which the phone is carried around the face: 20 cm at arm's length
_CARRIED = 1.6  # a phone takes so much longer than a head
_BLINK = Manner(ramp=110, hold=150, back=170)
_SHIFT = 0.006  # unsteadiness of the hand that holds the phone, in face widths
_TOO_LATE_MS = (350, 900)  # after the step's window has ended


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """One action with its course: begins, is fully there from `full` to `until`, ends."""

    action: Action
    begins: float
    full: float
    until: float
    ends: float
    amount: float

    def share(self, at_ms: _Series) -> _Series:
        """How much of the movement is there, 0..amount."""
        up = _ease((at_ms - self.begins) / (self.full - self.begins))
        down = _ease((self.ends - at_ms) / (self.ends - self.until))
        return np.asarray(self.amount * np.minimum(up, down), np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sway:
    """Small motion that nobody notices: a sum of slow sines, one row per quantity."""

    hertz: tuple[float, ...]
    phases: tuple[tuple[float, ...], ...]

    def at(self, row: int, at_ms: _Series) -> _Series:
        """Values of one quantity, about -1..1."""
        angles = [
            2 * np.pi * (hertz * at_ms / 1000 + phase)
            for hertz, phase in zip(self.hertz, self.phases[row], strict=True)
        ]
        return np.asarray(np.mean(np.sin(angles), axis=0), np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """Poses at many moments: one value a moment in each series, as in `Pose`."""

    yaw_deg: _Series
    pitch_deg: _Series
    roll_deg: _Series
    blink: _Series
    mouth: _Series
    shift: tuple[_Series, _Series]
    view: tuple[_Series, _Series]


@dataclass(frozen=True, slots=True, kw_only=True)
class Performance:
    """Everything one person does in one clip."""

    movements: tuple[Movement, ...]
    manner: Manner
    sway: Sway
    duration_ms: int
    backwards: bool = False

    def pose_at(self, at_ms: float) -> Pose:
        """Tell the pose at a moment of clip time."""
        course = self.course(np.array([at_ms], np.float64))
        return Pose(
            yaw_deg=float(course.yaw_deg[0]),
            pitch_deg=float(course.pitch_deg[0]),
            roll_deg=float(course.roll_deg[0]),
            blink=float(course.blink[0]),
            mouth=float(course.mouth[0]),
            shift=(float(course.shift[0][0]), float(course.shift[1][0])),
            view=(float(course.view[0][0]), float(course.view[1][0])),
        )

    def course(self, at_ms: _Series) -> Course:
        """Tell the poses at many moments of clip time."""
        now = self.duration_ms - at_ms if self.backwards else at_ms
        shares = {action: np.zeros(len(now)) for action in Action}
        for movement in self.movements:
            shares[movement.action] += movement.share(now)
        yaw, pitch, roll = self._idle(now)
        for action, (yaw_deg, pitch_deg, roll_deg) in _HEAD.items():
            yaw += yaw_deg * shares[action]
            pitch += pitch_deg * shares[action]
            roll += roll_deg * shares[action]
        return Course(
            yaw_deg=yaw,
            pitch_deg=pitch,
            roll_deg=roll + self.manner.leans * yaw,
            blink=np.minimum(1.0, self.manner.lids + shares[Action.BLINK]),
            mouth=np.minimum(1.0, shares[Action.OPEN_MOUTH]),
            shift=(_SHIFT * self.sway.at(3, now), _SHIFT * self.sway.at(4, now)),
            view=(
                _ORBIT_DEG * (shares[Action.PHONE_LEFT] - shares[Action.PHONE_RIGHT]),
                _ORBIT_DEG * (shares[Action.PHONE_UP] - shares[Action.PHONE_DOWN]),
            ),
        )

    def _idle(self, now: _Series) -> tuple[_Series, _Series, _Series]:
        """Yaw, pitch and roll of somebody who does nothing."""
        sway, tremor = self.manner.sway_deg, self.manner.tremor_deg
        shake = tremor * np.sin(2 * np.pi * self.manner.tremor_hz * now / 1000)
        sunk = self.manner.drift_deg * now / self.duration_ms
        return (
            sway * self.sway.at(0, now) + shake + sunk,
            sway * self.sway.at(1, now) + 0.6 * shake + 0.7 * sunk,
            sway * self.sway.at(2, now) + 0.4 * shake + 0.5 * sunk,
        )


def perform(
    challenge: Challenge, behaviour: Behaviour, *, seed: int, manner: Manner | None = None
) -> Performance:
    """Act out `challenge` as `behaviour` says; the same seed gives the same performance.

    `manner` is how the person moves, by default as the behaviour suggests; `app.demo.profiles` has
    those of people with needs.
    """
    chance = np.random.default_rng([seed, len(challenge.steps)])
    usual = ELDERLY if behaviour is Behaviour.ELDERLY_SLOW else NORMAL
    chosen = usual if manner is None else manner
    asked = [_movement(step, chosen, chance) for step in _followed(challenge.steps, behaviour)]
    if behaviour is Behaviour.LATE:
        asked = [_delayed(m, step, chance) for m, step in zip(asked, challenge.steps, strict=True)]
    return Performance(
        movements=(*asked, *_own_blinks(asked, challenge.duration_ms, chosen, chance)),
        manner=chosen,
        sway=_sway(chance),
        duration_ms=challenge.duration_ms,
        backwards=behaviour is Behaviour.REVERSED,
    )


def _followed(steps: Sequence[Step], behaviour: Behaviour) -> Sequence[Step]:
    match behaviour:
        case (
            Behaviour.ANSWERS
            | Behaviour.ELDERLY_SLOW
            | Behaviour.LATE
            | Behaviour.OTHER
            | Behaviour.REVERSED
            | Behaviour.TILTED_PHOTO
        ):
            return steps
        case Behaviour.NO_RESPONSE | Behaviour.STILL:
            return ()
        case Behaviour.WRONG_ORDER:
            return _disordered(steps)
        case _:
            assert_never(behaviour)


def _disordered(steps: Sequence[Step]) -> Sequence[Step]:
    """Rotate the actions, not the times, so that as few as possible stay in their place."""
    actions = [step.action for step in steps]
    rotations = [actions[k:] + actions[:k] for k in range(1, len(actions))]
    least = min(
        rotations, key=lambda turned: sum(a is b for a, b in zip(actions, turned, strict=True))
    )
    return [replace(step, action=action) for step, action in zip(steps, least, strict=True)]


def _movement(step: Step, manner: Manner, chance: np.random.Generator) -> Movement:
    begins = step.onset_ms + float(chance.uniform(*manner.reaction))
    course = _pace_of(step.action, manner)
    return _course(step.action, begins, course, amount=_amount(step.action, manner, chance))


def _pace_of(action: Action, manner: Manner) -> Manner:
    if action is Action.BLINK:
        return _BLINK
    if action in _CARRIED_AROUND:
        return replace(
            manner, ramp=round(_CARRIED * manner.ramp), back=round(_CARRIED * manner.back)
        )
    return manner


def _delayed(movement: Movement, step: Step, chance: np.random.Generator) -> Movement:
    by = step.end_ms + float(chance.uniform(*_TOO_LATE_MS)) - movement.begins
    return replace(
        movement,
        begins=movement.begins + by,
        full=movement.full + by,
        until=movement.until + by,
        ends=movement.ends + by,
    )


def _course(action: Action, begins: float, manner: Manner, *, amount: float) -> Movement:
    full = begins + manner.ramp
    until = full + manner.hold
    return Movement(
        action=action,
        begins=begins,
        full=full,
        until=until,
        ends=until + manner.back,
        amount=amount,
    )


def _amount(action: Action, manner: Manner, chance: np.random.Generator) -> float:
    """Lids close fully or not at all; everything else varies a little from time to time."""
    if action is Action.BLINK:
        return 1.0
    return manner.amount * float(chance.uniform(0.93, 1.05))


def _own_blinks(
    asked: Sequence[Movement], duration_ms: int, manner: Manner, chance: np.random.Generator
) -> list[Movement]:
    """Blinks that come by themselves, between the movements that were asked for."""
    count = int(chance.poisson(manner.blinks_per_s * duration_ms / 1000))
    begins = chance.uniform(300, max(301, duration_ms - 400), count)
    blinks = [
        _course(Action.BLINK, float(at), replace(_BLINK, hold=50), amount=1.0) for at in begins
    ]
    return [b for b in blinks if all(b.ends < m.begins or b.begins > m.ends for m in asked)]


def _sway(chance: np.random.Generator) -> Sway:
    hertz = (0.23, 0.41, 0.77)
    rows = chance.uniform(0, 1, (5, len(hertz)))
    return Sway(hertz=hertz, phases=tuple(tuple(float(p) for p in row) for row in rows))


def _ease(share: _Series) -> _Series:
    """0 to 1 with a soft start and end."""
    clipped = np.clip(share, 0.0, 1.0)
    return np.asarray(clipped * clipped * (3 - 2 * clipped), np.float64)
