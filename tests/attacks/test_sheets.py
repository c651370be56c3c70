"""A flat sheet is a plane however it is held; a bent one is none."""

import cv2
import numpy as np
import pytest

from app.attacks.sheets import (
    Axis,
    Lens,
    Place,
    Sheet,
    lay_bent,
    lay_flat,
    rotation_of,
    seen_points,
)
from app.demo.puppet import Pose

LENS = Lens(width=320, height=240)
FLAT = Sheet(width_mm=280, height_mm=350)
POSES = (Pose(), Pose(yaw_deg=28), Pose(yaw_deg=-20, pitch_deg=15, roll_deg=10))


def _place(pose: Pose) -> Place:
    return Place(distance_mm=480, rotation=rotation_of(pose))


def _spots() -> np.ndarray:
    chance = np.random.default_rng(1)
    return chance.uniform((-130, -160), (130, 160), (40, 2)).astype(np.float32)


@pytest.mark.parametrize("pose", POSES[1:])
def test_one_homography_carries_a_flat_sheet_from_any_pose_to_any_other(pose: Pose) -> None:
    first, second = (seen_points(_spots(), _place(p), LENS) for p in (POSES[0], pose))
    plane, _ = cv2.findHomography(first, second)
    carried = cv2.perspectiveTransform(first[None], plane)[0]
    assert np.abs(carried - second).max() < 0.02


def _pattern() -> np.ndarray:
    """Dots whose places in a frame can be read back."""
    picture = np.full((350, 280, 3), 200, np.uint8)
    for x, y in _dots():
        cv2.circle(picture, (int(x), int(y)), 5, (0, 0, 0), -1)
    return picture


def _dots() -> np.ndarray:
    return np.array([(x, y) for y in (115, 145, 175, 205, 235) for x in (100, 120, 140, 160, 180)])


def _found(sheet: Sheet, pose: Pose) -> np.ndarray:
    frame = np.full((960, 1280, 3), 90, np.uint8)
    lens = Lens(width=1280, height=960)
    lay_bent(frame, _pattern(), sheet, place=_place(pose), lens=lens)
    dark = (frame[:, :, 0] < 45).astype(np.uint8)
    count, _, stats, centres = cv2.connectedComponentsWithStats(dark)
    assert count == 26, "25 dots and what is around them"
    assert stats[1:, cv2.CC_STAT_AREA].min() > 20
    rows = sorted(centres[1:].tolist(), key=lambda at: at[1])
    return np.array([sorted(rows[k : k + 5]) for k in range(0, 25, 5)]).reshape(25, 2)


def _misfit(sheet: Sheet) -> float:
    """Pixels by which the best homography misses the dots, from rest to a turn."""
    rest, turned = _found(sheet, Pose()), _found(sheet, Pose(yaw_deg=14, pitch_deg=6))
    plane, _ = cv2.findHomography(rest, turned)
    carried = cv2.perspectiveTransform(rest[None], plane)[0]
    return float(np.abs(carried - turned).max())


@pytest.mark.parametrize("axis", Axis)
def test_the_more_a_sheet_is_bent_the_less_it_is_a_plane(axis: Axis) -> None:
    misfits = [
        _misfit(Sheet(width_mm=280, height_mm=350, radius_mm=radius, axis=axis))
        for radius in (100_000, 150, 80)
    ]
    assert misfits[0] < 0.7
    assert misfits[0] < misfits[1] < misfits[2]


def test_a_sheet_that_is_hardly_bent_is_drawn_where_the_flat_one_is() -> None:
    frames = [np.full((240, 320, 3), 90, np.uint8) for _ in range(2)]
    place = _place(Pose(yaw_deg=20))
    lay_flat(frames[0], _pattern(), FLAT, place=place, lens=LENS)
    bent = Sheet(width_mm=280, height_mm=350, radius_mm=100_000)
    lay_bent(frames[1], _pattern(), bent, place=place, lens=LENS)
    assert np.abs(frames[0].astype(int) - frames[1]).mean() < 4


def test_turning_left_brings_the_left_half_of_the_sheet_nearer() -> None:
    """The person's own left is the right half of the picture; its middle goes to the right."""
    edges = np.array([[-100.0, -50.0], [-100, 50], [100, -50], [100, 50]], np.float32)
    at = seen_points(edges, _place(Pose(yaw_deg=20)), LENS)
    assert at[1, 1] - at[0, 1] > at[3, 1] - at[2, 1]
    middle = seen_points(np.zeros((1, 2), np.float32), _place(Pose(yaw_deg=20)), LENS)
    assert middle[0, 0] > LENS.width / 2
