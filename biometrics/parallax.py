"""Does the nose stand out of the face? From how it moves against the face while the view turns.

A print shows a nose that lies in its surface: whatever the print does, flat or bent, the nose moves
as the skin around it does. A real nose is nearer to the camera and runs ahead. It makes no
difference whether the head turns or the phone goes round it (biometrics study 3.5).

What moved where is read from the pixels. The landmarks cannot tell: their model knows what a turned
face looks like and draws one into any print. Over 60 pairs of frames each of rendered prints, the
landmarks show, at the turn that they themselves report, 0.90 (flat) and 0.95 (bent to 80 mm) of the
parallax that they should show of a head, where heads show 0.97. So the landmarks only say where to
look, and the points are carried from picture to picture by optical flow (Lucas and Kanade, with a
check backwards) over the fine structure of the skin: shade stays where the lamp wants it and would
hold the nose back.

The motion across of all points is explained by a surface of second order that turns (which is a
plane or a bent sheet before a camera, with perspective) and by so much of a nose on top of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.detector import Image
from biometrics.mesh import Mesh
from domain.biometric import Depth

_NOSE = (
    1, 4, 5, 195, 197, 6, 19, 94, 2, 98, 327, 97, 326, 129, 358, 49, 279, 48, 278, 220, 440, 45,
    275, 44, 274, 51, 281, 3, 248, 131, 360, 198, 420, 236, 456, 134, 363, 115, 344, 64, 294, 240,
    460, 122, 351, 196, 419, 174, 399, 217, 437, 218, 438,
)  # fmt: skip
_AROUND = (
    168, 8, 9, 151, 107, 336, 66, 296, 105, 334, 63, 293, 55, 285, 65, 295, 52, 282, 133, 362, 33,
    263, 243, 463, 112, 341, 26, 256, 22, 252, 23, 253, 24, 254, 110, 339, 50, 280, 101, 330, 100,
    329, 118, 347, 117, 346, 111, 340, 36, 266, 205, 425, 187, 411, 123, 352, 116, 345, 119, 348,
    120, 349, 121, 350, 142, 371, 126, 355, 47, 277, 203, 423, 206, 426,
)  # fmt: skip
"""Brows, lower lids and cheeks: nothing that moves when the mouth does."""

_POINTS = np.array(_NOSE + _AROUND)
_FIRST_AROUND = len(_NOSE)
_SIDE_PX = 192
_EYES_PX = 69.0  # unit of length in the patch, a little more than between the eyes' middles
_MIDDLE = np.array([96.0, 84.0])  # of the patch, between the eyes a little below
_ALIGNED = (33, 133, 362, 263, 168, 50, 280, 205, 425)
_ALIGNED_AT = np.array(
    [
        [-0.72, 0.0], [-0.3, 0.0], [0.3, 0.0], [0.72, 0.0], [0.0, -0.02],
        [-0.55, 0.55], [0.55, 0.55], [-0.42, 0.8], [0.42, 0.8],
    ]
)  # fmt: skip
_FLOW_PX = (15, 15)
_FINE_PX, _LOCAL_PX = 9, 17  # what is larger than the first is shade, not skin
_BACK_PX = 1.0  # flow that does not come back to within this is not believed
_BELIEVED_MIN = 0.5  # of the points
_LEAST_TURN_DEG, _MOST_TURN_DEG = 8.0, 32.0
_AHEAD_DEG = 3.0
_SPAN_MIN_DEG = 10.0
_PAIRS_A_SIDE = 4
_FEWEST_PAIRS = 3
_ERRORS = 2.0
_ROUNDS = 4
_RELIEF = 0.7  # the model's depths are too large; a scale only, `FLATTEST` goes with it
FLATTEST = 0.1  # nose, over what the landmark model tells; see the tests for what this rests on

_Points = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceView:
    """One face, cut out upright and of equal size: 37 kB, all that is kept of the frame."""

    at_ms: float
    patch: Image  # 192 x 192, grey
    points: _Points  # N x 2, where the landmarks say the points are, in patch pixels
    relief: _Points  # N, height of every point over the smooth face, in eye distances: a prior

    def fine(self) -> Image:
        """Only what is finer than shade, everywhere equally strong."""
        grey = cv2.GaussianBlur(self.patch.astype(np.float32), (3, 3), 0.8)
        detail = grey - cv2.blur(grey, (_FINE_PX, _FINE_PX))
        power = np.maximum(cv2.blur(detail * detail, (_LOCAL_PX, _LOCAL_PX)), 0.0)
        strength = np.sqrt(power) + 2.0
        return np.asarray(np.clip(128 + 35 * detail / strength, 0, 255), np.uint8)


def face_view(at_ms: float, picture: Image, mesh: Mesh) -> FaceView:
    """Cut the face out of an upright BGR picture; about 0.1 ms."""
    to_patch = _to_patch(mesh)
    scale = float(np.hypot(to_patch[0, 0], to_patch[1, 0]))
    size = (_SIDE_PX, _SIDE_PX)
    cut = cv2.warpAffine(picture, to_patch, size, borderMode=cv2.BORDER_REPLICATE)
    at = mesh.points[_POINTS].astype(np.float64)
    points = at[:, :2] @ to_patch[:, :2].T + to_patch[:, 2]
    return FaceView(
        at_ms=at_ms,
        patch=np.asarray(cv2.cvtColor(cut, cv2.COLOR_BGR2GRAY), np.uint8),
        points=points,
        relief=_relief(points, -at[:, 2] * scale * _RELIEF / _EYES_PX),
    )


def measure_depth(views: Sequence[FaceView | None], yaw_deg: NDArray[np.float64]) -> Depth:
    """Compare turned frames with such as look ahead. One yaw per view, NaN where there is none."""
    yaw = np.array([np.nan if v is None else y for v, y in zip(views, yaw_deg, strict=True)])
    seen = yaw[~np.isnan(yaw)]
    span = float(np.ptp(seen)) if len(seen) else 0.0
    found = [
        (start, index, rise)
        for start, index in _pairs(yaw, views)
        if (rise := _rise(views[start], views[index])) is not None
    ]
    if span < _SPAN_MIN_DEG or len(found) < _FEWEST_PAIRS:
        return Depth(ratio=None, span_deg=span, pairs=len(found))
    sines = np.sin(np.radians(yaw))
    farthest = views[max((index for _, index, _ in found), key=lambda i: abs(float(yaw[i])))]
    return depth_of(
        np.array([rise for _, _, rise in found]),
        np.array([sines[index] - sines[start] for start, index, _ in found]),
        span_deg=span,
        at_ms=None if farthest is None else round(farthest.at_ms),
    )


def depth_of(
    rise: NDArray[np.float64],
    turn: NDArray[np.float64],
    *,
    span_deg: float,
    at_ms: int | None = None,
) -> Depth:
    """Sum up N >= 3 pairs: the nose's share in the motion of each, and the sine of the turn.

    `ratio` is the slope of the first over the second, less what chance may have added (2.0 standard
    errors, more for few pairs), over the slope that the flattest real nose shows; `most` adds the
    same instead. A share that does not grow with the turn or does not change its sign with it makes
    the error large.
    """
    power = float(turn @ turn)
    slope = float(rise @ turn) / power
    off = rise - slope * turn
    error = float(np.sqrt(off @ off / (len(rise) - 1) / power))
    norm = float(np.linalg.norm(rise) * np.linalg.norm(turn))
    doubt = _ERRORS * (1 + 2 / (len(rise) - 1)) * error
    return Depth(
        ratio=(slope - doubt) / FLATTEST,
        most=(slope + doubt) / FLATTEST,
        span_deg=span_deg,
        pairs=len(rise),
        follows=float(rise @ turn) / max(1e-9, norm),
        at_ms=at_ms,
    )


def nose_rise(
    before: _Points, after: _Points, relief: _Points, believed: NDArray[np.bool_]
) -> float:
    """How much of the motion from `before` to `after` (N x 2, patch pixels) is a nose's alone.

    About sin(turn) times the nose's height over the height in `relief` (N). Robust least squares.
    """
    at = (before - _MIDDLE) / _EYES_PX
    across = (after - before)[:, 0] / _EYES_PX
    terms = np.column_stack([_surface(at), relief])
    weight = believed.astype(np.float64)
    answer = np.zeros(terms.shape[1])
    for _ in range(_ROUNDS):
        answer = np.linalg.lstsq(terms * weight[:, None], across * weight, rcond=None)[0]
        off = np.abs(across - terms @ answer)
        usual = 1.5 * 1.48 * float(np.median(off[believed])) + 0.001
        weight = believed * np.sqrt(np.minimum(1.0, usual / np.maximum(off, 1e-9)))
    return float(answer[-1])


def _rise(before: FaceView | None, after: FaceView | None) -> float | None:
    assert before is not None
    assert after is not None
    there, believed = carried(before, after)
    if believed.mean() < _BELIEVED_MIN or believed[:_FIRST_AROUND].mean() < _BELIEVED_MIN:
        return None
    return nose_rise(before.points, there, before.relief, believed)


def carried(before: FaceView, after: FaceView) -> tuple[_Points, NDArray[np.bool_]]:
    """Where the points of one patch are in the other, and which of them can be believed."""
    start = before.points.astype(np.float32)[:, None]
    first, second = before.fine(), after.fine()
    there, found = _flow(first, second, start, after.points)
    back, again = _flow(second, first, there, before.points)
    close = np.linalg.norm(back[:, 0] - before.points, axis=1) < _BACK_PX
    return there[:, 0].astype(np.float64), found & again & close


def _flow(
    before: Image, after: Image, start: NDArray[np.float32], guess: _Points
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    there, found, _ = cv2.calcOpticalFlowPyrLK(
        before,
        after,
        start,
        guess.astype(np.float32)[:, None].copy(),
        winSize=_FLOW_PX,
        maxLevel=1,
        flags=cv2.OPTFLOW_USE_INITIAL_FLOW,
    )
    return np.asarray(there, np.float32), np.asarray(found)[:, 0] > 0


def _pairs(yaw: NDArray[np.float64], views: Sequence[FaceView | None]) -> list[tuple[int, int]]:
    """Frames turned to either side, spread over its range, each after the nearest that was not."""
    seen = np.flatnonzero(~np.isnan(yaw))
    at_ms = np.array([np.nan if view is None else view.at_ms for view in views])
    ahead = seen[np.abs(yaw[seen]) <= _AHEAD_DEG]
    turned: list[int] = []
    sides = [_turned_to(way * yaw, seen) for way in (1.0, -1.0)]
    most = _PAIRS_A_SIDE if all(sides) else 2 * _PAIRS_A_SIDE
    for ranked in sides:
        picks = np.linspace(0, len(ranked) - 1, min(len(ranked), most))
        turned += [ranked[round(pick)] for pick in picks]
    if not len(ahead):
        return []
    return [(int(ahead[np.argmin(np.abs(at_ms[ahead] - at_ms[index]))]), index) for index in turned]


def _turned_to(side: NDArray[np.float64], seen: NDArray[np.int_]) -> list[int]:
    """Frames that are turned to this side, those turned least first."""
    fits = [int(i) for i in seen if _LEAST_TURN_DEG <= side[i] <= _MOST_TURN_DEG]
    return sorted(fits, key=side.__getitem__)


def _surface(at: _Points) -> _Points:
    x, y = at.T
    return np.column_stack([np.ones_like(x), x, y, x * x, x * y, y * y])


def _relief(points: _Points, height: _Points) -> _Points:
    """Height over the second-order surface through what is not the nose."""
    terms = _surface((points - _MIDDLE) / _EYES_PX)
    around = slice(_FIRST_AROUND, None)
    smooth = np.linalg.lstsq(terms[around], height[around], rcond=None)[0]
    return np.asarray(height - terms @ smooth, np.float64)


def _to_patch(mesh: Mesh) -> NDArray[np.float64]:
    """Similarity (2 x 3) that brings the eyes, the bridge and the cheeks to their places."""
    source = mesh.points[list(_ALIGNED), :2].astype(np.float64)
    target = _ALIGNED_AT * _EYES_PX + _MIDDLE - (0.0, 4.0)
    middle, goal = source.mean(axis=0), target.mean(axis=0)
    near, far = source - middle, target - goal
    size = max(1e-9, float((near**2).sum()))
    along = float((near * far).sum()) / size
    aside = float((near[:, 0] * far[:, 1] - near[:, 1] * far[:, 0]).sum()) / size
    turn = np.array([[along, -aside], [aside, along]])
    return np.column_stack([turn, goal - turn @ middle])
