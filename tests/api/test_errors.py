"""Every refusal is problem+json with a registered code and words; none repeats what was sent."""

import json
from http import HTTPStatus

import pytest
from fastapi import FastAPI
from httpx import Response

from domain.errors import AppError, Kind
from edge import errors
from tests.certification_world import County, Pensioner
from tests.phone_world import Http, Phone

FIELDS = {"type", "title", "status", "code", "say", "do", "next_channel", "params"}


def assert_problem(answer: Response, status: HTTPStatus, code: str) -> None:
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert set(body) == FIELDS
    assert (answer.status_code, body["status"], body["code"]) == (status, status, code)
    entry = errors.registry()[code]
    assert (body["say"], body["do"], body["next_channel"]) == (
        entry["say"],
        entry["do"],
        entry["next_channel"],
    )


def raising(error: Exception) -> Http:
    """An application whose one route fails."""
    app = FastAPI()
    errors.install(app)

    @app.get("/")
    def fail() -> None:
        raise error

    return Http(app, lets_through=False)


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_of_refusal_has_a_status_and_its_words(kind: Kind) -> None:
    code = next(c for c, entry in errors.registry().items() if entry["kind"] == kind)
    answer = raising(AppError(kind, code)).ask("GET", "/")
    assert_problem(answer, HTTPStatus(errors.STATUS[kind]), code)


def test_who_must_wait_is_told_how_long_and_who_must_sign_in_how() -> None:
    wait = raising(AppError(Kind.TOO_MANY, "rate.person", retry_after_s=86400)).ask("GET", "/")
    assert wait.headers["retry-after"] == "86400"
    sign_in = raising(AppError(Kind.UNAUTHENTICATED, "auth.required")).ask("GET", "/")
    assert sign_in.headers["www-authenticate"] == "Bearer"


def test_what_nobody_foresaw_is_not_explained_to_the_client() -> None:
    answer = raising(LookupError("a secret of the inside")).ask("GET", "/")
    assert_problem(answer, HTTPStatus.INTERNAL_SERVER_ERROR, "server.internal")
    assert "secret" not in answer.text


def test_an_address_or_method_that_does_not_exist_is_a_problem_too(phone: Phone) -> None:
    missing = phone.http.ask("GET", "/v1/nothing-here")
    assert_problem(missing, HTTPStatus.NOT_FOUND, "request.no_such_route")
    wrong = phone.http.ask("DELETE", "/v1/notice")
    assert_problem(wrong, HTTPStatus.METHOD_NOT_ALLOWED, "request.method_not_allowed")
    assert wrong.headers["allow"] == "GET"


def test_a_malformed_request_names_the_fields_and_not_what_was_in_them(
    county: County, phone: Phone
) -> None:
    person: Pensioner = county.person()
    body = {"id_number": person.id_number * 3, "name": [person.name]}
    answer = phone.http.ask("POST", "/v1/eligibility", json=body)
    assert_problem(answer, HTTPStatus.UNPROCESSABLE_ENTITY, "request.invalid")
    assert answer.json()["params"] == {"fields": ["body.id_number", "body.name"]}
    assert person.id_number not in answer.text
    assert person.name not in answer.text


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", b"[" * 5000, b"NaN", b""])
def test_what_is_no_json_is_a_malformed_request(phone: Phone, content: bytes) -> None:
    answer = phone.http.ask(
        "POST", "/v1/eligibility", content=content, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code in {HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY}
    assert_problem(answer, HTTPStatus(answer.status_code), "request.invalid")


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "video/webm"])
def test_a_body_past_every_cap_is_cut_off(phone: Phone, kind: str) -> None:
    long = json.dumps({"id_number": "1", "name": "x" * 1_000_000}).encode()
    answer = phone.http.ask("POST", "/v1/eligibility", content=long, headers={"Content-Type": kind})
    assert_problem(answer, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "request.too_large")


def test_a_part_past_its_cap_is_cut_off_whether_it_says_its_length_or_not(
    county: County, phone: Phone
) -> None:
    person = county.person()
    county.enrol_nobody(person)
    phone.open(person)
    too_much = bytes(20_000_001)
    answer = phone.put(too_much, "video/webm")
    assert_problem(answer, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "request.too_large")
    lying = phone.http.ask(
        "PUT",
        "/v1/parts/" + "0" * 64,
        content=too_much,
        headers=phone.headers | {"Content-Type": "video/webm", "Content-Length": "10"},
    )
    assert_problem(lying, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "request.too_large")
