"""What routes of every HTTP application ask for, and how each declares who may call it.

Every route declares its permission in its decorator: `dependencies=[requires(...)]`, `[public()]`,
`[own_session()]` or `[own_ticket()]`. A test walks the routes and fails on one that does not.
"""

from collections.abc import Callable, Iterator
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import RouteContext

from domain.roles import Permission
from services.backend import Backend


def get_backend(request: Request) -> Backend:
    backend: Backend = request.app.state.backend
    return backend


BackendDep = Annotated[Backend, Depends(get_backend)]


def client_address(request: Request) -> str:
    return request.client.host if request.client else "unknown"


ClientAddress = Annotated[str, Depends(client_address)]


def public() -> Any:
    """Declare that anyone may call the route."""

    def check() -> None:
        return

    return Depends(declared(check, Permission.PUBLIC))


def declared(check: Callable[..., None], permission: Permission) -> Callable[..., None]:
    """Mark a dependency with the permission that it enforces."""
    check.permission = permission  # type: ignore[attr-defined]
    return check


def permissions_of(route: RouteContext) -> list[Permission]:
    """Give what a route declares; exactly one is right."""
    dependant: Dependant | None = getattr(route, "dependant", None)
    return [] if dependant is None else list(_declared(dependant))


def _declared(dependant: Dependant) -> Iterator[Permission]:
    for inner in dependant.dependencies:
        permission = getattr(inner.call, "permission", None)
        if permission is not None:
            yield permission
        yield from _declared(inner)
