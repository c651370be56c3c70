"""The single-use liveness challenge: random steps at random moments, from what a person can do.

The JSON form is `field_app_spec/schemas/challenge.schema.json`: what the session endpoint returns
and what `jianzai verify --challenge` reads. Sources: requirements rule 3.3, E.4, G2 and G3.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise, product
from math import factorial
from typing import Any
from uuid import UUID

from domain.errors import AppError, Kind
from domain.ids import SessionId

SCHEMA = "jianzai.challenge.v1"
TICK_MS = 50
"""Onsets are drawn in ticks of this size: finer than the timing of a frame buys nothing."""
FEWEST_STEPS = 3
NONCE = re.compile(r"[A-Za-z0-9_-]{16,128}")
LONGEST_MS = 30_000
"""The longest clip that is accepted at all (platform study G3)."""


class Action(StrEnum):
    """What a step asks for. Left and right are the person's own."""

    TURN_LEFT = "turn_left"
    TURN_RIGHT = "turn_right"
    NOD = "nod"
    OPEN_MOUTH = "open_mouth"
    BLINK = "blink"


class Need(StrEnum):
    """A limitation the person or helper named; it only takes actions out of the set."""

    NO_TURN = "no_turn"
    NO_BLINK = "no_blink"
    SEATED = "seated"
    BEDRIDDEN = "bedridden"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One movement. It counts when it peaks between `onset_ms` and `end_ms` of clip time."""

    action: Action
    onset_ms: int
    window_ms: int

    @property
    def end_ms(self) -> int:
        """The last moment at which the movement still counts."""
        return self.onset_ms + self.window_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How a challenge is laid out in time, all in milliseconds and whole ticks.

    A clip lasts from `shortest_ms` to `shortest_ms + slack_ms`. `slack_ms` is the room in which
    the onsets move about: it is what makes a clip recorded beforehand fail in time.
    """

    steps: int = 4
    lead_ms: int = 800  # looking straight ahead: the person's own neutral
    spacing_ms: int = 1300  # least time from one onset to the next
    window_ms: int = 1000
    slack_ms: int = 2000
    tail_ms: int = 300

    def __post_init__(self) -> None:
        if self.steps < FEWEST_STEPS:
            raise ValueError("a challenge has at least three steps")
        times = (self.lead_ms, self.spacing_ms, self.window_ms, self.slack_ms, self.tail_ms)
        if min(times) < 0 or any(t % TICK_MS for t in times):
            raise ValueError("times are whole ticks and never negative")
        if not 0 < self.window_ms <= self.spacing_ms:
            raise ValueError("windows may not overlap")
        if self.shortest_ms + self.slack_ms > LONGEST_MS:
            raise ValueError("the clip would be longer than any that is accepted")

    @property
    def shortest_ms(self) -> int:
        """Length of the clip when every step comes as early as it can."""
        between = (self.steps - 1) * self.spacing_ms
        return self.lead_ms + between + self.window_ms + self.tail_ms


STANDARD = Pace()
"""6.0 to 8.0 s. Guessed with probability 2.6e-3 (see `guess_probability`); 5 steps: 7.5e-4."""
SLOW = Pace(lead_ms=1000, spacing_ms=1800, window_ms=1500, slack_ms=2000)
"""8.2 to 10.2 s, for someone who sits or lies, or when few kinds of movement are left."""


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

    def is_expired(self, at: datetime) -> bool:
        """At the very moment of `expires_at` it is."""
        return at >= self.expires_at


_TAKES_AWAY: Mapping[Need, frozenset[Action]] = {
    Need.NO_TURN: frozenset({Action.TURN_LEFT, Action.TURN_RIGHT}),
    Need.NO_BLINK: frozenset({Action.BLINK}),
    Need.BEDRIDDEN: frozenset({Action.NOD}),  # the pillow is in the way; it lets small turns by
    Need.SEATED: frozenset(),  # every action is one of the head: only the pace changes
}


def allowed_actions(needs: Iterable[Need]) -> tuple[Action, ...]:
    """Name the actions left, in the order of `Action`. Opening the mouth always is."""
    banned = frozenset[Action]().union(*(_TAKES_AWAY[need] for need in needs))
    return tuple(a for a in Action if a not in banned)


