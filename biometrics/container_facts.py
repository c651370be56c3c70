"""What a clip's container says, whichever kind it is. Facts only: `biometrics.cues` judges them."""

import re
from dataclasses import dataclass
from enum import StrEnum

FRAMES_MAX = 4000  # more than twice what a clip may have
WRITERS_MAX = 48
_WRITER_CHARS = 96
_PRINTABLE = re.compile(rb"[\x20-\x7e]{4,}")
_SCANNED_BYTES = 1 << 16


class ContainerKind(StrEnum):
    """Family of the file."""

    MP4 = "mp4"  # ISO base media, QuickTime too
    WEBM = "webm"  # WebM or Matroska
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerFacts:
    """Everything that is known without decoding. Empty or zero: the file does not say.

    `times_ms` are the presentation times of the video frames, rising, the first at 0;
    `tick_ms` is the step in which the container can tell time. `handler` is the name that the
    video track's handler bears (MP4), `muxer` the library that wrote the structure (WebM);
    `writers` are these and all other free text, settings strings inside the picture stream too.
    """

    kind: ContainerKind = ContainerKind.UNKNOWN
    codec: str = ""  # lower case, as the container names it: avc1, hvc1, v_vp8, ...
    brands: tuple[str, ...] = ()
    handler: str = ""
    muxer: str = ""
    writers: tuple[str, ...] = ()
    times_ms: tuple[float, ...] = ()
    tick_ms: float = 0.0
    width: int = 0
    height: int = 0
    rotation_deg: int = 0
    has_audio: bool = False
    fragmented: bool = False
    index_first: bool = False  # the index stands before the pictures


def strings_in(content: bytes | memoryview) -> list[str]:
    """Printable runs of at least four letters, in order, few and short."""
    found = _PRINTABLE.findall(bytes(content[:_SCANNED_BYTES]))
    return [run[:_WRITER_CHARS].decode("ascii") for run in found[:WRITERS_MAX]]


def from_zero(times_ms: list[float]) -> tuple[float, ...]:
    """Put presentation times in order and count them from the first."""
    if not times_ms:
        return ()
    first = min(times_ms)
    return tuple(sorted(at - first for at in times_ms))
