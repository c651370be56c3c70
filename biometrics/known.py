"""The faces that a person is known by, and how like one of them a new face is."""

from collections.abc import Sequence
from dataclasses import dataclass

from biometrics.calibration import calibration
from biometrics.embed import Embedding
from biometrics.merge import score


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Anchors were enrolled; learnt ones came from the person's own certifications."""

    anchors: Sequence[Embedding]
    learnt: Sequence[Embedding] = ()

    def similarity(self, face: Embedding) -> float | None:
        """Best cosine against all of them; None when there is none."""
        return score(face, (*self.anchors, *self.learnt))

    def similarity_to_anchor(self, face: Embedding) -> float | None:
        """Best cosine against an anchor."""
        return score(face, self.anchors)

    def log10_lr(self, face: Embedding) -> float | None:
        """Weight of that similarity as evidence for one person; None when there is none."""
        return calibration().log10_lr(self.similarity(face))
