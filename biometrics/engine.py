"""The library's front door: bytes in, evidence out."""

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import cv2

from biometrics.clip import read_clip
from biometrics.embed import Embedding, cosine
from biometrics.models import ModelStore, model_ids
from biometrics.photo import PhotoTemplate, read_photo
from biometrics.reading import Nets
from biometrics.sandbox.decoder import Decoder
from biometrics.sandbox.sniff import CLIP_BYTES_MAX
from domain.biometric import ClipMeasure, FaceEvidence, PhotoMeasure
from domain.challenge import Challenge

Reference = Embedding | bytes
"""A reference photo: the embedding kept from its enrolment, or the photo's bytes."""


class FaceEngine:
    """One worker's face models and its sealed decoder.

    Raises `ModelMissing` or `ModelAltered` when it is made; never raises on what media holds. Not
    thread-safe. Close it, or use it in a `with` statement, to end the decoder's process.
    """

    def __init__(self, store: ModelStore | None = None) -> None:
        self._nets = Nets(ModelStore() if store is None else store)
        self.decoder = Decoder()
        self.decoder.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the decoder's process."""
        self.decoder.close()

    def models(self) -> dict[str, str]:
        """Role to `name@sha256[:12]`; `decoder` also says whether system calls are filtered."""
        seal = {True: "seccomp", False: "no-seccomp", None: "unused"}[self.decoder.sealed]
        return model_ids() | {"decoder": f"opencv-{cv2.__version__}+{seal}"}

    def template(self, photo: bytes) -> PhotoTemplate:
        """Read one photo for enrolment or comparison."""
        return read_photo(self._nets, self.decoder, photo)

    def measure_photo(self, photo: bytes, references: Sequence[Reference]) -> PhotoMeasure:
        """Compare a selfie or visit photo with the person's references."""
        return _measured(self.template(photo), self._embeddings(references))

    def measure_clip(
        self,
        clip: bytes | Path,
        *,
        challenge: Challenge,
        references: Sequence[Reference],
        selfie: Embedding | None,
    ) -> ClipMeasure:
        """Measure a liveness clip against its challenge, the references and the selfie."""
        return read_clip(
            self._nets,
            self.decoder,
            _bounded(clip) if isinstance(clip, Path) else clip,
            challenge=challenge,
            references=self._embeddings(references),
            selfie=selfie,
        )

    def measure_case(
        self,
        references: Sequence[Reference],
        selfie: bytes,
        clip: bytes | Path | None,
        *,
        challenge: Challenge | None,
    ) -> FaceEvidence:
        """Measure one case. A clip without its challenge proves nothing and is not measured."""
        known = self._embeddings(references)
        taken = self.template(selfie)
        played = None
        if clip is not None and challenge is not None:
            played = self.measure_clip(
                clip, challenge=challenge, references=known, selfie=taken.embedding
            )
        return FaceEvidence(
            references=len(known),
            selfie=_measured(taken, known),
            clip=played,
            models=self.models(),
            clip_without_challenge=clip is not None and challenge is None,
        )

    def _embeddings(self, references: Sequence[Reference]) -> list[Embedding]:
        """Read references given as bytes; those that show no usable face are left out."""
        read = [self.template(r).embedding if isinstance(r, bytes) else r for r in references]
        return [embedding for embedding in read if embedding is not None]


def _bounded(path: Path) -> bytes:
    """Read a clip's file, but never more than it takes to see that it is too large."""
    with path.open("rb") as source:
        return source.read(CLIP_BYTES_MAX + 1)


def _measured(template: PhotoTemplate, references: Sequence[Embedding]) -> PhotoMeasure:
    embedding = template.embedding
    similarity = None
    if embedding is not None and references:
        similarity = max(cosine(embedding, reference) for reference in references)
    return PhotoMeasure(
        faults=template.faults,
        similarity=similarity,
        quality=template.quality,
        rotation_deg=template.rotation_deg,
        closed_eyes=template.closed_eyes,
    )
