"""Reading ISO base media files: the index, in one piece or in fragments (ISO/IEC 14496-12)."""

import contextlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from biometrics.container_facts import (
    FRAMES_MAX,
    ContainerFacts,
    ContainerKind,
    from_zero,
    strings_in,
)
from biometrics.container_mp4_tables import Track, read_leaf
from biometrics.container_nal import encoder_strings

_BOXES_MAX = 8192
_BRANDS_MAX = 16
_TRACKS_MAX = 8
_SAMPLE_BYTES = 1 << 16
_LAST_MS = 1e9  # times past this are nonsense
_HEVC = ("hvc1", "hev1")


@dataclass(slots=True)
class _File:
    content: memoryview
    brands: list[str] = field(default_factory=list)
    writers: list[str] = field(default_factory=list)
    tracks: list[Track] = field(default_factory=list)
    fragmented: bool = False
    index_first: bool = False
    boxes_left: int = _BOXES_MAX
    frames_left: int = FRAMES_MAX


@dataclass(frozen=True, slots=True)
class _Box:
    kind: bytes
    at: int  # of the whole box in the file
    body: int  # where its payload begins
    end: int


def read_mp4(content: memoryview) -> ContainerFacts:
    """Read the index wherever it lies. Damage ends the reading of the box it is in."""
    file = _File(content)
    pictures_met = False
    for box in _boxes(file, 0, len(content)):
        pictures_met |= box.kind == b"mdat"
        with contextlib.suppress(struct.error, IndexError, ValueError, OverflowError):
            _read_top(file, box)
        if box.kind == b"moov":
            file.index_first = not pictures_met
    return _facts(file)


def _boxes(file: _File, at: int, end: int) -> Iterator[_Box]:
    """Boxes between two places of the file; a size that does not fit ends them."""
    while at + 8 <= end and file.boxes_left > 0:
        file.boxes_left -= 1
        size, kind = struct.unpack_from(">I4s", file.content, at)
        body = at + 8
        if size == 1 and body + 8 <= end:
            (size,) = struct.unpack_from(">Q", file.content, body)
            body += 8
        stop = end if size == 0 else min(end, at + size)
        if stop < body:
            return
        yield _Box(kind, at, body, stop)
        at = stop


def _read_top(file: _File, box: _Box) -> None:
    if box.kind == b"ftyp":
        raw = bytes(file.content[box.body : min(box.end, box.body + 8 + 4 * _BRANDS_MAX)])
        names = [raw[:4], *(raw[at : at + 4] for at in range(8, len(raw) - 3, 4))]
        file.brands = [name.decode("latin-1") for name in names]
    elif box.kind == b"moov":
        _read_moov(file, box)
    elif box.kind == b"moof":
        _read_moof(file, box)
    elif box.kind in (b"udta", b"meta"):
        file.writers += strings_in(file.content[box.body : box.end])


def _read_moov(file: _File, moov: _Box) -> None:
    for box in _boxes(file, moov.body, moov.end):
        if box.kind == b"trak" and len(file.tracks) < _TRACKS_MAX:
            track = Track()
            file.tracks.append(track)
            _read_inside(file, track, box)
            _times_of_tables(file, track)
        elif box.kind in (b"udta", b"meta"):
            file.writers += strings_in(file.content[box.body : box.end])
        elif box.kind == b"mvex":
            file.fragmented = True
            _read_defaults(file, box)


_PARENTS = frozenset({b"mdia", b"minf", b"stbl", b"edts"})


def _read_inside(file: _File, track: Track, parent: _Box, depth: int = 0) -> None:
    for box in _boxes(file, parent.body, parent.end):
        if box.kind in _PARENTS and depth < 4:
            _read_inside(file, track, box, depth + 1)
        elif box.kind in (b"udta", b"meta"):
            file.writers += strings_in(file.content[box.body : box.end])
        else:
            read_leaf(file.content[box.body : box.end], track, box.kind)


