"""Encode frames as the phones of the field do. All in memory: frames in, bytes out."""

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import assert_never

import av
import numpy as np
from av.video.stream import VideoStream

from app.demo.reading import Image

_MS = Fraction(1, 1000)
_UPRIGHT_AGAIN = -90  # degrees by which a player turns a picture that lies on its side


class Codec(StrEnum):
    """Container and codec pairs that recording phones and browsers write."""

    WEBM_VP8 = "webm"
    WEBM_VP9 = "webm_vp9"
    MP4_H264 = "mp4"


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """Size, rate and unsteadiness of the recording device.

    `jitter` (0..1) is the share of a frame's time by which time stamps stray; `rotated` stores the
    picture lying on its side with a display rotation, as phones do for upright clips (MP4 only).
    """

    width: int = 640
    height: int = 480
    fps: int = 15
    codec: Codec = Codec.WEBM_VP8
    jitter: float = 0.0
    rotated: bool = False


def time_stamps(camera: Camera, duration_ms: int, *, seed: int) -> list[int]:
    """Milliseconds of every frame, rising, the first at 0."""
    period = 1000 / camera.fps
    count = int(duration_ms / period) + 1
    chance = np.random.default_rng(seed)
    stray = chance.uniform(-0.45, 0.45, count) * camera.jitter * period
    even = np.arange(count) * period + stray
    even[0] = 0
    return [int(at) for at in np.round(even)]


def encode(frames: Iterable[tuple[int, Image]], camera: Camera) -> bytes:
    """Clip of `(milliseconds, picture)` frames. Every frame has the camera's size."""
    target = _LiveSink() if _is_live(camera.codec) else io.BytesIO()
    with av.open(target, "w", format=_container(camera.codec), options=_mux(camera.codec)) as out:
        stream = _stream(out, camera)
        for at_ms, picture in frames:
            for packet in stream.encode(_frame(at_ms, picture, camera)):
                out.mux(packet)
        for packet in stream.encode(None):
            out.mux(packet)
    return target.getvalue()


class _LiveSink(io.RawIOBase):
    """Somewhere to write that cannot be gone back in, like MediaRecorder's stream of chunks."""

    def __init__(self) -> None:
        super().__init__()
        self._chunks: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, chunk: object) -> int:
        kept = bytes(chunk)  # type: ignore[call-overload]  # a buffer, whatever its type
        self._chunks.append(kept)
        return len(kept)

    def getvalue(self) -> bytes:
        return b"".join(self._chunks)


def _is_live(codec: Codec) -> bool:
    return codec is not Codec.MP4_H264


def _container(codec: Codec) -> str:
    return "webm" if _is_live(codec) else "mp4"


def _mux(codec: Codec) -> dict[str, str]:
    return {"live": "1", "fflags": "+bitexact"} if _is_live(codec) else {"fflags": "+bitexact"}


def _stream(out: av.container.OutputContainer, camera: Camera) -> VideoStream:
    match camera.codec:
        case Codec.WEBM_VP8:
            name, options = "libvpx", {"deadline": "realtime", "cpu-used": "8"}
        case Codec.WEBM_VP9:
            name, options = "libvpx-vp9", {"deadline": "realtime", "cpu-used": "8"}
        case Codec.MP4_H264:
            name, options = "libx264", {"profile": "baseline", "preset": "ultrafast"}
        case _:
            assert_never(camera.codec)
    stream = out.add_stream(name, rate=camera.fps, options={**options, "flags": "+bitexact"})
    assert isinstance(stream, VideoStream)
    across = (camera.height, camera.width) if camera.rotated else (camera.width, camera.height)
    stream.width, stream.height = across
    stream.pix_fmt = "yuv420p"
    stream.bit_rate = 2_000_000 if camera.width * camera.height > 400_000 else 800_000
    if camera.rotated:
        stream.set_display_rotation(_UPRIGHT_AGAIN)
    stream.time_base = stream.codec_context.time_base = _MS
    stream.codec_context.thread_count = 1
    return stream


def _frame(at_ms: int, picture: Image, camera: Camera) -> av.VideoFrame:
    stored = np.ascontiguousarray(np.rot90(picture, 1)) if camera.rotated else picture
    frame = av.VideoFrame.from_ndarray(stored, format="bgr24")
    frame.pts, frame.time_base = at_ms, _MS
    return frame


def frames_of(clip: bytes) -> Iterator[tuple[int, Image]]:
    """Decode a clip of our own making again: `(milliseconds, picture)`."""
    with av.open(io.BytesIO(clip), "r") as source:
        for frame in source.decode(video=0):
            assert frame.pts is not None
            assert frame.time_base is not None
            at = frame.pts * frame.time_base
            yield round(at * 1000), np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)
