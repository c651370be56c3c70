"""Every route declares who may call it, and the declaration is what is enforced."""

from http import HTTPStatus

import pytest
from fastapi import APIRouter, FastAPI

from api.deps import public, requires
from domain.roles import MARKERS, Permission, Role, may
from edge.deps import permissions_of
from tests.contract.ready import DISPENSABLE, SEATS, Ready
from tests.contract.routes import ROUTES, method_of, routes_of

STAFF_ROUTES = {
    name: permissions_of(route)[0]
    for name, route in ROUTES.items()
    if not set(permissions_of(route)) & MARKERS
}


def undeclared(app: FastAPI) -> list[str]:
    """The routes of an application that declare no permission, or more than one."""
    return sorted(name for name, route in routes_of(app).items() if len(permissions_of(route)) != 1)


def test_every_route_declares_exactly_one_permission() -> None:
    assert [name for name, route in ROUTES.items() if len(permissions_of(route)) != 1] == []
    assert len(ROUTES) >= 30


def test_a_route_without_a_permission_or_with_two_is_found() -> None:
    router = APIRouter()
    router.add_api_route("/none", lambda: None, name="none")
    router.add_api_route("/one", lambda: None, dependencies=[public()])
    both = [public(), requires(Permission.STAFF_READ)]
    router.add_api_route("/two", lambda: None, dependencies=both)
    hidden = APIRouter()
    hidden.add_api_route("/hidden", lambda: None, include_in_schema=False)
    router.include_router(hidden)
    app = FastAPI(docs_url=None, redoc_url=None, generate_unique_id_function=lambda r: r.path)
    app.include_router(router)
    app.add_route("/plain", lambda _request: None)  # type: ignore[arg-type, return-value]

    assert undeclared(app) == ["/hidden", "/none", "/plain", "/two"]


def test_the_marks_for_public_and_own_routes_stand_where_they_should() -> None:
    marked = {name: permissions_of(r)[0] for name, r in ROUTES.items() if name not in STAFF_ROUTES}
    own = {name for name, permission in marked.items() if permission is Permission.SELF}
    assert own == {
        "self_service_put_part",
        "self_service_submit",
        "self_service_status",
        "self_service_appeal",
    }
    assert set(marked) - own == {
        "health_live",
        "health_ready",
        "self_service_check",
        "self_service_notice",
        "self_service_open_session",
        "self_service_want_visit",
        "staff_sign_in",
    }


def test_no_route_but_the_public_ones_answers_without_a_token(ready: Ready) -> None:
    asked = {n for n, r in ROUTES.items() if permissions_of(r) != [Permission.PUBLIC]}
    for name in sorted(asked):
        for headers in ({}, {"Authorization": "Bearer nobodys"}, {"Authorization": "Basic eA=="}):
            answer = ask(ready, name, headers)
            assert answer == (HTTPStatus.UNAUTHORIZED, True), (name, headers)


@pytest.mark.parametrize("role", Role)
def test_a_role_gets_past_the_door_of_exactly_the_routes_it_may_call(
    ready: Ready, role: Role
) -> None:
    for name, permission in STAFF_ROUTES.items():
        status, denied = ask(ready, name, ready.headers_of(role))
        allowed = may(role, permission)
        assert (status == HTTPStatus.FORBIDDEN and denied) is not allowed, (name, status)
        if name in DISPENSABLE:
            ready.tokens.clear()


def test_a_pensioners_session_opens_no_route_of_the_staff_and_the_other_way_round(
    ready: Ready,
) -> None:
    own = {"Authorization": f"Bearer {ready.phone.token}"}
    for name in STAFF_ROUTES:
        assert ask(ready, name, own)[0] == HTTPStatus.UNAUTHORIZED, name
    clerk = ready.headers_of(Role.TOWNSHIP_CLERK)
    assert ask(ready, "self_service_status", clerk)[0] == HTTPStatus.UNAUTHORIZED


def test_every_role_has_a_seat_here() -> None:
    assert set(SEATS) == set(Role)


def ask(ready: Ready, name: str, headers: dict[str, str]) -> tuple[int, bool]:
    """Call an operation sensibly; the answer's status, and whether the door itself refused."""
    body = ready.body(name)
    how = {"content": body} if isinstance(body, bytes) else {"json": body} if body else {}
    answer = ready.http.ask(
        method_of(name),
        ready.path_of(name),
        headers=headers,
        params=ready.query(name),
        **how,
    )
    assert answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR, (name, answer.text)
    refused = answer.status_code >= HTTPStatus.BAD_REQUEST
    code = answer.json()["code"] if refused else ""
    return answer.status_code, code == "permission.denied" or code.startswith(("auth.", "session."))
