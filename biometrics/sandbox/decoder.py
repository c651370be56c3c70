"""The parent's side: send bytes to a sealed child, get pixels or a named fault back."""

import os
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from biometrics.sandbox import sniff
from biometrics.sandbox.child import CAPTURE_OPTIONS
from biometrics.sandbox.wire import (
    CLIP_FRAMES_MAX,
    CLIP_SIDE_PX,
    DETAIL,
    DETAIL_SIDE_PX,
    DETAILS_MAX,
    ENDINGS,
    FRAME,
    PHOTO_SIDE_PX,
    RECORD,
    REPORT,
    SEALED,
    UNSEALED,
    Record,
    Task,
    unpack,
)
from domain.biometric import MediaFault

Image = NDArray[np.uint8]
OnFrame = Callable[[float, Image], None]
"""Called with the milliseconds since the first frame, and the picture (height x width x 3, BGR)."""


def _ignore(_at_ms: float, _picture: Image) -> None:
    """Let a detail go by."""


_SILENCE_S = 20.0
_START_S = 120.0  # until a new zygote's first word: it loads libraries, on a machine that is busy
_CAPS = {
    FRAME: (max(PHOTO_SIDE_PX, CLIP_SIDE_PX), CLIP_FRAMES_MAX),
    DETAIL: (DETAIL_SIDE_PX, DETAILS_MAX),
}
"""Per kind of picture the longest side in pixels, and how many one piece of media may have."""
_ROOT = Path(__file__).parents[2]
_START = (
    f"import sys; sys.path.insert(0, {str(_ROOT)!r}); "
    "from biometrics.sandbox.zygote import main; main()"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """How a decoding ended. `frames` counts all of the clip, not only those handed over."""

    fault: MediaFault | None
    frames: int = 0
    duration_ms: int = 0


class _BrokenChild(Exception):  # noqa: N818  an event, named as it is said
    """The child died, fell silent or said something that no child of ours says."""


class Decoder:
    """Decodes one photo or clip at a time in a fresh sealed child. Safe to call from threads.

    `cpu_seconds` and `peak_kb` add up what the children used; `sealed` says whether the last one
    ran under the system-call filter (None before the first).
    """

    def __init__(self) -> None:
        self.cpu_seconds = 0.0
        self.peak_kb = 0
        self.sealed: bool | None = None
        self._lock = threading.Lock()
        self._zygote: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._patience_s = _START_S

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def start(self) -> None:
        """Have the zygote ready; called by itself when needed."""
        if self._zygote is not None and self._zygote.poll() is None:
            return
        self.close()
        ours, theirs = socket.socketpair()
        with theirs:
            self._zygote = subprocess.Popen(  # noqa: S603  our own interpreter and code
                [sys.executable, "-E", "-s", "-c", _START],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=_bare_environment(),
            )
        ours.settimeout(_SILENCE_S)
        self._control, self._patience_s = ours, _START_S

    def close(self) -> None:
        """End the zygote and, with it, any child."""
        if self._control is not None:
            self._control.close()
        if self._zygote is not None:
            self._zygote.kill()
            self._zygote.wait()
        self._control = self._zygote = None

    def photo(self, content: bytes) -> Image | MediaFault:
        """Decode a still picture, upright by its EXIF, long side at most 1600 px."""
        header = sniff.photo(content)
        if isinstance(header, MediaFault):
            return header
        divisor = max(d for d in (1, 2, 4, 8) if d == 1 or header.long_side_px // d >= 1280)
        pictures: list[Image] = []
        request = Task.PHOTO.value + bytes([divisor])
        played = self._play(request, content, lambda _, picture: pictures.append(picture))
        if played.fault is not None:
            return played.fault
        return pictures[0] if pictures else MediaFault.DECODER_FAILED

    def clip(self, content: bytes, on_frame: OnFrame, on_detail: OnFrame = _ignore) -> Played:
        """Decode a clip; `on_frame` gets about 15 pictures a second, long side at most 640 px.

        `on_detail` gets at most eight times the middle square of a picture as it was recorded, side
        at most 512 px, two neighbouring pictures at a time, before `on_frame` gets the same.
        """
        fault = sniff.clip(content)
        if fault is not None:
            return Played(fault=fault)
        return self._play(Task.CLIP.value + b"\x01", content, on_frame, on_detail)

    def _play(
        self, request: bytes, content: bytes, on_frame: OnFrame, on_detail: OnFrame = _ignore
    ) -> Played:
        with self._lock:
            try:
                return self._ask(request, content, {FRAME: on_frame, DETAIL: on_detail})
            except (_BrokenChild, OSError):
                self.close()
                return Played(fault=MediaFault.DECODER_FAILED)
            except BaseException:  # `on_frame` raised: what is still under way must not linger
                self.close()
                raise

    def _ask(self, request: bytes, content: bytes, takers: Mapping[bytes, OnFrame]) -> Played:
        self.start()
        assert self._control is not None
        ours, theirs = socket.socketpair()
        with ours:
            ours.settimeout(self._patience_s)
            with theirs:
                socket.send_fds(self._control, [request], [theirs.fileno()])
            played = self._talk(ours, content, takers)
        _, cpu_s, peak_kb = REPORT.unpack(_exactly(self._control, REPORT.size))
        self.cpu_seconds += cpu_s
        self.peak_kb = max(self.peak_kb, peak_kb)
        self._patience_s = _SILENCE_S
        return played

    def _talk(
        self, channel: socket.socket, content: bytes, takers: Mapping[bytes, OnFrame]
    ) -> Played:
        try:
            channel.sendall(content)
            channel.shutdown(socket.SHUT_WR)
            return self._listen(channel, takers)
        except (_BrokenChild, ConnectionError):
            return Played(fault=MediaFault.DECODER_FAILED)  # the zygote is well: keep it

    def _listen(self, channel: socket.socket, takers: Mapping[bytes, OnFrame]) -> Played:
        last_ms, handed_over = 0.0, Counter[bytes]()
        while True:
            record = unpack(_exactly(channel, RECORD.size))
            if record.kind in (SEALED, UNSEALED):
                self.sealed = record.kind == SEALED
            elif record.kind in takers:
                handed_over[record.kind] += 1
                _check(record, last_ms, handed_over[record.kind])
                last_ms = record.ms
                takers[record.kind](record.ms, _picture(channel, record))
            elif record.kind in ENDINGS:
                fault = ENDINGS[record.kind]
                return Played(fault=fault, frames=record.count, duration_ms=_whole(record.ms))
            else:
                raise _BrokenChild


def _check(record: Record, last_ms: float, handed_over: int) -> None:
    sides = (record.width, record.height)
    largest, most = _CAPS[record.kind]
    if not 0 < min(sides) <= max(sides) <= largest or handed_over > most:
        raise _BrokenChild
    if not record.ms >= last_ms:
        raise _BrokenChild


def _whole(ms: float) -> int:
    if not 0 <= ms <= 1e9:  # also refuses not-a-number
        raise _BrokenChild
    return round(ms)


def _picture(channel: socket.socket, record: Record) -> Image:
    picture: Image = np.empty((record.height, record.width, 3), np.uint8)
    _fill(channel, picture.data.cast("B"))
    return picture


def _exactly(channel: socket.socket, size: int) -> bytearray:
    raw = bytearray(size)
    _fill(channel, memoryview(raw))
    return raw


def _fill(channel: socket.socket, view: memoryview) -> None:
    while view:
        got = channel.recv_into(view)
        if got == 0:
            raise _BrokenChild
        view = view[got:]


def _bare_environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return kept | {
        "OPENCV_FFMPEG_CAPTURE_OPTIONS": CAPTURE_OPTIONS,
        "OPENCV_LOG_LEVEL": "SILENT",
        "OPENCV_FFMPEG_LOGLEVEL": "-8",
        "OPENBLAS_NUM_THREADS": "1",  # a process that forks should have one thread
        "OMP_NUM_THREADS": "1",
    }
