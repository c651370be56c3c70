"""Small media that need no face: sound ones and damaged ones."""

import io
import struct
import zlib
from fractions import Fraction

import av
import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
FFCONCAT = b"ffconcat version 1.0\nfile neighbour.mp4\n"
PLAYLIST = (
    b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n"
)


def noise(width: int, height: int, *, seed: int = 0) -> Image:
    chance = np.random.default_rng(seed)
    return chance.integers(0, 256, (height, width, 3), dtype=np.uint8)


def halves(width: int = 64, height: int = 32) -> Image:
    """Left red, right blue (BGR)."""
    picture = np.zeros((height, width, 3), np.uint8)
    picture[:, : width // 2] = (0, 0, 255)
    picture[:, width // 2 :] = (255, 0, 0)
    return picture


def encoded(picture: Image, kind: str = ".jpg") -> bytes:
    return cv2.imencode(kind, picture)[1].tobytes()


def with_exif_turn(jpeg: bytes, orientation: int) -> bytes:
    tiff = b"MM\x00*\x00\x00\x00\x08" + struct.pack(">HHHIHHI", 1, 0x0112, 3, 1, orientation, 0, 0)
    body = b"Exif\x00\x00" + tiff
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + jpeg[2:]


def jpeg_that_claims(width: int, height: int) -> bytes:
    jpeg = bytearray(encoded(np.full((64, 64, 3), 127, np.uint8)))
    at = jpeg.find(b"\xff\xc0")
    jpeg[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(jpeg)


def jpeg_with_two_sizes() -> bytes:
    """A small first frame header to please a check, a huge second one for the decoder."""
    small = encoded(np.full((8, 8, 3), 127, np.uint8))
    at = small.find(b"\xff\xc0")
    length = struct.unpack_from(">H", small, at + 2)[0]
    header = bytearray(small[at : at + 2 + length])
    header[5:9] = struct.pack(">HH", 32000, 32000)
    return small[: at + 2 + length] + bytes(header) + small[at + 2 + length :]


def png_of_nothing(width: int, height: int, *, depth: int = 1) -> bytes:
    """A black picture that takes few bytes, whatever its size."""
    colour = 2 if depth == 16 else 0
    row = b"\0" * (1 + (width * depth * (3 if colour else 1) + 7) // 8)
    squeeze = zlib.compressobj(9)
    pixels = b"".join(squeeze.compress(row) for _ in range(height)) + squeeze.flush()
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", pixels), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, body) for name, body in chunks)


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def clip(
    times_ms: list[int],
    *,
    size: tuple[int, int] = (64, 48),
    kind: str = "webm",
    codec: str = "libvpx",
    turned: bool = False,
) -> bytes:
    """One frame per time, each a little brighter than the one before."""
    target = io.BytesIO()
    with av.open(target, "w", format=kind) as out:
        stream = out.add_stream(codec, rate=30)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.time_base = stream.codec_context.time_base = Fraction(1, 1000)
        if turned:
            stream.set_display_rotation(-90)
        for number, at_ms in enumerate(times_ms):
            picture = np.full((size[1], size[0], 3), 20 + number % 200, np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
            frame.pts, frame.time_base = at_ms, Fraction(1, 1000)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return target.getvalue()


def even(count: int, hz: float) -> list[int]:
    return [round(number * 1000 / hz) for number in range(count)]
