"""An upload in pieces: promised first, sent chunk by chunk, put together when all is here.

A cut line costs one chunk. A chunk that was acknowledged is stored and never asked for again; the
same chunk twice is the same chunk. Phones seal what they send to this server
(`storage.crypto.upload_seal`), so what lies here unfinished is as closed as what lay on the phone.
"""

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from math import ceil
from typing import Any

from domain.attempt import MediaLimits, Part, check_manifest
from domain.errors import AppError, Kind
from domain.ports import ObjectKey
from services import submissions
from services.backend import Backend
from services.certification import OwnSession, refuse_expired, store_part
from services.evidence import open_key
from services.submissions import PARTS_TO_COME, Submission
from storage.crypto.digest import digests_of
from storage.crypto.errors import SealBroken
from storage.crypto.upload_seal import OVERHEAD_BYTES, Sealed
from storage.db.models.uploads import Upload, UploadChunk
from storage.db.repositories import uploads
from storage.objects.errors import ObjectCorrupt, ObjectMissing, StoreFull, StoreUnavailable
from storage.objects.keys import object_key

AREA = "upload"
CHUNK_BYTES = 262_144
"""Platform study 1.2: at most 256 kB a piece, so that a bad line gets some through."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealOfPart:
    """How the phone sealed one part."""

    key_id: str
    ephemeral: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Promised:
    """What a phone says it is going to send."""

    submission: Submission
    seals: Mapping[str, SealOfPart]  # part -> seal; a page without WebCrypto has none


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """`received` are the indices of a part's chunks that are stored, rising."""

    chunks: int
    received: tuple[int, ...]

    @property
    def missing(self) -> list[int]:
        return sorted(set(range(self.chunks)) - set(self.received))


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderWay:
    """The upload of a session; without a client id nothing was promised yet."""

    client_id: str | None
    parts: Mapping[str, Progress]


def chunks_of(size: int, *, is_sealed: bool) -> int:
    """Count the chunks of a part of `size` bytes."""
    return ceil(size / _plain_bytes(is_sealed=is_sealed))


def _plain_bytes(*, is_sealed: bool) -> int:
    return CHUNK_BYTES - OVERHEAD_BYTES * is_sealed


def hand_in(backend: Backend, session: OwnSession, given: Promised) -> str:
    """Accept the submission once every chunk is here; returns its client id.

    Sent before the chunks it notes the promise and raises `submission.parts_not_received`, whose
    `missing` names the chunks of each part. Raises what `submissions.submit` does, and
    `upload.seal_broken`, `submission.part_altered` when what came is not what was promised.
    """
    check_manifest(given.submission.manifest, MediaLimits())
    try:
        return submissions.submit(backend, session, given.submission)
    except AppError as refusal:
        if refusal.code != PARTS_TO_COME:
            raise
    noted = _note(backend, session, given)
    missing = {name: part.missing for name, part in _progress(backend, session, noted).items()}
    if any(missing.values()):
        raise AppError(Kind.CONFLICT, PARTS_TO_COME, missing=missing)
    for part in given.submission.manifest.parts:
        content = _put_together(backend, session, noted, part)
        store_part(
            backend, session, sha256=part.sha256, content=content, media_type=part.media_type
        )
    client_id = submissions.submit(backend, session, given.submission)
    _clear(backend, session)
    return client_id


def _note(backend: Backend, session: OwnSession, given: Promised) -> Upload:
    """Note what is to come. Raises `session.used` for a second, different promise."""
    wanted = _as_json(given)
    with backend.unit(session.caller.actor, session.caller.scope) as unit:
        row = {
            "session_id": session.id,
            "beneficiary_id": session.person_id,
            "manifest": wanted,
            "noted_at": unit.now,
        }
        uploads.note(unit.session, row)
        noted = uploads.of_session(unit.session, session.id)
        assert noted is not None, "noted just now, or before"
        unit.session.expunge(noted)
    if noted.manifest != wanted:
        raise AppError(Kind.CONFLICT, "session.used")
    return noted


def _as_json(given: Promised) -> dict[str, Any]:
    manifest = given.submission.manifest
    return {
        "client_id": manifest.client_id,
        "parts": {
            part.name: asdict(part)
            | {"seal": asdict(given.seals[part.name]) if part.name in given.seals else None}
            for part in manifest.parts
        },
        "captured_at": given.submission.captured_at.isoformat(),
        "client": None if given.submission.client is None else asdict(given.submission.client),
    }


def put_chunk(
    backend: Backend, session: OwnSession, *, part: str, index: int, body: bytes
) -> Progress:
    """Store one chunk durably, then say how far its part is; sent again it changes nothing.

    Raises `upload.no_manifest`, `upload.chunk_unknown`, `upload.chunk_malformed`,
    `upload.chunk_altered`, `session.expired`, `evidence.store_*`.
    """
    refuse_expired(backend, session)
    noted = _noted(backend, session)
    promised = _part_of(noted, part)
    _check_chunk(promised, index, body)
    digest = digests_of(body).sha256.hex()
    with backend.unit(session.caller.actor, session.caller.scope) as unit:
        there = uploads.chunk(unit.session, session.id, part, index)
        key = open_key(backend.people(unit), session.person_id)
    if there is None:
        is_sealed = promised["seal"] is not None
        kept = body if is_sealed else key.seal(body, _purpose(session, part, index))
        row = {
            "session_id": session.id,
            "part": part,
            "index": index,
            "beneficiary_id": session.person_id,
            "sha256": digest,
            "object_key": _store(backend, kept),
            "sealed_by_phone": is_sealed,
        }
        with backend.unit(session.caller.actor, session.caller.scope) as unit:
            known = uploads.add_chunk(unit.session, row | {"received_at": unit.now})
    else:
        known = there.sha256
    if known != digest:
        raise AppError(Kind.CONFLICT, "upload.chunk_altered", part=part, index=index)
    return _progress(backend, session, noted)[part]


