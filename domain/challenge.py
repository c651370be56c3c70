"""The single-use liveness challenge: random steps at random moments, from what a person can do.

The JSON form is `field_app_spec/schemas/challenge.schema.json`: what the session endpoint returns
and what `jianzai verify --challenge` reads. How likely a clip made beforehand answers it stands in
`domain.guessing`. Sources: requirements rule 3.3, E.4, G2 and G3.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise, product
from typing import Any
from uuid import UUID

from domain.errors import AppError, Kind
from domain.ids import SessionId
from domain.light import Light, draw_light, light_from_json, light_to_json

SCHEMA = "jianzai.challenge.v1"
TICK_MS = 50
"""Onsets are drawn in ticks of this size: finer than the timing of a frame buys nothing."""
FEWEST_STEPS, MOST_STEPS = 3, 7
"""More than seven movements nobody keeps up, and no clip of half a minute holds."""
BLINK_ONE_IN = 6
"""A blink is asked for, beside the other steps, in one challenge of so many."""
NONCE = re.compile(r"[A-Za-z0-9_-]{16,128}")
LONGEST_MS = 30_000
"""The longest clip that is accepted at all (platform study G3)."""


class Action(StrEnum):
    """What a step asks for. Left and right are the person's own, also those of the phone."""

    TURN_LEFT = "turn_left"
    TURN_RIGHT = "turn_right"
    NOD = "nod"
    OPEN_MOUTH = "open_mouth"
    BLINK = "blink"
    TILT_LEFT = "tilt_left"  # the ear towards the shoulder
    TILT_RIGHT = "tilt_right"
    PHONE_LEFT = "phone_left"  # around the still face, towards the person's left, and back
    PHONE_RIGHT = "phone_right"
    PHONE_UP = "phone_up"
    PHONE_DOWN = "phone_down"


