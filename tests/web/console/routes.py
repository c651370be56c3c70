"""The console's routes, and addresses made of them for one person's objects."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from string import Formatter
from typing import cast

from domain.roles import MARKERS, Permission
from edge.deps import permissions_of
from services.backend import Backend
from tests.contract.routes import routes_of
from web.console.app import create_console_app

FREE = frozenset({"asked", "name"})
"""Parameters that name a file, not an object."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleRoute:
    """One route: how it is asked, what it needs, what its address names."""

    method: str
    path: str
    permissions: tuple[Permission, ...]

    @property
    def parameters(self) -> tuple[str, ...]:
        names = (name for _, name, _, _ in Formatter().parse(self.path) if name)
        return tuple(name.partition(":")[0] for name in names)

    @property
    def is_about_an_object(self) -> bool:
        return bool(set(self.parameters) - FREE)

    @property
    def permission(self) -> Permission:
        (one,) = self.permissions
        return one

    def address(self, ids: Mapping[str, object]) -> str:
        path = self.path
        for name in self.parameters:
            path = path.replace(f"{{{name}:path}}", str(ids[name]))
            path = path.replace(f"{{{name}}}", str(ids[name]))
        return path


def console_routes() -> tuple[ConsoleRoute, ...]:
    app = create_console_app(cast("Backend", None))
    return tuple(_routes(app))


def _routes(app: object) -> Iterator[ConsoleRoute]:
    for route in routes_of(app).values():  # type: ignore[arg-type]
        for method in sorted((route.methods or set()) - {"HEAD"}):
            yield ConsoleRoute(
                method=method, path=str(route.path), permissions=tuple(permissions_of(route))
            )


ROUTES = console_routes()
STAFF_ROUTES = tuple(r for r in ROUTES if not set(r.permissions) & MARKERS)
