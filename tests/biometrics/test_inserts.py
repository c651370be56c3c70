"""A stretch of another take shows by a light that comes and goes, over the whole backdrop."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from biometrics.continuity import TakeWatch
from biometrics.inserts import insert_of

COUNT = 60
CUT = 30
PERIOD_MS = 66.7
DAY = np.array([1.0, 1.0, 1.0])
OTHER_DAY = np.array([0.97, 1.0, 1.04])  # blue, green, red
DARKER = np.full(3, 0.93)
Sides = NDArray[np.float32]
TIMES = [PERIOD_MS * number for number in range(COUNT)]


def wall(light: NDArray[np.float64], number: int) -> Sides:
    """A wall with marks in this light, as the phone that trembles and its sensor see it."""
    chance = np.random.default_rng(number)
    marks = np.random.default_rng(1).uniform(60, 200, (42, 28, 3))
    moved = np.roll(marks, int(chance.integers(0, 2)), axis=1)
    noisy = (0.9 * marks + 0.1 * moved) * light + chance.normal(0, 0.6, marks.shape)
    return noisy.astype(np.float32)


def clip(lights: Sequence[NDArray[np.float64]]) -> list[Sides]:
    return [wall(light, number) for number, light in enumerate(lights)]


def pattern(takes: str, other: NDArray[np.float64] = OTHER_DAY) -> list[Sides]:
    """Lay these pictures of take a or b from `CUT` on into a clip of take a."""
    lights = [DAY] * COUNT
    lights[CUT : CUT + len(takes)] = [other if take == "b" else DAY for take in takes]
    return clip(lights)


@pytest.mark.parametrize(
    ("takes", "other"),
    [
        (takes, other)
        for takes in ("b", "bb", "bbb", "bbbbb", "bab", "baba", "bbaab")
        for other in (OTHER_DAY, DARKER)
        if takes != "b" or other is DARKER
    ],
)
def test_pictures_of_another_light_are_found_where_they_begin(
    takes: str, other: NDArray[np.float64]
) -> None:
    over, when = insert_of(TIMES, pattern(takes, other))
    assert over >= 1.0
    assert when == TIMES[CUT]
    assert (type(over), type(when)) == (float, float)  # it is written down as JSON


def test_a_single_picture_of_another_tint_is_an_encoders() -> None:
    assert insert_of(TIMES, pattern("b")) == (0.0, None)


def test_one_light_throughout_is_no_insert() -> None:
    assert insert_of(TIMES, clip([DAY] * COUNT))[0] < 1.0


def test_a_lamp_that_stays_on_is_no_insert() -> None:
    lit = clip([DAY] * CUT + [DAY * 1.2 * OTHER_DAY] * (COUNT - CUT))
    assert insert_of(TIMES, lit)[0] < 1.0


def test_white_balance_that_wanders_and_comes_back_is_no_insert() -> None:
    bell = np.exp(-(((np.arange(COUNT) - CUT) / 4.0) ** 2))
    assert insert_of(TIMES, clip([DAY + (OTHER_DAY - DAY) * size for size in bell]))[0] < 1.0


def test_a_lamp_that_flickers_all_along_is_no_insert() -> None:
    flickering = [DARKER if number % 5 == 0 else DAY for number in range(COUNT)]
    assert insert_of(TIMES, clip(flickering))[0] < 1.0


def test_colours_that_an_encoder_spoils_in_part_of_one_picture_are_no_insert() -> None:
    pictures = clip([DAY] * COUNT)
    pictures[CUT][:20] *= np.array([0.9, 1.0, 1.1], np.float32)
    assert insert_of(TIMES, pictures)[0] < 1.0


def test_what_the_camera_does_while_it_settles_does_not_count() -> None:
    lights = [DAY] * COUNT
    lights[5:7] = [DARKER] * 2
    assert insert_of(TIMES, clip(lights)) == (0.0, None)


def test_a_clip_of_a_few_pictures_says_nothing() -> None:
    assert insert_of([], []) == (0.0, None)
    assert insert_of(TIMES[:3], clip([DAY, DARKER, DAY])) == (0.0, None)


def test_a_watch_of_takes_asks_for_inserts_too() -> None:
    watch = TakeWatch()
    for at_ms, sides in zip(TIMES, pattern("bbb"), strict=True):
        picture = np.repeat(np.repeat(sides, 8, axis=0), 22, axis=1)
        watch.take(at_ms, np.clip(picture, 0, 255).astype(np.uint8), None)
    over, when = watch.cut()
    assert over >= 1.0
    assert when == TIMES[CUT]
