"""The session that a request answers, by its cookie."""

from typing import Annotated, Any

from fastapi import Depends, Request

from domain.roles import Permission
from edge.deps import BackendDep, declared
from services import certification
from services.certification import OwnSession
from web.phone.cookies import carried


def held_session(request: Request, backend: BackendDep) -> OwnSession:
    """Whose challenge the phone answers. Raises `session.token_unknown`, `session.device_differs`.

    The phone's own cookie has to fit: a session's token alone is of no use elsewhere.
    """
    brought = carried(request)
    held = certification.session_of(backend, brought.session or "")
    certification.refuse_other_device(held, brought.device or "")
    return held


HeldSession = Annotated[OwnSession, Depends(held_session)]


def own_session() -> Any:
    """Declare that the route serves the phone that opened the session."""

    def check(_held: HeldSession) -> None:
        return

    return Depends(declared(check, Permission.SELF))
