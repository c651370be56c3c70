"""A simple face swap: the victim's face, triangle by triangle, onto the attacker's moving head."""

from dataclasses import replace

import cv2
import numpy as np

from app.demo.reading import Floats, Image, floats, pixels
from app.demo.rig import Rig

_FACE_POINTS = 468
_FEATHER = 0.09  # of the texture's face width, over which the two faces are mixed


def swapped(attacker: Rig, victim: Rig) -> Rig:
    """Return the attacker's rig with the victim's face blended over it."""
    own = pixels(np.ascontiguousarray(attacker.texture[:, :, :3]))
    other = _warped(attacker, victim)
    face = attacker.points[:_FACE_POINTS, :2]
    hull = floats(cv2.convexHull(np.ascontiguousarray(face))[:, 0])
    mask = _mask(own.shape[:2], hull)
    matched = _toned(other, own, mask)
    share = mask.astype(np.float32)[:, :, None] / 255
    mixed = own + (matched - own.astype(np.float32)) * share
    texture = np.dstack([np.clip(mixed, 0, 255).astype(np.uint8), attacker.texture[:, :, 3]])
    return replace(attacker, texture=texture)


def _warped(attacker: Rig, victim: Rig) -> Image:
    """Lay the victim's texture where the attacker's face is, one triangle after another."""
    size = attacker.texture.shape[1::-1]
    drawn = pixels(np.ascontiguousarray(attacker.texture[:, :, :3]))
    source = pixels(np.ascontiguousarray(victim.texture[:, :, :3]))
    inner = attacker.triangles[(attacker.triangles < _FACE_POINTS).all(axis=1)]
    for triangle in inner:
        theirs, ours = victim.points[triangle, :2], attacker.points[triangle, :2]
        x, y, wide, tall = cv2.boundingRect(floats(ours))
        x, y = max(0, x), max(0, y)
        wide, tall = min(wide + 1, size[0] - x), min(tall + 1, size[1] - y)
        if min(wide, tall) <= 0 or _area(theirs) < 0.2 or _area(ours) < 0.2:
            continue
        placed = floats(ours - floats([x, y]))
        affine = cv2.getAffineTransform(floats(theirs), placed)
        patch = cv2.warpAffine(source, affine, (wide, tall), borderMode=cv2.BORDER_REPLICATE)
        mask = np.zeros((tall, wide), np.uint8)
        cv2.fillConvexPoly(mask, np.round(placed * 16).astype(np.int32), 255, cv2.LINE_8, 4)
        cv2.copyTo(pixels(patch), mask, drawn[y : y + tall, x : x + wide])
    return drawn


def _area(corners: Floats) -> float:
    (a, b), (c, d) = corners[1] - corners[0], corners[2] - corners[0]
    return abs(float(a * d - b * c))


def _mask(size: tuple[int, ...], hull: Floats) -> Image:
    middle = hull.mean(axis=0)
    width = float(np.ptp(hull[:, 0]))
    mask = np.zeros(size, np.uint8)
    inner = middle + (hull - middle) * (1 - 1.2 * _FEATHER)
    cv2.fillConvexPoly(mask, inner.astype(np.int32), 255)
    return pixels(cv2.GaussianBlur(mask, (0, 0), _FEATHER * width / 2))


def _toned(other: Image, own: Image, mask: Image) -> Floats:
    """Give the other face the light of this head."""
    lab = [cv2.cvtColor(image, cv2.COLOR_BGR2LAB).astype(np.float32) for image in (other, own)]
    inside = mask > 200
    means = [plane[inside].mean(axis=0) for plane in lab]
    spreads = [plane[inside].std(axis=0) + 1e-3 for plane in lab]
    moved = (lab[0] - means[0]) * (0.5 + 0.5 * spreads[1] / spreads[0]) + means[1]
    return floats(cv2.cvtColor(np.clip(moved, 0, 255).astype(np.uint8), cv2.COLOR_LAB2BGR))
