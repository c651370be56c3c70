"""Cues read from pictures, on pictures whose every property is made here."""

from collections.abc import Callable
from functools import cache

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from biometrics.container_facts import ContainerFacts
from biometrics.cues import CueGauge
from biometrics.cues.noise import NoiseWatch
from biometrics.cues.repeats import RepeatWatch
from biometrics.cues.screen import ScreenWatch
from biometrics.detector import Image
from domain.capture import Cue, CueScore, RecordingClient

PERIOD_MS = 1000 / 15


@cache
def scene(seed: int = 0, side: int = 480) -> Image:
    """Make something like a room: soft shapes with edges."""
    chance = np.random.default_rng(seed)
    soft = cv2.GaussianBlur(chance.integers(0, 256, (side, side, 3), np.uint8), (0, 0), 25)
    picture: Image = np.clip(4.0 * (soft.astype(np.float32) - 127) + 130, 50, 210).astype(np.uint8)
    for _ in range(6):
        x, y = (int(n) for n in chance.integers(0, side, 2))
        colour = [int(n) for n in chance.integers(50, 210, 3)]
        cv2.rectangle(picture, (x, y), (x + 90, y + 120), colour, 3)
        cv2.circle(picture, (y, x), 40, colour, -1, cv2.LINE_AA)
    return picture


def noisy(picture: Image, seed: int, deviation: float = 1.5) -> Image:
    left, top = (int(n) for n in np.random.default_rng(seed).integers(0, 96, 2))
    tall, wide = picture.shape[:2]
    grain = deviation * _grain()[top : top + tall, left : left + wide]
    seen: Image = np.clip(picture + grain, 0, 255).astype(np.uint8)
    return seen


@cache
def _grain() -> NDArray[np.float32]:
    return np.random.default_rng(7).standard_normal((576, 576, 3), np.float32)


def filmed(number: int) -> Image:
    """Picture of a scene that drifts by a pixel at a time, with fresh noise."""
    return noisy(np.roll(scene(), number, axis=1), number)


def repeats(picture_of: Callable[[int], Image], count: int = 60) -> CueScore:
    watch = RepeatWatch()
    for number in range(count):
        watch.take(number * PERIOD_MS, picture_of(number))
    score = watch.repeated_frames()
    assert score is not None
    return score


def test_a_live_scene_never_repeats() -> None:
    assert not repeats(filmed).found


def test_a_scene_that_stands_still_before_a_camera_never_repeats() -> None:
    still = scene()
    assert not repeats(lambda number: noisy(still, number)).found


def test_a_frozen_stretch_is_found_where_it_begins() -> None:
    score = repeats(lambda number: filmed(20 if 20 <= number < 32 else number))
    assert score.found
    assert score.at_ms == round(20 * PERIOD_MS)


def test_a_looped_stretch_is_found() -> None:
    assert repeats(lambda number: filmed(number % 24)).found


def test_a_looped_stretch_is_found_after_encoding_anew() -> None:
    def encoded_again(number: int) -> Image:
        jpeg = cv2.imencode(".jpg", filmed(number % 24), [cv2.IMWRITE_JPEG_QUALITY, 90])[1]
        changed = cv2.imdecode(jpeg, cv2.IMREAD_COLOR)
        return noisy(np.asarray(changed, np.uint8), number, 0.4)

    assert repeats(encoded_again).found


def test_a_moment_is_too_short_to_repeat() -> None:
    watch = RepeatWatch()
    watch.take(0, filmed(0))
    assert watch.repeated_frames() is None


def noise_missing(picture_of: Callable[[int], Image]) -> CueScore:
    watch = NoiseWatch()
    for pair in range(4):
        for number in (20 * pair, 20 * pair + 1):
            watch.take(number * PERIOD_MS, picture_of(number))
    score = watch.noise_missing()
    assert score is not None
    return score


def test_a_camera_leaves_no_block_alone() -> None:
    still = scene()
    assert noise_missing(lambda number: noisy(still, number)).value < 0.01


