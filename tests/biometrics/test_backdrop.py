"""A cut is told from a phone that is carried about by how suddenly the backdrop changes."""

import numpy as np
from numpy.typing import NDArray

from biometrics.backdrop import cut_of

Pictures = list[NDArray[np.uint8]]
WIDE, TALL = 128, 72


def room(shift: float, *, seed: int = 1, light: float = 1.0) -> NDArray[np.uint8]:
    """A wall with smooth marks, seen `shift` pixels farther to the side."""
    marks = np.random.default_rng(seed).uniform(40, 200, 12)
    across = np.interp(np.arange(WIDE) + shift, np.linspace(-80, 240, 12), marks)
    noise = np.random.default_rng(int(abs(shift) * 97) + seed).normal(0, 1.5, (TALL, WIDE))
    return np.asarray(np.clip(across[None] * light + noise, 0, 255), np.uint8)


def clip(shifts: list[float], **kept: float) -> tuple[list[float], Pictures]:
    return [66.7 * k for k in range(len(shifts))], [room(s, **kept) for s in shifts]  # type: ignore[arg-type]


def test_a_hand_that_shakes_and_a_phone_that_is_carried_about_are_no_cut() -> None:
    shaking = clip([2.0 * np.sin(k * 1.9) for k in range(60)])
    carried = clip([0.8 * k for k in range(60)])
    assert cut_of(*shaking)[0] < 1.0
    assert cut_of(*carried)[0] < 1.0


def test_two_takes_cut_together_show_at_the_cut() -> None:
    at_ms, pictures = clip([0.3 * np.sin(k) for k in range(60)])
    later = [room(11 + 0.3 * np.sin(k), light=1.08) for k in range(30)]
    worst, when = cut_of(at_ms, [*pictures[:30], *later])
    assert worst >= 1.0
    assert when == at_ms[30]
    assert (type(worst), type(when)) == (float, float)  # it is written down as JSON


def test_the_cameras_first_exposure_is_no_cut_and_nothing_is_none() -> None:
    at_ms, pictures = clip([0.0] * 40)
    bright = [room(0, light=1.0 + max(0, 6 - k) / 10) for k in range(6)]
    assert cut_of(at_ms, [*bright, *pictures[6:]])[0] < 1.0
    assert cut_of([], []) == (0.0, None)
    assert cut_of([0.0], pictures[:1]) == (0.0, None)
