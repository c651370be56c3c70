"""The face engine as a use case meets it: made at first need, one caller at a time."""

from collections.abc import Callable, Sequence
from threading import Lock

from biometrics.embed import EMBEDDING_SCHEME
from biometrics.engine import Case, CaseReading, FaceEngine, Reference
from biometrics.models import model_ids
from biometrics.photo import PhotoTemplate
from domain.biometric import PhotoMeasure


def embedding_scheme() -> str:
    """Name the model and the way in which faces are embedded now."""
    return f"{model_ids()['embedder']}+{EMBEDDING_SCHEME}"


class Faces:
    """Wraps an engine that is costly to make and not safe to share between threads."""

    def __init__(self, make: Callable[[], FaceEngine]) -> None:
        self._make = make
        self._engine: FaceEngine | None = None
        self._turn = Lock()

    def template(self, photo: bytes) -> PhotoTemplate:
        """Read one photo for enrolment or comparison."""
        with self._turn:
            return self._ready().template(photo)

    def portrait(self, photo: bytes) -> bytes | None:
        """Cut the face out of an enrolled photo, for a human to look at."""
        with self._turn:
            return self._ready().portrait(photo)

    def measure_photo(self, photo: bytes, references: Sequence[Reference]) -> PhotoMeasure:
        """Compare a photo with a person's references."""
        with self._turn:
            return self._ready().measure_photo(photo, references)

    def read_case(self, case: Case) -> CaseReading:
        """Measure a whole submission."""
        with self._turn:
            return self._ready().read_case(case)

    def embedder(self) -> str:
        """Name the scheme of the embeddings made now; others may not be compared with them."""
        return embedding_scheme()

    def models(self) -> dict[str, str]:
        """Name the models that measure: role to `name@sha256[:12]`."""
        with self._turn:
            return self._ready().models()

    def close(self) -> None:
        """End the decoder's process, if one was started."""
        with self._turn:
            if self._engine is not None:
                self._engine.close()
                self._engine = None

    def _ready(self) -> FaceEngine:
        if self._engine is None:
            self._engine = self._make()
        return self._engine
