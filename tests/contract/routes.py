"""The operations of the real application, by their ids."""

from collections.abc import Mapping
from typing import cast

from fastapi import FastAPI
from fastapi.routing import RouteContext, iter_route_contexts

from api.main import create_app
from services.backend import Backend


def routes_of(app: FastAPI) -> dict[str, RouteContext]:
    """Everything that answers, documented or not, except the document itself."""
    return {
        getattr(route, "unique_id", "") or str(route.path): route
        for route in iter_route_contexts(app.routes)
        if route.path != app.openapi_url
    }


DESCRIBED = create_app(cast("Backend", None))
"""The application without a backend: it can say what it is, and answers nothing."""
ROUTES: Mapping[str, RouteContext] = routes_of(DESCRIBED)


def method_of(operation_id: str) -> str:
    (method,) = ROUTES[operation_id].methods or set()
    return method
