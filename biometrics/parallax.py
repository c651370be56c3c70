"""Does the nose stand out of the face? From how it moves against the face while the view turns.

A print shows a nose that lies in its surface: whatever the print does, flat or bent, the nose moves
as the skin around it does. A real nose is nearer to the camera and runs ahead, across when the view
turns, down when it nods. It makes no difference whether the head turns or the phone goes round it
(biometrics study 3.5).

What moved where is read from the pixels. The landmarks cannot tell: their model knows what a turned
face looks like and draws one into any print. Over 60 pairs of frames each of rendered prints, the
landmarks show, at the turn that they themselves report, 0.90 (flat) and 0.95 (bent to 80 mm) of the
parallax that they should show of a head, where heads show 0.97. So the landmarks say where to look
and how far the view turned; what of the motion is a nose's is decided by laying one picture over
the other (`registration`), over the fine structure of the skin: shade stays where the lamp wants it
and would hold the nose back.

Turned frames are compared with the nearest that look ahead, where there is most to see, and with
such as are a little less turned, where pictures are still alike.
"""

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from biometrics.face_view import FaceView
from biometrics.registration import Pyramid, Rise, Template, fine
from domain.biometric import Depth

_LEAST_YAW_DEG, _LEAST_PITCH_DEG = 8.0, 6.0
_MOST_AT_ONCE_DEG = 22.0  # a bent sheet is not followed beyond this
_MOST_TURN_DEG = 32.0
_AHEAD_DEG = 4.0
_STRIDE_DEG = 7.0
_LONGEST_MS = 2100.0  # from one stride to the next; later the face is another
_YAWED_A_SIDE, _PITCHED_A_SIDE, _STRIDES = 3, 2, 6
_LEAST_TURN = 0.1  # sine; less tells nothing of a nose
_SPAN_MIN_DEG = 10.0
_FEWEST_PAIRS = 3
_MISFIT_MAX = 0.75  # above it nothing moved the answer from where the landmarks began it
_ERRORS = 2.0
FLATTEST = 0.08  # nose, over what the landmark model tells; ADR 0014 says what this rests on

_Degrees = NDArray[np.float64]
_Pair = tuple[int, int]


def measure_depth(
    views: Sequence[FaceView | None], yaw_deg: _Degrees, pitch_deg: _Degrees
) -> Depth:
    """Compare frames that look different ways. One yaw and pitch per view, NaN where none is.

    Degrees as the landmarks tell them (`pose.as_told`): of prints they tell a turn as well, and
    what a nose must show of it was measured against that.
    """
    ways = np.column_stack([yaw_deg, pitch_deg])
    ways[[view is None for view in views]] = np.nan
    span = span_of(ways)
    found = _rises(views, _pairs(views, ways)) if span >= _SPAN_MIN_DEG else {}
    if len(found) < _FEWEST_PAIRS:
        return Depth(ratio=None, span_deg=span, pairs=len(found))
    sines = np.sin(np.radians(ways))
    turns = np.array([sines[after] - sines[before] for before, after in found])
    shares = np.array([(rise.across, rise.down) for rise in found.values()])
    told = np.abs(turns) >= _LEAST_TURN
    farthest = views[max((after for _, after in found), key=lambda i: np.abs(ways[i]).max())]
    return depth_of(
        shares[told],
        turns[told],
        pairs=len(found),
        span_deg=span,
        at_ms=None if farthest is None else round(farthest.at_ms),
    )


def span_of(ways: _Degrees) -> float:
    """How far yaw or pitch (N x 2, NaN where unknown) went, both sides together."""
    seen = ways[~np.isnan(ways).any(axis=1)]
    return float(np.ptp(seen, axis=0).max()) if len(seen) else 0.0


