"""The leaves of an ISO base media track: one small reader per box (ISO/IEC 14496-12, chapter 8)."""

import contextlib
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice, repeat

import numpy as np

from biometrics.container_facts import FRAMES_MAX, strings_in


@dataclass(slots=True)
class Track:
    """What is known of one track while the file is being read; times are ticks of `scale`."""

    number: int = 0
    kind: str = ""  # vide, soun, ...
    handler: str = ""
    codec: str = ""
    scale: int = 0  # ticks a second
    width: int = 0
    height: int = 0
    rotation_deg: int = 0
    shift: int = 0  # ticks that the edit list leaves out at the beginning
    length_bytes: int = 4
    steps: list[int] = field(default_factory=list)
    offsets: list[int] = field(default_factory=list)
    first_sample: int | None = None
    usual_step: int = 0  # of fragments that do not say
    clock: int = 0  # decode time reached by the fragments
    times: list[int] = field(default_factory=list)


def read_leaf(body: memoryview, track: Track, kind: bytes) -> None:
    """Take what a box without children says of its track; a damaged or empty one says nothing."""
    reader = _READERS.get(kind)
    if reader is not None:
        with contextlib.suppress(struct.error, IndexError, ValueError):
            reader(body, track)


def _media_header(body: memoryview, track: Track) -> None:
    track.scale = struct.unpack_from(">I", body, 20 if body[0] else 12)[0]


def _handler(body: memoryview, track: Track) -> None:
    track.kind = bytes(body[8:12]).decode("latin-1")
    track.handler = next(iter(strings_in(body[24:])), "")


def _steps(body: memoryview, track: Track) -> None:
    track.steps = _runs(body)


def _offsets(body: memoryview, track: Track) -> None:
    track.offsets = _runs(body)


def _chunks(body: memoryview, track: Track) -> None:
    track.first_sample = struct.unpack_from(">I", body, 8)[0]


def _long_chunks(body: memoryview, track: Track) -> None:
    track.first_sample = struct.unpack_from(">Q", body, 8)[0]


def _track_header(body: memoryview, track: Track) -> None:
    long = body[0] == 1
    track.number = struct.unpack_from(">I", body, 20 if long else 12)[0]
    a, b = struct.unpack_from(">ii", body, 52 if long else 40)
    track.rotation_deg = round(float(np.degrees(np.arctan2(b, a)))) % 360


def _sample_entry(body: memoryview, track: Track) -> None:
    track.codec = bytes(body[12:16]).decode("latin-1").lower()
    if track.kind not in ("vide", ""):
        return
    track.width, track.height = struct.unpack_from(">HH", body, 40)
    inside = bytes(body[94:1024])
    found = inside.find(b"avcC")
    if found >= 0 and found + 8 < len(inside):
        track.length_bytes = (inside[found + 8] & 3) + 1


def _edit_list(body: memoryview, track: Track) -> None:
    """Take what the first edit that shows anything leaves out."""
    count = min(struct.unpack_from(">I", body, 4)[0], 4)
    layout, size = (">qq", 20) if body[0] == 1 else (">ii", 12)
    step = size // 5 * 2 if body[0] == 1 else 4
    for number in range(count):
        at = 8 + number * size
        (media,) = struct.unpack_from(layout[:2], body, at + step)
        if media >= 0:
            track.shift = media
            return


def _runs(body: memoryview) -> list[int]:
    """Spell out a table of (count, value), as far as frames may go."""
    (count,) = struct.unpack_from(">I", body, 4)
    count = min(count, (len(body) - 8) // 8, FRAMES_MAX)
    table = np.frombuffer(body[8 : 8 + 8 * count], ">i4").reshape(-1, 2)
    spelled: list[int] = []
    for times, value in table.tolist():
        spelled += islice(repeat(value), max(0, min(times, FRAMES_MAX - len(spelled))))
        if len(spelled) >= FRAMES_MAX:
            break
    return spelled


_READERS: dict[bytes, Callable[[memoryview, Track], None]] = {
    b"tkhd": _track_header,
    b"mdhd": _media_header,
    b"hdlr": _handler,
    b"stsd": _sample_entry,
    b"elst": _edit_list,
    b"stts": _steps,
    b"ctts": _offsets,
    b"stco": _chunks,
    b"co64": _long_chunks,
}
