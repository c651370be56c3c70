"""Evidence: sealed under the person's key, stored durably first, recorded second.

Sealing and storing happen outside any transaction (architecture, "how one certification flows");
a crash in between leaves an object without a row, which a sweep may remove, never a row without
an object.
"""

import io
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from biometrics.sandbox import sniff
from domain.attempt import MediaLimits
from domain.audit import Actor, AuditAction
from domain.biometric import MediaFault
from domain.errors import AppError, Kind
from domain.ports import ObjectKey
from domain.regions import Scope
from services.backend import Backend
from services.unit_of_work import Unit
from storage.crypto.digest import digests_of
from storage.crypto.envelope import DataKey
from storage.crypto.errors import KeyDestroyed, SealBroken
from storage.db.models.certification import Evidence
from storage.db.repositories import evidence
from storage.db.repositories.people import People
from storage.ids import uuid7
from storage.objects.errors import ObjectCorrupt, ObjectMissing, StoreFull, StoreUnavailable
from storage.objects.keys import object_key

AREA = "evidence"
KNOWN_TYPES = MediaLimits().photo_types | MediaLimits().video_types
UNNAMED = "application/octet-stream"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvidence:
    """`sha256` is that of the plain bytes, as the client knows it."""

    id: UUID
    sha256: str
    size: int
    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who acts and what that one may see."""

    actor: Actor
    scope: Scope


def store(
    backend: Backend, caller: Caller, person_id: UUID, *, content: bytes, media_type: str
) -> StoredEvidence:
    """Keep `content` as evidence about a person; the same bytes again give the same evidence.

    A media type that no photo or clip has is kept as unnamed bytes: whoever looks at evidence in a
    browser must not be handed a page. Raises `person.not_found` out of scope, `evidence.erased`,
    `evidence.store_unavailable`, `evidence.store_full`.
    """
    digests = digests_of(content)
    with backend.unit(caller.actor, caller.scope) as unit:
        there = evidence.find(unit.session, person_id, digests.sha256.hex())
        if there is not None:
            return _stored(there)
        key = open_key(backend.people(unit), person_id)
    address = _put(backend, key.seal(content, purpose(digests.sha256.hex())))
    row: dict[str, Any] = {
        "id": uuid7(),
        "beneficiary_id": person_id,
        "sha256": digests.sha256.hex(),
        "sm3": digests.sm3.hex(),
        "size": digests.size,
        "media_type": media_type if media_type in KNOWN_TYPES else UNNAMED,
        "object_key": address,
        "suite": key.suite.value,
        "stored_by": str(caller.actor),
    }
    with backend.unit(caller.actor, caller.scope) as unit:
        return _record(unit, row | {"stored_at": unit.now})


def refuse_unless_media(content: bytes) -> None:
    """Refuse bytes that neither begin as a photo nor as a clip.

    Raises `submission.part_empty`, `submission.not_media`.
    """
    if not content:
        raise AppError(Kind.INVALID, "submission.part_empty")
    is_photo = sniff.photo(content) is not MediaFault.WRONG_TYPE
    is_clip = sniff.clip(content) is not MediaFault.WRONG_TYPE
    if not is_photo and not is_clip:
        raise AppError(Kind.INVALID, "submission.not_media")


def _put(backend: Backend, sealed: bytes) -> ObjectKey:
    """Store durably under the digest of what is stored, and say under which."""
    address = object_key(AREA, digests_of(sealed).sha256.hex())
    try:
        backend.objects.put(address, io.BytesIO(sealed))
    except StoreFull as error:
        raise AppError(Kind.UNAVAILABLE, "evidence.store_full") from error
    except StoreUnavailable as error:
        raise AppError(Kind.UNAVAILABLE, "evidence.store_unavailable") from error
    return address


def _record(unit: Unit, row: dict[str, Any]) -> StoredEvidence:
    """Write the row, unless an upload of the same bytes was faster; its row is the answer then."""
    if evidence.add(unit.session, row):
        unit.audit(
            AuditAction.EVIDENCE_STORED,
            beneficiary=str(row["beneficiary_id"]),
            evidence=str(row["id"]),
            sha256=row["sha256"],
            sm3=row["sm3"],
        )
    found = evidence.find(unit.session, row["beneficiary_id"], row["sha256"])
    assert found is not None, "written just now, by us or by whoever was faster"
    return _stored(found)


def _stored(row: Evidence) -> StoredEvidence:
    return StoredEvidence(id=row.id, sha256=row.sha256, size=row.size, media_type=row.media_type)


def purpose(sha256: str) -> str:
    return f"evidence:{sha256}"


def open_key(people: People, person_id: UUID) -> DataKey:
    """Open a person's key. Raises `person.not_found` out of scope, `evidence.erased`."""
    if not people.is_visible(person_id):
        raise AppError(Kind.NOT_FOUND, "person.not_found")
    try:
        return people.load_key(person_id)
    except KeyDestroyed as error:
        raise AppError(Kind.GONE, "evidence.erased") from error


def read(backend: Backend, caller: Caller, evidence_id: UUID) -> tuple[bytes, str]:
    """Read evidence back: plain bytes (every digest verified) and media type.

    Raises `evidence.not_found`, `evidence.erased`, `evidence.damaged`,
    `evidence.store_unavailable`.
    """
    with backend.unit(caller.actor, caller.scope) as unit:
        row = evidence.get(unit.session, evidence_id)
        if row is None:
            raise AppError(Kind.NOT_FOUND, "evidence.not_found")
        key = open_key(backend.people(unit), row.beneficiary_id)
    try:
        content = key.open(backend.objects.get(ObjectKey(row.object_key)), purpose(row.sha256))
    except (ObjectMissing, ObjectCorrupt, SealBroken) as error:
        raise AppError(Kind.UNAVAILABLE, "evidence.damaged", evidence=str(evidence_id)) from error
    except StoreUnavailable as error:
        raise AppError(Kind.UNAVAILABLE, "evidence.store_unavailable") from error
    found = digests_of(content)
    if (found.sha256.hex(), found.sm3.hex()) != (row.sha256, row.sm3):
        raise AppError(Kind.UNAVAILABLE, "evidence.damaged", evidence=str(evidence_id))
    return content, row.media_type
