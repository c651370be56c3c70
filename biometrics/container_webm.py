"""Reading WebM and Matroska: one walk over the elements, without believing their sizes.

Elements that contain others are entered, all others skipped. So a size that is unknown, as live
recorders leave it, needs no care: the next element simply follows (RFC 8794, RFC 9559).
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from biometrics.container_facts import (
    FRAMES_MAX,
    ContainerFacts,
    ContainerKind,
    from_zero,
    strings_in,
)
from biometrics.container_nal import encoder_strings

_ELEMENTS_MAX = 20_000
_SEGMENT, _CLUSTER = 0x18538067, 0x1F43B675
_ENTERED = frozenset({_SEGMENT, _CLUSTER, 0x1549A966, 0x1654AE6B, 0xE0, 0xA0})
_TRACK_ENTRY = 0xAE
_VIDEO, _AUDIO = 1, 2
_MS = 1_000_000.0  # nanoseconds
_LAST_NS = 1 << 50  # times past this are nonsense
_SAMPLE_BYTES = 1 << 16


@dataclass(slots=True)
class _Track:
    number: int = 0
    kind: int = 0
    codec: str = ""
    width: int = 0
    height: int = 0


@dataclass(slots=True)
class _Walk:
    """What the walk has met so far."""

    scale_ns: int = 1_000_000
    muxer: str = ""
    writers: list[str] = field(default_factory=list)
    tracks: list[_Track] = field(default_factory=lambda: [_Track()])
    cluster: int = 0
    clusters: int = 0
    unknown_sizes: bool = False
    cues_at_cluster: int | None = None
    video: int | None = None
    times: list[int] = field(default_factory=list)
    sample: memoryview | None = None


def read_webm(content: memoryview) -> ContainerFacts:
    """Walk over all elements. Damage ends the walk; what was met until then counts."""
    walk = _Walk()
    at = 0
    for _ in range(_ELEMENTS_MAX):
        head = _head(content, at)
        if head is None:
            break
        name, size, at = head
        if name in _ENTERED or name == _TRACK_ENTRY:
            _enter(walk, name, size)
            continue
        end = len(content) if size is None else at + size
        reader = _READERS.get(name)
        if reader is not None:
            reader(walk, content[at:end])
        at = end
        if len(walk.times) >= FRAMES_MAX:
            break
    return _facts(walk)


def _head(content: memoryview, at: int) -> tuple[int, int | None, int] | None:
    """Read identifier, size (None: unknown) and where the payload begins."""
    name = _varint(content, at, longest=4)
    if name is None:
        return None
    size = _varint(content, name[1], longest=8)
    if size is None:
        return None
    width = size[1] - name[1]
    value = size[0] & (1 << 7 * width) - 1
    return name[0], None if value == (1 << 7 * width) - 1 else value, size[1]


def _varint(content: memoryview, at: int, *, longest: int) -> tuple[int, int] | None:
    """Value with its marker bit, and where it ends."""
    if at >= len(content):
        return None
    width = 9 - content[at].bit_length()
    if width > longest or at + width > len(content):
        return None
    return int.from_bytes(content[at : at + width], "big"), at + width


def _enter(walk: _Walk, name: int, size: int | None) -> None:
    if name == _TRACK_ENTRY:
        walk.tracks.append(_Track())
    walk.clusters += name == _CLUSTER
    walk.unknown_sizes |= name in (_SEGMENT, _CLUSTER) and size is None


def _number(payload: memoryview) -> int:
    return int.from_bytes(payload[:8], "big")


def _text(payload: memoryview) -> str:
    return bytes(payload[:96]).split(b"\0")[0].decode("utf-8", "replace")


def _scale(walk: _Walk, payload: memoryview) -> None:
    walk.scale_ns = max(1, _number(payload))


def _muxing_app(walk: _Walk, payload: memoryview) -> None:
    walk.muxer = _text(payload)
    walk.writers.append(walk.muxer)


def _written(walk: _Walk, payload: memoryview) -> None:
    walk.writers += strings_in(payload)


def _track_number(walk: _Walk, payload: memoryview) -> None:
    walk.tracks[-1].number = _number(payload)


def _track_kind(walk: _Walk, payload: memoryview) -> None:
    walk.tracks[-1].kind = _number(payload)


def _codec(walk: _Walk, payload: memoryview) -> None:
    walk.tracks[-1].codec = _text(payload).lower()


def _width(walk: _Walk, payload: memoryview) -> None:
    walk.tracks[-1].width = _number(payload)


def _height(walk: _Walk, payload: memoryview) -> None:
    walk.tracks[-1].height = _number(payload)


def _cluster_time(walk: _Walk, payload: memoryview) -> None:
    walk.cluster = _number(payload)


def _index(walk: _Walk, _payload: memoryview) -> None:
    walk.cues_at_cluster = walk.clusters


def _block(walk: _Walk, payload: memoryview) -> None:
    if walk.video is None:
        walk.video = next((t.number for t in walk.tracks if t.kind == _VIDEO), -1)
    track = _varint(payload, 0, longest=8)
    if track is None or len(payload) < track[1] + 3:
        return
    number = track[0] & (1 << 7 * track[1]) - 1
    if number != walk.video:
        return
    after = int.from_bytes(payload[track[1] : track[1] + 2], "big", signed=True)
    at = walk.cluster + after
    if abs(at) * walk.scale_ns < _LAST_NS:
        walk.times.append(at)
    if walk.sample is None:
        walk.sample = payload[track[1] + 3 :][:_SAMPLE_BYTES]


_READERS: dict[int, Callable[[_Walk, memoryview], None]] = {
    0x2AD7B1: _scale,
    0x4D80: _muxing_app,
    0x5741: _written,
    0x7BA9: _written,  # title
    0xD7: _track_number,
    0x83: _track_kind,
    0x86: _codec,
    0x258688: _written,  # name of the codec
    0xB0: _width,
    0xBA: _height,
    0xE7: _cluster_time,
    0xA3: _block,
    0xA1: _block,
    0x1C53BB6B: _index,
    0x1254C367: _written,  # tags
}


def _facts(walk: _Walk) -> ContainerFacts:
    video = next((t for t in walk.tracks if t.kind == _VIDEO), _Track())
    settings: list[str] = []
    if walk.sample is not None and video.codec.startswith("v_mpeg"):
        settings = encoder_strings(walk.sample, length_bytes=4, hevc="hevc" in video.codec)
    return ContainerFacts(
        kind=ContainerKind.WEBM,
        codec=video.codec,
        muxer=walk.muxer,
        writers=tuple(dict.fromkeys([*walk.writers, *settings])),
        times_ms=from_zero([at * walk.scale_ns / _MS for at in walk.times]),
        tick_ms=walk.scale_ns / _MS,
        width=video.width,
        height=video.height,
        has_audio=any(t.kind == _AUDIO for t in walk.tracks),
        fragmented=walk.unknown_sizes,
        index_first=walk.cues_at_cluster == 0,
    )
