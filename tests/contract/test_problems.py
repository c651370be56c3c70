"""What goes wrong before a route is reached, or inside one, is a problem like every other."""

import json
from http import HTTPStatus
from typing import Any

import pytest
from httpx import Response

from api.main import create_app
from edge.errors import PROBLEM_JSON, registry
from edge.guard import HEADERS, JSON_BYTES
from tests.certification_world import County
from tests.contract.ready import Ready
from tests.contract.routes import DESCRIBED, ROUTES, method_of
from tests.phone_world import Http

SECRET = "360123195001011234"
JSON_TYPE = {"Content-Type": "application/json"}


def assert_problem(answer: Response, status: HTTPStatus, code: str) -> dict[str, Any]:
    assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM_JSON)
    body: dict[str, Any] = answer.json()
    assert set(body) == set(DESCRIBED.openapi()["components"]["schemas"]["Problem"]["required"])
    assert (body["code"], body["say"]) == (code, registry()[code]["say"])
    assert_guarded(answer)
    assert SECRET not in answer.text
    return body


def assert_guarded(answer: Response) -> None:
    for name, value in HEADERS.items():
        assert answer.headers[name].startswith(value.partition(";")[0]), name
    assert "server" not in answer.headers


@pytest.mark.parametrize("path", ["/", "/v1", f"/v1/{SECRET}", "/v1/notice/", "/docs", "/redoc"])
def test_an_address_that_does_not_exist_is_a_problem_and_nobody_is_sent_elsewhere(
    http: Http, path: str
) -> None:
    assert_problem(http.ask("GET", path), HTTPStatus.NOT_FOUND, "request.no_such_route")


def test_another_method_is_refused_and_the_right_one_named(http: Http) -> None:
    for method in ("DELETE", "PATCH", "OPTIONS", "TRACE"):
        answer = http.ask(method, "/v1/notice")
        assert_problem(answer, HTTPStatus.METHOD_NOT_ALLOWED, "request.method_not_allowed")
        assert answer.headers["allow"] == "GET"


def test_a_field_that_does_not_exist_is_refused_without_repeating_its_name(http: Http) -> None:
    body = {"id_number": "1", "name": "x", SECRET: SECRET, "\ud800": 1}
    content = json.dumps(body).encode()
    answer = http.ask("POST", "/v1/eligibility", content=content, headers=JSON_TYPE)
    problem = assert_problem(answer, HTTPStatus.UNPROCESSABLE_ENTITY, "request.invalid")
    assert problem["params"] == {"fields": ["body"]}


@pytest.mark.parametrize(
    "content",
    [b"{", b"", b"\xff\xfe", b"[" * 100_000, b"1" * 5000, b"NaN", b'"\\ud800"', b"null", b"\x00"],
    ids=lambda content: f"{content[:6]!r}-{len(content)}",
)
def test_what_is_no_json_object_is_a_malformed_request(http: Http, content: bytes) -> None:
    answer = http.ask("POST", "/v1/eligibility", content=content, headers=JSON_TYPE)
    assert_problem(answer, HTTPStatus.UNPROCESSABLE_ENTITY, "request.invalid")


@pytest.mark.parametrize(
    "declared", ["text/plain", "image/jpeg", "application/x-www-form-urlencoded", "?", ""]
)
def test_json_under_another_name_is_a_malformed_request(http: Http, declared: str) -> None:
    content = json.dumps({"id_number": SECRET, "name": "x"}).encode()
    answer = http.ask(
        "POST", "/v1/eligibility", content=content, headers={"Content-Type": declared}
    )
    assert_problem(answer, HTTPStatus.UNPROCESSABLE_ENTITY, "request.invalid")


@pytest.mark.parametrize("declared", ["application/json", "text/plain", "image/jpeg"])
@pytest.mark.parametrize("length", [None, "10", str(JSON_BYTES + 1), "9" * 400, "-1"])
def test_a_request_that_is_too_large_is_cut_off_whatever_it_calls_itself(
    http: Http, declared: str, length: str | None
) -> None:
    headers = {"Content-Type": declared} | ({"Content-Length": length} if length else {})
    answer = http.ask("POST", "/v1/eligibility", content=bytes(JSON_BYTES + 1), headers=headers)
    problem = assert_problem(answer, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "request.too_large")
    assert problem["params"] == {"bytes": JSON_BYTES}


def test_a_file_may_be_larger_where_a_file_is_asked_for_and_only_for_who_may_send_it(
    ready: Ready,
) -> None:
    for name in ("self_service_put_part", "visits_put_photo", "enrolment_add"):
        how = {
            "content": bytes(JSON_BYTES + 1),
            "params": ready.query(name),
        }
        path = ready.path_of(name)
        sent = ready.http.ask(method_of(name), path, headers=ready.headers(name), **how)
        assert sent.status_code not in {
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            HTTPStatus.UNAUTHORIZED,
        }, name
        unknown = ready.http.ask(method_of(name), path, **how)
        assert unknown.status_code == HTTPStatus.UNAUTHORIZED, name


def test_what_nobody_foresaw_shows_nothing_of_the_inside(county: County) -> None:
    app = create_app(county.backend)

    def crash(said: str) -> None:
        raise LookupError(f"a secret of the inside: {said}")

    app.add_api_route("/v1/crash", crash, name="crash")
    answer = Http(app, lets_through=False).ask("GET", "/v1/crash", params={"said": SECRET})
    problem = assert_problem(answer, HTTPStatus.INTERNAL_SERVER_ERROR, "server.internal")
    assert problem["params"] == {}
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text


def test_answers_about_people_are_not_kept_and_not_run_as_pages(ready: Ready) -> None:
    for name in ROUTES:
        body = ready.body(name)
        how = {"content": body} if isinstance(body, bytes) else {"json": body}
        answer = ready.http.ask(
            method_of(name),
            ready.path_of(name),
            headers=ready.headers(name),
            params=ready.query(name),
            **how,
        )
        assert_guarded(answer)
    assert_guarded(ready.http.ask("GET", "/openapi.json"))
