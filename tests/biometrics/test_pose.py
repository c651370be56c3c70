"""Angles out of landmarks, against heads that were turned by a known amount."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from app.demo.puppet import Framing, Pose
from app.demo.scenes import room
from app.heads.head import Head
from biometrics.detector import Image
from biometrics.mesh import Mesh, Square, square_of_face, square_of_mesh
from biometrics.models import ModelStore
from biometrics.pose import (
    AS_TOLD,
    SCALES,
    absolute_pose,
    as_told,
    neutral_shape,
    relative_pose,
    relative_poses,
)
from biometrics.reading import Nets

_DEPTH_TOLD = 1 / 0.84  # the model tells depths too large by this much
Points = NDArray[np.float64]


def head(seed: int) -> Points:
    """468 points on a bulge that looks at the camera, in pixels; z is away from it."""
    chance = np.random.default_rng(seed)
    flat = chance.uniform(-1, 1, (468, 2))
    depth = 0.7 * (flat**2).sum(axis=1) + chance.normal(0, 0.03, 468)
    return np.column_stack([flat * (70, 90), depth * 60])


def turned(points: Points, yaw_deg: float, pitch_deg: float) -> Points:
    """Yaw first, as the rendered heads turn: what is near goes right, with positive pitch down."""
    yaw, pitch = np.radians(yaw_deg), np.radians(pitch_deg)
    about_y = np.array([[np.cos(yaw), 0, -np.sin(yaw)], [0, 1, 0], [np.sin(yaw), 0, np.cos(yaw)]])
    about_x = np.array(
        [[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]]
    )
    return np.asarray(points @ about_y.T @ about_x.T, np.float64)


def mesh(points: Points) -> Mesh:
    told = points * (1, 1, _DEPTH_TOLD) + (300, 200, 0)
    return Mesh(points=told.astype(np.float32), score=1.0)


@given(st.integers(0, 500), st.floats(-40, 40), st.floats(-25, 25), st.floats(0.5, 2))
def test_a_turn_is_measured_against_the_persons_own_neutral(
    seed: int, yaw_deg: float, pitch_deg: float, scale: float
) -> None:
    points = head(seed)
    pose = relative_pose(
        mesh(turned(points, yaw_deg, pitch_deg) * scale), neutral_shape([mesh(points)]), AS_TOLD
    )
    assert abs(pose.yaw - yaw_deg) < 0.5
    assert abs(pose.pitch - pitch_deg) < 0.5


@given(st.integers(0, 500))
def test_the_neutral_face_has_no_turn(seed: int) -> None:
    points = mesh(head(seed))
    pose = relative_pose(points, neutral_shape([points, points]))
    assert abs(pose.yaw) + abs(pose.pitch) + abs(pose.roll) < 0.01


def test_a_face_turned_to_its_own_left_has_positive_yaw() -> None:
    points = head(1)
    points[[33, 133, 127, 234, 116], 0] = -60.0
    points[[263, 362, 356, 454, 345], 0] = 60.0
    ahead = absolute_pose(mesh(points)).yaw
    assert absolute_pose(mesh(turned(points, 25, 0))).yaw > ahead + 15


@given(
    st.lists(st.tuples(st.floats(-60, 60), st.floats(-45, 45)), min_size=1, max_size=6),
    st.integers(0, 500),
)
def test_many_meshes_at_once_are_told_as_each_by_itself(
    ways: list[tuple[float, float]], seed: int
) -> None:
    points = head(seed)
    neutral = neutral_shape([mesh(points)])
    meshes = [mesh(turned(points, *way)) for way in ways]
    alone = [relative_pose(one, neutral) for one in meshes]
    together = relative_poses(meshes, neutral)
    assert together == pytest.approx(np.array([(p.yaw, p.pitch, p.roll) for p in alone]), abs=1e-6)


def test_no_meshes_have_no_poses() -> None:
    assert relative_poses([], neutral_shape([mesh(head(1))])).shape == (0, 3)


def test_landmarks_that_lie_in_one_point_have_no_turn() -> None:
    nowhere = mesh(np.zeros((468, 3)))
    pose = relative_pose(nowhere, neutral_shape([nowhere]))
    assert (pose.yaw, pose.pitch, pose.roll) == (0, 0, 0)


@given(st.floats(-70, 70), st.floats(-50, 50), st.integers(0, 500))
def test_what_the_landmarks_told_comes_back_from_the_true_angles(
    yaw_deg: float, pitch_deg: float, seed: int
) -> None:
    """As longitude and latitude: the same point of the sphere as yaw and then pitch lead to."""
    points = head(seed)
    seen, neutral = [mesh(turned(points, yaw_deg, pitch_deg))], neutral_shape([mesh(points)])
    told = np.radians(relative_poses(seen, neutral, AS_TOLD)[0, :2])
    across, down = np.sin(told[0]), np.sin(told[1]) * np.cos(told[0])
    longitude, latitude = np.radians(as_told(relative_poses(seen, neutral)[:, :2])[0])
    assert np.sin(longitude) * np.cos(latitude) == pytest.approx(across, abs=1e-9)
    assert np.sin(latitude) == pytest.approx(down, abs=1e-9)


def test_true_angles_are_told_ones_by_their_own_scales() -> None:
    points = head(2)
    neutral = neutral_shape([mesh(points)])
    for way in ((20.0, 0.0), (0.0, 12.0), (0.0, -12.0)):
        seen = [mesh(turned(points, *way))]
        told, true = relative_poses(seen, neutral, AS_TOLD)[0], relative_poses(seen, neutral)[0]
        assert true[0] == pytest.approx(told[0] * SCALES.yaw)
        assert true[1] == pytest.approx(told[1] * (SCALES.up if told[1] < 0 else SCALES.down))
        assert true[2] == told[2]


GOAL_DEG = 3.0
GRID = [(y, p) for y in (-28, -14, 0, 14, 28) for p in (-18, -9, 0, 9, 18) if abs(y) + abs(p) < 40]


@pytest.mark.faces
def test_yaw_and_pitch_are_off_by_three_degrees_at_most_on_rendered_heads() -> None:
    """Against the line of sight: a head that swings on its neck is also seen more from the side.

    Neither these angles nor this room and light served to fit the scales; `benchmarks/pose.py`
    also leaves the heads out. As the landmarks tell it, both are missed.
    """
    nets = Nets(ModelStore())
    framing = Framing(width=640, height=480, face=0.3)
    off, unscaled = [], []
    for person in ("asian-m-90", "caucasian-m-60", "african-m-70"):
        head = Head(person, framing, room(640, 480, seed=2), seed=2)
        picture = head.frame(Pose())
        first = nets.mesh.fit(picture, square_of_face(nets.detector.faces(picture)[0]))
        square = square_of_mesh(first)
        neutral = neutral_shape([nets.mesh.fit(picture, square)])
        poses = [Pose(yaw_deg=yaw, pitch_deg=pitch) for yaw, pitch in GRID]
        meshes = [_fitted_twice(nets, head.frame(pose), square) for pose in poses]
        truth = np.array([head.line_of_sight(pose) for pose in poses])
        off.append(relative_poses(meshes, neutral)[:, :2] - truth)
        unscaled.append(relative_poses(meshes, neutral, AS_TOLD)[:, :2] - truth)
    assert (np.abs(np.concatenate(off)).mean(axis=0) <= GOAL_DEG).all()
    assert (np.abs(np.concatenate(unscaled)).mean(axis=0) > GOAL_DEG).all()


def _fitted_twice(nets: Nets, picture: Image, square: Square) -> Mesh:
    return nets.mesh.fit(picture, square_of_mesh(nets.mesh.fit(picture, square)))
