"""One portrait that turns, nods, blinks and opens its mouth: pose in, frame out.

Signs, in the unmirrored picture as a phone stores it: `yaw_deg` > 0 turns to the person's own left,
so the nose moves to the image's right; `pitch_deg` > 0 lowers the chin; `roll_deg` > 0 leans the
head clockwise as seen. The same pose and the same frame number give the same bytes.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from app.demo.cutout import FACE_PX
from app.demo.eyelids import close_lids
from app.demo.mouth import LOWER_LIP, UPPER_LIP
from app.demo.reading import Floats, Image, floats, pixels
from app.demo.rig import Rig

_LENS = 4.0 * FACE_PX  # distance of the phone: about 55 cm for a face of 14 cm
_WALL = 2.0 * _LENS  # how far behind the face the background stands
_DROP = 0.52  # how far the jaw falls at mouth = 1, in mouth widths
_PURSE = 0.08  # how much of its width the mouth loses at mouth = 1
_COARSE = 2  # the warp is computed at this fraction of the frame and interpolated
_GRAIN_ROOM = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Pose:
    """What the puppet does in one frame."""

    yaw_deg: float = 0.0
    pitch_deg: float = 0.0
    roll_deg: float = 0.0
    blink: float = 0.0  # 0 open, 1 shut
    mouth: float = 0.0  # 0 as in the portrait, 1 wide open
    shift: tuple[float, float] = (0.0, 0.0)  # of the whole picture, in face widths
    view: tuple[float, float] = (0.0, 0.0)  # degrees by which the phone went around the face,
    # towards the person's left and up: everything turns for it, not only the head


@dataclass(frozen=True, slots=True, kw_only=True)
class Framing:
    """Where the face stands in the frame. `face` is its width as a share of the frame's."""

    width: int
    height: int
    face: float = 0.34
    centre: tuple[float, float] = (0.5, 0.45)

    @property
    def scale(self) -> float:
        """Frame pixels per texture pixel."""
        return self.face * self.width / FACE_PX


@dataclass(frozen=True, slots=True, kw_only=True)
class Light:
    """How the camera saw it: `gain` scales, `warmth` tints, `noise` is the grain's deviation."""

    gain: float = 1.0
    gamma: float = 1.0
    warmth: float = 0.0
    noise: float = 2.0


