"""The phone page's own routes: resolve, open a session, hand in, look up."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from api.bodies import PART, MediaType, PartBody
from api.deps import (
    BackendDep,
    ClientAddress,
    CurrentSession,
    SamePhone,
    own_session,
    public,
)
from api.schemas.self_service import (
    Accepted,
    Claim,
    Eligibility,
    OpenedSession,
    OpenSession,
    Status,
    StoredPart,
    Submit,
    VisitWanted,
    WantVisit,
)
from domain.attempt import Channel, Manifest, Part
from domain.beneficiary import mask_name
from domain.capture import RecordingClient
from edge import words
from edge.shapes import Appeal, Notice, WantAppeal
from services import (
    appeal_raising,
    attempt_status,
    certification,
    eligibility,
    submissions,
    visit_requests,
)
from services.certification import ConsentGiven, HelperGiven, SessionWanted
from services.eligibility import Claimed
from services.submissions import Submission

router = APIRouter(tags=["self-service"])

Digest = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]
ClientId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{8,64}$")]
OTHER_WAYS = [Channel.HELPER.value, Channel.VISIT.value, Channel.WINDOW.value]


@router.get("/notice", dependencies=[public()])
def notice(backend: BackendDep) -> Notice:
    """Give the text a person is shown before any camera opens."""
    return Notice.of(backend.notice)


@router.post("/eligibility", dependencies=[public()])
def check(body: Claim, backend: BackendDep, address: ClientAddress) -> Eligibility:
    """Resolve the entitlement; a refusal names the road that needs no face."""
    found = eligibility.check(backend, _claimed(body, address))
    return Eligibility(
        masked_name=mask_name(found.person.name),
        notice=Notice.of(backend.notice),
        other_ways=OTHER_WAYS,
    )


@router.post("/sessions", status_code=201, dependencies=[public()])
def open_session(body: OpenSession, backend: BackendDep, address: ClientAddress) -> OpenedSession:
    """Record the consent and hand out a single-use challenge."""
    opened = certification.open_session(backend, _wanted(body, address))
    return OpenedSession(
        session_id=opened.id,
        token=opened.token,
        expires_at=opened.expires_at,
        challenge=opened.challenge,
    )


@router.put("/parts/{sha256}", openapi_extra=PART, dependencies=[own_session()])
def put_part(  # noqa: PLR0917 - FastAPI fills them by name
    sha256: Digest, content: PartBody, kind: MediaType, backend: BackendDep, own: SamePhone
) -> StoredPart:
    """Keep one part, named by the digest of its bytes; sending it again changes nothing."""
    stored = certification.store_part(backend, own, sha256=sha256, content=content, media_type=kind)
    return StoredPart(sha256=stored.sha256, size=stored.size)


@router.post("/submissions", status_code=202, dependencies=[own_session()])
def submit(body: Submit, backend: BackendDep, own: SamePhone, response: Response) -> Accepted:
    """Accept the manifest once every part is there; the same client id gives the same answer."""
    client_id = submissions.submit(backend, own, _submission(body))
    link = f"/v1/submissions/{client_id}"
    response.headers["Location"] = link
    return Accepted(client_id=client_id, status_link=link)


@router.get("/submissions/{client_id}", dependencies=[own_session()])
def status(client_id: ClientId, backend: BackendDep, own: CurrentSession) -> Status:
    """Say in words what happened and what comes next."""
    found = attempt_status.status_of(backend, own, client_id)
    say, do = words.of_status(found)
    return Status.of(found, say=say, do=do)


@router.post("/submissions/{client_id}/appeal", status_code=201, dependencies=[own_session()])
def appeal(
    client_id: ClientId, body: WantAppeal, backend: BackendDep, own: CurrentSession
) -> Appeal:
    """Ask that somebody else looks again; asking again gives the same answer."""
    return Appeal.of(appeal_raising.appeal_by_session(backend, own, client_id, body.statement))


@router.post("/visit-requests", status_code=201, dependencies=[public()])
def want_visit(body: WantVisit, backend: BackendDep, address: ClientAddress) -> VisitWanted:
    """Ask that an officer comes."""
    claimed = _claimed(body.claim, address)
    asked = visit_requests.request_visit(backend, claimed, body.reason)
    # A name and a number are known to many: the visitor's code is for who proved more (ADR 0019).
    return VisitWanted(request_id=asked.request_id, say=words.VISIT_WANTED)


def _claimed(body: Claim, address: str) -> Claimed:
    return Claimed(id_number=body.id_number, name=body.name, address=address)


def _wanted(body: OpenSession, address: str) -> SessionWanted:
    helper = body.helper
    return SessionWanted(
        claimed=_claimed(body.claim, address),
        address=address,
        device_id=body.device_id,
        needs=body.needs,
        consent=ConsentGiven(
            text_version=body.consent.text_version, text_digest=body.consent.text_digest
        ),
        helper=HelperGiven(name=helper.name, relation=helper.relation, declared=helper.declared)
        if helper
        else None,
    )


def _submission(body: Submit) -> Submission:
    parts = tuple(
        Part(name=p.name, sha256=p.sha256, size=p.size, media_type=p.media_type) for p in body.parts
    )
    manifest = Manifest(client_id=body.client_id, parts=parts)
    said = body.recorder
    return Submission(
        manifest=manifest,
        captured_at=body.captured_at,
        client=RecordingClient(user_agent=said.user_agent, camera_label=said.camera_label)
        if said
        else None,
    )
