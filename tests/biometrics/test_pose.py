"""Angles out of landmarks, against heads that were turned by a known amount."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from biometrics.mesh import Mesh
from biometrics.pose import absolute_pose, neutral_shape, relative_pose

_DEPTH_TOLD = 1 / 0.7  # the model tells depths too large by this much
Points = NDArray[np.float64]


def head(seed: int) -> Points:
    """468 points on a bulge that looks at the camera, in pixels; z is away from it."""
    chance = np.random.default_rng(seed)
    flat = chance.uniform(-1, 1, (468, 2))
    depth = 0.7 * (flat**2).sum(axis=1) + chance.normal(0, 0.03, 468)
    return np.column_stack([flat * (70, 90), depth * 60])


def turned(points: Points, yaw_deg: float, pitch_deg: float) -> Points:
    """Positive yaw moves what is near to the right, positive pitch moves it down."""
    yaw, pitch = np.radians(yaw_deg), np.radians(pitch_deg)
    about_y = np.array([[np.cos(yaw), 0, -np.sin(yaw)], [0, 1, 0], [np.sin(yaw), 0, np.cos(yaw)]])
    about_x = np.array(
        [[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]]
    )
    return np.asarray(points @ about_x.T @ about_y.T, np.float64)


def mesh(points: Points) -> Mesh:
    told = points * (1, 1, _DEPTH_TOLD) + (300, 200, 0)
    return Mesh(points=told.astype(np.float32), score=1.0)


@given(st.integers(0, 500), st.floats(-40, 40), st.floats(-25, 25), st.floats(0.5, 2))
def test_a_turn_is_measured_against_the_persons_own_neutral(
    seed: int, yaw_deg: float, pitch_deg: float, scale: float
) -> None:
    points = head(seed)
    pose = relative_pose(
        mesh(turned(points, yaw_deg, pitch_deg) * scale), neutral_shape([mesh(points)])
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
