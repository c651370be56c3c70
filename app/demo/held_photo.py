"""A print or a screen held before the camera: whatever it does, it stays a plane."""

from dataclasses import replace

import cv2
import numpy as np

from app.demo.puppet import Framing, Grain, Light, Pose, tone_curve
from app.demo.reading import Floats, Image, floats, pixels

_BORDER = 0.04  # white rim of the print, of its width
_REACH = 2.6  # distance of the print from the lens, in its own widths
_SKIN = (118.0, 148.0, 196.0)


class HeldPhoto:
    """Shows `print_` over `background`; poses move the plane. Not thread-safe."""

    def __init__(
        self, print_: Image, framing: Framing, background: Image, *, light: Light, seed: int
    ) -> None:
        self._print = _bordered(print_)
        self._framing = framing
        self._background = background
        self._curve = tone_curve(light)
        self._grain = Grain(framing, light.noise, seed)

    def frame(self, pose: Pose, *, number: int = 0) -> Image:
        """Show the print tilted by the pose; lids and mouth of a print do not move."""
        plane = _plane(self._print, pose, self._framing)
        size = (self._framing.width, self._framing.height)
        picture = self._background.copy()
        cv2.warpPerspective(
            self._print, plane, size, picture, cv2.INTER_AREA, cv2.BORDER_TRANSPARENT
        )
        _fingers(picture, plane, self._print)
        return self._grain.over(pixels(cv2.LUT(picture, self._curve)), number)


def hand_shake(pose: Pose) -> Pose:
    """Reduce a pose to what the hand that holds a print adds: small, planar, unsteady."""
    return replace(
        pose,
        yaw_deg=2.0 * pose.yaw_deg,
        pitch_deg=2.0 * pose.pitch_deg,
        shift=(3 * pose.shift[0], 3 * pose.shift[1]),
    )


def _plane(print_: Image, pose: Pose, framing: Framing) -> Floats:
    """Homography from print pixels to frame pixels."""
    tall, wide = print_.shape[:2]
    corners = floats([[0, 0], [wide, 0], [wide, tall], [0, tall]])
    flat = (corners - floats([wide / 2, tall / 2])) / wide
    yaw, pitch, roll = np.radians([pose.yaw_deg, pose.pitch_deg, pose.roll_deg])
    turned = flat @ np.array([[np.cos(roll), np.sin(roll)], [-np.sin(roll), np.cos(roll)]])
    across, down = turned[:, 0], turned[:, 1]
    depth = _REACH + across * np.sin(yaw) + down * np.sin(pitch)
    seen = (
        np.stack([across * np.cos(yaw), down * np.cos(pitch)], axis=1) * (_REACH / depth)[:, None]
    )
    size = 0.92 * framing.height * wide / tall
    shift = np.array(pose.shift) * framing.face * framing.width
    centre = np.array([0.5 * framing.width, 0.5 * framing.height]) + shift
    target = (seen * size + centre).astype(np.float32)
    return cv2.getPerspectiveTransform(corners, target).astype(np.float32)


def _bordered(print_: Image) -> Image:
    rim = int(_BORDER * print_.shape[1])
    white = (238, 240, 240)
    framed = cv2.copyMakeBorder(print_, rim, rim, rim, rim, cv2.BORDER_CONSTANT, value=white)
    return pixels(framed)


def _fingers(picture: Image, plane: Floats, print_: Image) -> None:
    """Two thumbs on the lower corners."""
    tall, wide = print_.shape[:2]
    spots = floats([[[x * wide, 0.93 * tall]] for x in (0.06, 0.94)])
    thumbs(picture, floats(cv2.perspectiveTransform(spots, plane)[:, 0]))


def thumbs(picture: Image, spots: Floats) -> None:
    """Draw the left and the right thumb of whoever holds something, tips at `spots` (2 x 2)."""
    for (x, y), lean in zip(spots, (70, 110), strict=True):
        length = int(0.09 * picture.shape[0])
        centre = (int(x), int(y) + length // 2)
        cv2.ellipse(picture, centre, (length, length // 3), lean, 0, 360, _SKIN, -1, cv2.LINE_AA)
