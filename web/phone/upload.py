"""Acts of a certification: the session, its manifest and the chunks that follow.

What the page has to remember is in cookies that no script can read: a ticket says who it is
(`services.identity`), the session's token which challenge is answered.
"""

from hashlib import sha256
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Request, Response

from domain.attempt import SHA256, Manifest, Part
from domain.capture import RecordingClient
from domain.errors import AppError, Kind
from edge.deps import BackendDep, ClientAddress
from services import certification, uploads
from services.certification import (
    ConsentGiven,
    HelperGiven,
    OwnSession,
    SessionOpened,
    SessionWanted,
)
from services.eligibility import Identified
from services.submissions import Submission
from services.uploads import CHUNK_BYTES, Promised, SealOfPart, chunks_of
from web.phone import cookies
from web.phone.bodies import (
    ChunkKept,
    HandedIn,
    Opened,
    PartState,
    Promise,
    ServerKey,
    UploadState,
    WantSession,
)
from web.phone.session import HeldSession, own_session
from web.phone.ticket import Ticket, own_ticket

router = APIRouter(tags=["upload"])
PartName = Annotated[str, Path(pattern=r"^(selfie|video)$")]
Index = Annotated[int, Path(ge=0, le=99)]
ChunkDigest = Annotated[str, Header(alias="Chunk-Digest", pattern=f"^{SHA256.pattern}$")]


async def _body(request: Request) -> bytes:
    return await request.body()


ChunkBody = Annotated[bytes, Depends(_body)]


@router.post("/sessions", status_code=201, dependencies=[own_ticket()])
def open_session(  # noqa: PLR0917 - FastAPI fills them by name
    body: WantSession,
    backend: BackendDep,
    ticket: Ticket,
    address: ClientAddress,
    request: Request,
    response: Response,
) -> Opened:
    """Record the consent and hand out a single-use challenge; nothing is asked a second time."""
    device = cookies.carried(request).device or cookies.new_device()
    opened = certification.open_session(backend, _wanted(body, ticket, device, address))
    held = certification.session_of(backend, opened.token)
    cookies.keep_session(
        request, response, opened.token, until=held.upload_until, now=held.created_at
    )
    cookies.keep_device(request, response, device)
    told = backend.seals.current()
    key = ServerKey(key_id=told.key_id, public_key=told.public_key)
    return _told(opened, held, key)


@router.post("/manifest", status_code=202, dependencies=[own_session()])
def hand_in(body: Promise, backend: BackendDep, held: HeldSession) -> HandedIn:
    """Promise what will be sent; once it is all here, the same again hands it in."""
    client_id = uploads.hand_in(backend, held, _promised(body))
    return HandedIn(client_id=client_id, digests={p.name: p.sha256 for p in body.parts})


@router.put("/parts/{name}/{index}", dependencies=[own_session()])
def put_chunk(  # noqa: PLR0917 - FastAPI fills them by name
    name: PartName,
    index: Index,
    digest: ChunkDigest,
    body: ChunkBody,
    backend: BackendDep,
    held: HeldSession,
) -> ChunkKept:
    """Keep one chunk; the answer means that it is stored, and sending it again changes nothing."""
    if sha256(body).hexdigest() != digest:
        raise AppError(Kind.INVALID, "upload.chunk_malformed", bytes=len(body))
    part = uploads.put_chunk(backend, held, part=name, index=index, body=body)
    return ChunkKept(received=len(part.received), of=part.chunks)


@router.get("/parts", dependencies=[own_session()])
def parts(backend: BackendDep, held: HeldSession) -> UploadState:
    """Tell what is here already: a phone that was switched off goes on from there."""
    found = uploads.under_way(backend, held)
    return UploadState(
        client_id=found.client_id,
        parts={
            name: PartState(chunks=part.chunks, received=list(part.received))
            for name, part in found.parts.items()
        },
        upload_until=held.upload_until,
    )


def _told(opened: SessionOpened, held: OwnSession, seal: ServerKey) -> Opened:
    return Opened(
        session_id=opened.id,
        challenge=opened.challenge,
        expires_at=opened.expires_at,
        upload_until=held.upload_until,
        now=held.created_at,
        seal=seal,
        chunk_bytes=CHUNK_BYTES,
    )


def _wanted(body: WantSession, ticket: Identified, device: str, address: str) -> SessionWanted:
    helper, consent = body.helper, body.consent
    return SessionWanted(
        claimed=ticket,
        address=address,
        device_id=device,
        needs=body.needs,
        consent=ConsentGiven(text_version=consent.text_version, text_digest=consent.text_digest),
        helper=HelperGiven(name=helper.name, relation=helper.relation, declared=helper.declared)
        if helper
        else None,
    )


def _promised(body: Promise) -> Promised:
    """Hold the page's own count of chunks to ours: what it cannot finish, it should hear now."""
    for part in body.parts:
        if part.chunks != chunks_of(part.size, is_sealed=part.seal is not None):
            raise AppError(Kind.INVALID, "upload.chunk_malformed", part=part.name)
    said = body.recorder
    client = RecordingClient(
        user_agent=said.user_agent if said else None,
        camera_label=said.camera_label if said else None,
        from_file=body.from_file,
    )
    manifest = Manifest(
        client_id=body.client_id,
        parts=tuple(
            Part(name=p.name, sha256=p.sha256, size=p.size, media_type=p.media_type)
            for p in body.parts
        ),
    )
    return Promised(
        submission=Submission(manifest=manifest, captured_at=body.captured_at, client=client),
        seals={
            p.name: SealOfPart(key_id=p.seal.key_id, ephemeral=p.seal.ephemeral)
            for p in body.parts
            if p.seal is not None
        },
    )
