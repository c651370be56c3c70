"""Depth from parallax: heads and prints as landmarks with noise, and a rendered head in pixels."""

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from app.demo.held_photo import HeldPhoto
from app.demo.puppet import Framing, Light, Pose
from app.demo.scenes import room
from app.heads.head import Head
from biometrics.detector import Image
from biometrics.mesh import square_of_face, square_of_mesh
from biometrics.models import ModelStore
from biometrics.parallax import FLATTEST, depth_of, face_view, measure_depth, nose_rise
from biometrics.reading import Nets

Points = NDArray[np.float64]
EYES_MM, EYES_PX = 63.0, 60.0  # between the eyes: on the face, in the patch
MIDDLE = np.array([96.0, 84.0])
PAIRS = 8
NOISE = (0.005, 0.01)  # of the eyes' distance: what flow shows on rendered prints, and twice that
NOSE_POINTS, AROUND_POINTS = 53, 74
CAMERA_MM = 350.0


@dataclass(frozen=True)
class Species:
    """What is before the camera: a head with a nose, or a sheet, flat or bent."""

    name: str
    radius_mm: float | None = None
    upright: bool = True  # the axis of the bend


SHEETS = (
    Species("flat"),
    *(
        Species(f"bent {radius:.0f} {'upright' if upright else 'across'}", radius, upright)
        for radius in (150.0, 80.0, 50.0)
        for upright in (True, False)
    ),
)


@dataclass(frozen=True)
class Face:
    """Places (N x 2, mm from between the eyes) of nose and surroundings, and a nose's form (N)."""

    at: Points
    shape: Points
    relief: Points
    near: Points


def some_face(seed: int) -> Face:
    chance = np.random.default_rng(seed)
    nose = np.column_stack([chance.normal(0, 9, NOSE_POINTS), chance.uniform(5, 52, NOSE_POINTS)])
    around = chance.uniform((-52, -35), (52, 55), (AROUND_POINTS, 2))
    at = np.vstack([nose, around])
    tip = np.exp(-((at[:, 0] / 11) ** 2)) * np.clip((at[:, 1] + 5) / 45, 0, 1)
    shape = tip * (at[:, 1] < 55)
    return Face(at=at, shape=shape, relief=relief_told(at, shape), near=neighbours(at))


def solid(at: Points, nose_mm: Points) -> Points:
    """A head: smooth, farther back at the sides, with `nose_mm` on top. z away from the camera."""
    smooth = 0.006 * at[:, 0] ** 2 + 0.002 * (at[:, 1] - 10) ** 2
    return np.column_stack([at, smooth - nose_mm])


def sheet(at: Points, species: Species) -> Points:
    if species.radius_mm is None:
        return np.column_stack([at, np.zeros(len(at))])
    along = 0 if species.upright else 1
    angle = at[:, along] / species.radius_mm
    bent = np.column_stack([at, species.radius_mm * (1 - np.cos(angle))])
    bent[:, along] = species.radius_mm * np.sin(angle)
    return bent


def seen(points: Points, yaw_deg: float, chance: np.random.Generator) -> Points:
    """Through a near camera, with some nod, roll and shift; then aligned as a patch is."""
    yaw, pitch, roll = np.radians([yaw_deg, *chance.normal(0, 3, 2)])
    about_y = np.array([[np.cos(yaw), 0, -np.sin(yaw)], [0, 1, 0], [np.sin(yaw), 0, np.cos(yaw)]])
    about_x = np.array(
        [[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]]
    )
    turned = points @ about_y.T @ about_x.T + np.array([*chance.normal(0, 15, 2), 0])
    flat = turned[:, :2] / (CAMERA_MM + turned[:, 2:]) * CAMERA_MM
    left = flat - flat.mean(axis=0)
    lean = np.array([[np.cos(roll), -np.sin(roll)], [np.sin(roll), np.cos(roll)]])
    return np.asarray(left @ lean.T * (EYES_PX / EYES_MM) + MIDDLE, np.float64)


def neighbours(at: Points) -> Points:
    """What each point takes of the errors about it: landmarks err together."""
    apart = np.linalg.norm(at[:, None] - at[None], axis=2)
    near = np.exp(-((apart / 12.0) ** 2))
    return np.asarray(near / np.sqrt((near**2).sum(axis=1))[:, None], np.float64)


