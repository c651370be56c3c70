"""What the parent, the zygote and the decoding child say to each other."""

import struct
from dataclasses import dataclass
from enum import Enum

from domain.biometric import MediaFault

RECORD = struct.Struct("<cdIHH")
"""Kind, milliseconds, count, width, height; a frame's BGR bytes follow its record."""

REPORT = struct.Struct("<idI")
"""Zygote to parent after each child: wait status, CPU seconds, peak resident kB."""

REQUEST_BYTES = 2
"""`Task` and, for a photo, the divisor of its reduced-size decode."""

PHOTO_SIDE_PX = 1600
CLIP_SIDE_PX = 640
CLIP_PIXELS_SIDE_MAX = 1920
CLIP_FRAMES_MAX = 1800
CLIP_MS_MAX = 30_000
SAMPLE_HZ = 15.0
DETAIL_SIDE_PX = 512
DETAIL_EVERY = 20  # sampled frames from one pair of details to the next
DETAILS_MAX = 8


class Task(bytes, Enum):
    """What the child is asked to decode."""

    PHOTO = b"P"
    CLIP = b"C"


SEALED, UNSEALED, FRAME, DETAIL = b"S", b"s", b"F", b"D"
"""A detail is the middle of a picture as it was recorded; it comes before its frame."""

ENDINGS: dict[bytes, MediaFault | None] = {
    b"E": None,
    b"W": MediaFault.WRONG_TYPE,
    b"L": MediaFault.TOO_LARGE,
    b"U": MediaFault.UNREADABLE,
    b"Z": MediaFault.DECODER_FAILED,  # opened and gave no frame: never the person's fault
}
ENDING_OF = {fault: kind for kind, fault in ENDINGS.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record without its pixels."""

    kind: bytes
    ms: float = 0.0
    count: int = 0
    width: int = 0
    height: int = 0

    def packed(self) -> bytes:
        """Return the record's bytes."""
        return RECORD.pack(self.kind, self.ms, self.count, self.width, self.height)


def unpack(raw: bytes | bytearray) -> Record:
    """Read a record. Nothing in it may be believed before it was checked."""
    kind, ms, count, width, height = RECORD.unpack(raw)
    return Record(kind=kind, ms=ms, count=count, width=width, height=height)