def test_a_rendered_picture_stands_still_where_nothing_moves() -> None:
    def animated(number: int) -> Image:
        picture = scene().copy()
        picture[100:300, 100:300] = np.roll(picture[100:300, 100:300], number, axis=0)
        return picture

    assert noise_missing(animated).found


def test_black_and_clipped_blocks_are_not_counted() -> None:
    flat = np.zeros((480, 480, 3), np.uint8)
    flat[:240] = 255
    watch = NoiseWatch()
    for at_ms in (0.0, 66.0, 1300.0, 1366.0):
        watch.take(at_ms, flat)
    assert watch.noise_missing() is None


def moire(picture_of: Callable[[int], Image]) -> CueScore:
    watch = ScreenWatch()
    for number in range(3):
        watch.take(1000.0 * number, picture_of(number))
    score = watch.moire()
    assert score is not None
    return score


def on_screen(picture: Image, pitch_px: float, slope: float) -> Image:
    """Multiply by a slightly turned grid of coloured columns, as a camera sees them."""
    y, x = np.mgrid[: picture.shape[0], : picture.shape[1]]
    at = (x + slope * y) / pitch_px
    grid = np.stack([1 + 0.12 * np.cos(2 * np.pi * (at + shift / 3)) for shift in range(3)], axis=2)
    seen: Image = np.clip(picture * grid, 0, 255).astype(np.uint8)
    return seen


@pytest.mark.parametrize("seed", range(4))
def test_a_room_shows_no_grid(seed: int) -> None:
    assert not moire(lambda number: noisy(scene(seed), number)).found


@pytest.mark.parametrize("pitch_px", [4.5, 7.3, 9.7])
def test_the_grid_of_a_screen_is_found(pitch_px: float) -> None:
    assert moire(lambda number: noisy(on_screen(scene(), pitch_px, 0.07), number)).found


def test_striped_cloth_is_no_screen() -> None:
    def dressed(number: int) -> Image:
        picture = scene().copy()
        picture[300:420, 180:300] = on_screen(picture, 5.3, 0.2)[300:420, 180:300]
        return noisy(picture, number)

    assert not moire(dressed).found


@pytest.mark.parametrize("quality", [25, 60])
def test_the_blocks_of_an_encoder_are_no_screen(quality: int) -> None:
    def encoded(number: int) -> Image:
        setting = [cv2.IMWRITE_JPEG_QUALITY, quality]
        jpeg = cv2.imencode(".jpg", noisy(scene(), number), setting)[1]
        return np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_COLOR), np.uint8)

    assert not moire(encoded).found


def test_nothing_is_listed_that_was_not_measured() -> None:
    scores = CueGauge(None).cues(ContainerFacts(), (), None)
    assert [score.cue for score in scores] == [Cue.ENCODER_TAG]


def test_cues_come_in_the_order_of_their_list() -> None:
    gauge = CueGauge()
    for number in range(40):
        if number % 10 < 2:
            gauge.detail(number * PERIOD_MS, filmed(number))
        gauge.take(number * PERIOD_MS, filmed(number), None)
    facts = ContainerFacts(
        times_ms=tuple(33.3 * n for n in range(60)), tick_ms=0.1, width=640, height=480
    )
    client = RecordingClient(user_agent="Chrome/126.0", camera_label="Front Camera")
    found = [score.cue for score in gauge.cues(facts, (), client)]
    assert found == [cue for cue in Cue if cue in found]
    assert {Cue.STEADY_CLOCK, Cue.REPEATED_FRAMES, Cue.NOISE_MISSING, Cue.MOIRE} < set(found)


def test_a_tiny_picture_is_no_reason_to_fail() -> None:
    gauge = CueGauge()
    for number in range(40):
        gauge.detail(number * PERIOD_MS, filmed(number)[:30, :20])
        gauge.take(number * PERIOD_MS, filmed(number)[:6, :5], None)
    assert [s.cue for s in gauge.cues(ContainerFacts(), (), None) if s.found] == []
