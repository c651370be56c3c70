"""The same photo or clip in another file: turned, recompressed, recorded otherwise, with sound.

Clips go back into a file as the phone wrote it, with the time stamps that it gave them: an even
clock or a tool's name would rightly speak against them.
"""

import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

import av
import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from app.demo.clips import Camera, Codec, encode, frames_of
from app.demo.containers import HANDLERS, Writer, mp4_of, webm_of
from tests.biometrics.media import with_exif_turn

Image = NDArray[np.uint8]
Change = Callable[[Image], Image]
Frames = Iterable[tuple[float, Image]]

_STORED: dict[int, Change] = {
    1: lambda upright: upright,
    2: np.fliplr,
    3: lambda upright: np.rot90(upright, 2),
    4: np.flipud,
    5: lambda upright: upright.swapaxes(0, 1),
    6: lambda upright: np.rot90(upright, 1),
    7: lambda upright: np.rot90(upright, 2).swapaxes(0, 1),
    8: lambda upright: np.rot90(upright, -1),
}
"""Per EXIF orientation, how an upright picture lies in the file (CIPA DC-008, tag 0x0112)."""
_ORIENTATION = 0x0112
_FULL_COLOUR = [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444]
_X265 = "info=0:log-level=none:pools=none:frame-threads=1:bframes=0"
_CLOCK = Fraction(1, 90_000)
_HEARD_HZ = 48_000
_HUM_HZ = 180.0


def jpeg(picture: Image, quality: int) -> bytes:
    settings = [cv2.IMWRITE_JPEG_QUALITY, quality, *(_FULL_COLOUR if quality == 100 else [])]
    done, content = cv2.imencode(".jpg", np.ascontiguousarray(picture), settings)
    assert done
    return content.tobytes()


def picture_of(photo: bytes) -> Image:
    return np.asarray(cv2.imdecode(np.frombuffer(photo, np.uint8), cv2.IMREAD_COLOR), np.uint8)


def lying(photo: bytes, orientation: int) -> bytes:
    """Store the picture turned or mirrored, with the EXIF tag that undoes it; nothing is lost."""
    stored = _STORED[orientation](picture_of(photo))
    exif = PillowImage.Exif()
    exif[_ORIENTATION] = orientation
    target = io.BytesIO()
    of_rgb = PillowImage.fromarray(np.ascontiguousarray(stored[:, :, ::-1]))
    of_rgb.save(target, "PNG", exif=exif, compress_level=1)
    return target.getvalue()


def lying_as_jpeg(photo: bytes, orientation: int) -> bytes:
    """Do the same as phones do it. Rounding differs with the side that the picture lies on."""
    return with_exif_turn(jpeg(_STORED[orientation](picture_of(photo)), 100), orientation)


def changed_photo(photo: bytes, change: Change) -> bytes:
    return jpeg(change(picture_of(photo)), 95)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """What a phone recorded, and as what. HEVC is beside the demo's own codecs."""

    content: bytes
    camera: Camera

    def frames(self) -> Iterator[tuple[float, Image]]:
        yield from frames_of(self.content)


def recorded(frames: Frames, camera: Camera) -> Clip:
    return Clip(content=encode(frames, camera), camera=camera)


def recorded_as_hevc(clip: Clip) -> Clip:
    """Record in the format that iPhones' own camera uses, without the encoder's signature."""
    target = io.BytesIO()
    with av.open(target, "w", format="mp4", options={"fflags": "+bitexact"}) as out:
        quiet = {"preset": "ultrafast", "flags": "+bitexact", "x265-params": _X265}
        stream = out.add_stream("libx265", rate=clip.camera.fps, options=quiet)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height = clip.camera.width, clip.camera.height
        stream.pix_fmt, stream.bit_rate = "yuv420p", 800_000
        stream.metadata["handler_name"] = HANDLERS[Writer.IPHONE]
        stream.codec_context.codec_tag = "hvc1"
        stream.time_base = stream.codec_context.time_base = _CLOCK
        for at_ms, picture in clip.frames():
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
            frame.pts, frame.time_base = round(at_ms * 90), _CLOCK
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return Clip(content=target.getvalue(), camera=clip.camera)


def with_sound(clip: Clip, tracks: int) -> Clip:
    """Put a quiet hum beside the pictures, in as many tracks."""
    is_mp4 = clip.camera.codec is Codec.MP4_H264
    options = {"fflags": "+bitexact"} | ({} if is_mp4 else {"live": "1"})
    target = io.BytesIO()
    with (
        av.open(io.BytesIO(clip.content), "r") as source,
        av.open(target, "w", format="mp4" if is_mp4 else "webm", options=options) as out,
    ):
        seen = source.streams.video[0]
        shown = out.add_stream_from_template(seen)
        shown.metadata["handler_name"] = HANDLERS[clip.camera.writer]
        name = "aac" if is_mp4 else "libopus"
        for stream in [out.add_stream(name, rate=_HEARD_HZ) for _ in range(tracks)]:
            assert isinstance(stream, av.AudioStream)
            for frame in _hum(stream.codec_context.frame_size or 960):
                out.mux(stream.encode(frame))
            out.mux(stream.encode(None))
        for packet in source.demux(seen):
            if packet.dts is not None:
                packet.stream = shown
                out.mux(packet)
    wrap = mp4_of if is_mp4 else webm_of
    return Clip(content=wrap(clip.camera.writer, target.getvalue()), camera=clip.camera)


def _hum(size: int, seconds: float = 3.0) -> Iterator[av.AudioFrame]:
    for start in range(0, round(seconds * _HEARD_HZ), size):
        at_s = (start + np.arange(size)) / _HEARD_HZ
        wave = (0.02 * np.sin(2 * np.pi * _HUM_HZ * at_s)).astype(np.float32)
        frame = av.AudioFrame.from_ndarray(np.stack([wave, wave]), format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = _HEARD_HZ, start, Fraction(1, _HEARD_HZ)
        yield frame
