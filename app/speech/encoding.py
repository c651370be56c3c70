"""Sound to MP3, which every browser of the last six years plays."""

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray

RATE = 24_000  # samples a second; also what the neural voice gives
_BIT_RATE = 32_000
_LOUDNESS = 0.1  # root mean square; the ears of the old want it even and rather loud
_PEAK = 0.95

Sound = NDArray[np.float32]
"""Samples of one channel at `RATE`, -1..1."""


def mp3(sound: Sound) -> bytes:
    """Encode `sound` at an even loudness."""
    import av  # noqa: PLC0415 - only who makes speech needs the package

    target = io.BytesIO()
    with av.open(target, "w", format="mp3", options={"fflags": "+bitexact"}) as out:
        stream: Any = out.add_stream("libmp3lame", rate=RATE)
        stream.bit_rate = _BIT_RATE
        stream.layout = "mono"
        samples = (_even(sound) * 32767).astype(np.int16)[None, :]
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate = RATE
        fitted: Any = av.AudioResampler(format="s16p", layout="mono", rate=RATE)
        for piece in fitted.resample(frame):
            out.mux(stream.encode(piece))
        out.mux(stream.encode(None))
    return target.getvalue()


def _even(sound: Sound) -> Sound:
    """Bring to one loudness, without clipping. Silence stays silence."""
    loud = float(np.sqrt(np.mean(np.square(sound)))) if sound.size else 0.0
    peak = float(np.max(np.abs(sound))) if sound.size else 0.0
    if loud == 0.0 or peak == 0.0:
        return sound
    return np.asarray(sound * min(_LOUDNESS / loud, _PEAK / peak), np.float32)


def seconds(content: bytes) -> float:
    """Tell how long an encoded file plays."""
    import av  # noqa: PLC0415

    with av.open(io.BytesIO(content), "r") as source:
        return float(sum(one.samples / one.sample_rate for one in source.decode(audio=0)))