def ratio(
    points: Points, face: Face, *, turn_deg: float, share: float, chance: np.random.Generator
) -> float:
    """Depth's ratio out of pairs on both sides, noise anew in every frame.

    `share` of the distance between the eyes: half of the variance for each point by itself, half
    shared by neighbours.
    """
    yaws = np.array([turn_deg, -turn_deg] * (PAIRS // 2)) * chance.uniform(0.85, 1.15, PAIRS)
    alone, shared = chance.normal(0, share * EYES_PX / np.sqrt(2), (2, PAIRS, 2, len(face.at), 2))
    errors = alone + face.near @ shared
    believed = np.ones(len(face.at), np.bool_)
    rises = [
        nose_rise(
            seen(points, 0.0, chance) + before,
            seen(points, float(yaw), chance) + after,
            face.relief,
            believed,
        )
        for yaw, (before, after) in zip(yaws, errors, strict=True)
    ]
    found = depth_of(np.array(rises), np.sin(np.radians(yaws)), span_deg=2 * turn_deg).ratio
    assert found is not None
    return found


def relief_told(at: Points, shape: Points) -> Points:
    """What the landmark model says of any face, print or not: a usual nose of 16 mm."""
    x, y = ((at * EYES_PX / EYES_MM) / EYES_PX).T
    terms = np.column_stack([np.ones_like(x), x, y, x * x, x * y, y * y])
    height = 16 / EYES_MM * shape
    smooth = np.linalg.lstsq(terms[NOSE_POINTS:], height[NOSE_POINTS:], rcond=None)[0]
    return np.asarray(height - terms @ smooth, np.float64)


@pytest.mark.parametrize("share", NOISE)
def test_no_print_flat_or_bent_shows_the_depth_of_a_nose(share: float) -> None:
    """1,001 prints at each noise level, 2,002 in all, turned by 15 to 29 degrees."""
    passed = []
    for number in range(1001):
        face, species = some_face(number % 20), SHEETS[number % len(SHEETS)]
        chance = np.random.default_rng([number, round(1000 * share)])
        found = ratio(
            sheet(face.at, species), face, turn_deg=15 + number % 15, share=share, chance=chance
        )
        passed += [(species.name, number, found)] if found >= 1.0 else []
    assert passed == []


@pytest.mark.parametrize("share", NOISE)
def test_at_most_one_head_in_a_hundred_is_too_flat_at_15_degrees(share: float) -> None:
    """400 heads at each noise level, noses from 9 mm (the flattest in East Asia) to 22 mm."""
    failed = 0
    for number in range(400):
        face, chance = some_face(number % 20), np.random.default_rng([number, 9])
        points = solid(face.at, chance.uniform(9, 22) * face.shape)
        failed += ratio(points, face, turn_deg=15, share=share, chance=chance) < 1.0
    assert failed <= 4


def test_the_nose_of_a_head_goes_with_the_turn_and_changes_its_sign() -> None:
    face, chance = some_face(1), np.random.default_rng(2)
    points = solid(face.at, 15 * face.shape)
    believed = np.ones(len(face.at), np.bool_)
    rises = [
        nose_rise(seen(points, 0, chance), seen(points, turn, chance), face.relief, believed)
        for turn in (-25.0, -15.0, -8.0, 8.0, 15.0, 25.0)
    ]
    assert rises == sorted(rises)
    assert rises[2] < 0 < rises[3]
    assert abs(rises[0] + rises[-1]) < 0.25 * abs(rises[0])


def test_when_one_side_shows_a_nose_and_the_other_none_it_is_not_a_nose() -> None:
    turn = np.sin(np.radians([20.0, 22.0, 25.0, -20.0, -22.0, -25.0]))
    good = depth_of(FLATTEST * 2 * turn, turn, span_deg=50)
    half = depth_of(FLATTEST * 2 * np.maximum(turn, 0), turn, span_deg=50)
    assert good.ratio == pytest.approx(2.0)
    assert good.follows == pytest.approx(1.0)
    assert half.ratio is not None
    assert half.ratio < 0.2


def test_without_a_turn_nothing_is_said() -> None:
    assert measure_depth([], np.zeros(0)).ratio is None
    assert measure_depth([None] * 5, np.array([0.0, 10, 20, 0, -20])).ratio is None


@pytest.mark.faces
def test_a_rendered_head_has_depth_and_its_picture_on_paper_has_none() -> None:
    nets, framing = Nets(ModelStore()), Framing(width=640, height=480, face=0.3)
    wall, light = room(640, 480, seed=1), Light()
    head = Head("asian-m-72", framing, wall, seed=1, light=light)
    portrait = head.frame(Pose())[20:440, 150:490]
    paper = HeldPhoto(portrait, framing, wall, light=light, seed=1)
    shown = depth_of_film(nets, [head.frame(Pose(yaw_deg=way)) for way in SWING])
    flat = depth_of_film(nets, [paper.frame(Pose(yaw_deg=way)) for way in SWING])
    assert shown is not None
    assert shown > 1.5
    assert flat is not None
    assert flat < 0.5


SWING = (0.0, 0.0, 0.0, 0.0, 6.0, 12.0, 16.0, 20.0, 12.0, 0.0, -6.0, -12.0, -16.0, -20.0, -8.0)


def depth_of_film(nets: Nets, pictures: list[Image]) -> float | None:
    """With the true turn: of paper the landmarks tell too little of one to compare anything."""
    face = nets.detector.faces(pictures[0])[0]
    square, meshes = square_of_face(face), []
    for picture in pictures:
        meshes.append(nets.mesh.fit(picture, square))
        square = square_of_mesh(meshes[-1])
    views = [
        face_view(66.0 * n, p, m) for n, (p, m) in enumerate(zip(pictures, meshes, strict=True))
    ]
    return measure_depth(views, np.array(SWING)).ratio