class Need(StrEnum):
    """A limitation the person or helper named; it only takes something away from what is hard."""

    NO_TURN = "no_turn"
    NO_BLINK = "no_blink"
    SEATED = "seated"
    BEDRIDDEN = "bedridden"
    TREMOR = "tremor"
    PTOSIS = "ptosis"  # lids that hang
    GLASSES = "glasses"
    NO_FLASH = "no_flash"  # no colours on the screen; whoever asks, for whatever reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One movement. It counts when it begins between `onset_ms` and `end_ms` of clip time."""

    action: Action
    onset_ms: int
    window_ms: int

    @property
    def end_ms(self) -> int:
        """The last moment at which the movement may still begin."""
        return self.onset_ms + self.window_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How a challenge is laid out in time, all in milliseconds and whole ticks.

    `steps` are those besides a blink. `slack_ms` is the room in which the onsets move about: it is
    what makes a clip recorded beforehand fail in time.
    """

    steps: int = 5
    lead_ms: int = 600  # looking straight ahead: the person's own neutral
    spacing_ms: int = 1200  # least time from one onset to the next
    window_ms: int = 1200
    slack_ms: int = 5200
    tail_ms: int = 200

    def __post_init__(self) -> None:
        if not FEWEST_STEPS <= self.steps <= MOST_STEPS:
            raise ValueError("a challenge has three to seven steps")
        times = (self.lead_ms, self.spacing_ms, self.window_ms, self.slack_ms, self.tail_ms)
        if min(times) < 0 or any(t % TICK_MS for t in times):
            raise ValueError("times are whole ticks and never negative")
        if not 0 < self.window_ms <= self.spacing_ms:
            raise ValueError("windows may not overlap")
        if self.longest_ms(self.steps + 1) > LONGEST_MS:
            raise ValueError("the clip would be longer than any that is accepted")

    def shortest_ms(self, steps: int) -> int:
        """Length of a clip of `steps`, a blink among them or not, when each comes early."""
        return self.lead_ms + (steps - 1) * self.spacing_ms + self.window_ms + self.tail_ms

    def longest_ms(self, steps: int) -> int:
        """Length of that clip when the last step comes as late as it can."""
        return self.shortest_ms(steps) + self.slack_ms


STANDARD = Pace()
SLOW = Pace(lead_ms=1000, spacing_ms=1800, window_ms=1500, slack_ms=6400, tail_ms=300)
"""For someone who sits or trembles."""
BY_PHONE = Pace(lead_ms=1000, spacing_ms=1800, window_ms=1500, slack_ms=8200, tail_ms=300)
"""For a still face: a phone is moved more slowly than a head, and there is one kind less."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """What one session asks for. Raises `ValueError` on a layout that no clip could answer."""

    id: SessionId
    nonce: str
    issued_at: datetime
    expires_at: datetime
    duration_ms: int
    steps: tuple[Step, ...]
    needs: tuple[Need, ...]
    light: Light | None = None

    def __post_init__(self) -> None:
        if not NONCE.fullmatch(self.nonce):
            raise ValueError("a nonce is 16 to 128 characters of the URL-safe alphabet")
        if self.issued_at.tzinfo is not UTC or self.expires_at.tzinfo is not UTC:
            raise ValueError("times are aware UTC")
        if self.expires_at <= self.issued_at:
            raise ValueError("a challenge lives for a while")
        if len(self.steps) < FEWEST_STEPS or any(s.window_ms <= 0 for s in self.steps):
            raise ValueError("a challenge has at least three steps, each with a window")
        if self.steps[0].onset_ms < 0 or any(
            a.end_ms > b.onset_ms for a, b in pairwise(self.steps)
        ):
            raise ValueError("steps come one after the other")
        if not self.steps[-1].end_ms <= self.duration_ms <= LONGEST_MS:
            raise ValueError("the clip covers its last step and is not too long")
        if self.light is not None and (
            Need.NO_FLASH in self.needs or self.light.end_ms > self.duration_ms
        ):
            raise ValueError("the light stays within the clip and away from who cannot bear it")


_HEAD = frozenset(
    {
        Action.TURN_LEFT,
        Action.TURN_RIGHT,
        Action.NOD,
        Action.OPEN_MOUTH,
        Action.BLINK,
        Action.TILT_LEFT,
        Action.TILT_RIGHT,
    }
)
_STILL_FACE = frozenset(
    {
        Action.OPEN_MOUTH,
        Action.BLINK,
        Action.PHONE_LEFT,
        Action.PHONE_RIGHT,
        Action.PHONE_UP,
        Action.PHONE_DOWN,
    }
)
SIDEWAYS = frozenset({Action.TURN_LEFT, Action.TURN_RIGHT, Action.PHONE_LEFT, Action.PHONE_RIGHT})
"""What shows the face from a side. Every challenge holds one: depth is read from it."""

_STILL = frozenset({Need.NO_TURN, Need.BEDRIDDEN})  # the phone is moved instead of the head
_NO_LIDS = frozenset({Need.NO_BLINK, Need.PTOSIS, Need.GLASSES})
_UNHURRIED = frozenset({Need.SEATED, Need.TREMOR})


def allowed_actions(needs: Iterable[Need]) -> tuple[Action, ...]:
    """Name the actions that may be asked for, in the order of `Action`.

    No two of them look alike to the camera: who keeps the head still is shown from four sides by
    the phone, instead of turning, nodding and tilting.
    """
    named = frozenset(needs)
    kinds = _STILL_FACE if named & _STILL else _HEAD
    banned = {Action.BLINK} if named & _NO_LIDS else set[Action]()
    return tuple(a for a in Action if a in kinds - banned)


def pace_for(needs: Iterable[Need], *, fewest: int = 0) -> Pace:
    """Choose the pace; `fewest` steps is what policy asks for, beyond what the pace has."""
    named = frozenset(needs)
    pace = BY_PHONE if named & _STILL else SLOW if named & _UNHURRIED else STANDARD
    return pace if pace.steps >= fewest else replace(pace, steps=fewest)


@lru_cache(maxsize=64)
def sequences(actions: tuple[Action, ...], steps: int) -> tuple[tuple[Action, ...], ...]:
    """Every order that may be asked, a blink left out of account; each is equally likely.

    No action comes twice running, at least one shows the face from a side, and no order is its own
    reverse: a clip played backwards never answers its own challenge.
    """
    kinds = [a for a in actions if a is not Action.BLINK]
    return tuple(
        order
        for order in product(kinds, repeat=steps)
        if all(a is not b for a, b in pairwise(order))
        and order != order[::-1]
        and not SIDEWAYS.isdisjoint(order)
    )


def make_challenge(  # noqa: PLR0913 - each is a fact that only the shell knows
    *,
    draw: Callable[[int], int],
    needs: Iterable[Need],
    at: datetime,
    ttl_s: int,
    nonce: str,
    challenge_id: SessionId,
    pace: Pace | None = None,
) -> Challenge:
    """Draw one challenge. `draw(n)` is uniform over 0..n-1 and the only source of chance.

    Without a `pace` the needs choose it.
    """
    named = tuple(n for n in Need if n in set(needs))
    pace = pace_for(named) if pace is None else pace
    order = _draw_order(draw, allowed_actions(named), pace.steps)
    room = pace.slack_ms // TICK_MS
    shifts = sorted(draw(room + 1) for _ in order)
    steps = tuple(
        Step(
            action=action,
            onset_ms=pace.lead_ms + k * pace.spacing_ms + shift * TICK_MS,
            window_ms=pace.window_ms,
        )
        for k, (action, shift) in enumerate(zip(order, shifts, strict=True))
    )
    issued_at = at.astimezone(UTC)
    return Challenge(
        id=challenge_id,
        nonce=nonce,
        issued_at=issued_at,
        expires_at=issued_at + timedelta(seconds=ttl_s),
        duration_ms=steps[-1].end_ms + pace.tail_ms,
        steps=steps,
        needs=named,
    )


def _draw_order(
    draw: Callable[[int], int], actions: tuple[Action, ...], steps: int
) -> tuple[Action, ...]:
    """Draw the order, and now and then a blink beside it.

    A blink stands for no other step: eyes blink by themselves, so that a clip made beforehand has
    one ready wherever it is asked for.
    """
    orders = sequences(actions, steps)
    order = orders[draw(len(orders))]
    if Action.BLINK not in actions or draw(BLINK_ONE_IN) != 0:
        return order
    place = draw(steps + 1)
    return (*order[:place], Action.BLINK, *order[place:])


def with_light(challenge: Challenge, draw: Callable[[int], int]) -> Challenge:
    """Add colours on the screen, unless someone cannot bear them: the movements are enough."""
    if Need.NO_FLASH in challenge.needs:
        return challenge
    return replace(challenge, light=draw_light(draw, within_ms=challenge.duration_ms))


def to_json(challenge: Challenge) -> dict[str, Any]:
    """Write the public form; `from_json` reads it back exactly."""
    light = {} if challenge.light is None else {"light": light_to_json(challenge.light)}
    return {
        "schema": SCHEMA,
        "id": str(challenge.id),
        "nonce": challenge.nonce,
        "issued_at": _stamp(challenge.issued_at),
        "expires_at": _stamp(challenge.expires_at),
        "duration_ms": challenge.duration_ms,
        "steps": [
            {"action": s.action.value, "onset_ms": s.onset_ms, "window_ms": s.window_ms}
            for s in challenge.steps
        ],
        "needs": [need.value for need in challenge.needs],
        **light,
    }


def from_json(document: object) -> Challenge:
    """Read the public form strictly.

    Raises `AppError` INVALID `challenge.malformed` on anything that `to_json` would not write:
    a missing or additional field, another type, an impossible layout.
    """
    try:
        challenge = _read(document)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise AppError(Kind.INVALID, "challenge.malformed") from error
    if to_json(challenge) != document:
        raise AppError(Kind.INVALID, "challenge.malformed")
    return challenge


def _read(document: Any) -> Challenge:
    return Challenge(
        id=SessionId(UUID(document["id"])),
        nonce=document["nonce"],
        issued_at=_moment(document["issued_at"]),
        expires_at=_moment(document["expires_at"]),
        duration_ms=_whole(document["duration_ms"]),
        steps=tuple(
            Step(
                action=Action(step["action"]),
                onset_ms=_whole(step["onset_ms"]),
                window_ms=_whole(step["window_ms"]),
            )
            for step in document["steps"]
        ),
        needs=tuple(n for n in Need if n in document["needs"]),
        light=light_from_json(document["light"]) if "light" in document else None,
    )


def _whole(number: object) -> int:
    if type(number) is not int:  # a bool is an int to isinstance, and 1.0 == 1
        raise TypeError("a whole number of milliseconds")
    return number


def _moment(value: str) -> datetime:
    return datetime.fromisoformat(value).astimezone(UTC)


def _stamp(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
