"""The session that a request answers, by its cookie."""

from typing import Annotated, Any

from fastapi import Depends, Request

from domain.errors import AppError, Kind
from domain.roles import Permission
from edge.deps import BackendDep, declared
from services import certification
from services.certification import OwnSession
from web.phone.cookies import carried
from web.phone.ticket import Ticket


def held_session(request: Request, backend: BackendDep, ticket: Ticket) -> OwnSession:
    """Whose challenge the phone answers.

    Phone and person have to fit: a session's token alone is of no use elsewhere. Raises
    `identity.needed`, `session.token_unknown`, `session.device_differs`.
    """
    brought = carried(request)
    held = certification.session_of(backend, brought.session or "")
    certification.refuse_other_device(held, brought.device or "")
    if held.person_id != ticket.person_id:
        raise AppError(Kind.UNAUTHENTICATED, "session.token_unknown")
    return held


HeldSession = Annotated[OwnSession, Depends(held_session)]


def own_session() -> Any:
    """Declare that the route serves the phone that opened the session."""

    def check(_held: HeldSession) -> None:
        return

    return Depends(declared(check, Permission.SELF))
