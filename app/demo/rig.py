"""A portrait made movable: mesh, weights of head and jaw, lids and the inside of the mouth."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from app.demo.cutout import CHIN, FACE_PX, LEFT_CHEEK, RIGHT_CHEEK
from app.demo.eyelids import EyeLids, eye_lids
from app.demo.mouth import LOWER_LIP, UPPER_LIP, MouthInside, mouth_inside
from app.demo.reading import FaceReading, Floats, Image, floats

_GRID = 0.27  # spacing of the points outside the face, in face widths
_NECK = 0.55  # how far below the head its turning fades out
_CORNER = 0.35  # how much of the jaw's drop the corners of the mouth follow
_PIVOT_DEPTH = 0.42  # of the neck's axis behind the cheeks
_RELIEF = 0.8  # of the face's depth: beyond it, depth levels off
_NOSE_BRIDGE = 168


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rig:
    """One portrait at rest. Positions are texture pixels; z grows away from the lens."""

    texture: Image  # H x W x 4, alpha is the person
    points: Floats  # N x 3, the first 468 are the face mesh
    triangles: npt.NDArray[np.int32]  # T x 3
    follow: Floats  # N, share of the head's turning
    jaw: Floats  # N, share of the jaw's drop
    purse: Floats  # N, distance right of the mouth's middle, fading out in the cheeks
    pivot: Floats  # 3
    eyes: tuple[EyeLids, EyeLids]
    mouth: MouthInside


def build_rig(texture: Image, reading: FaceReading) -> Rig:
    """`texture` and `reading` as `cutout` leaves them: upright, face `FACE_PX` wide."""
    face = _relief(_parted_lips(reading.mesh))
    points = np.vstack([face, _surroundings(face, texture)]).astype(np.float32)
    eyes = (eye_lids(reading, 0), eye_lids(reading, 1))
    back = (face[RIGHT_CHEEK, 2] + face[LEFT_CHEEK, 2]) / 2
    pivot = np.array([*face[_NOSE_BRIDGE, :2], back + _PIVOT_DEPTH * FACE_PX], np.float32)
    return Rig(
        texture=texture,
        points=points,
        triangles=_delaunay(points, texture.shape[1::-1]),
        follow=_follow(points, face),
        jaw=_jaw(points, face),
        purse=_purse(points, face),
        pivot=pivot,
        eyes=eyes,
        mouth=mouth_inside(texture, face),
    )


def _parted_lips(mesh: Floats) -> Floats:
    """Put the inner lower lip below the upper one, which closed lips often are not."""
    parted = mesh.astype(np.float32).copy()
    upper, lower = UPPER_LIP[1:-1], LOWER_LIP[1:-1]
    parted[lower, 1] = np.maximum(parted[lower, 1], parted[upper, 1] + 1.0)
    return parted


def _relief(face: Floats) -> Floats:
    """Lay the rim less steep: what the portrait never showed must not be stretched."""
    nearest = face[:, 2].min()
    knee = _RELIEF * float(np.quantile(face[:, 2], 0.98) - nearest)
    flat = face.copy()
    flat[:, 2] = nearest + knee * np.tanh((face[:, 2] - nearest) / knee)
    return flat


def _surroundings(face: Floats, texture: Image) -> Floats:
    """Points for hair, ears, neck and body: a ring about the face and a coarse grid."""
    height, width = texture.shape[:2]
    hull = floats(cv2.convexHull(np.ascontiguousarray(face[:, :2]))[:, 0])
    centre = face[[RIGHT_CHEEK, LEFT_CHEEK], :2].mean(axis=0)
    ring = centre + (hull[::2] - centre) * 1.14
    step = _GRID * FACE_PX
    columns = np.linspace(-2, width + 1, int(width / step))
    rows = np.linspace(-2, height + 1, int(height / step))
    grid = np.stack(np.meshgrid(columns, rows), axis=-1).reshape(-1, 2).astype(np.float32)
    outline = (centre + (hull - centre) * 1.24).astype(np.float32)
    outside = [
        cv2.pointPolygonTest(outline, (float(x), float(y)), measureDist=False) < 0 for x, y in grid
    ]
    flat = np.vstack([ring, grid[outside]]).astype(np.float32)
    rim = face[_rim_indices(face, hull)]
    apart = np.linalg.norm(flat[:, None] - rim[None, :, :2], axis=2)
    near = np.exp(-apart / (0.12 * FACE_PX)) + 1e-12
    fall = np.minimum(apart.min(axis=1), 0.5 * FACE_PX)  # the skull curves away from the lens
    depth = (near * rim[:, 2]).sum(axis=1) / near.sum(axis=1) + 0.12 * fall
    return np.hstack([flat, depth[:, None]]).astype(np.float32)


def _rim_indices(face: Floats, hull: Floats) -> npt.NDArray[np.intp]:
    apart = np.linalg.norm(face[None, :, :2] - hull[:, None], axis=2)
    return np.asarray(apart.argmin(axis=1), np.intp)


def _delaunay(points: Floats, size: tuple[int, int]) -> npt.NDArray[np.int32]:
    width, height = size
    plane = cv2.Subdiv2D((-10, -10, width + 20, height + 20))
    index: dict[tuple[float, float], int] = {}
    for number, (x, y) in enumerate(points[:, :2]):
        at = (float(x), float(y))
        plane.insert(at)
        index.setdefault(at, number)
    corners = floats(plane.getTriangleList()).reshape(-1, 3, 2)
    found = [[index.get((float(x), float(y)), -1) for x, y in triangle] for triangle in corners]
    triangles = np.array(found, np.int32)
    return triangles[(triangles >= 0).all(axis=1)]


def smooth(low: float, high: float, value: npt.NDArray[np.floating]) -> Floats:
    """0 below `low`, 1 above `high`, without a kink between."""
    share = np.clip((value - low) / (high - low), 0, 1)
    return floats(share * share * (3 - 2 * share))


def _follow(points: Floats, face: Floats) -> Floats:
    """1 on head and hair, fading to 0 down the neck and out to the shoulders."""
    cheeks = face[[RIGHT_CHEEK, LEFT_CHEEK], :2].mean(axis=0)
    chin = face[CHIN, 1]
    half = floats([0.72 * FACE_PX, chin - cheeks[1] + 0.02 * FACE_PX])
    away = np.linalg.norm((points[:, :2] - cheeks) / half, axis=1)
    below = points[:, 1] > cheeks[1]
    weight = np.where(below, 1 - smooth(1.0, 1.0 + _NECK * FACE_PX / half[1], away), 1.0)
    weight[: len(face)] = 1.0
    return floats(weight)


def _jaw(points: Floats, face: Floats) -> Floats:
    """1 at the lower lip and chin, fading up the cheeks and down the neck.

    The corners of the mouth follow by half, and a little of the upper lip beside them.
    """
    seam = face[list(LOWER_LIP), :2]
    line = np.interp(points[:, 0], seam[:, 0], seam[:, 1])
    centre = (seam[0] + seam[-1]) / 2
    half = float(np.linalg.norm(seam[-1] - seam[0])) / 2
    chin_drop = float(face[CHIN, 1] - centre[1])
    down = (points[:, 1] - line) / chin_drop
    across = np.abs(points[:, 0] - centre[0]) / half
    beside = _CORNER * np.exp(-(((across - 1) / 0.45) ** 2))
    at_seam = np.maximum(np.sqrt(np.clip(1 - across**2, 0, 1)), beside)
    at_chin = np.exp(-((across / 2.1) ** 4))
    mix = smooth(0.0, 0.9, down)
    below = (at_seam * (1 - mix) + at_chin * mix) * (
        1 - smooth(1.05, 1.05 + 0.5 * FACE_PX / chin_drop, down)
    )
    above = beside * (1 - smooth(0.0, 0.75, -down))
    weight = np.where(down >= -1e-3, below, above)
    upper = list(UPPER_LIP)
    weight[upper] = beside[upper] * np.minimum(1, across[upper] ** 2)
    return floats(weight)


def _purse(points: Floats, face: Floats) -> Floats:
    corners = face[[UPPER_LIP[0], UPPER_LIP[-1]], :2]
    away = points[:, :2] - corners.mean(axis=0)
    half = float(np.linalg.norm(corners[1] - corners[0])) / 2
    near = 1 - smooth(0.9, 2.2, np.linalg.norm(away / half, axis=1).astype(np.float32))
    return floats(away[:, 0] * near)