def depth_of(
    rise: NDArray[np.float64],
    turn: NDArray[np.float64],
    *,
    pairs: int,
    span_deg: float,
    at_ms: int | None = None,
) -> Depth:
    """Sum up at least 3 pairs: the nose's shares in their motions, and the sines of the turns.

    `ratio` is the slope of the first over the second, less what chance may have added (2.0 standard
    errors, more for few pairs), over the slope that the flattest real nose shows; `most` adds the
    same instead. A share that does not grow with the turn or does not change its sign with it makes
    the error large.
    """
    power = float(turn @ turn)
    slope = float(rise @ turn) / power
    off = rise - slope * turn
    error = float(np.sqrt(off @ off / (pairs - 1) / power))
    norm = float(np.linalg.norm(rise) * np.linalg.norm(turn))
    doubt = _ERRORS * (1 + 2 / (pairs - 1)) * error
    return Depth(
        ratio=(slope - doubt) / FLATTEST,
        most=(slope + doubt) / FLATTEST,
        span_deg=span_deg,
        pairs=pairs,
        follows=float(rise @ turn) / max(1e-9, norm),
        at_ms=at_ms,
    )


def _rises(views: Sequence[FaceView | None], pairs: Sequence[_Pair]) -> dict[_Pair, Rise]:
    """Lay the second of each pair over the first; pairs that do not fit are left out."""

    @cache
    def pyramid(index: int) -> Pyramid:
        return fine(_known(views[index]).patch)

    @cache
    def template(index: int) -> Template:
        return Template(_known(views[index]), pyramid(index))

    found: dict[_Pair, Rise] = {}
    for before, after in pairs:
        rise = template(before).rise(_known(views[after]), pyramid(after))
        if rise.misfit <= _MISFIT_MAX:
            found[before, after] = rise
    return found


def _known(view: FaceView | None) -> FaceView:
    assert view is not None
    return view


def _pairs(views: Sequence[FaceView | None], ways: _Degrees) -> list[_Pair]:
    """Return pairs of frames, each once, between which the view turned enough."""
    at_ms = np.array([np.nan if view is None else view.at_ms for view in views])
    sines = np.sin(np.radians(ways))
    pairs = dict.fromkeys([*_from_ahead(at_ms, ways), *_strides(at_ms, ways)])
    return [pair for pair in pairs if np.abs(sines[pair[1]] - sines[pair[0]]).max() >= _LEAST_TURN]


def _from_ahead(at_ms: _Degrees, ways: _Degrees) -> list[_Pair]:
    """Frames turned to each side, spread over its range, each after the nearest that was not."""
    yaw, pitch = ways.T
    ahead = np.flatnonzero(np.hypot(yaw, pitch) <= _AHEAD_DEG)
    if not len(ahead):
        return []
    level = np.where(np.abs(yaw) < _LEAST_YAW_DEG, pitch, np.nan)
    turned = [
        index
        for way in (1.0, -1.0)
        for index in (
            *_turned_to(way * yaw, _LEAST_YAW_DEG, _YAWED_A_SIDE),
            *_turned_to(way * level, _LEAST_PITCH_DEG, _PITCHED_A_SIDE),
        )
    ]
    return [(int(ahead[np.argmin(np.abs(at_ms[ahead] - at_ms[index]))]), index) for index in turned]


def _turned_to(side: _Degrees, least: float, most: int) -> list[int]:
    """Frames that are turned to this side, spread evenly among those there are."""
    fits = [int(index) for index in np.flatnonzero((side >= least) & (side <= _MOST_AT_ONCE_DEG))]
    fits.sort(key=side.__getitem__)
    return [fits[number] for number in _spread(len(fits), most)]


def _strides(at_ms: _Degrees, ways: _Degrees) -> list[_Pair]:
    """Frames between which the view turned by a stride, as near in time as they are."""
    seen = np.flatnonzero(np.abs(ways).max(axis=1) <= _MOST_TURN_DEG)
    found: list[_Pair] = []
    key = 0
    for number in range(1, len(seen)):
        away = np.linalg.norm(ways[seen[key:number]] - ways[seen[number]], axis=1) >= _STRIDE_DEG
        if not away[0]:
            continue
        before, after = seen[key + np.flatnonzero(away)[-1]], seen[number]
        if at_ms[after] - at_ms[before] <= _LONGEST_MS:
            found.append((int(before), int(after)))
        key = number
    return [found[number] for number in _spread(len(found), _STRIDES)]


def _spread(count: int, most: int) -> list[int]:
    """Return at most so many numbers below `count`, the first and the last among them."""
    return [round(pick) for pick in np.linspace(0, count - 1, min(count, most))]
