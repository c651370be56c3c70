"""Acts on who it is: proving it, how matters stand, asking for a visit, forgetting."""

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from domain.errors import AppError, Kind
from edge.deps import BackendDep, ClientAddress, public
from edge.shapes import Appeal, WantAppeal
from services import appeal_raising, identity, phone_status, visit_requests
from services.backend import Backend
from services.identity import Asking, Identified, TicketOpened, Typed
from services.identity import Proof as ProofKind
from web.phone import cookies
from web.phone.answers import not_before
from web.phone.said import ByLink, ByProof, Status, Visit, WantVisit, Who
from web.phone.ticket import Ticket, own_ticket

router = APIRouter(tags=["who"])


@router.post("/who", dependencies=[public()])
async def prove(  # noqa: PLR0917 - FastAPI fills them by name
    body: ByLink | ByProof,
    backend: BackendDep,
    address: ClientAddress,
    request: Request,
    response: Response,
) -> Who:
    """Exchange a link, or a number and its second factor, for a ticket; show whom it names.

    Whatever the answer, it comes no sooner than the page's least time.
    """
    async with not_before(request.app.state.answer_after_s):
        brought = cookies.carried(request)
        asking = Asking(device_id=brought.device or cookies.new_device(), address=address)
        opened = await run_in_threadpool(_open, backend, body, asking)
        former = await run_in_threadpool(_end_former, backend, brought)
        cookies.keep_device(request, response, asking.device_id)
        now = backend.clock.now()
        cookies.keep_ticket(request, response, opened.token, until=opened.expires_at, now=now)
        if former is None or former.person_id != opened.holder.person_id:
            cookies.drop(request, response, cookies.SESSION)
        return await run_in_threadpool(_who, backend, opened.holder)


@router.get("/who", dependencies=[own_ticket()])
def who(backend: BackendDep, held: Ticket) -> Who:
    """Show whom the ticket in the cookie names."""
    return _who(backend, held)


@router.get("/status", dependencies=[own_ticket()])
def status(backend: BackendDep, held: Ticket) -> Status:
    """Say what became of the latest submission."""
    return Status.of(phone_status.latest_status(backend, held))


@router.post("/visit", status_code=201, dependencies=[own_ticket()])
def want_visit(body: WantVisit, backend: BackendDep, held: Ticket) -> Visit:
    """Ask that an officer comes; asking again gives the same request and the same code."""
    return Visit.of(visit_requests.request_visit(backend, held, body.reason))


@router.post("/appeal", status_code=201, dependencies=[own_ticket()])
def want_appeal(body: WantAppeal, backend: BackendDep, held: Ticket) -> Appeal:
    """Ask that somebody else looks again; asking again gives the same answer."""
    return Appeal.of(appeal_raising.appeal_by_ticket(backend, held, body.statement))


@router.post("/forget", status_code=204, dependencies=[public()])
def forget(backend: BackendDep, request: Request) -> Response:
    """End the ticket, and make the phone forget who it was. Its own name stays: limits count it."""
    _end_former(backend, cookies.carried(request))
    response = Response(status_code=204)
    cookies.drop(request, response, cookies.TICKET, cookies.SESSION)
    return response


def _open(backend: Backend, body: ByLink | ByProof, asking: Asking) -> TicketOpened:
    if isinstance(body, ByLink):
        return identity.open_by_link(backend, body.link, asking)
    given = body.proof
    typed = Typed(id_number=body.id_number, proof=ProofKind(given.kind), value=given.value)
    return identity.open_by_proof(backend, typed, asking)


def _end_former(backend: Backend, brought: cookies.Carried) -> Identified | None:
    """End the ticket that the phone had, if it was still good, and return whom it named."""
    try:
        held = identity.ticket_of(backend, brought.ticket or "", brought.device or "")
    except AppError as refusal:
        if refusal.kind is not Kind.UNAUTHENTICATED:
            raise
        return None
    identity.forget(backend, held)
    return held


def _who(backend: Backend, held: Identified) -> Who:
    return Who.of(phone_status.who_is(backend, held), backend.notice)