class Puppet:
    """A rig before a background. Not thread-safe."""

    def __init__(
        self, rig: Rig, framing: Framing, background: Image, *, light: Light, seed: int
    ) -> None:
        self._rig = rig
        self._framing = framing
        self._background = background
        self._texture = _softened(rig.texture, framing.scale)
        self._curve = tone_curve(light)
        self._grain = Grain(framing, light.noise, seed)

    def frame(self, pose: Pose, *, number: int = 0) -> Image:
        """Draw `pose`; `number` only chooses the grain."""
        texture = self._texture
        if pose.blink > 0:
            texture = texture.copy()
            for eye in self._rig.eyes:
                close_lids(texture, eye, pose.blink)
        at = _placed(self._rig, pose, self._framing)
        maps = _inverse_map(at, self._rig, self._framing)
        person = pixels(cv2.remap(texture, maps[0], maps[1], cv2.INTER_LINEAR))
        if pose.mouth > 0:
            self._show_inside(person, pose, at)
        picture = _behind(self._background, pose, self._framing)
        _lay_over(picture, person)
        return self._seen(picture, number)

    def _show_inside(self, person: Image, pose: Pose, at: Floats) -> None:
        """Fill the parted lips with the inside of the mouth."""
        ring = np.vstack([at[list(UPPER_LIP), :2], at[list(LOWER_LIP)[::-1], :2]])
        x, y, width, height = cv2.boundingRect(ring.astype(np.float32))
        frame = person[max(0, y - 2) : y + height + 2, max(0, x - 2) : x + width + 2]
        if frame.size == 0:
            return
        corner = floats([max(0, x - 2), max(0, y - 2)])
        inside = self._rig.mouth
        tall, wide = inside.picture.shape[:2]
        rest = floats([[0, 0], [wide, 0], [0, tall]])
        held = np.hstack([rest + floats([inside.left, inside.top]), np.full((3, 1), inside.depth)])
        moved = _projected(held.astype(np.float32), np.ones(3, np.float32), self._rig, pose)
        target = _framed(moved, self._rig, pose, self._framing)[:, :2] - corner
        affine = cv2.getAffineTransform(rest, target.astype(np.float32))
        size = (frame.shape[1], frame.shape[0])
        drawn = cv2.warpAffine(inside.picture, affine, size, borderMode=cv2.BORDER_REPLICATE)
        mask = np.zeros(frame.shape[:2], np.uint8)
        cv2.fillPoly(mask, [np.round((ring - corner) * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
        share = cv2.GaussianBlur(mask, (0, 0), 0.9).astype(np.float32)[:, :, None] / 255
        mixed = frame[:, :, :3] + (drawn.astype(np.float32) - frame[:, :, :3]) * share
        frame[:, :, :3] = np.clip(mixed, 0, 255).astype(np.uint8)

    def _seen(self, picture: Image, number: int) -> Image:
        return self._grain.over(pixels(cv2.LUT(picture, self._curve)), number)


def _placed(rig: Rig, pose: Pose, framing: Framing) -> Floats:
    """Every point of the rig in frame pixels; z still orders near and far."""
    points = rig.points.copy()
    drop = pose.mouth * _DROP * rig.mouth.width
    points[:, 1] += rig.jaw * drop
    points[:, 2] += rig.jaw * drop * 0.25
    points[:, 0] -= pose.mouth * _PURSE * rig.purse
    return _framed(_projected(points, rig.follow, rig, pose), rig, pose, framing)


def _projected(points: Floats, follow: Floats, rig: Rig, pose: Pose) -> Floats:
    """Turn about the neck, each point by its share, then look at all of it from where the phone is.

    The phone goes around the middle of the face: that is what its owner keeps in the picture.
    """
    turned = _turned(points, _rotation(pose.yaw_deg, pose.pitch_deg, pose.roll_deg), rig.pivot)
    posed = floats(points + (turned - points) * follow[:, None])
    if pose.view == (0.0, 0.0):
        return posed
    beside, above = pose.view
    return _turned(posed, _rotation(-beside, above, 0.0), rig.points[[234, 454]].mean(axis=0))


def _rotation(yaw_deg: float, pitch_deg: float, roll_deg: float) -> npt.NDArray[np.float64]:
    yaw, pitch, roll = np.radians([yaw_deg, pitch_deg, roll_deg])
    about_y = np.array([[np.cos(yaw), 0, -np.sin(yaw)], [0, 1, 0], [np.sin(yaw), 0, np.cos(yaw)]])
    about_x = np.array(
        [[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]]
    )
    about_z = np.array(
        [[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1]]
    )
    return np.asarray(about_z @ about_x @ about_y, np.float64)


def _turned(points: Floats, rotation: npt.NDArray[np.float64], centre: Floats) -> Floats:
    """Rotate about `centre` and look through the lens."""
    turned = (points - centre) @ rotation.T
    nearer = (_LENS + points[:, 2]) / (_LENS + turned[:, 2] + centre[2])
    turned[:, :2] *= nearer[:, None]
    return floats(turned + centre)


def _behind(background: Image, pose: Pose, framing: Framing) -> Image:
    """Return what is seen of the wall: it passes by while the phone goes around."""
    if pose.view == (0.0, 0.0):
        return background.copy()
    beside, above = np.radians(pose.view)
    focal = _LENS * framing.scale
    x = focal * _WALL * np.sin(beside) / (_LENS + _WALL * np.cos(beside))
    y = -focal * _WALL * np.sin(above) / (_LENS + _WALL * np.cos(above))
    shift = np.array([[1.0, 0.0, x], [0.0, 1.0, y]])
    size = (framing.width, framing.height)
    return pixels(cv2.warpAffine(background, shift, size, borderMode=cv2.BORDER_REFLECT_101))


def _framed(points: Floats, rig: Rig, pose: Pose, framing: Framing) -> Floats:
    anchor = rig.points[[234, 454], :2].mean(axis=0)
    centre = np.array(framing.centre) * (framing.width, framing.height)
    shift = np.array(pose.shift) * FACE_PX * framing.scale
    placed = points.copy()
    placed[:, :2] = (points[:, :2] - anchor) * framing.scale + centre + shift
    return placed


def _inverse_map(at: Floats, rig: Rig, framing: Framing) -> tuple[Floats, Floats]:
    """For every frame pixel, the texture pixel it shows: triangles painted far to near."""
    corners = at[rig.triangles]
    flat = np.concatenate([corners[:, :, :2], np.ones((*corners.shape[:2], 1))], axis=2)
    area = np.linalg.det(flat)
    order = np.argsort(-corners[:, :, 2].mean(axis=1))
    order = order[np.abs(area[order]) > 0.2]
    back = np.linalg.solve(flat[order], rig.points[rig.triangles[order], :2]).astype(np.float32)
    size = (-(-framing.height // _COARSE), -(-framing.width // _COARSE))
    owner = np.zeros(size, np.uint16)
    shifted = np.round(((corners[order, :, :2] + 0.5) / _COARSE - 0.5) * 16).astype(np.int32)
    for number, triangle in enumerate(shifted, start=1):
        cv2.fillConvexPoly(owner, triangle, number, cv2.LINE_8, 4)
    rows = np.arange(size[0], dtype=np.float32)[:, None] * _COARSE + (_COARSE - 1) / 2
    columns = np.arange(size[1], dtype=np.float32) * _COARSE + (_COARSE - 1) / 2
    table = np.concatenate([_unmoved(rig, framing)[None], back]).reshape(-1, 6)[owner]
    x = table[:, :, 0] * columns + table[:, :, 2] * rows + table[:, :, 4]
    y = table[:, :, 1] * columns + table[:, :, 3] * rows + table[:, :, 5]
    full = (framing.width, framing.height)
    return _enlarged(x, full), _enlarged(y, full)


def _unmoved(rig: Rig, framing: Framing) -> Floats:
    """Frame to texture where no triangle lies: as if nothing moved, so that no edge is torn."""
    origin = _framed(np.zeros((1, 3), np.float32), rig, Pose(), framing)[0, :2]
    inverse = np.zeros((3, 2), np.float32)
    inverse[0, 0] = inverse[1, 1] = 1 / framing.scale
    inverse[2] = -origin / framing.scale
    return inverse


def _enlarged(coarse: npt.NDArray[np.float32], size: tuple[int, int]) -> Floats:
    padded = (coarse.shape[1] * _COARSE, coarse.shape[0] * _COARSE)
    fine = cv2.resize(coarse, padded, interpolation=cv2.INTER_LINEAR)
    return np.ascontiguousarray(fine[: size[1], : size[0]])


def _lay_over(picture: Image, person: Image) -> None:
    """Put the person before the picture; only the soft edge is mixed."""
    alpha = pixels(cv2.extractChannel(person, 3))
    colours = pixels(cv2.cvtColor(person, cv2.COLOR_BGRA2BGR))
    cv2.copyTo(colours, pixels(cv2.inRange(alpha, 255, 255)), picture)
    edge = np.flatnonzero(cv2.inRange(alpha, 1, 254))
    share = alpha.reshape(-1)[edge].astype(np.float32)[:, None] / 255
    flat = picture.reshape(-1, 3)
    under = flat[edge].astype(np.float32)
    flat[edge] = (under + (colours.reshape(-1, 3)[edge] - under) * share).astype(np.uint8)


def _softened(texture: Image, scale: float) -> Image:
    """Blurred as a lens would before it is shrunk, against shimmering."""
    if scale >= 0.8:
        return texture
    return pixels(cv2.GaussianBlur(texture, (0, 0), 0.35 / scale))


def tone_curve(light: Light) -> Image:
    """Look-up table of the camera's response, for `cv2.LUT`."""
    steps = np.linspace(0, 1, 256, dtype=np.float32)
    base = np.power(steps, light.gamma) * light.gain
    tints = (1 - light.warmth, 1.0, 1 + light.warmth)
    curve = np.stack([base * tint for tint in tints], axis=-1)
    return np.clip(curve * 255, 0, 255).astype(np.uint8).reshape(1, 256, 3)


class Grain:
    """Sensor noise to add: one large tile, looked at from a different corner for each frame."""

    def __init__(self, framing: Framing, deviation: float, seed: int) -> None:
        chance = np.random.default_rng(seed)
        self._size = (framing.height, framing.width)
        tall, wide = framing.height + _GRAIN_ROOM, framing.width + _GRAIN_ROOM
        fine = chance.standard_normal((tall, wide, 1), np.float32)
        tint = chance.standard_normal((tall, wide, 3), np.float32)
        self._tile = np.round((fine + 0.4 * tint) * deviation).astype(np.int16)

    def over(self, picture: Image, number: int) -> Image:
        """`picture` with the grain of frame `number`."""
        top, left = (number * 37) % _GRAIN_ROOM, (number * 61) % _GRAIN_ROOM
        tile = self._tile[top : top + self._size[0], left : left + self._size[1]]
        return pixels(cv2.add(picture, tile, dtype=cv2.CV_8U))