def _times_of_tables(file: _File, track: Track) -> None:
    if track.kind != "vide" or not track.steps:
        return
    decoded = np.concatenate([[0], np.cumsum(np.array(track.steps, np.int64))[:-1]])
    offsets = np.zeros(len(decoded), np.int64)
    given = track.offsets[: len(decoded)]
    offsets[: len(given)] = given
    track.times = (decoded + offsets).tolist()
    track.clock = int(sum(track.steps))
    file.frames_left -= len(track.times)


def _read_defaults(file: _File, mvex: _Box) -> None:
    for box in _boxes(file, mvex.body, mvex.end):
        if box.kind == b"trex":
            number, _, step = struct.unpack_from(">III", file.content, box.body + 4)
            for track in file.tracks:
                if track.number == number:
                    track.usual_step = step


def _read_moof(file: _File, moof: _Box) -> None:
    file.fragmented = True
    for box in _boxes(file, moof.body, moof.end):
        if box.kind == b"traf":
            _read_traf(file, box, moof.at)


def _read_traf(file: _File, traf: _Box, moof_at: int) -> None:
    track, step = None, 0
    for box in _boxes(file, traf.body, traf.end):
        body = file.content[box.body : box.end]
        if box.kind == b"tfhd":
            track, step = _fragment_header(file, body)
        elif track is not None and box.kind == b"tfdt":
            layout = ">Q" if body[0] == 1 else ">I"
            track.clock = struct.unpack_from(layout, body, 4)[0]
        elif track is not None and box.kind == b"trun" and track.kind == "vide":
            _read_run(file, track, body, usual_step=step, moof_at=moof_at)


def _fragment_header(file: _File, body: memoryview) -> tuple[Track | None, int]:
    flags, number = struct.unpack_from(">II", body, 0)
    track = next((t for t in file.tracks if t.number == number), None)
    if track is None:
        return None, 0
    at = 8 + (8 if flags & 0x1 else 0) + (4 if flags & 0x2 else 0)
    step = struct.unpack_from(">I", body, at)[0] if flags & 0x8 else track.usual_step
    return track, step


def _read_run(
    file: _File, track: Track, body: memoryview, *, usual_step: int, moof_at: int
) -> None:
    flags, count = struct.unpack_from(">II", body, 0)
    at = 8
    if flags & 0x1:
        if track.first_sample is None:
            track.first_sample = moof_at + struct.unpack_from(">i", body, at)[0]
        at += 4
    at += 4 if flags & 0x4 else 0
    fields = [bit for bit in (0x100, 0x200, 0x400, 0x800) if flags & bit]
    for _ in range(min(count, file.frames_left)):
        values = dict(zip(fields, struct.unpack_from(f">{len(fields)}i", body, at), strict=True))
        at += 4 * len(fields)
        track.times.append(track.clock + values.get(0x800, 0))
        track.clock += values.get(0x100, usual_step) & 0xFFFFFFFF
        file.frames_left -= 1


def _facts(file: _File) -> ContainerFacts:
    video = next((t for t in file.tracks if t.kind == "vide"), Track())
    tick_ms = 1000.0 / video.scale if video.scale else 0.0
    times = [(at - video.shift) * tick_ms for at in video.times] if tick_ms else []
    writers = [t.handler for t in file.tracks if t.handler] + file.writers + _settings(file, video)
    return ContainerFacts(
        kind=ContainerKind.MP4,
        codec=video.codec,
        brands=tuple(file.brands),
        handler=video.handler,
        writers=tuple(dict.fromkeys(writers)),
        times_ms=from_zero([at for at in times if abs(at) < _LAST_MS]),
        tick_ms=tick_ms,
        width=video.width,
        height=video.height,
        rotation_deg=video.rotation_deg,
        has_audio=any(t.kind == "soun" for t in file.tracks),
        fragmented=file.fragmented,
        index_first=file.index_first,
    )


def _settings(file: _File, video: Track) -> list[str]:
    start = video.first_sample
    if start is None or not 0 <= start < len(file.content):
        return []
    sample = file.content[start : start + _SAMPLE_BYTES]
    hevc = video.codec in _HEVC
    return encoder_strings(sample, length_bytes=video.length_bytes, hevc=hevc)
