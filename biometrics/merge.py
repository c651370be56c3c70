"""Several pictures of one person: frames become one face, references stay apart.

Frames of a clip are merged, since the best of six frames would give an impostor six chances. Of
references the best one counts: then a further one can only help the person it belongs to.
"""

from collections.abc import Sequence

import numpy as np

from biometrics.embed import Embedding, cosine, unit

_ROUNDS = 8
_NEAREST = 0.05  # a face nearer to the middle than this draws it no harder


def merged(faces: Sequence[Embedding], weights: Sequence[float]) -> Embedding:
    """Geometric median of weighted unit vectors, scaled to length 1 (Weiszfeld's algorithm).

    One frame that is unlike the others, blurred or another person's, moves it less than it would
    move the mean. Weights are relative, >= 0, and not all 0. Raises `ValueError`.
    """
    given = np.asarray(weights, np.float32)
    if len(faces) != len(given) or not len(faces):
        raise ValueError("as many weights as faces, at least one")
    if not (np.isfinite(given).all() and (given >= 0).all() and given.any()):
        raise ValueError("weights are finite, not negative and not all zero")
    points = np.stack(faces)
    middle = given @ points / given.sum()
    for _ in range(_ROUNDS):
        pull = given / np.maximum(np.linalg.norm(points - middle, axis=1), _NEAREST)
        middle = pull @ points / pull.sum()
    return unit(middle)


def score(probe: Embedding, references: Sequence[Embedding]) -> float | None:
    """Similarity to the nearest reference, -1..1. None without references: it never helps."""
    return max((cosine(probe, reference) for reference in references), default=None)
