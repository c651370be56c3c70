"""A rendered head that turns, nods, blinks and opens its mouth, before a camera with perspective.

Takes the place of `app.demo.puppet.Puppet` wherever the truth about pose and depth matters: the
same poses and signs, the same framing and light, the same `frame(pose, number=...)`.
"""

import cv2
import numpy as np
import numpy.typing as npt

from app.demo.puppet import Framing, Grain, Light, Pose, tone_curve
from app.demo.reading import Floats, Image, floats, pixels
from app.heads.asset import LEFT_EYE, RIGHT_EYE, HeadAsset, head_asset
from app.heads.raster import rasterise
from app.heads.skin import hair_share, paint

_FACE_MM = 140.0  # between the cheeks, what `Framing.face` means
_FACE_MIDDLE = floats([0.0, 30.0, 0.0])
_PIVOT = floats([0.0, 78.0, 88.0])  # where the skull sits on the spine
_FOLLOWS_TO, _FOLLOWS_FROM = 135.0, 215.0  # mm along the neck: with the head, with the body
_HAIR_MM = 9.0
_EYES_STAY = 0.7  # of a turn of the head: people keep looking at the phone
_EYES_MOST_DEG = 22.0
_KEY, _FILL, _AMBIENT, _SHINE = 0.6, 0.16, 0.42, 16.0
_ROW = 256  # OpenCV looks up pictures, not lists
_SOFT_PX = 0.55  # what a lens blurs


