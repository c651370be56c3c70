"""Simulated persons and simulated guessers: who gets through by movement alone, and who never does.

Signal level, made up: the figures say what the rules do, not how people are.
"""

from datetime import UTC, datetime
from functools import cache
from uuid import UUID

import numpy as np
import pytest
from scipy.stats import beta

from app.demo.profiles import PROFILES, Gauge, Profile, signals_of
from app.demo.script import Behaviour, Manner, Movement, Performance, Sway, perform
from biometrics.movements import Signals, score_steps
from domain.biometric import StepGrade
from domain.challenge import STANDARD, Action, Challenge, Need, Pace, make_challenge
from domain.guessing import guess_probability
from domain.ids import SessionId

PERSONS = 200
WRONG = 3000
GUESSES = 1000
EASY = Pace(steps=3, slack_ms=2000)  # guessed often enough to be counted
NOISY = Gauge(noise_deg=1.0, mouth_noise=0.02, eye_noise=0.03)
RARE = Gauge(hz=10.0)


@cache
def drawn(seed: int, needs: tuple[Need, ...] = (), pace: Pace | None = None) -> Challenge:
    chance = np.random.default_rng(seed)
    return make_challenge(
        draw=lambda bound: int(chance.integers(bound)),
        needs=needs,
        at=datetime(2026, 3, 2, tzinfo=UTC),
        ttl_s=120,
        nonce="made-up-nonce-0003",
        challenge_id=SessionId(UUID(int=seed)),
        pace=pace,
    )


def passes(signals: Signals, challenge: Challenge) -> bool:
    """What `domain.decision` asks of the steps: all seen, in time and order, nothing besides."""
    scores, unasked = score_steps(signals, challenge.steps)
    moments = [-1 if score.at_ms is None else score.at_ms for score in scores]
    return (
        not set(unasked) - {Action.BLINK}
        and all(score.grade is StepGrade.SEEN for score in scores)
        and all(at >= score.onset_ms for at, score in zip(moments, scores, strict=True))
        and moments == sorted(set(moments))
    )


def passed(profile: Profile, behaviour: Behaviour, seeds: range, gauge: Gauge) -> int:
    count = 0
    for seed in seeds:
        challenge = drawn(seed, profile.needs)
        performance = perform(challenge, behaviour, seed=seed, manner=profile.manner)
        count += passes(signals_of(performance, seed=seed, gauge=gauge), challenge)
    return count


def at_least(passes: int, of: int) -> float:
    """Lower end of the 95 % interval of Clopper and Pearson."""
    return float(beta.ppf(0.025, passes, of - passes + 1)) if passes else 0.0


@pytest.mark.parametrize("name", PROFILES)
def test_nine_in_ten_of_every_profile_pass_by_themselves(name: str) -> None:
    count = passed(PROFILES[name], Behaviour.ANSWERS, range(PERSONS), Gauge())
    assert at_least(count, PERSONS) >= 0.9


@pytest.mark.parametrize("gauge", [NOISY, RARE], ids=["noisy", "ten_hertz"])
def test_a_poor_picture_or_few_frames_still_let_most_through(gauge: Gauge) -> None:
    count = sum(
        passed(profile, Behaviour.ANSWERS, range(20), gauge) for profile in PROFILES.values()
    )
    assert count >= 0.9 * 20 * len(PROFILES)