def pace_for(needs: Iterable[Need]) -> Pace:
    """Slow for someone who sits or lies, and when few kinds of movement are left."""
    named = frozenset(needs)
    unhurried = bool(named & {Need.SEATED, Need.BEDRIDDEN})
    return SLOW if unhurried or len(allowed_actions(named)) <= 2 else STANDARD


@lru_cache(maxsize=256)
def sequences(actions: tuple[Action, ...], steps: int) -> tuple[tuple[Action, ...], ...]:
    """Every order that may be asked; each is equally likely.

    No action comes twice running, unless it is the only one. At most one blink, where the others
    can fill the rest: a blink comes by itself too often to prove much, and is the hardest to see.
    """
    others = [a for a in actions if a is not Action.BLINK]
    blinks = 1 if len(others) > 1 else steps - 1
    return tuple(
        order
        for order in product(actions, repeat=steps)
        if order.count(Action.BLINK) <= blinks
        and (len(actions) == 1 or all(a is not b for a, b in pairwise(order)))
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
    orders = sequences(allowed_actions(named), pace.steps)
    order = orders[draw(len(orders))]
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


def guess_probability(pace: Pace, needs: Iterable[Need] = ()) -> float:
    """How likely the best clip made beforehand answers a challenge that is drawn afterwards.

    Order: one in as many as `sequences` allows. Onsets: the clip's movements stand at fixed times,
    each must fall into a window that was shifted by chance; the best fixed times are looked for.
    The time of a blink is taken as guessed, because eyes blink by themselves. Says nothing about
    an attacker who sees the challenge and moves a picture in time with it.
    """
    orders = sequences(allowed_actions(needs), pace.steps)
    blinks = {tuple(a is Action.BLINK for a in order) for order in orders}
    room, width = pace.slack_ms // TICK_MS, pace.window_ms // TICK_MS
    return max(_best_onset_guess(room, width, free) for free in blinks) / len(orders)


@lru_cache(maxsize=256)
def _best_onset_guess(room: int, width: int, free: tuple[bool, ...]) -> float:
    """Find the largest `_onset_guess` over fixed times, climbing one step's time at a time."""
    count = len(free)
    starts = [round(room * (k + 1) / (count + 1) - width / 2) for k in range(count)]
    best = _onset_guess(room, width, free, starts=starts)
    while True:
        tried = list(_neighbours(starts))
        scores = [_onset_guess(room, width, free, starts=s) for s in tried]
        if max(scores) <= best:
            return best
        best = max(scores)
        starts = tried[scores.index(best)]


def _neighbours(starts: list[int]) -> Iterator[list[int]]:
    for k in range(len(starts)):
        for move in (-1, 1):
            yield [s + move * (i == k) for i, s in enumerate(starts)]


def _onset_guess(room: int, width: int, free: tuple[bool, ...], *, starts: list[int]) -> float:
    """P(the k-th smallest of n uniform ticks 0..room lies in starts[k]..starts[k]+width, all k).

    Counts the draws tick by tick: `ways[k]` is the weight of having placed k of them so far, and
    j draws on one tick weigh 1/j! of the n! orders in which they could have come.
    """
    count = len(free)
    ways = [1.0] + [0.0] * count
    for tick in range(room + 1):
        fits = [free[k] or starts[k] <= tick <= starts[k] + width for k in range(count)]
        ways = [
            sum(ways[i] / factorial(k - i) for i in range(k + 1) if all(fits[i:k]))
            for k in range(count + 1)
        ]
    return ways[count] * factorial(count) / float((room + 1) ** count)


def to_json(challenge: Challenge) -> dict[str, Any]:
    """Write the public form; `from_json` reads it back exactly."""
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
    )


def _whole(number: object) -> int:
    if type(number) is not int:  # a bool is an int to isinstance, and 1.0 == 1
        raise TypeError("a whole number of milliseconds")
    return number


def _moment(value: str) -> datetime:
    return datetime.fromisoformat(value).astimezone(UTC)


def _stamp(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
