"""What the first bytes say, before any decoder sees them: kind and, for photos, size.

Plain Python on bytes: nothing here allocates by what a header claims.
"""

import struct
from dataclasses import dataclass

from domain.biometric import MediaFault

PHOTO_BYTES_MAX = 10_000_000
PHOTO_PIXELS_MAX = 40_000_000
CLIP_BYTES_MAX = 20_000_000

_PNG = b"\x89PNG\r\n\x1a\n"
_EBML = b"\x1a\x45\xdf\xa3"
_EBML_HEADER_BYTES = 64
_SOF = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD8)})


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoHeader:
    """Size in pixels as the header states it."""

    width: int
    height: int

    @property
    def long_side_px(self) -> int:
        """The larger side."""
        return max(self.width, self.height)


def photo(content: bytes) -> PhotoHeader | MediaFault:
    """Read a photo's header: JPEG, PNG or WebP, at most 10 MB and 40 million pixels."""
    if len(content) > PHOTO_BYTES_MAX:
        return MediaFault.TOO_LARGE
    if not content:
        return MediaFault.UNREADABLE
    if content.startswith(b"\xff\xd8\xff"):
        size = _jpeg_size(content)
    elif content.startswith(_PNG):
        size = _png_size(content)
    elif content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        size = _webp_size(content)
    else:
        return MediaFault.WRONG_TYPE
    if size is None or min(size) == 0:
        return MediaFault.UNREADABLE
    if size[0] * size[1] > PHOTO_PIXELS_MAX:
        return MediaFault.TOO_LARGE
    return PhotoHeader(width=size[0], height=size[1])


def clip(content: bytes) -> MediaFault | None:
    """Name why this cannot be a clip: not WebM, Matroska or ISO base media, or over 20 MB."""
    if len(content) > CLIP_BYTES_MAX:
        return MediaFault.TOO_LARGE
    if not content:
        return MediaFault.UNREADABLE
    head = content[:_EBML_HEADER_BYTES]
    if head.startswith(_EBML) and (b"webm" in head or b"matroska" in head):
        return None
    return None if content[4:8] == b"ftyp" else MediaFault.WRONG_TYPE


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    """Size in the only frame header; a second one is a trick and makes it unreadable."""
    sizes = list(_jpeg_frames(content))
    return sizes[0] if len(sizes) == 1 else None


def _jpeg_frames(content: bytes) -> list[tuple[int, int]]:
    sizes: list[tuple[int, int]] = []
    at = 2
    while at + 4 <= len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker in _STANDALONE:
            at += 2
            continue
        if marker == 0xDA:  # the picture itself begins
            break
        if marker in _SOF and at + 9 <= len(content):
            height, width = struct.unpack_from(">HH", content, at + 5)
            sizes.append((width, height))
        at += 2 + struct.unpack_from(">H", content, at + 2)[0]
    return sizes


def _png_size(content: bytes) -> tuple[int, int] | None:
    if len(content) < 24 or content[12:16] != b"IHDR":
        return None
    width, height = struct.unpack_from(">II", content, 16)
    return width, height


def _webp_size(content: bytes) -> tuple[int, int] | None:
    if len(content) < 30:
        return None
    kind = content[12:16]
    if kind == b"VP8X":
        return 1 + _le24(content, 24), 1 + _le24(content, 27)
    if kind == b"VP8L":
        bits = struct.unpack_from("<I", content, 21)[0]
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", content, 26)
        return width & 0x3FFF, height & 0x3FFF
    return None


def _le24(content: bytes, at: int) -> int:
    return int.from_bytes(content[at : at + 3], "little")
