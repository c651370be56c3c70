"""What runs inside the sealed child: bytes in from a socket, pixels out to it, nothing else."""

import io
import socket
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.sandbox.wire import (
    CLIP_FRAMES_MAX,
    CLIP_MS_MAX,
    CLIP_PIXELS_SIDE_MAX,
    CLIP_SIDE_PX,
    DETAIL,
    DETAIL_EVERY,
    DETAIL_SIDE_PX,
    DETAILS_MAX,
    ENDING_OF,
    FRAME,
    PHOTO_SIDE_PX,
    SAMPLE_HZ,
    Record,
)
from domain.biometric import MediaFault

_Pixels = NDArray[np.uint8]

# A playlist or concat script is no clip, nothing may be opened by name, one thread is enough.
CAPTURE_OPTIONS = (
    "format_whitelist;matroska,webm,mov|protocol_whitelist;none"
    "|codec_whitelist;h264,hevc,vp8,vp9|threads;1"
)
# The list above holds while the file is looked into; what then decodes is checked by its name.
_CODECS = frozenset({b"h264", b"avc1", b"hevc", b"hvc1", b"hev1", b"vp80", b"vp90", b"vp09"})
_PERIOD_MS = 1000.0 / SAMPLE_HZ
_REDUCED = {
    1: cv2.IMREAD_COLOR,
    2: cv2.IMREAD_REDUCED_COLOR_2,
    4: cv2.IMREAD_REDUCED_COLOR_4,
    8: cv2.IMREAD_REDUCED_COLOR_8,
}


def read_all(channel: socket.socket) -> bytes:
    """Read the payload to its end."""
    with channel.makefile("rb") as source:
        return source.read()


def decode_photo(channel: socket.socket, content: bytes, divisor: int) -> None:
    """Send one frame, turned as its EXIF says, and the ending."""
    try:
        image = cv2.imdecode(np.frombuffer(content, np.uint8), _REDUCED[divisor])
    except (cv2.error, MemoryError):
        image = None
    if image is None:
        channel.sendall(Record(kind=ENDING_OF[MediaFault.UNREADABLE]).packed())
        return
    _send_frame(channel, 0.0, _fitted(np.asarray(image, np.uint8), PHOTO_SIDE_PX))
    channel.sendall(Record(kind=ENDING_OF[None], count=1).packed())


def decode_clip(channel: socket.socket, content: bytes) -> None:
    """Send about `SAMPLE_HZ` frames a second with their times, some details, then the ending.

    Times are those of the container, counted from the first frame. Frames are counted by decoding:
    what a header says about their number and rate is not asked.
    """
    source: Any = io.BytesIO(content)  # cv2's stubs do not know that a binary file will do
    capture = cv2.VideoCapture(source, cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1])
    fault, frames, last_ms = _play(capture, channel)
    ending = Record(kind=ENDING_OF[fault], ms=last_ms, count=frames)
    channel.sendall(ending.packed())


def _play(
    capture: cv2.VideoCapture, channel: socket.socket
) -> tuple[MediaFault | None, int, float]:
    fault = _fault_before_decoding(capture)
    if fault is not None:
        return fault, 0, 0.0
    frames, sampled, first_ms, now_ms, due_ms = 0, 0, 0.0, 0.0, 0.0
    printer = _Printer(capture, channel)
    while capture.grab():
        at_ms = capture.get(cv2.CAP_PROP_POS_MSEC)
        first_ms = at_ms if frames == 0 else first_ms
        now_ms = max(now_ms, at_ms - first_ms)
        frames += 1
        if frames > CLIP_FRAMES_MAX or now_ms > CLIP_MS_MAX:
            return MediaFault.TOO_LARGE, frames, now_ms
        if now_ms + 1.0 < due_ms:
            continue
        due_ms = max(due_ms + _PERIOD_MS, now_ms + _PERIOD_MS / 2)
        printer.send(now_ms, detailed=_is_detailed(sampled))
        sampled += 1
    return (MediaFault.DECODER_FAILED if frames == 0 else None), frames, now_ms


def _fault_before_decoding(capture: cv2.VideoCapture) -> MediaFault | None:
    if not capture.isOpened():
        return MediaFault.UNREADABLE
    name = int(capture.get(cv2.CAP_PROP_FOURCC)) & 0xFFFFFFFF
    if name.to_bytes(4, "little").lower() not in _CODECS:
        return MediaFault.WRONG_TYPE
    sides = (capture.get(cv2.CAP_PROP_FRAME_WIDTH), capture.get(cv2.CAP_PROP_FRAME_HEIGHT))
    return MediaFault.TOO_LARGE if max(sides) > CLIP_PIXELS_SIDE_MAX else None


def _is_detailed(sampled: int) -> bool:
    """Two pictures in a row, as noise shows only between neighbours; then none for a while."""
    turn, place = divmod(sampled, DETAIL_EVERY)
    return place in (DETAIL_EVERY // 2, DETAIL_EVERY // 2 + 1) and 2 * turn < DETAILS_MAX


class _Printer:
    """Sends what a capture stands at.

    Memory is used again: to be given it anew costs as much as to make a picture small.
    """

    def __init__(self, capture: cv2.VideoCapture, channel: socket.socket) -> None:
        self._capture, self._channel = capture, channel
        self._large: _Pixels | None = None
        self._small: _Pixels | None = None

    def send(self, at_ms: float, *, detailed: bool) -> None:
        """Send a frame and, before it, its middle where that is wanted."""
        there, picture = self._capture.retrieve(self._large)
        if not there:
            return
        self._large = image = np.asarray(picture, np.uint8)
        if detailed:
            _send_frame(self._channel, at_ms, _middle(image), kind=DETAIL)
        self._small = _fitted(image, CLIP_SIDE_PX, into=self._small)
        _send_frame(self._channel, at_ms, self._small)


def _middle(image: _Pixels) -> _Pixels:
    """Cut out the middle square without resizing: resizing takes away noise and grids."""
    height, width = image.shape[:2]
    side = min(height, width, DETAIL_SIDE_PX)
    top, left = (height - side) // 2, (width - side) // 2
    return image[top : top + side, left : left + side]


def _fitted(image: _Pixels, side_px: int, *, into: _Pixels | None = None) -> _Pixels:
    """Make it small enough; the result may be `image` itself, or lie where `into` lies."""
    scale = side_px / max(image.shape[:2])
    if scale >= 1.0:
        return image
    small = cv2.resize(image, None, into, scale, scale, cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def _send_frame(
    channel: socket.socket, at_ms: float, image: _Pixels, *, kind: bytes = FRAME
) -> None:
    height, width = image.shape[:2]
    channel.sendall(Record(kind=kind, ms=at_ms, width=width, height=height).packed())
    channel.sendall(np.ascontiguousarray(image).data.cast("B"))
