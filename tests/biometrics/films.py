"""Films of a made-up face for depth: heads, prints flat and bent, as pixels and as landmarks.

The landmarks are those of a usual head whatever is shown: their model draws a nose into any print.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.detector import Image
from biometrics.face_view import EYES_PX, FIRST_AROUND, MIDDLE, FaceView

Points = NDArray[np.float64]
Way = tuple[float, float]  # yaw and pitch in degrees

SIDE_PX = 192
CAMERA_MM = 350.0
PX_PER_MM = 60.0 / 63.0  # in the patch
TOLD_MM = 16.0  # the nose of the head that the landmarks know
_AROUND_POINTS = 74
_COARSE = 4  # the surface is drawn on every fourth pixel, the texture on each


@dataclass(frozen=True)
class Species:
    """What is before the camera: a head with a nose, or a sheet, flat or bent."""

    nose_mm: float = 0.0
    curved: bool = False  # as a face is
    radius_mm: float | None = None
    upright: bool = True  # the axis of the bend

    def depth(self, at: Points) -> Points:
        """Farther from the camera than between the eyes, mm; `at` is ... x 2 in mm."""
        x, y = at[..., 0], at[..., 1]
        if self.radius_mm is not None:
            along = np.clip((x if self.upright else y) / self.radius_mm, -1.2, 1.2)
            return np.asarray(self.radius_mm * (1 - np.cos(along)), np.float64)
        smooth = 0.006 * x**2 + 0.002 * (y - 10) ** 2 if self.curved else np.zeros_like(x)
        tip = np.exp(-((x / 11) ** 2)) * np.clip((y + 5) / 45, 0, 1)
        under = 1 / (1 + np.exp((y - 52) / 2))
        return np.asarray(smooth - self.nose_mm * tip * under, np.float64)


HEAD = Species(nose_mm=TOLD_MM, curved=True)
SHEETS = (
    Species(),
    *(
        Species(radius_mm=radius, upright=upright)
        for radius in (150.0, 80.0, 50.0)
        for upright in (True, False)
    ),
)


@dataclass(frozen=True)
class Skin:
    """How much the picture shows of it."""

    grain: float = 7.0  # grey levels
    noise: float = 2.0  # anew in every frame
    quality: int = 50  # of compression
    shrunk: float = 1.0  # seen by a camera with so much less


def film(species: Species, ways: Sequence[Way], *, seed: int, skin: Skin) -> list[FaceView]:
    """One view for each way the face looks, at 5 Hz."""
    chance = np.random.default_rng(seed)
    texture, told = _texture(chance, skin.grain), _places(chance)
    return [
        _view(200.0 * number, species, way, texture=texture, told=told, chance=chance, skin=skin)
        for number, way in enumerate(ways)
    ]


def _view(
    at_ms: float,
    species: Species,
    way: Way,
    *,
    texture: NDArray[np.float32],
    told: Points,
    chance: np.random.Generator,
    skin: Skin,
) -> FaceView:
    shift = chance.normal(0, 4, 2)
    picture = _drawn(species, way, texture, shift)
    picture += chance.normal(0, skin.noise, picture.shape).astype(np.float32)
    points = _seen(HEAD, told, way, shift) + chance.normal(0, 0.3, told.shape)
    height = -HEAD.depth(told) * PX_PER_MM / EYES_PX
    return FaceView(
        at_ms=at_ms,
        patch=_recorded(picture, skin),
        points=points,
        height=height,
    )


def _places(chance: np.random.Generator) -> Points:
    """N x 2 in mm, those on the nose first."""
    nose = np.column_stack([chance.normal(0, 4, FIRST_AROUND), np.linspace(5, 52, FIRST_AROUND)])
    return np.vstack([nose, chance.uniform((-52, -35), (52, 55), (_AROUND_POINTS, 2))])


def _texture(chance: np.random.Generator, grain: float) -> NDArray[np.float32]:
    """Of the face laid flat, two pixels a mm: grain, eyes, brows and nostrils."""
    fine = cv2.GaussianBlur(chance.normal(0, 1, (480, 480)).astype(np.float32), (0, 0), 2.5)
    rough = cv2.GaussianBlur(chance.normal(0, 1, (480, 480)).astype(np.float32), (0, 0), 9)
    skin = 150 + grain * (fine / fine.std() + 2 * rough / rough.std())
    for x, y, wide, high in ((-32, 0, 13, 4), (32, 0, 13, 4), (-32, -16, 17, 3), (32, -16, 17, 3)):
        cv2.ellipse(skin, (240 + 2 * x, 240 + 2 * y), (2 * wide, 2 * high), 0, 0, 360, 60, -1)
    for x in (-7, 7):
        cv2.ellipse(skin, (240 + 2 * x, 240 + 2 * 50), (8, 5), 0, 0, 360, 70, -1)
    return np.asarray(cv2.GaussianBlur(skin, (0, 0), 1.2), np.float32)


def _drawn(
    species: Species, way: Way, texture: NDArray[np.float32], shift: Points
) -> NDArray[np.float32]:
    """For each pixel the place on the face that is seen there, found by going nearer to it."""
    coarse = np.arange(0, SIDE_PX, _COARSE, dtype=np.float64)
    pixels = np.stack(np.meshgrid(coarse, coarse), axis=-1)
    at = (pixels - MIDDLE) / PX_PER_MM
    for _ in range(8):
        at = at + 0.8 * (pixels - _seen(species, at, way, shift)) / PX_PER_MM
    where = (2 * at + 240).astype(np.float32)
    side = SIDE_PX // _COARSE
    x, y = (
        cv2.warpAffine(
            np.ascontiguousarray(where[..., axis]),
            np.array([[_COARSE, 0, 0], [0, _COARSE, 0]], np.float64),
            (side * _COARSE, side * _COARSE),
            borderMode=cv2.BORDER_REPLICATE,
        )
        for axis in (0, 1)
    )
    return np.asarray(
        cv2.remap(texture, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT), np.float32
    )


def _seen(species: Species, at: Points, way: Way, shift: Points) -> Points:
    """In patch pixels, through a near camera; a patch is centred on the face again."""
    yaw, pitch = np.radians(way)
    about_y = np.array([[np.cos(yaw), 0, -np.sin(yaw)], [0, 1, 0], [np.sin(yaw), 0, np.cos(yaw)]])
    about_x = np.array(
        [[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]]
    )
    solid = np.concatenate([at, species.depth(at)[..., None]], axis=-1)
    turned = solid @ (about_x @ about_y).T
    flat = (turned[..., :2] + shift) / (CAMERA_MM + turned[..., 2:]) * CAMERA_MM
    return np.asarray((flat - shift) * PX_PER_MM + MIDDLE, np.float64)


def _recorded(picture: NDArray[np.float32], skin: Skin) -> Image:
    side = round(SIDE_PX / skin.shrunk)
    small = cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA)
    grey = np.clip(small, 0, 255).astype(np.uint8)
    packed = cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, skin.quality])[1]
    unpacked = np.asarray(cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE), np.uint8)
    return np.asarray(cv2.resize(unpacked, (SIDE_PX, SIDE_PX)), np.uint8)
