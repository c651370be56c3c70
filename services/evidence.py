"""Evidence: sealed under the person's key, stored durably first, recorded second.

Sealing and storing happen outside any transaction (architecture, "how one certification flows");
a crash in between leaves an object without a row, which a sweep may remove, never a row without
an object.
"""

import io
from dataclasses import dataclass
from uuid import UUID

from domain.audit import Actor, AuditAction
from domain.errors import AppError, Kind
from domain.ports import ObjectKey
from domain.regions import Scope
from services.backend import Backend
from storage.crypto.digest import digests_of
from storage.crypto.envelope import DataKey
from storage.crypto.errors import SealBroken
from storage.db.repositories import evidence
from storage.db.repositories.people import People
from storage.ids import uuid7
from storage.objects.errors import ObjectCorrupt, ObjectMissing, StoreFull, StoreUnavailable
from storage.objects.keys import object_key

AREA = "evidence"


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

    Raises `person.not_found` out of scope, `evidence.store_unavailable`, `evidence.store_full`.
    """
    digests = digests_of(content)
    sha256 = digests.sha256.hex()
    with backend.unit(caller.actor, caller.scope) as unit:
        there = evidence.find(unit.session, person_id, sha256)
        if there is not None:
            return StoredEvidence(
                id=there.id, sha256=sha256, size=there.size, media_type=there.media_type
            )
        key = open_key(backend.people(unit), person_id)
    evidence_id = uuid7()
    sealed = key.seal(content, purpose(sha256))
    address = object_key(AREA, digests_of(sealed).sha256.hex())
    try:
        backend.objects.put(address, io.BytesIO(sealed))
    except StoreFull as error:
        raise AppError(Kind.UNAVAILABLE, "evidence.store_full") from error
    except StoreUnavailable as error:
        raise AppError(Kind.UNAVAILABLE, "evidence.store_unavailable") from error
    with backend.unit(caller.actor, caller.scope) as unit:
        added = evidence.add(
            unit.session,
            {
                "id": evidence_id,
                "beneficiary_id": person_id,
                "sha256": sha256,
                "sm3": digests.sm3.hex(),
                "size": len(content),
                "media_type": media_type,
                "object_key": address,
                "suite": key.suite.value,
                "stored_at": unit.now,
                "stored_by": str(caller.actor),
            },
        )
        if added:
            unit.audit(
                AuditAction.EVIDENCE_STORED,
                beneficiary=str(person_id),
                evidence=str(evidence_id),
                sha256=sha256,
                sm3=digests.sm3.hex(),
            )
        row = evidence.find(unit.session, person_id, sha256)
        assert row is not None
        return StoredEvidence(id=row.id, sha256=sha256, size=row.size, media_type=row.media_type)


def purpose(sha256: str) -> str:
    return f"evidence:{sha256}"


def open_key(people: People, person_id: UUID) -> DataKey:
    """Open a person's key; `person.not_found` when the person is out of scope or erased."""
    if not people.is_visible(person_id):
        raise AppError(Kind.NOT_FOUND, "person.not_found")
    return people.load_key(person_id)


def read(backend: Backend, caller: Caller, evidence_id: UUID) -> tuple[bytes, str]:
    """Read evidence back: plain bytes (every digest verified) and media type.

    Raises `evidence.not_found`, `evidence.damaged`, `evidence.store_unavailable`.
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
    if digests_of(content).sha256.hex() != row.sha256:
        raise AppError(Kind.UNAVAILABLE, "evidence.damaged", evidence=str(evidence_id))
    return content, row.media_type