def under_way(backend: Backend, session: OwnSession) -> UnderWay:
    """Tell what has come of a session's upload, for a phone that was switched off meanwhile."""
    with backend.unit(session.caller.actor, session.caller.scope) as unit:
        noted = uploads.of_session(unit.session, session.id)
        if noted is None:
            return UnderWay(client_id=None, parts={})
        unit.session.expunge(noted)
    return UnderWay(client_id=noted.manifest["client_id"], parts=_progress(backend, session, noted))


def _noted(backend: Backend, session: OwnSession) -> Upload:
    with backend.unit(session.caller.actor, session.caller.scope) as unit:
        noted = uploads.of_session(unit.session, session.id)
        if noted is None:
            raise AppError(Kind.CONFLICT, "upload.no_manifest")
        unit.session.expunge(noted)
    return noted


def _part_of(noted: Upload, part: str) -> dict[str, Any]:
    promised: dict[str, Any] | None = noted.manifest["parts"].get(part)
    if promised is None:
        raise AppError(Kind.NOT_FOUND, "upload.chunk_unknown")
    return promised


def _check_chunk(promised: Mapping[str, Any], index: int, body: bytes) -> None:
    """Hold a chunk to its length, which place and part fix."""
    is_sealed = promised["seal"] is not None
    count = chunks_of(promised["size"], is_sealed=is_sealed)
    if not 0 <= index < count:
        raise AppError(Kind.NOT_FOUND, "upload.chunk_unknown")
    usual = _plain_bytes(is_sealed=is_sealed)
    plain = usual if index < count - 1 else promised["size"] - usual * (count - 1)
    if len(body) != plain + OVERHEAD_BYTES * is_sealed:
        raise AppError(Kind.INVALID, "upload.chunk_malformed", bytes=plain)


def _progress(backend: Backend, session: OwnSession, noted: Upload) -> dict[str, Progress]:
    with backend.unit(session.caller.actor, session.caller.scope) as unit:
        here = [(row.part, row.index) for row in uploads.chunks(unit.session, session.id)]
    return {
        name: Progress(
            chunks=chunks_of(part["size"], is_sealed=part["seal"] is not None),
            received=tuple(index for owner, index in here if owner == name),
        )
        for name, part in noted.manifest["parts"].items()
    }


def _put_together(backend: Backend, session: OwnSession, noted: Upload, part: Part) -> bytes:
    """Join the plain bytes of a part. Raises `upload.seal_broken`, `evidence.store_unavailable`."""
    with backend.unit(session.caller.actor, session.caller.scope) as unit:
        key = open_key(backend.people(unit), session.person_id)
        rows = [row for row in uploads.chunks(unit.session, session.id) if row.part == part.name]
        unit.session.expunge_all()
    seal = noted.manifest["parts"][part.name]["seal"]
    try:
        if seal is None:
            return b"".join(
                key.open(body, _purpose(session, part.name, row.index))
                for row, body in _stored(backend, rows)
            )
        sealed = Sealed(client_id=noted.manifest["client_id"], part=part.name, **seal)
        opener = backend.seals.opener(sealed)
        return b"".join(
            opener.open(body, index=row.index, count=len(rows))
            for row, body in _stored(backend, rows)
        )
    except SealBroken as error:
        raise AppError(Kind.CONFLICT, "upload.seal_broken", part=part.name) from error


def _stored(backend: Backend, rows: list[UploadChunk]) -> Iterator[tuple[UploadChunk, bytes]]:
    with _store_errors():
        for row in rows:
            yield row, backend.objects.get(ObjectKey(row.object_key))


def _store(backend: Backend, content: bytes) -> ObjectKey:
    address = object_key(AREA, digests_of(content).sha256.hex())
    with _store_errors():
        backend.objects.put(address, io.BytesIO(content))
    return address


@contextmanager
def _store_errors() -> Iterator[None]:
    try:
        yield
    except StoreFull as error:
        raise AppError(Kind.UNAVAILABLE, "evidence.store_full") from error
    except (StoreUnavailable, ObjectMissing, ObjectCorrupt) as error:
        raise AppError(Kind.UNAVAILABLE, "evidence.store_unavailable") from error


def _clear(backend: Backend, session: OwnSession) -> None:
    """Drop the chunks: their parts are evidence now. What is left over, the sweep takes."""
    with backend.unit(session.caller.actor, session.caller.scope) as unit:
        keys = [ObjectKey(row.object_key) for row in uploads.chunks(unit.session, session.id)]
    for key in keys:
        try:
            backend.objects.delete(key)
        except StoreUnavailable:
            return


def _purpose(session: OwnSession, part: str, index: int) -> str:
    return f"upload:{session.id}:{part}:{index}"
