"""Who it is, by the ticket in the phone's cookie."""

from typing import Annotated, Any

from fastapi import Depends, Request

from domain.roles import Permission
from edge.deps import BackendDep, declared
from services import identity
from services.eligibility import Identified
from web.phone.cookies import carried


def held_ticket(request: Request, backend: BackendDep) -> Identified:
    """Whose ticket this phone shows. Raises `identity.needed`."""
    brought = carried(request)
    return identity.ticket_of(backend, brought.ticket or "", brought.device or "")


Ticket = Annotated[Identified, Depends(held_ticket)]


def own_ticket() -> Any:
    """Declare that the route serves whoever holds a ticket."""

    def check(_held: Ticket) -> None:
        return

    return Depends(declared(check, Permission.SELF))
