"""What may not change a decision, and what has to.

`SAME_PERSON_SAME_DEED` are twenty kinds of change that leave who is seen and what is done as they
are. `ANOTHER_DEED` are changes after which the clip no longer answers its challenge.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

import cv2
import numpy as np

from app.demo.clips import Camera, Codec
from tests.robustness import media
from tests.robustness.cases import Case
from tests.robustness.media import Change, Clip, Frames, Image

ORIENTATIONS = range(1, 9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transform:
    """One change of a case. `needs_large`: only a clip of more than 480 lines can show it."""

    name: str
    of: Callable[[Case], Case]
    needs_large: bool = False


def _photos(change: Callable[[bytes], bytes], case: Case) -> Case:
    return replace(case, reference=change(case.reference), selfie=change(case.selfie))


def _session(change: Change, case: Case) -> Case:
    """Change what was taken on the day, not the photo on record."""
    clip = _refilmed(case.clip, lambda frames: ((at, change(p)) for at, p in frames))
    return replace(case, selfie=media.changed_photo(case.selfie, change), clip=clip)


def _clip(change: Callable[[Clip], Clip], case: Case) -> Case:
    return replace(case, clip=change(case.clip))


def _refilmed(clip: Clip, change: Callable[[Frames], Frames], camera: Camera | None = None) -> Clip:
    return media.recorded(change(clip.frames()), camera or clip.camera)


def _brighter(share: float, picture: Image) -> Image:
    return np.asarray(cv2.convertScaleAbs(picture, alpha=1 + share), np.uint8)


def _curved(gamma: float, picture: Image) -> Image:
    levels = 255 * (np.arange(256) / 255) ** gamma
    return np.asarray(cv2.LUT(picture, np.round(levels).astype(np.uint8)), np.uint8)


def _rolled(angle_deg: float, picture: Image) -> Image:
    tall, wide = picture.shape[:2]
    turn = cv2.getRotationMatrix2D((wide / 2, tall / 2), angle_deg, 1.0)
    turned = cv2.warpAffine(picture, turn, (wide, tall), borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(turned, np.uint8)


def _sized(height: int, clip: Clip) -> Clip:
    """Make it so many lines high; the width is a multiple of 16, as cameras have it."""
    width = round(clip.camera.width * height / clip.camera.height / 16) * 16
    camera = replace(clip.camera, width=width, height=height)
    size = (width, height)

    def smaller(frames: Frames) -> Iterator[tuple[float, Image]]:
        for at, picture in frames:
            yield at, np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)

    return _refilmed(clip, smaller, camera)


def _slower(fps: int, clip: Clip) -> Clip:
    """Keep so many frames a second, each at the time it was taken."""

    def fewer(frames: Frames) -> Iterator[tuple[float, Image]]:
        last = -1
        for at, picture in frames:
            place = int((at + 500 / clip.camera.fps) * fps / 1000)
            if place > last:
                last = place
                yield at, picture

    return _refilmed(clip, fewer, replace(clip.camera, fps=fps))


def _in_codec(codec: Codec, clip: Clip) -> Clip:
    return _refilmed(clip, lambda frames: frames, replace(clip.camera, codec=codec))


def _one_dropped(frames: Frames) -> list[tuple[float, Image]]:
    kept = list(frames)
    del kept[len(kept) // 2]
    return kept


def _mirrored(frames: Frames) -> Iterator[tuple[float, Image]]:
    return ((at, np.ascontiguousarray(np.fliplr(picture))) for at, picture in frames)


def _reversed(frames: Frames) -> list[tuple[float, Image]]:
    kept = list(frames)
    pictures = [picture for _, picture in reversed(kept)]
    return [(at, picture) for (at, _), picture in zip(kept, pictures, strict=True)]


def _first_half_twice(frames: Frames) -> list[tuple[float, Image]]:
    kept = list(frames)
    half = (len(kept) + 1) // 2
    return [(at, kept[place % half][1]) for place, (at, _) in enumerate(kept)]


def _of_photos() -> Iterator[Transform]:
    for turn in ORIENTATIONS:
        change = partial(media.lying, orientation=turn)
        yield Transform(name=f"exif_{turn}", of=partial(_photos, change))
    for quality in (95, 75, 50):
        again = partial(_recompressed, quality)
        yield Transform(name=f"jpeg_{quality}", of=partial(_photos, again))


def _recompressed(quality: int, photo: bytes) -> bytes:
    return media.jpeg(media.picture_of(photo), quality)


def _of_sessions() -> Iterator[Transform]:
    for share in (-0.2, 0.2):
        yield Transform(name=f"brightness_{share:+.0%}", of=_day(partial(_brighter, share)))
    for gamma in (0.8, 1.2):
        yield Transform(name=f"gamma_{gamma}", of=_day(partial(_curved, gamma)))
    for angle in (-10, 10):
        yield Transform(name=f"roll_{angle:+d}", of=_day(partial(_rolled, angle)))


def _day(change: Change) -> Callable[[Case], Case]:
    return partial(_session, change)


def _of_clips() -> Iterator[Transform]:
    changes: dict[str, Callable[[Clip], Clip]] = {
        **{f"{fps}_fps": partial(_slower, fps) for fps in (24, 15)},
        **{f"as_{codec.value}": partial(_in_codec, codec) for codec in Codec},
        "as_hevc": media.recorded_as_hevc,
        "one_frame_dropped": partial(_refilmed, change=_one_dropped),
        "sound": partial(media.with_sound, tracks=1),
        "sound_twice": partial(media.with_sound, tracks=2),
    }
    for name, change in changes.items():
        yield Transform(name=name, of=partial(_clip, change))
    for height in (720, 480, 360):
        change = partial(_sized, height)
        yield Transform(name=f"{height}p", of=partial(_clip, change), needs_large=True)


SAME_PERSON_SAME_DEED = (*_of_photos(), *_of_sessions(), *_of_clips())
ANOTHER_DEED = tuple(
    Transform(name=name, of=partial(_clip, partial(_refilmed, change=change)))
    for name, change in (
        ("mirrored", _mirrored),
        ("reversed", _reversed),
        ("first_half_twice", _first_half_twice),
    )
)
