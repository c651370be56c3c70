"""What tells a clip that was sent before from one that was filmed anew.

Two sights of the same frames, both small and dull (35 numbers, ten times a second):

- **frames**: a square of the picture about where the face usually is, fixed for the whole clip.
  Recoding, cropping, trimming and mirroring leave it as it was.
- **motion**: the same square, but following the face: what shake another hand adds drops out,
  and how the head turns and the face moves is left. This also knows a clip filmed off a screen.

`FrameHasher` collects while frames go by and `fingerprint_of` makes a `ClipFingerprint`; `likeness`
compares two and `nearest_of` one with many; `search_keys` says where to look among millions.
"""

from biometrics.fingerprint.code import FORM, ClipFingerprint, NotAFingerprint
from biometrics.fingerprint.hasher import FrameHasher, fingerprint_of
from biometrics.fingerprint.keys import search_keys, stored_key
from biometrics.fingerprint.likeness import (
    OTHER_TASK,
    SAME_TASK,
    Alike,
    Earlier,
    likeness,
    nearest_of,
    other_task,
    same_task,
)
from biometrics.fingerprint.track import Track, track_of

__all__ = [
    "FORM",
    "OTHER_TASK",
    "SAME_TASK",
    "Alike",
    "ClipFingerprint",
    "Earlier",
    "FrameHasher",
    "NotAFingerprint",
    "Track",
    "fingerprint_of",
    "likeness",
    "nearest_of",
    "other_task",
    "same_task",
    "search_keys",
    "stored_key",
    "track_of",
]
