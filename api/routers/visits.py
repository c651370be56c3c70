"""The officer's own routes: photos, the manifest that names them, and what became of a visit."""

from uuid import UUID

from fastapi import APIRouter, Response

from api.bodies import PHOTO, MediaType, PhotoBody
from api.deps import BackendDep, CurrentStaff, requires
from api.routers.self_service import ClientId, Digest
from api.schemas.self_service import Accepted, StoredPart
from api.schemas.visits import Said, SubmitVisit, VisitStatus
from domain.home_visit import VisitReason
from domain.roles import Permission
from edge import words
from edge.shapes import Receipt
from services import home_visits
from services.home_visits import VisitState

router = APIRouter(prefix="/visits", tags=["visits"])

_STATES = {
    VisitState.SUBMITTED: ("走访材料已收到，正在核对。", "请稍等一会儿再查看结果。"),
    VisitState.CERTIFIED: ("走访认证通过了。", "可以把认证凭证告诉老人。"),
    VisitState.IN_REVIEW: ("走访材料已收到，乡镇会来核对。", "请等乡镇核对，不用重复提交。"),
    VisitState.ASKED_AGAIN: ("乡镇请您再走访一次。", "请再走访一次，或请老人自己认证。"),
    VisitState.VISIT_SENT: ("乡镇会另派人员上门。", "请等候安排。"),
    VisitState.REFERRED: ("情况需要进一步核实。", "请配合乡镇核实，待遇不会因此停发。"),
}
_NOT_FOR_THE_OFFICER = frozenset({VisitReason.FLAGGED_BY_LEAD.value})
"""Who is under suspicion is the township's to know."""


@router.put(
    "/parts/{sha256}", openapi_extra=PHOTO, dependencies=[requires(Permission.VISIT_SUBMIT)]
)
def put_photo(  # noqa: PLR0917 - FastAPI fills them by name
    sha256: Digest,
    beneficiary_id: UUID,
    content: PhotoBody,
    kind: MediaType,
    backend: BackendDep,
    staff: CurrentStaff,
) -> StoredPart:
    """Keep one photo, named by the digest of its bytes; sending it again changes nothing."""
    stored = home_visits.store_photo(
        backend, staff, beneficiary_id, sha256=sha256, content=content, media_type=kind
    )
    return StoredPart(sha256=stored.sha256, size=stored.size)


@router.post("", status_code=202, dependencies=[requires(Permission.VISIT_SUBMIT)])
def submit(
    body: SubmitVisit, backend: BackendDep, staff: CurrentStaff, response: Response
) -> Accepted:
    """Accept a visit once every photo is there; the same client id gives the same answer."""
    client_id = home_visits.submit(backend, staff, body.beneficiary_id, body.as_visit())
    link = f"/v1/visits/{client_id}"
    response.headers["Location"] = link
    return Accepted(client_id=client_id, status_link=link)


@router.get("/{client_id}", dependencies=[requires(Permission.VISIT_READ)])
def status(client_id: ClientId, backend: BackendDep, staff: CurrentStaff) -> VisitStatus:
    """Say in words what became of a visit in one's own division."""
    found = home_visits.status_of(backend, staff, client_id)
    say, do = _STATES[found.state]
    shown = [code for code in found.reasons if code not in _NOT_FOR_THE_OFFICER]
    return VisitStatus(
        client_id=client_id,
        state=found.state,
        say=say,
        do=do,
        reasons=[Said.of(code, words.reasons()) for code in shown],
        receipt=Receipt.of(found.receipt),
    )
