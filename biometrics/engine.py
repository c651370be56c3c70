"""The library's front door: bytes in, evidence out."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

import cv2

from biometrics.calibration import calibration
from biometrics.clip import Asked, ClipReading, read_clip
from biometrics.embed import EMBEDDING_SCHEME, Crops, Embedding
from biometrics.known import Known
from biometrics.models import ModelMissing, ModelStore, Role, model_ids, required_roles
from biometrics.photo import PhotoTemplate, read_embedding, read_photo, read_portrait
from biometrics.reading import Nets
from biometrics.runtime import Runtime, runtime_id
from biometrics.sandbox.decoder import Decoder
from biometrics.sandbox.sniff import CLIP_BYTES_MAX
from biometrics.second.matcher import SecondMatcher, SecondUnavailable
from biometrics.second.opinion import SecondLook
from domain.biometric import FaceEvidence, PhotoMeasure
from domain.capture import RecordingClient
from domain.challenge import Challenge
from domain.second_opinion import SecondMeasure

Reference = Embedding | bytes
"""A reference photo: the embedding kept from its enrolment, or the photo's bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What one case hands in, and whom it is compared with.

    `references` are the photos a person was enrolled with; `learnt` those that earlier
    certifications added: they may help, never stand alone. `second` are the enrolled photos where
    a second opinion is asked for.
    """

    references: Sequence[Reference]
    selfie: bytes
    clip: bytes | Path | None
    challenge: Challenge | None
    learnt: Sequence[Reference] = ()
    client: RecordingClient | None = None
    second: Sequence[bytes] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseReading:
    """The measured evidence, and what it was taken from."""

    evidence: FaceEvidence
    selfie: PhotoTemplate
    clip: ClipReading | None


class FaceEngine:
    """One worker's face models and its sealed decoder.

    Raises `ModelMissing` or `ModelAltered` when it is made; never raises on what media holds. Not
    thread-safe. Close it, or use it in a `with` statement, to end the decoder's process.
    """

    def __init__(
        self,
        store: ModelStore | None = None,
        *,
        passive: bool = True,
        runtime: Runtime | None = None,
    ) -> None:
        """Use the passive model where its optional file is there and `passive` asks for it."""
        self._store = ModelStore() if store is None else store
        self._nets = Nets(self._store, passive=passive, runtime=runtime)
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
        """Role to `name@sha256[:12]`, and what runs them.

        `decoder` also says whether system calls are filtered.
        """
        seal = {True: "seccomp", False: "no-seccomp", None: "unused"}[self.decoder.sealed]
        roles = [*required_roles(), *([Role.PASSIVE] if self._nets.passive else [])]
        named = model_ids(roles)
        named["embedder"] += f"+{EMBEDDING_SCHEME}"
        named["calibration"] = f"{calibration().scheme}@{calibration().data_digest[:12]}"
        named["runtime"] = runtime_id(self._nets.runtime)
        return named | {"decoder": f"opencv-{cv2.__version__}+{seal}"}

    def template(self, photo: bytes) -> PhotoTemplate:
        """Read one photo for enrolment, where time may be spent on it."""
        return read_photo(self._nets, self.decoder, photo)

    def portrait(self, photo: bytes) -> bytes | None:
        """Cut out the face of a photo that was judged before; None where none is found."""
        return read_portrait(self._nets, self.decoder, photo)

    def _glance(self, photo: bytes) -> PhotoTemplate:
        """Read one photo of a case: one crop, whose embedding compares with enrolled ones."""
        return read_photo(self._nets, self.decoder, photo, crops=Crops.ONE)

    def measure_photo(self, photo: bytes, references: Sequence[Reference]) -> PhotoMeasure:
        """Compare a selfie or visit photo with the person's references."""
        return _measured(self._glance(photo), Known(anchors=self._embeddings(references)))

    def measure_clip(self, clip: bytes | Path, asked: Asked) -> ClipReading:
        """Measure a liveness clip against its challenge, the known faces and the selfie."""
        content = _bounded(clip) if isinstance(clip, Path) else clip
        return read_clip(self._nets, self.decoder, content, asked)

    def measure_case(
        self,
        references: Sequence[Reference],
        selfie: bytes,
        clip: bytes | Path | None,
        *,
        challenge: Challenge | None,
    ) -> FaceEvidence:
        """Measure one case. A clip without its challenge proves nothing and is not measured."""
        case = Case(references=references, selfie=selfie, clip=clip, challenge=challenge)
        return self.read_case(case).evidence

    def read_case(self, case: Case) -> CaseReading:
        """Measure one case, and keep what a reviewer is shown and a later case compared with."""
        known = Known(
            anchors=self._embeddings(case.references), learnt=self._embeddings(case.learnt)
        )
        taken = self._glance(case.selfie)
        played = None
        if case.clip is not None and case.challenge is not None:
            asked = Asked(
                challenge=case.challenge,
                known=known,
                selfie=taken.embedding,
                selfie_colour=taken.colour,
                client=case.client,
            )
            played = self.measure_clip(case.clip, asked)
        second = self._second_opinion(case, played)
        evidence = FaceEvidence(
            references=len(known.anchors),
            selfie=_measured(taken, known),
            clip=None if played is None else played.measure,
            models=self.models() | ({} if second is None else model_ids([Role.SECOND])),
            clip_without_challenge=case.clip is not None and case.challenge is None,
            clip_from_file=case.client is not None and case.client.from_file,
            second=second,
        )
        return CaseReading(evidence=evidence, selfie=taken, clip=played)

    def _second_opinion(self, case: Case, played: ClipReading | None) -> SecondMeasure | None:
        """Ask the second matcher where the case wants it and its optional file stands."""
        if case.second is None or self._second is None:
            return None
        best = None if played is None else played.best
        return self._second.measure(case.second, case.selfie, best)

    @cached_property
    def _second(self) -> SecondLook | None:
        """Made at first need. Raises `ModelAltered`: a wrong file is no absent one."""
        try:
            matcher = SecondMatcher(self._store, self._nets.runtime)
        except (ModelMissing, SecondUnavailable):
            return None
        return SecondLook(nets=self._nets, decoder=self.decoder, matcher=matcher)

    def _embeddings(self, references: Sequence[Reference]) -> list[Embedding]:
        """Read references given as bytes; those that show no usable face are left out."""
        read = [self._known(r) if isinstance(r, bytes) else r for r in references]
        return [embedding for embedding in read if embedding is not None]

    def _known(self, photo: bytes) -> Embedding | None:
        """Read a reference: the photo was judged when it was enrolled."""
        return read_embedding(self._nets, self.decoder, photo, crops=Crops.ONE)


def _bounded(path: Path) -> bytes:
    """Read a clip's file, but never more than it takes to see that it is too large."""
    with path.open("rb") as source:
        return source.read(CLIP_BYTES_MAX + 1)


def _measured(template: PhotoTemplate, known: Known) -> PhotoMeasure:
    embedding = template.embedding
    return PhotoMeasure(
        faults=template.faults,
        similarity=None if embedding is None else known.similarity(embedding),
        quality=template.quality,
        rotation_deg=template.rotation_deg,
        closed_eyes=template.closed_eyes,
        similarity_to_anchor=None if embedding is None else known.similarity_to_anchor(embedding),
        log10_lr=None if embedding is None else known.log10_lr(embedding),
    )
