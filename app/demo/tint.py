"""Coloured light of a screen on a scene: what a face before it takes on, and a wall less."""

import cv2
import numpy as np

from app.demo.reading import Image, pixels
from biometrics.mesh import Mesh
from domain.light import RGB, Colour

_GAMMA = 2.2


def lit(
    picture: Image, mesh: Mesh, colour: Colour, *, strength: float, behind: float = 0.15
) -> Image:
    """Add the screen's light to a picture taken in white light: albedo x colour x intensity.

    `strength` is the screen's light on the face over that of the room; `behind` is what of it
    reaches the wall, which is farther away.
    """
    linear = (picture.astype(np.float32) / 255) ** _GAMMA
    screen = (np.array(RGB[colour][::-1], np.float32) / 255) ** _GAMMA
    near = np.full(picture.shape[:2], behind, np.float32)
    hull = cv2.convexHull(mesh.points[:, :2].astype(np.int32))
    cv2.fillConvexPoly(near, hull, 1.0)
    share = cv2.GaussianBlur(near, (0, 0), 4.0)[:, :, None]
    seen = linear * (1 + strength * share * screen)
    return pixels(np.clip(seen ** (1 / _GAMMA) * 255, 0, 255).astype(np.uint8))
