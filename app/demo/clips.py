"""Encode frames as the phones of the field do. All in memory: frames in, bytes out."""

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import assert_never

import av
import cv2
import numpy as np
from av.bitstream import BitStreamFilterContext
from av.packet import Packet
from av.video.stream import VideoStream

from app.demo.containers import HANDLERS, Writer, mp4_of, webm_of
from app.demo.reading import Image

_WEBM_CLOCK, _MP4_CLOCK = Fraction(1, 1000), Fraction(1, 90_000)
_RECORDED_AT = "2026-03-02T01:02:03.000000Z"
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
    `writer` is who wraps the file up.
    """

    width: int = 640
    height: int = 480
    fps: int = 15
    codec: Codec = Codec.WEBM_VP8
    jitter: float = 0.0
    rotated: bool = False
    writer: Writer = Writer.ANDROID


def time_stamps(camera: Camera, duration_ms: int, *, seed: int) -> list[int]:
    """Milliseconds of every frame, rising, the first at 0."""
    period = 1000 / camera.fps
    count = int(duration_ms / period) + 1
    chance = np.random.default_rng(seed)
    stray = chance.uniform(-0.45, 0.45, count) * camera.jitter * period
    even = np.arange(count) * period + stray
    even[0] = 0
    return [int(at) for at in np.round(even)]


def encode(frames: Iterable[tuple[float, Image]], camera: Camera) -> bytes:
    """Clip of `(milliseconds, picture)` frames, each H x W x 3 (BGR) or planes from `planes_of`.

    Every frame has the camera's size.
    """
    target = _LiveSink() if _is_live(camera.codec) else io.BytesIO()
    with av.open(target, "w", format=_container(camera.codec), options=_mux(camera)) as out:
        stream = _stream(out, camera)
        signature = _Signature(stream) if _hides_encoder(camera) else None
        for at_ms, picture in frames:
            for packet in stream.encode(_frame(at_ms, picture, camera)):
                out.mux(signature.removed(packet) if signature else packet)
        for packet in stream.encode(None):
            out.mux(signature.removed(packet) if signature else packet)
    wrap = webm_of if _is_live(camera.codec) else mp4_of
    return wrap(camera.writer, target.getvalue())


def planes_of(picture: Image) -> Image:
    """`picture` (BGR, even sides) as a sensor's software hands it on: I420, H * 3/2 x W."""
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420), np.uint8)


class _Signature:
    """Takes the encoder's own words out of a H.264 stream; phones' encoders write none."""

    def __init__(self, stream: VideoStream) -> None:
        self._filter = BitStreamFilterContext("filter_units=remove_types=6", stream)
        self._stream = stream

    def removed(self, packet: "Packet[VideoStream]") -> "list[Packet[VideoStream]]":
        kept = self._filter.filter(packet)
        for one in kept:
            one.stream = self._stream
        return kept


def _hides_encoder(camera: Camera) -> bool:
    return camera.codec is Codec.MP4_H264 and camera.writer is not Writer.TOOL


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


def _mux(camera: Camera) -> dict[str, str]:
    exact = {} if _is_signed(camera) else {"fflags": "+bitexact"}
    return {"live": "1", **exact} if _is_live(camera.codec) else exact


def _is_signed(camera: Camera) -> bool:
    """Tell whether the library may leave its name in the file (WebM: see `webm_of`)."""
    return camera.codec is Codec.MP4_H264 and camera.writer is Writer.TOOL


def _stream(out: av.container.OutputContainer, camera: Camera) -> VideoStream:
    match camera.codec:
        case Codec.WEBM_VP8:
            # Below zero: a fixed speed; above it the encoder works less while the machine is busy.
            name, options = "libvpx", {"deadline": "realtime", "cpu-used": "-8"}
        case Codec.WEBM_VP9:
            name, options = "libvpx-vp9", {"deadline": "realtime", "cpu-used": "8"}
        case Codec.MP4_H264:
            name, options = "libx264", {"profile": "baseline", "preset": "ultrafast"}
        case _:
            assert_never(camera.codec)
    if not _is_signed(camera):
        options = {**options, "flags": "+bitexact"}
    stream = out.add_stream(name, rate=camera.fps, options=options)
    assert isinstance(stream, VideoStream)
    across = (camera.height, camera.width) if camera.rotated else (camera.width, camera.height)
    stream.width, stream.height = across
    stream.pix_fmt = "yuv420p"
    stream.bit_rate = 2_000_000 if camera.width * camera.height > 400_000 else 800_000
    if camera.writer in HANDLERS and not _is_live(camera.codec):
        stream.metadata["handler_name"] = HANDLERS[camera.writer]
        out.metadata["creation_time"] = _RECORDED_AT
    if camera.rotated:
        stream.set_display_rotation(_UPRIGHT_AGAIN)
    stream.time_base = stream.codec_context.time_base = _clock(camera)
    stream.codec_context.thread_count = 1
    return stream


def _clock(camera: Camera) -> Fraction:
    return _WEBM_CLOCK if _is_live(camera.codec) else _MP4_CLOCK


def _frame(at_ms: float, picture: Image, camera: Camera) -> av.VideoFrame:
    as_planes = picture.ndim == 2
    stored = picture
    if camera.rotated:
        stored = _planes_on_side(picture) if as_planes else np.rot90(picture, 1)
    layout = "yuv420p" if as_planes else "bgr24"
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(stored), format=layout)
    clock = _clock(camera)
    frame.pts, frame.time_base = round(at_ms / 1000 / clock), clock
    return frame


def _planes_on_side(planes: Image) -> Image:
    tall, wide = planes.shape[0] * 2 // 3, planes.shape[1]
    luma, colours = planes[:tall], planes[tall:].reshape(2, tall // 2, wide // 2)
    turned = [np.rot90(luma).ravel(), *(np.rot90(plane).ravel() for plane in colours)]
    return np.concatenate(turned).reshape(wide * 3 // 2, tall)


def upright_frames_of(clip: bytes) -> Iterator[tuple[int, Image]]:
    """Decode any clip as a player shows it: `(milliseconds, picture)`."""
    with av.open(io.BytesIO(clip), "r") as source:
        for frame in source.decode(video=0):
            assert frame.time is not None
            stored = np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)
            turns = frame.rotation // 90 % 4
            yield round(frame.time * 1000), np.ascontiguousarray(np.rot90(stored, turns))


def frames_of(clip: bytes) -> Iterator[tuple[int, Image]]:
    """Decode a clip of our own making again: `(milliseconds, picture)`."""
    with av.open(io.BytesIO(clip), "r") as source:
        for frame in source.decode(video=0):
            assert frame.pts is not None
            assert frame.time_base is not None
            at = frame.pts * frame.time_base
            yield round(at * 1000), np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)
