"""One photo, measured once however many pairs it is in."""

from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.evaluation.crew import Result
from app.evaluation.files import MEASURES, code_digest, content_of, digest, digest_json, measured_by
from biometrics.embed import Embedding
from biometrics.engine import FaceEngine
from domain.biometric import MediaFault

UNDECODED = frozenset(
    {
        MediaFault.UNREADABLE,
        MediaFault.WRONG_TYPE,
        MediaFault.TOO_LARGE,
        MediaFault.DECODER_FAILED,
    }
)
"""Nothing was seen of such a file: it is listed and counts in no rate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """Digests of the files that could be opened, and why the others could not; by name."""

    digests: Mapping[str, str]
    refused: Mapping[str, str]


def open_files(names: Iterable[str], folder: Path) -> Files:
    """Read and digest each file once."""
    digests: dict[str, str] = {}
    refused: dict[str, str] = {}
    for name in dict.fromkeys(names):
        try:
            digests[name] = digest(content_of(folder / name))
        except (OSError, ValueError) as error:  # ValueError: a zero byte in the name
            refused[name] = getattr(error, "strerror", None) or str(error)
    return Files(digests=digests, refused=refused)


def photo_key(content_digest: str) -> str:
    """Name what measuring this photo gives: it depends on bytes, code and models only."""
    return digest_json(["photo", content_digest, code_digest(MEASURES), measured_by()])


def measure_photo(engine: FaceEngine, path: Path) -> Result:
    """Embed one photo as an enrolment does."""
    template = engine.template(content_of(path))
    return {
        "faults": [fault.value for fault in template.faults],
        "quality": template.quality,
        "embedding": None if template.embedding is None else _packed(template.embedding),
    }


def _packed(embedding: Embedding) -> str:
    return b64encode(np.asarray(embedding, "<f4").tobytes()).decode("ascii")


def embedding_of(result: Result) -> Embedding | None:
    """Unpack the template; None when the photo shows no usable face."""
    packed = result["embedding"]
    return None if packed is None else np.frombuffer(b64decode(packed), "<f4")


def why_undecoded(result: Result) -> str | None:
    """Name the fault of a photo of which nothing was seen."""
    faults = [fault for fault in result["faults"] if fault in UNDECODED]
    return faults[0] if faults and result["embedding"] is None else None
