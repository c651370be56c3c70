"""Straight edges before the body show that a screen or a sheet is held there."""

import cv2
import numpy as np

from biometrics.cues.edges import LIMIT, EdgeWatch, framed_share
from biometrics.detector import Image
from biometrics.mesh import Mesh

WIDE, TALL = 480, 480
FACE = 120  # wide
MIDDLE, EYES, CHIN, TOP = 240, 160, 250, 100


def mesh() -> Mesh:
    points = np.full((478, 3), (MIDDLE, EYES, 0), np.float32)
    points[234, :2], points[454, :2] = (
        (MIDDLE - FACE / 2, EYES + 20),
        (MIDDLE + FACE / 2, EYES + 20),
    )
    points[10, :2], points[152, :2] = (MIDDLE, TOP), (MIDDLE, CHIN)
    points[33, :2], points[263, :2] = (MIDDLE - 30, EYES), (MIDDLE + 30, EYES)
    return Mesh(points=points, score=1.0)


def sitter() -> Image:
    """A head, a neck and shoulders, before a wall with a door frame."""
    picture = np.full((TALL, WIDE, 3), 180, np.uint8)
    for left in (110, 350):
        cv2.rectangle(picture, (left, 20), (left + 14, TALL), (90, 100, 110), -1)
    cv2.ellipse(picture, (MIDDLE, 400), (200, 120), 0, 0, 360, (70, 60, 50), -1)
    cv2.ellipse(picture, (MIDDLE, 175), (FACE // 2, 85), 0, 0, 360, (130, 150, 190), -1)
    grain = np.random.default_rng(1).normal(0, 6, picture.shape)
    return np.asarray(np.clip(picture + grain, 0, 255), np.uint8)


def rim(picture: Image, low: tuple[int, int], high: tuple[int, int], turn_deg: float) -> Image:
    """The same, seen on something with a dark rim from `low` to `high`, leaning by `turn_deg`."""
    corners = cv2.boxPoints(
        (
            ((low[0] + high[0]) / 2, (low[1] + high[1]) / 2),
            (high[0] - low[0], high[1] - low[1]),
            turn_deg,
        )
    )
    shown = picture.copy()
    cv2.polylines(shown, [np.round(corners).astype(np.int32)], True, (20, 20, 20), 10)  # noqa: FBT003  cv2 takes it so
    return shown


def test_a_door_frame_behind_the_shoulders_is_no_screen() -> None:
    assert framed_share(sitter(), mesh()) < LIMIT - 0.1


def test_the_sides_of_a_screen_run_on_before_the_shoulders() -> None:
    for turn_deg in (0.0, 7.0, -10.0):
        held = rim(sitter(), (135, 10), (345, 470), turn_deg)
        assert framed_share(held, mesh()) >= LIMIT


def test_a_screen_wider_than_the_picture_shows_above_and_below() -> None:
    wide = rim(sitter(), (-60, 70), (540, 300), 2.0)
    assert framed_share(wide, mesh()) >= LIMIT


def test_one_side_alone_is_no_screen() -> None:
    half = sitter()
    half[:, :MIDDLE] = rim(half, (135, 10), (345, 470), 0.0)[:, :MIDDLE]
    assert framed_share(half, mesh()) < LIMIT - 0.1


def test_one_look_is_none_and_looks_come_some_time_apart() -> None:
    held, watch = rim(sitter(), (135, 10), (345, 470), 0.0), EdgeWatch()
    for at_ms in (100.0, 400.0, 900.0):  # too soon, the first, too soon after it
        watch.take(at_ms, held, mesh())
    assert watch.share() is None


def test_two_looks_that_show_edges_are_enough_and_one_is_not() -> None:
    held, free, watch = rim(sitter(), (135, 10), (345, 470), 0.0), sitter(), EdgeWatch()
    for number, picture in enumerate((held, free, free, free)):
        watch.take(400.0 + 700 * number, picture, mesh())
    once = watch.share()
    watch.take(3200.0, held, mesh())
    twice = watch.share()
    assert once is not None
    assert twice is not None
    assert once < LIMIT <= twice
    assert watch.at_ms() == 400.0


def test_pictures_without_shoulders_or_with_a_face_at_the_rim_are_measured_without_complaint() -> (
    None
):
    assert framed_share(sitter()[: CHIN + 10], mesh()) < LIMIT
    assert framed_share(sitter()[EYES:], mesh()) < LIMIT
    assert framed_share(np.zeros((8, 8, 3), np.uint8), mesh()) == 0.0
