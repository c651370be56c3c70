"""The faces that a person is known by, and how like one of them a new face is."""

from collections.abc import Sequence
from dataclasses import dataclass

from biometrics.embed import Embedding, cosine


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Anchors were enrolled; learnt ones came from the person's own certifications."""

    anchors: Sequence[Embedding]
    learnt: Sequence[Embedding] = ()

    def similarity(self, face: Embedding) -> float | None:
        """Best cosine against all of them; None when there is none."""
        return _best(face, (*self.anchors, *self.learnt))

    def similarity_to_anchor(self, face: Embedding) -> float | None:
        """Best cosine against an anchor."""
        return _best(face, self.anchors)


def _best(face: Embedding, known: Sequence[Embedding]) -> float | None:
    return max((cosine(face, one) for one in known), default=None)
