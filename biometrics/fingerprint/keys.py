"""Keys under which a clip is filed, and those under which its edited copies are looked for.

A clip's key is the signs of its usual picture, 35 bits. Editing turns signs of coefficients that
are near zero, so a copy is looked for under its own key and under those that differ in its weakest
bits, likeliest first; the mirror image likewise. On 165 photos of real people two strangers' keys
differ in 16 bits (median), so that a search over a million finds some hundred clips to look at.
"""

import heapq
from collections.abc import Iterator

import numpy as np

from biometrics.fingerprint.code import ClipFingerprint, Levels
from biometrics.fingerprint.sight import COUNT, MIRROR

PROBES = 128
"""Keys that are tried for the picture, and again for its mirror image."""
_WEAKEST = 12
_BITS = 1 << np.arange(COUNT, dtype=np.int64)


def stored_key(fingerprint: ClipFingerprint) -> int:
    """Return the key to file this clip under, 0 to 2**35 - 1."""
    return _signs(fingerprint.frames.picture)


def search_keys(fingerprint: ClipFingerprint) -> tuple[int, ...]:
    """Keys to look under, likeliest first; the mirror image's alternate with the picture's own."""
    picture = fingerprint.frames.picture
    mirror = picture * MIRROR.astype(np.float32)
    pairs = zip(_near(picture), _near(mirror), strict=True)
    return tuple(dict.fromkeys(key for pair in pairs for key in pair))


def _near(picture: Levels) -> Iterator[int]:
    """`PROBES` keys about a picture's own, by the summed strength of the signs that are turned."""
    own = _signs(picture)
    weakest = np.argsort(np.abs(picture), kind="stable")[:_WEAKEST]
    strengths = np.abs(picture[weakest]).tolist()
    bits = _BITS[weakest].tolist()
    yield own
    heap = [(strengths[0], 0, bits[0])]
    for _ in range(PROBES - 1):
        cost, last, turned = heapq.heappop(heap)
        yield own ^ turned
        if last + 1 < _WEAKEST:
            after = last + 1
            heapq.heappush(heap, (cost + strengths[after], after, turned | bits[after]))
            swapped = cost - strengths[last] + strengths[after]
            heapq.heappush(heap, (swapped, after, turned ^ bits[last] | bits[after]))


def _signs(picture: Levels) -> int:
    return int(_BITS[picture > 0].sum())
