"""Flat and bent sheets before a lens: where every pixel of the frame looks on the sheet.

Lengths are millimetres, x right, y down, z away from the lens. A sheet has its middle at the
origin, and a bent one its crest: it curves away on both sides like a page around a bottle. Turning
has the signs of `app.demo.puppet`.
"""

from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np

from app.demo.puppet import Pose
from app.demo.reading import Floats, Image, floats, pixels

_FOCAL = 0.85  # of the frame's longer side: a phone's front camera
_PIVOT_MM = 45.0  # behind the sheet, where the hands or the neck turn it
_FINE = 2  # a bent sheet is computed at this fraction of the frame
_LIGHT = np.array([-0.35, -0.6, -0.72])  # from the ceiling, beside the phone
_AMBIENT = 0.62


class Axis(StrEnum):
    """Along which way the sheet stays straight when it is bent."""

    VERTICAL = "vertical"
    HORIZONTAL = "horizontal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A picture on something flat or bent. `radius_mm` None: it is a plane."""

    width_mm: float
    height_mm: float
    radius_mm: float | None = None
    axis: Axis = Axis.VERTICAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Lens:
    """Frame size in pixels."""

    width: int
    height: int

    @property
    def focal_px(self) -> float:
        """Focal length."""
        return _FOCAL * max(self.width, self.height)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """How the sheet is held: the middle of the frame is `shift_mm` (0, 0)."""

    distance_mm: float
    rotation: Floats  # 3 x 3
    shift_mm: tuple[float, float] = (0.0, 0.0)


def rotation_of(pose: Pose) -> Floats:
    """Turn a sheet as a head would turn; a phone that goes around it turns it as well."""
    yaw, pitch, roll = np.radians(
        [pose.yaw_deg - pose.view[0], pose.pitch_deg + pose.view[1], pose.roll_deg]
    )
    about_y = np.array([[np.cos(yaw), 0, -np.sin(yaw)], [0, 1, 0], [np.sin(yaw), 0, np.cos(yaw)]])
    about_x = np.array(
        [[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]]
    )
    about_z = np.array(
        [[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1]]
    )
    return floats(about_z @ about_x @ about_y)


def seen_points(points_mm: Floats, place: Place, lens: Lens) -> Floats:
    """Frame pixels (N x 2) of points of a plane sheet (N x 2, millimetres from its middle)."""
    flat = np.hstack([points_mm, np.zeros((len(points_mm), 1))])
    pivot = np.array([0, 0, _PIVOT_MM])
    turned = (flat - pivot) @ place.rotation.T + pivot
    turned += np.array([*place.shift_mm, place.distance_mm])
    at = turned[:, :2] / turned[:, 2:] * lens.focal_px
    return floats(at + np.array([(lens.width - 1) / 2, (lens.height - 1) / 2]))