class Head:
    """One person of the asset before a background. Not thread-safe."""

    def __init__(
        self,
        person: str,
        framing: Framing,
        background: Image,
        *,
        seed: int,
        light: Light | None = None,
        distance_mm: float = 450.0,
    ) -> None:
        """Stand `person` (see `people`) before `background`. Raises `ValueError` if unknown."""
        asset = head_asset()
        number = asset.people.index(person)
        self._asset = asset
        self._framing = framing
        self._background = background
        self._distance = distance_mm
        self._painted = paint(asset, number, seed)
        self._rest = _with_hair(asset, number, seed)
        self._follow = _follow(asset.shapes[number])
        self._lamp = _lamp(seed)
        seen = Light() if light is None else light
        self._curve = tone_curve(seen)
        self._grain = Grain(framing, seen.noise, seed)

    def frame(self, pose: Pose, *, number: int = 0) -> Image:
        """Draw `pose` as BGR; `number` only chooses the grain."""
        picture = self._background.copy()
        self._draw(picture, self.points(pose), pose)
        return self._grain.over(pixels(cv2.LUT(picture, self._curve)), number)

    def points(self, pose: Pose) -> Floats:
        """N x 3 millimetres before the camera's axes are applied: the truth about the pose."""
        moved = self._rest + pose.mouth * self._asset.actions["jawOpen"]
        for lid in ("eyeBlinkLeft", "eyeBlinkRight"):
            moved = moved + pose.blink * self._asset.actions[lid]
        _look_ahead(moved, self._asset, pose)
        turned = (moved - _PIVOT) @ rotation(pose.yaw_deg, pose.pitch_deg, pose.roll_deg).T + _PIVOT
        return floats(moved + (turned - moved) * self._follow[:, None])

    def line_of_sight(self, pose: Pose) -> tuple[float, float]:
        """Yaw and pitch in degrees as the camera sees them: a neck also carries the face aside."""
        turn = rotation(pose.yaw_deg, pose.pitch_deg, pose.roll_deg)
        across, down, away = (_FACE_MIDDLE - _PIVOT) @ turn.T + _PIVOT - (0, _FACE_MIDDLE[1], 0)
        aside = np.degrees(np.arctan2([across, down], self._distance + away))
        return pose.yaw_deg + float(aside[0]), pose.pitch_deg + float(aside[1])

    def _draw(self, picture: Image, points: Floats, pose: Pose) -> None:
        at = self._seen(points, pose)
        light = _lit(points, self._asset.triangles, self._lamp)
        corners = at[self._asset.triangles]
        values = np.concatenate([self._painted.corners, light[self._asset.triangles]], axis=2)
        size = (self._framing.height, self._framing.width)
        drawn = rasterise(corners[:, :, :2], corners[:, :, 2], floats(values), size)
        colour = _looked_up(self._painted.texture, drawn.values[:, :2])
        lit = colour * drawn.values[:, 2:3] + _SHINE * drawn.values[:, 3:4]
        picture.reshape(-1, 3)[drawn.pixels] = np.clip(lit, 0, 255).astype(np.uint8)
        rows = slice(int(drawn.pixels.min()) // size[1], int(drawn.pixels.max()) // size[1] + 1)
        picture[rows] = cv2.GaussianBlur(picture[rows], (0, 0), _SOFT_PX)

    def _seen(self, points: Floats, pose: Pose) -> Floats:
        """Pixels across and down, and the distance from the camera in millimetres."""
        framing = self._framing
        away = self._distance + points[:, 2]
        per_mm = framing.face * framing.width / _FACE_MM * self._distance / away
        centre = floats(framing.centre) * (framing.width, framing.height)
        shift = floats(pose.shift) * framing.face * framing.width
        at = (points[:, :2] - _FACE_MIDDLE[:2]) * per_mm[:, None] + centre + shift
        return floats(np.column_stack([at, away]))


def people() -> tuple[str, ...]:
    """Name everybody there is: ancestry, sex, age in years, such as "asian-f-85"."""
    return head_asset().people


def _looked_up(texture: Image, at: Floats) -> Image:
    """Colours (M x 3) of the texture at M places."""
    rows = -(-len(at) // _ROW)
    maps = np.zeros((rows * _ROW, 2), np.float32)
    maps[: len(at)] = at
    u, v = maps.reshape(rows, _ROW, 2).transpose(2, 0, 1)
    colour = cv2.remap(texture, np.ascontiguousarray(u), np.ascontiguousarray(v), cv2.INTER_LINEAR)
    return pixels(colour.reshape(-1, 3)[: len(at)])


def rotation(yaw_deg: float, pitch_deg: float, roll_deg: float) -> Floats:
    """3 x 3, with the puppet's signs: first yaw, then pitch, then roll."""
    yaw, pitch, roll = np.radians([yaw_deg, pitch_deg, roll_deg])
    about_y = np.array([[np.cos(yaw), 0, -np.sin(yaw)], [0, 1, 0], [np.sin(yaw), 0, np.cos(yaw)]])
    about_x = np.array(
        [[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]]
    )
    about_z = np.array(
        [[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1]]
    )
    return floats(about_z @ about_x @ about_y)


def _with_hair(asset: HeadAsset, person: int, seed: int) -> Floats:
    """Raise the scalp where hair grows."""
    shape = asset.shapes[person]
    full = _HAIR_MM * np.random.default_rng([seed, person, 23]).uniform(0.5, 1.6)
    share = hair_share(shape, bald=0.0)[:, None]
    return floats(shape + share * full * _normals(shape, asset.triangles))


def _follow(shape: Floats) -> Floats:
    """1 on the head, fading down the neck to 0 on the body."""
    along = shape[:, 1] + 0.5 * shape[:, 2]
    share = np.clip((_FOLLOWS_FROM - along) / (_FOLLOWS_FROM - _FOLLOWS_TO), 0, 1)
    return floats(share * share * (3 - 2 * share))


def _look_ahead(points: Floats, asset: HeadAsset, pose: Pose) -> None:
    """Turn the eyeballs back while the head turns."""
    away = np.clip(
        [-_EYES_STAY * pose.yaw_deg, -_EYES_STAY * pose.pitch_deg], -_EYES_MOST_DEG, _EYES_MOST_DEG
    )
    turn = rotation(float(away[0]), float(away[1]), 0.0)
    for part in (RIGHT_EYE, LEFT_EYE):
        ball = np.unique(asset.triangles[asset.part == part])
        middle = (points[ball].max(axis=0) + points[ball].min(axis=0)) / 2
        points[ball] = (points[ball] - middle) @ turn.T + middle


def _normals(points: Floats, triangles: npt.NDArray[np.int32]) -> Floats:
    """Outward unit normal of every point."""
    a, b, c = (points[triangles[:, k]] for k in range(3))
    face = np.cross(c - a, b - a)  # z runs away from the camera: a left-handed world
    summed = np.column_stack(
        [
            np.bincount(triangles.ravel(), np.repeat(face[:, axis], 3), len(points))
            for axis in range(3)
        ]
    )
    return floats(summed / np.maximum(np.linalg.norm(summed, axis=1, keepdims=True), 1e-9))


def _lamp(seed: int) -> Floats:
    """Where the light comes from: above, before the person, more or less from one side."""
    chance = np.random.default_rng([seed, 29])
    lamp = floats([chance.uniform(-0.6, 0.6), chance.uniform(-0.9, -0.3), -1.0])
    return floats(lamp / np.linalg.norm(lamp))


def _lit(points: Floats, triangles: npt.NDArray[np.int32], lamp: Floats) -> Floats:
    """Brightness and gloss of every point (N x 2): a lamp, a window's fill and the room."""
    normal = _normals(points, triangles)
    ahead = floats([0.0, 0.0, -1.0])
    halfway = (lamp + ahead) / np.linalg.norm(lamp + ahead)
    bright = _AMBIENT + _KEY * np.clip(normal @ lamp, 0, 1) + _FILL * np.clip(-normal[:, 2], 0, 1)
    shine = np.clip(normal @ halfway, 0, 1) ** 18
    return floats(np.column_stack([bright, shine]))
