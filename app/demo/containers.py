"""File headers as recording phones write them, put in the place of the encoding library's own.

Seen on phones: Chrome's recorder names itself in WebM; Android and iPhone recorders write `mp42`
files with handlers of their own, no list of tags, and no encoder's signature in the H.264 stream.
"""

from enum import StrEnum

_TOOL = b"Lavf62.12.102"
_INFO, _TRACKS, _CLUSTER = b"\x15\x49\xa9\x66", b"\x16\x54\xae\x6b", b"\x1f\x43\xb6\x75"
_SEGMENT = b"\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff"
_MILLISECOND_SCALE = b"\x2a\xd7\xb1\x83\x0f\x42\x40"
_FTYP_AND_FREE = 40  # bytes that the file's head has, whatever stands in it


class Writer(StrEnum):
    """Who wrote the file."""

    ANDROID = "android"  # Chrome's recorder, or the camera of an Android phone
    IPHONE = "iphone"  # Safari's recorder
    TOOL = "tool"  # an editing or streaming tool


HANDLERS = {Writer.ANDROID: "VideoHandle", Writer.IPHONE: "Core Media Video"}
_BRANDS = {
    Writer.ANDROID: b"mp42\x00\x00\x00\x00isommp42",
    Writer.IPHONE: b"mp42\x00\x00\x00\x01mp41mp42isom",
}


def webm_of(writer: Writer, content: bytes) -> bytes:
    """Name the writer in a live WebM file; a phone's has no table of contents either."""
    app = _TOOL if writer is Writer.TOOL else b"Chrome"
    named = _element(b"\x4d\x80", app) + _element(b"\x57\x41", app)
    info = _element(_INFO, _MILLISECOND_SCALE + named)
    header = content[: content.index(_SEGMENT)]
    tracks = content.rindex(_TRACKS, 0, content.index(_CLUSTER))  # the table names them too
    return header + _SEGMENT + info + content[tracks:]


def mp4_of(writer: Writer, content: bytes) -> bytes:
    """Give an MP4 file the brands of this writer's; a tool's stays as it is."""
    if writer is Writer.TOOL:
        return content
    brands = _box(b"ftyp", _BRANDS[writer])
    filler = _box(b"free", bytes(_FTYP_AND_FREE - len(brands) - 8))
    moov = content.rindex(b"moov") - 4
    children = _without(b"udta", content[moov + 8 :])
    return brands + filler + content[_FTYP_AND_FREE:moov] + _box(b"moov", children)


def _element(name: bytes, body: bytes) -> bytes:
    assert len(body) < 127
    return name + bytes([0x80 | len(body)]) + body


def _box(name: bytes, body: bytes) -> bytes:
    return (8 + len(body)).to_bytes(4, "big") + name + body


def _without(name: bytes, boxes: bytes) -> bytes:
    kept = b""
    while boxes:
        size = int.from_bytes(boxes[:4], "big")
        kept += b"" if boxes[4:8] == name else boxes[:size]
        boxes = boxes[size:]
    return kept
