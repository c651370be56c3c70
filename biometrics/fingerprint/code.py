"""A fingerprint as values and as bytes."""

import struct
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from biometrics.fingerprint.sight import COUNT, HZ

FORM = 1
"""Version of the bytes and of what they mean: only fingerprints of one form can be compared."""

_HEAD = struct.Struct("<4sBBH")
_MAGIC = b"JZCF"
_LONGEST = 40 * HZ
_SHORTEST = HZ
_STEPS = 127
_PICTURE_STEP = 1 / 32000

Levels = NDArray[np.float32]


class NotAFingerprint(ValueError):  # noqa: N818  says what it is
    """The bytes are no fingerprint of this form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """One sight of a clip. Unit: the strength of its usual picture, so that contrast drops out."""

    picture: Levels  # the usual picture, `COUNT` coefficients of norm 1
    changes: Levels  # how it differs from that, coefficients x moments

    @classmethod
    def of(cls, values: Levels) -> Self:
        """Raise ValueError when the clip is shorter than a second or longer than forty."""
        if values.shape[0] != COUNT or not _SHORTEST <= values.shape[1] <= _LONGEST:
            raise ValueError("a fingerprint is of one second to forty")
        usual = np.median(values, axis=1)
        strength = max(1e-6, float(np.linalg.norm(usual)))
        return cls(
            picture=np.asarray(usual / strength, np.float32),
            changes=np.asarray((values - usual[:, None]) / strength, np.float32),
        )

    def to_bytes(self) -> bytes:
        step = np.float32(max(1e-6, float(np.abs(self.changes).max()) / _STEPS))
        picture = np.round(self.picture / _PICTURE_STEP).astype("<i2")
        changes = np.round(self.changes / step).clip(-_STEPS, _STEPS).astype(np.int8)
        return picture.tobytes() + struct.pack("<f", step) + changes.tobytes()

    @classmethod
    def from_bytes(cls, raw: bytes, length: int) -> Self:
        picture = np.frombuffer(raw, "<i2", COUNT).astype(np.float32) * np.float32(_PICTURE_STEP)
        step = struct.unpack_from("<f", raw, 2 * COUNT)[0]
        changes = np.frombuffer(raw, np.int8, offset=2 * COUNT + 4).reshape(COUNT, length)
        if not 0 < step < 1e3 or (changes == -128).any():
            raise NotAFingerprint("outside its scale")
        return cls(picture=picture, changes=changes.astype(np.float32) * np.float32(step))


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipFingerprint:
    """Two sights of one clip, ten moments a second, both of one length."""

    frames: Sight
    motion: Sight

    @property
    def duration_ms(self) -> int:
        return int(self.frames.changes.shape[1] - 1) * 1000 // HZ

    def to_bytes(self) -> bytes:
        """About 70 bytes for each tenth of a second."""
        head = _HEAD.pack(_MAGIC, FORM, COUNT, self.frames.changes.shape[1])
        return head + self.frames.to_bytes() + self.motion.to_bytes()

    @classmethod
    def from_bytes(cls, raw: bytes) -> Self:
        """Read what `to_bytes` wrote. Raises NotAFingerprint on anything else."""
        if len(raw) < _HEAD.size:
            raise NotAFingerprint("too short")
        magic, form, count, length = _HEAD.unpack_from(raw)
        if (magic, form, count) != (_MAGIC, FORM, COUNT):
            raise NotAFingerprint("of another form")
        size = 2 * COUNT + 4 + COUNT * length
        if not _SHORTEST <= length <= _LONGEST or len(raw) != _HEAD.size + 2 * size:
            raise NotAFingerprint("of another length than it says")
        half = _HEAD.size + size
        return cls(
            frames=Sight.from_bytes(raw[_HEAD.size : half], length),
            motion=Sight.from_bytes(raw[half:], length),
        )
