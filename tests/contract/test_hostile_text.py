"""Text that no keyboard makes reaches neither the database nor a crash, wherever it is sent."""

import json
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import pytest

from tests.contract.ready import DISPENSABLE, Ready
from tests.contract.routes import DESCRIBED, ROUTES, method_of

HOSTILE = {
    "nul": "a\x00b",
    "lone surrogate": "\ud83d",
    "long": "长" * 20_000,
    "not a string": 10**400,
    "deep": [[[[{"a": [None]}]]]],
    "line": "a\r\nX-Injected: 1",
    "beyond the plane": "\U0010ffff\ufffe",
    "empty": "",
}
JSON_BODIES = sorted(
    operation["operationId"]
    for operations in DESCRIBED.openapi()["paths"].values()
    for operation in operations.values()
    if "application/json" in operation.get("requestBody", {}).get("content", {})
)


def leaves(node: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a body that can be replaced: its container and the key there."""
    items = node.items() if isinstance(node, dict) else enumerate(node)
    for key, inner in list(items):
        yield node, key
        if isinstance(inner, dict | list):
            yield from leaves(inner)


def spoiled(body: dict[str, Any], value: Any) -> Iterator[bytes]:
    """The body with `value` in each of its places in turn."""
    for container, key in leaves(body):
        kept, container[key] = container[key], value
        yield json.dumps(body).encode()
        container[key] = kept


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_in_any_field_of_any_body_is_refused_or_kept_as_text(
    ready: Ready, value: Any
) -> None:
    for name in JSON_BODIES:
        headers = ready.headers(name) | {"Content-Type": "application/json"}
        for content in spoiled(ready.body(name), value):
            answer = ready.http.ask(
                method_of(name), ready.path_of(name), content=content, headers=headers
            )
            assert answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR, (name, content[:200])
            if answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY:
                assert "X-Injected" not in answer.text


def test_there_is_an_example_for_every_json_body(ready: Ready) -> None:
    assert [name for name in JSON_BODIES if not isinstance(ready.body(name), dict)] == []
    assert len(JSON_BODIES) >= 10


HOSTILE_QUERY = ["%00", "a%00b", "%ff%fe", "%ED%A0%80", "9" * 5000, "%0d%0aX-Injected:%201", ""]


@pytest.mark.parametrize("text", HOSTILE_QUERY, ids=lambda text: text[:12])
def test_hostile_text_in_any_address_is_refused(ready: Ready, text: str) -> None:
    for name, route in ROUTES.items():
        if name in DISPENSABLE:
            continue
        headers = ready.headers(name)
        for address in addresses(ready, name, route.path_format or "", text):
            answer = ready.http.ask(method_of(name), address, headers=headers)
            assert answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR, address[:200]


def addresses(ready: Ready, name: str, template: str, text: str) -> Iterator[str]:
    """The operation's address with `text` in each parameter of its path and of its query."""
    known = ready.path_parameters(name)
    for parameter in (key for key in known if f"{{{key}}}" in template):
        yield template.format(**known | {parameter: text})
    query = ready.query(name) | {"after": "", "limit": "", "source": "", "taken_on": ""}
    path = template.format(**known)
    for parameter in query:
        rest = "&".join(f"{k}={v}" for k, v in ready.query(name).items() if k != parameter)
        yield f"{path}?{rest}&{parameter}={text}"


@pytest.mark.parametrize("header", ["Authorization", "Device-Id", "Content-Type"])
@pytest.mark.parametrize("text", [b"\xff\xfe", b"Bearer \xe9\xa5\xb0", b"a" * 20_000, b"\x01", b""])
def test_hostile_text_in_a_header_is_refused(ready: Ready, header: str, text: bytes) -> None:
    for name in ("self_service_put_part", "visits_put_photo", "self_service_submit", "staff_me"):
        body = ready.body(name)
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        answer = ready.http.ask(
            method_of(name),
            ready.path_of(name),
            content=content,
            params=ready.query(name),
            headers=ready.headers(name) | {header: text},
        )
        assert answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR, name