def plane_of(sheet: Sheet, size_px: tuple[int, int], place: Place, lens: Lens) -> Floats:
    """Homography (3 x 3) from pixels of the sheet's picture to pixels of the frame."""
    wide, tall = size_px
    half = np.array([sheet.width_mm, sheet.height_mm]) / 2
    corners = floats([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * floats(half)
    source = floats([[0, 0], [wide, 0], [wide, tall], [0, tall]])
    return cv2.getPerspectiveTransform(source, seen_points(corners, place, lens)).astype(np.float32)


def lay_flat(picture: Image, print_: Image, sheet: Sheet, *, place: Place, lens: Lens) -> Floats:
    """Draw a plane sheet into `picture`; returns the homography it was drawn with."""
    plane = plane_of(sheet, (print_.shape[1], print_.shape[0]), place, lens)
    lit = pixels(cv2.convertScaleAbs(print_, alpha=_shade(place.rotation @ np.array([0, 0, -1.0]))))
    size = (lens.width, lens.height)
    cv2.warpPerspective(lit, plane, size, picture, cv2.INTER_LINEAR, cv2.BORDER_TRANSPARENT)
    return plane


def lay_cut_out(picture: Image, cut: Image, sheet: Sheet, *, place: Place, lens: Lens) -> None:
    """Draw a plane sheet that was cut along an outline: `cut` is H x W x 4, alpha is paper."""
    plane = plane_of(sheet, (cut.shape[1], cut.shape[0]), place, lens)
    size = (lens.width, lens.height)
    drawn = cv2.warpPerspective(cut, plane, size)
    paper = pixels(cv2.inRange(cv2.extractChannel(drawn, 3), 128, 255))
    shade = _shade(place.rotation @ np.array([0, 0, -1.0]))
    lit = pixels(cv2.convertScaleAbs(np.ascontiguousarray(drawn[:, :, :3]), alpha=shade))
    cv2.copyTo(lit, paper, picture)


def lay_bent(picture: Image, print_: Image, sheet: Sheet, *, place: Place, lens: Lens) -> None:
    """Draw a bent sheet into `picture`: every ray of the lens is met with the cylinder."""
    across, down, facing = _met(sheet, place, lens)
    tall, wide = print_.shape[:2]
    x = (across / sheet.width_mm + 0.5) * wide - 0.5
    y = (down / sheet.height_mm + 0.5) * tall - 0.5
    inside = (x > 0) & (x < wide - 1) & (y > 0) & (y < tall - 1) & (facing > 0)
    size = (lens.width, lens.height)
    maps = [cv2.resize(floats(plane), size, interpolation=cv2.INTER_LINEAR) for plane in (x, y)]
    shade = cv2.resize(_AMBIENT + (1 - _AMBIENT) * _lit(facing), size)
    paper = cv2.resize(inside.astype(np.uint8) * 255, size, interpolation=cv2.INTER_LINEAR)
    drawn = cv2.remap(print_, maps[0], maps[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    drawn = cv2.multiply(drawn, cv2.merge([shade] * 3), dtype=cv2.CV_8U)
    cv2.copyTo(pixels(drawn), pixels(cv2.inRange(paper, 128, 255)), picture)


def _met(sheet: Sheet, place: Place, lens: Lens) -> tuple[Floats, Floats, Floats]:
    """Where rays meet the cylinder: millimetres along the sheet, both ways, and how it faces."""
    assert sheet.radius_mm is not None
    radius = np.float32(sheet.radius_mm)
    wide, tall = -(-lens.width // _FINE), -(-lens.height // _FINE)
    columns = (np.arange(wide, dtype=np.float32) * _FINE + 0.5 - lens.width / 2) / lens.focal_px
    rows = (np.arange(tall, dtype=np.float32) * _FINE + 0.5 - lens.height / 2) / lens.focal_px
    back = place.rotation.T
    ray = [
        floats(back[k, 0] * columns[None, :] + back[k, 1] * rows[:, None] + back[k, 2])
        for k in range(3)
    ]
    pivot = np.array([0, 0, _PIVOT_MM])
    away = np.array([*place.shift_mm, place.distance_mm])
    start = floats(back @ (-away - pivot) + pivot)
    bent, straight = (0, 1) if sheet.axis is Axis.VERTICAL else (1, 0)
    a = ray[bent] ** 2 + ray[2] ** 2
    depth = start[2] - radius
    b = ray[bent] * start[bent] + ray[2] * depth
    c = start[bent] ** 2 + depth**2 - radius**2
    inner = b * b - a * c
    far = (-b - np.sqrt(np.maximum(inner, 0))) / a
    side, front = start[bent] + far * ray[bent], radius - (start[2] + far * ray[2])
    curved = radius * np.arctan2(side, front)
    along = start[straight] + far * ray[straight]
    facing = _facing(side / radius, front / radius, sheet.axis, place.rotation)
    facing[inner < 0] = -1
    return (curved, along, facing) if sheet.axis is Axis.VERTICAL else (along, curved, facing)


def _facing(side: Floats, front: Floats, axis: Axis, rotation: Floats) -> Floats:
    """Cosine between the sheet's normal and the light, 0.001 and more."""
    towards = rotation.T @ _LIGHT
    sideways = towards[0] if axis is Axis.VERTICAL else towards[1]
    return floats(np.maximum(side * np.float32(sideways) - front * np.float32(towards[2]), 0.001))


def _lit(cosine: Floats) -> Floats:
    return floats(np.maximum(cosine, 0) / 0.72)


def _shade(normal: Floats) -> float:
    return float(_AMBIENT + (1 - _AMBIENT) * max(0.0, float(normal @ _LIGHT)) / 0.72)