@pytest.mark.parametrize(
    "behaviour",
    [Behaviour.WRONG_ORDER, Behaviour.LATE, Behaviour.REVERSED, Behaviour.NO_RESPONSE],
)
def test_no_wrong_answer_passes(behaviour: Behaviour) -> None:
    share = range(WRONG // 4 // len(PROFILES) + 1)
    assert not any(passed(p, behaviour, share, Gauge()) for p in PROFILES.values())


def test_no_answer_that_leaves_out_one_movement_passes() -> None:
    for seed in range(WRONG // 10):
        challenge = drawn(seed)
        whole = perform(challenge, Behaviour.ANSWERS, seed=seed)
        left_out = seed % len(challenge.steps)
        if challenge.steps[left_out].action is Action.BLINK:
            continue  # another blink may come by itself
        kept = tuple(m for k, m in enumerate(whole.movements) if k != left_out)
        shown = Performance(
            movements=kept,
            manner=whole.manner,
            sway=whole.sway,
            duration_ms=whole.duration_ms,
        )
        assert not passes(signals_of(shown, seed=seed), challenge)


STEADY = Sway(hertz=(0.23, 0.41, 0.77), phases=((0.1, 0.5, 0.9),) * 5)
SLOTS = (1700.0, 3400.0, 5100.0)
JUST_ENOUGH = {
    Action.TURN_LEFT: 0.47,
    Action.TURN_RIGHT: 0.47,
    Action.NOD: 0.54,
    Action.TILT_LEFT: 0.43,
    Action.TILT_RIGHT: 0.43,
    Action.OPEN_MOUTH: 0.45,
}


def move(action: Action, at_ms: float, *, amount: float = 1.0, ramp_ms: float = 250) -> Movement:
    return Movement(
        action=action,
        begins=at_ms,
        full=at_ms + ramp_ms,
        until=at_ms + ramp_ms + 100,
        ends=at_ms + 2 * ramp_ms + 100,
        amount=amount,
    )


ONE_ORDER = [
    move(action, at)
    for action, at in zip((Action.TURN_LEFT, Action.NOD, Action.TILT_LEFT), SLOTS, strict=True)
]
PREPARED = {
    "one order": ONE_ORDER,
    "one order, each twice": [
        move(m.action, m.begins + by, amount=0.9, ramp_ms=180) for m in ONE_ORDER for by in (0, 600)
    ],
    "two movements a slot": [
        move(a, at + by, amount=JUST_ENOUGH[a], ramp_ms=200)
        for at in SLOTS
        for a, by in ((Action.TURN_LEFT, -250), (Action.NOD, 250))
    ],
    "all movements at once": [
        move(a, at, amount=JUST_ENOUGH[a])
        for at in SLOTS
        for a in (Action.TURN_LEFT, Action.NOD, Action.TILT_LEFT, Action.OPEN_MOUTH)
    ],
    "one after the other, all along": [
        move(a, 700 + 2100 * turn + 350 * k, amount=JUST_ENOUGH[a], ramp_ms=170)
        for turn in range(3)
        for k, a in enumerate(JUST_ENOUGH)
    ],
}


@pytest.mark.parametrize("name", PREPARED)
def test_no_clip_made_beforehand_passes_more_often_than_the_guess_probability_says(
    name: str,
) -> None:
    blinks = [move(Action.BLINK, at, ramp_ms=110) for at in np.arange(200.0, 7800.0, 450.0)]
    clip = Performance(
        movements=(*PREPARED[name], *blinks),
        manner=Manner(sway_deg=0.2),
        sway=STEADY,
        duration_ms=8000,
    )
    signals = signals_of(clip, seed=1, gauge=Gauge(noise_deg=0.2))
    count = sum(passes(signals, drawn(seed, pace=EASY)) for seed in range(GUESSES))
    assert at_least(count, GUESSES) <= guess_probability(EASY)


def test_a_clip_of_the_right_order_passes_as_often_as_its_onsets_are_guessed() -> None:
    """With the order given, what is left is the timing: some one in eleven, and it is reached."""
    asked = drawn(0, (Need.NO_BLINK,)).steps
    times = [1450, 3500, 5550, 7600, 9700]
    moves = [move(s.action, at - 30.0) for s, at in zip(asked, times, strict=True)]
    clip = Performance(
        movements=tuple(moves), manner=Manner(sway_deg=0.2), sway=STEADY, duration_ms=12_000
    )
    signals = signals_of(clip, seed=1, gauge=Gauge(noise_deg=0.2))
    count = 0
    for seed in range(GUESSES):
        drawn_anew = drawn(seed, (Need.NO_BLINK,))
        steps = tuple(
            type(step)(action=known.action, onset_ms=step.onset_ms, window_ms=step.window_ms)
            for step, known in zip(drawn_anew.steps, asked, strict=True)
        )
        count += all(s.grade is StepGrade.SEEN for s in score_steps(signals, steps)[0])
    said = guess_probability(STANDARD, [Need.NO_BLINK]) * 3312
    assert at_least(count, GUESSES) <= said
    assert count / GUESSES > 0.5 * said
