"""What a reviewer looks at, made when the machine would not decide, kept sealed like the evidence.

One document per case: faces side by side, what the head did and what it was asked to do, and the
nearest earlier clip. It is evidence itself: under the person's key, erased with it.
"""

import base64
import json
from dataclasses import asdict
from typing import Any
from uuid import UUID

from biometrics.engine import CaseReading
from biometrics.material import material_of
from domain.biometric import ClipMeasure
from services import evidence
from services.backend import Backend
from services.evidence import UNNAMED, Caller
from services.gallery import KnownFace

SCHEMA = "jianzai.review_material.v1"


def keep_material(
    backend: Backend,
    caller: Caller,
    person_id: UUID,
    reading: CaseReading,
    *,
    faces: tuple[KnownFace, ...],
) -> UUID:
    """Store the material of one case; returns its evidence id. No transaction may be open."""
    document = _document(reading, reference=_reference(backend, caller, faces))
    content = json.dumps(document, separators=(",", ":"), sort_keys=True).encode()
    stored = evidence.store(backend, caller, person_id, content=content, media_type=UNNAMED)
    return stored.id


def read_material(backend: Backend, caller: Caller, material_id: UUID) -> dict[str, Any]:
    """Read a case's material back. Raises what `evidence.read` raises."""
    content, _ = evidence.read(backend, caller, material_id)
    document: dict[str, Any] = json.loads(content)
    return document


def _reference(backend: Backend, caller: Caller, faces: tuple[KnownFace, ...]) -> bytes | None:
    """Return the most trusted enrolled face, cut out like the others."""
    anchor = next((face for face in faces if not face.learnt), None)
    if anchor is None:
        return None
    photo, _ = evidence.read(backend, caller, anchor.evidence_id)
    return backend.faces.portrait(photo)


def _document(reading: CaseReading, *, reference: bytes | None) -> dict[str, Any]:
    material = material_of(reading)
    clip = reading.evidence.clip
    return {
        "schema": SCHEMA,
        "reference_jpeg": _text(reference),
        "selfie_jpeg": _text(material.selfie_jpeg),
        "best_frame_jpeg": _text(material.best_frame_jpeg),
        "timeline": None if material.timeline is None else asdict(material.timeline),
        "steps": [] if clip is None else [asdict(step) for step in clip.steps],
        "earlier": _earlier(clip),
    }


def _earlier(clip: ClipMeasure | None) -> dict[str, Any] | None:
    return None if clip is None or clip.earlier is None else asdict(clip.earlier)


def _text(content: bytes | None) -> str | None:
    return None if content is None else base64.b64encode(content).decode()
