"""The published OpenAPI document is the server's own, and leaves no question of a client open."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis

from api.openapi import REFUSALS
from domain.roles import MARKERS, Permission
from edge.deps import permissions_of
from edge.errors import STATUS, Problem
from tests.contract.routes import ROUTES
from tools.export_openapi import TARGET, exported

DOCUMENT: dict[str, Any] = json.loads(TARGET.read_text("utf-8"))
OPERATIONS: dict[str, dict[str, Any]] = {
    operation["operationId"]: operation
    for operations in DOCUMENT["paths"].values()
    for operation in operations.values()
}
FILES = {"self_service_put_part", "visits_put_photo", "enrolment_add"}
every_operation = pytest.mark.parametrize("name", sorted(OPERATIONS))


def answers(name: str) -> dict[str, dict[str, Any]]:
    """Every documented answer of an operation, with shared ones looked up."""
    shared = DOCUMENT["components"]["responses"]
    return {
        status: shared[answer["$ref"].rpartition("/")[2]] if "$ref" in answer else answer
        for status, answer in OPERATIONS[name]["responses"].items()
    }


def test_the_published_document_is_what_the_server_says_of_itself() -> None:
    assert TARGET.read_text("utf-8") == exported(), "run: python -m tools.export_openapi"


def test_the_document_is_valid_openapi() -> None:
    schemathesis.openapi.from_dict(DOCUMENT).validate()


def test_every_route_is_described_once_under_a_name_that_reads() -> None:
    count = sum(len(operations) for operations in DOCUMENT["paths"].values())
    assert (len(OPERATIONS), count) == (len(ROUTES), len(ROUTES))
    assert set(OPERATIONS) == set(ROUTES)
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)+", name) for name in OPERATIONS)


@every_operation
def test_an_operation_says_in_one_line_what_it_does(name: str) -> None:
    summary = OPERATIONS[name]["summary"]
    assert 10 < len(summary) < 120
    assert "\n" not in summary
    assert summary[0].isupper()


@every_operation
def test_every_refusal_of_an_operation_is_a_problem(name: str) -> None:
    refusals = {status: a for status, a in answers(name).items() if not status.startswith("2")}
    assert "default" in refusals
    for answer in refusals.values():
        assert answer["content"] == {
            "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
        }
    assert {int(s) for s in refusals if s != "default"} <= set(STATUS.values())


@every_operation
def test_an_operation_names_the_log_in_that_it_asks_for(name: str) -> None:
    (permission,) = permissions_of(ROUTES[name])
    schemes: dict[Permission, Any] = {Permission.PUBLIC: None, Permission.SELF: [{"session": []}]}
    expected = schemes.get(permission, [{"staff": []}])
    assert OPERATIONS[name].get("security") == expected
    assert ("401" in answers(name)) is (expected is not None or name == "staff_sign_in")
    asks_role = permission not in MARKERS | {Permission.SIGNED_IN}
    assert ("403" in answers(name)) is asks_role


@every_operation
def test_an_operation_with_a_body_says_what_it_takes_and_that_it_has_a_cap(name: str) -> None:
    body = OPERATIONS[name].get("requestBody")
    assert ("413" in answers(name)) is (body is not None)
    if body is None:
        return
    assert body["required"] is True
    assert ("application/json" in body["content"]) is (name not in FILES)
    assert {"413", "422"} <= set(answers(name))


def test_files_go_in_and_come_out_as_bytes() -> None:
    raw = {"schema": {"type": "string", "format": "binary"}}
    for name in FILES:
        taken = OPERATIONS[name]["requestBody"]["content"]
        assert {"image/jpeg", "application/octet-stream"} <= set(taken)
        assert ("video/webm" in taken) is (name == "self_service_put_part")
        assert all(given == raw for given in taken.values())
    shown = answers("reviews_look")["200"]["content"]
    assert {"image/jpeg", "video/webm", "application/octet-stream"} <= set(shown)
    assert all(given == raw for given in shown.values())


def test_a_session_returns_the_challenge_that_is_published_as_a_schema() -> None:
    file = TARGET.parent / "schemas" / "challenge.schema.json"
    published = json.loads(file.read_text("utf-8"))
    given = DOCUMENT["components"]["schemas"]["Challenge"]
    assert given["properties"]["steps"] == published["properties"]["steps"]
    assert given["required"] == published["required"]
    assert DOCUMENT["components"]["schemas"]["ChallengeMoment"] == published["$defs"]["moment"]
    session = DOCUMENT["components"]["schemas"]["OpenedSession"]["properties"]
    assert session["challenge"] == {"$ref": "#/components/schemas/Challenge"}


def test_the_document_describes_a_problem_as_it_is_sent() -> None:
    described = DOCUMENT["components"]["schemas"]["Problem"]
    assert set(described["required"]) == set(Problem.model_fields)


def test_refusals_are_listed_for_operations_that_exist() -> None:
    assert set(REFUSALS) <= set(OPERATIONS)


def test_every_reference_inside_the_document_leads_somewhere() -> None:
    for reference in references(DOCUMENT):
        found: Any = DOCUMENT
        for step in reference.removeprefix("#/").split("/"):
            found = found[step]


def references(node: object) -> Iterator[str]:
    match node:
        case {"$ref": str(reference)}:
            yield reference
        case dict():
            for inner in node.values():
                yield from references(inner)
        case list():
            for inner in node:
                yield from references(inner)
        case _:
            pass
