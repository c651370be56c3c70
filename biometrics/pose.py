"""Where a face points: absolute for still photos, relative to the person's own neutral in clips.

Picture axes: x to the right, y down, z away from the camera. Angles in degrees: yaw is positive
towards the person's own left, pitch is positive downwards, roll is positive clockwise as seen.
Relative angles are of turns in this order: yaw, then pitch, then roll.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biometrics.mesh import Mesh

_RIGID = np.array([
    10, 151, 9, 8, 168, 6, 197, 195, 5, 4, 1,
    33, 133, 362, 263, 116, 345, 117, 346, 50, 280,
    127, 356, 234, 454, 162, 389, 54, 284, 67, 297, 103, 332, 109, 338,
])  # fmt: skip
"""Points that keep their distances whatever lids, lips and jaw do."""

_RIGHT_SIDE, _LEFT_SIDE = (33, 133, 127, 234, 116), (263, 362, 356, 454, 345)
_TOP, _BOTTOM = (10, 151), (152, 175)
_RELIEF = 0.84  # the model's depths are too large: its own reference face is 0.8 as deep
_ROUNDS = 5
_NOTHING = 1e-12 * np.eye(4)  # what has no extent has no turn, rather than none that can be solved
_Shape = NDArray[np.float64]
_Degrees = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pose:
    """Yaw, pitch and roll in degrees, see the module."""

    yaw: float
    pitch: float
    roll: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Scales:
    """True degrees for each that the landmarks tell: of yaw, and of pitch upwards and downwards."""

    yaw: float
    up: float
    down: float


AS_TOLD = Scales(yaw=1.0, up=1.0, down=1.0)
SCALES = Scales(yaw=0.885, up=1.03, down=1.47)
"""Landmarks exaggerate a turn, and give in to a nod.

Least absolute error against the line of sight on rendered heads of known pose (synthetic: 11 heads,
385 frames within 30 and 20 degrees, `benchmarks/pose.py`). On heads that were made up afterwards
1.9 degrees of yaw and 2.8 of pitch are left on average (synthetic: 16 heads, 560 frames).
"""


def absolute_pose(mesh: Mesh) -> Pose:
    """Pose against the camera, from one mesh alone; good to about 5 degrees."""
    at = mesh.points.astype(np.float64)
    across = at[list(_LEFT_SIDE)].mean(axis=0) - at[list(_RIGHT_SIDE)].mean(axis=0)
    down = at[list(_BOTTOM)].mean(axis=0) - at[list(_TOP)].mean(axis=0)
    return Pose(
        yaw=float(np.degrees(np.arctan2(across[2], np.hypot(across[0], across[1])))),
        pitch=float(np.degrees(np.arctan2(down[2], np.hypot(down[0], down[1])))),
        roll=float(np.degrees(np.arctan2(across[1], across[0]))),
    )


def neutral_shape(meshes: Sequence[Mesh]) -> _Shape:
    """Return the person's own resting shape: the median of the rigid points, centred, of size 1."""
    return np.asarray(np.median(_shapes(meshes), axis=0) * [1.0, 1.0, _RELIEF], np.float64)


def relative_pose(mesh: Mesh, neutral: _Shape, scales: Scales = SCALES) -> Pose:
    """Pose of one mesh, see `relative_poses`."""
    yaw, pitch, roll = relative_poses([mesh], neutral, scales)[0].tolist()
    return Pose(yaw=yaw, pitch=pitch, roll=roll)


def relative_poses(meshes: Sequence[Mesh], neutral: _Shape, scales: Scales = SCALES) -> _Degrees:
    """Yaw, pitch and roll (N x 3, degrees) under which `neutral` lies nearest to each mesh.

    Weak perspective, least squares over the rigid points by Gauss-Newton, all meshes at once. Only
    where the points lie in the picture is believed now: the depths that the model states move too
    little (on puppets of known turn, 58 % of it, and 1.5 degrees of false pitch instead of 0.1
    under an open mouth). `scales` then makes true degrees of what the landmarks tell.
    """
    if not meshes:
        return np.zeros((0, 3))
    turn = _turns(neutral, _shapes(meshes)[:, :, :2])
    ahead, across = -turn[:, :, 2], turn[:, :, 0]
    yaw = np.arctan2(ahead[:, 0], np.hypot(ahead[:, 1], ahead[:, 2]))
    pitch = np.arctan2(ahead[:, 1], -ahead[:, 2])
    roll = np.arctan2(across[:, 1], across[:, 0])
    told = np.degrees(np.column_stack([yaw, pitch, roll]))
    return np.column_stack([scaled(told[:, :2], scales), told[:, 2]])


