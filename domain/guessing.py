"""How likely a clip made beforehand answers a challenge that is drawn afterwards.

Says nothing about an attacker who sees the challenge and moves a picture in time with it. Source:
platform study G3.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from math import factorial

from domain.challenge import (
    BLINK_ONE_IN,
    TICK_MS,
    Action,
    Need,
    Pace,
    allowed_actions,
    sequences,
)

_STRIDES = (8, 4, 2, 1)


def guess_probability(pace: Pace, needs: Iterable[Need] = ()) -> float:
    """Bound from above what the best clip made beforehand reaches.

    Order: a clip shows its movements in one order, and one in as many as `sequences` allows is
    asked; it may not show more, because what nobody asked for speaks against it. Onsets: the
    movements begin at fixed times, each must fall into a window that was shifted by chance; the
    best times are looked for. A blink is taken as guessed, wherever it is asked for, and the best
    times are taken anew for each of its places, although a clip can only have one set of them.
    """
    actions = allowed_actions(needs)
    room, width = pace.slack_ms // TICK_MS, pace.window_ms // TICK_MS
    onsets = best_onset_guess(room, width, (False,) * pace.steps)
    if Action.BLINK in actions:
        share = 1 / BLINK_ONE_IN
        onsets = (1 - share) * onsets + share * _beside_a_blink(room, width, pace.steps)
    return onsets / len(sequences(actions, pace.steps))


def _beside_a_blink(room: int, width: int, steps: int) -> float:
    """Mean over the places of the blink, whose own time is free."""
    places = [tuple(k == place for k in range(steps + 1)) for place in range(steps + 1)]
    # read backwards, onsets are spread alike: a pattern and its mirror are guessed alike
    return sum(best_onset_guess(room, width, min(p, p[::-1])) for p in places) / len(places)


@lru_cache(maxsize=256)
def best_onset_guess(room: int, width: int, free: tuple[bool, ...]) -> float:
    """Find the largest `onset_guess` over fixed times.

    The density of ordered onsets is log-concave, so that a climb that moves single times, and any
    run of neighbouring ones together, ends on top.
    """
    count = len(free)
    starts = tuple(round(room * (k + 1) / (count + 1) - width / 2) for k in range(count))
    best = onset_guess(room, width, free, starts)
    for stride in _STRIDES:
        improved = True
        while improved:
            improved = False
            for tried in _neighbours(starts, stride):
                score = onset_guess(room, width, free, tried)
                if score > best:
                    best, starts, improved = score, tried, True
                    break
    return best


def _neighbours(starts: tuple[int, ...], stride: int) -> Iterator[tuple[int, ...]]:
    count = len(starts)
    for length in range(1, count + 1):
        for first in range(count - length + 1):
            moved = range(first, first + length)
            for move in (-stride, stride):
                yield tuple(s + move * (k in moved) for k, s in enumerate(starts))


def onset_guess(room: int, width: int, free: tuple[bool, ...], starts: tuple[int, ...]) -> float:
    """P(the k-th smallest of n uniform ticks 0..room lies in starts[k]..starts[k]+width, all k).

    Where `free`, anywhere. Counts the draws tick by tick: `ways[k]` is the weight of having placed
    k of them so far, and j draws on one tick weigh 1/j! of the n! orders they could have come in.
    """
    count = len(free)
    weight = [1 / factorial(j) for j in range(count + 1)]
    ways = [1.0] + [0.0] * count
    for tick in range(room + 1):
        placed = ways[:]
        for k in range(count):
            if not free[k] and not starts[k] <= tick <= starts[k] + width:
                continue
            for i in range(k, -1, -1):
                if i < k and not (free[i] or starts[i] <= tick <= starts[i] + width):
                    break
                placed[k + 1] += ways[i] * weight[k + 1 - i]
        ways = placed
    return ways[count] * factorial(count) / float((room + 1) ** count)