def as_told(ways: _Degrees) -> _Degrees:
    """Where the landmarks say that the face points, for its true yaw and pitch (both N x 2).

    As longitude and latitude, in degrees of the landmarks' own.
    """
    undone = Scales(yaw=1 / SCALES.yaw, up=1 / SCALES.up, down=1 / SCALES.down)
    yaw, pitch = np.radians(scaled(ways, undone)).T
    across, down, out = np.sin(yaw), np.sin(pitch) * np.cos(yaw), np.cos(pitch) * np.cos(yaw)
    longitude, latitude = np.arctan2(across, out), np.arctan2(down, np.hypot(across, out))
    return np.asarray(np.degrees(np.column_stack([longitude, latitude])), np.float64)


def scaled(ways: _Degrees, scales: Scales) -> _Degrees:
    """Multiply yaw and pitch (N x 2), pitch by the scale of its side."""
    yaw, pitch = ways.T
    return np.column_stack([scales.yaw * yaw, np.where(pitch < 0, scales.up, scales.down) * pitch])


def _turns(neutral: _Shape, seen: _Shape) -> _Shape:
    """Rotations (N x 3 x 3) of `neutral` (P x 3) onto what is seen of each (N x P x 2).

    What a step needs are sums of products over the points; these turn and grow as the points do.
    """
    spread, shared = neutral.T @ neutral, neutral.T @ seen
    turn = np.broadcast_to(np.eye(3), (len(seen), 3, 3))
    scale = np.ones((len(seen), 1, 1))
    for _ in range(_ROUNDS):
        placed = scale**2 * (turn @ spread @ turn.transpose(0, 2, 1))
        about = _step(placed, scale * (turn @ shared))
        turn = _small_turns(about[:, :3]) @ turn
        scale = scale * (1.0 + about[:, 3, None, None])
    return turn


def _step(placed: _Shape, shared: _Shape) -> _Shape:
    """Gauss-Newton step (N x 4): the small turn (x, y, z) and growth onto what is seen.

    `placed`: sums of products of the placed points' coordinates (N x 3 x 3), `shared`: of these and
    the seen ones' (N x 3 x 2).
    """
    xx, yy, zz, zx, zy = (placed[:, i, j] for i, j in ((0, 0), (1, 1), (2, 2), (2, 0), (2, 1)))
    nought = np.zeros_like(xx)
    slopes = [
        [zz, nought, -zx, -zy],
        [nought, zz, -zy, zx],
        [-zx, -zy, xx + yy, nought],
        [-zy, zx, nought, xx + yy],
    ]
    left = [
        zy - shared[:, 2, 1],
        shared[:, 2, 0] - zx,
        shared[:, 0, 1] - shared[:, 1, 0],
        shared[:, 0, 0] + shared[:, 1, 1] - xx - yy,
    ]
    answer = np.linalg.solve(
        np.array(slopes).transpose(2, 0, 1) + _NOTHING, np.array(left).T[:, :, None]
    )
    return np.asarray(answer[:, :, 0], np.float64)


def _small_turns(about: _Shape) -> _Shape:
    """Rotation matrices (N x 3 x 3) of rotation vectors (N x 3), after Rodrigues."""
    angle = np.linalg.norm(about, axis=1)[:, None, None]
    x, y, z = about.T
    nought = np.zeros_like(x)
    cross = np.array([[nought, -z, y], [z, nought, -x], [-y, x, nought]]).transpose(2, 0, 1)
    half = np.sinc(angle / (2 * np.pi))
    return np.asarray(
        np.eye(3) + np.sinc(angle / np.pi) * cross + half**2 / 2 * (cross @ cross), np.float64
    )


def _shapes(meshes: Sequence[Mesh]) -> _Shape:
    """Rigid points of each mesh (N x P x 3), centred, of size 1."""
    at = np.array([mesh.points[_RIGID] for mesh in meshes], np.float64)
    centred = at - at.mean(axis=1, keepdims=True)
    size = np.sqrt((centred**2).sum(axis=2).mean(axis=1))
    return np.asarray(centred / np.maximum(1e-9, size)[:, None, None], np.float64)
