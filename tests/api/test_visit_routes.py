"""The officer's routes over HTTP."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from httpx import Response

from domain.roles import Role
from services import visit_decisions
from services.backend import Backend
from storage.ids import uuid7
from tests import case_world as world
from tests.case_world import Client
from tests.places import COUNTY, OTHER_VILLAGE, TOWNSHIP


@pytest.fixture
def officer(client: Client, backend: Backend) -> dict[str, str]:
    world.officer(backend, "officer")
    return world.signed_in(client, "officer")


def upload(
    client: Client, who: dict[str, str], person: UUID, content: bytes, **more: str
) -> Response:
    return client.ask(
        "PUT",
        f"/v1/visits/parts/{world.digest(content)}",
        params={"beneficiary_id": str(person)},
        content=content,
        headers=who | {"Content-Type": "image/jpeg"} | more,
    )


def body(backend: Backend, person: UUID, files: dict[str, bytes], **changed: Any) -> dict[str, Any]:
    parts = [
        {
            "name": name,
            "sha256": world.digest(content),
            "size": len(content),
            "media_type": "image/jpeg",
        }
        for name, content in files.items()
    ]
    return {
        "client_id": "visit-0001",
        "beneficiary_id": str(person),
        "captured_at": (backend.clock.now() - timedelta(hours=1)).isoformat(),
        "place": {"latitude": 28.1, "longitude": 115.9, "accuracy_m": 12.5, "mock": None},
        "device": "tablet-7",
        "checklist": {
            "alive": True,
            "not_in_custody": True,
            "name_and_id_right": True,
            "contact_current": True,
        },
        "parts": parts,
    } | changed


def test_a_visit_is_handed_in_and_its_status_said_in_words(
    client: Client, backend: Backend, officer: dict[str, str], person: UUID
) -> None:
    files = world.photos("a")
    for content in files.values():
        stored = upload(client, officer, person, content)
        assert stored.status_code == 200
        assert stored.json() == {"sha256": world.digest(content), "size": len(content)}
    given = body(backend, person, files)
    for _ in range(2):
        accepted = client.post("/v1/visits", json=given, headers=officer)
        assert accepted.status_code == 202
        assert accepted.headers["Location"] == "/v1/visits/visit-0001"
        assert accepted.json() == {
            "client_id": "visit-0001",
            "status_link": "/v1/visits/visit-0001",
        }
    waiting = client.get("/v1/visits/visit-0001", headers=officer).json()
    assert (waiting["state"], waiting["reasons"], waiting["receipt"]) == ("submitted", [], None)
    visit_decisions.give_up(backend, world.visit_id(backend, "visit-0001"))
    looked_at = client.get("/v1/visits/visit-0001", headers=officer).json()
    assert looked_at["state"] == "review"
    assert looked_at["reasons"][0]["code"] == "visit_model_missing"
    assert looked_at["say"]
    assert "value" not in str(looked_at)


def test_a_photo_sent_twice_is_one_photo(
    client: Client, officer: dict[str, str], person: UUID
) -> None:
    content = world.photos("a")["person"]
    first = upload(client, officer, person, content)
    again = upload(client, officer, person, content)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json()


def test_a_photo_over_the_cap_is_refused_before_it_is_read(
    client: Client, officer: dict[str, str], person: UUID
) -> None:
    refused = upload(client, officer, person, world.JPEG + bytes(10_000_001))
    assert (refused.status_code, refused.json()["code"]) == (413, "request.too_large")


def test_parts_that_have_not_come_are_named(
    client: Client, backend: Backend, officer: dict[str, str], person: UUID
) -> None:
    given = body(backend, person, world.photos("a"))
    refused = client.post("/v1/visits", json=given, headers=officer)
    assert refused.status_code == 409
    assert refused.json()["code"] == "submission.parts_not_received"
    assert refused.json()["params"]["missing"] == ["doorway", "person", "person_with_id_card"]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"checklist": {"alive": True}}, "visit.checklist_incomplete"),
        ({"device": " "}, "visit.device_missing"),
        ({"device": "a\x00b"}, "request.invalid"),
        ({"device": "\ud800"}, "request.invalid"),
        ({"captured_at": "0001-01-01T00:00:00+14:00"}, "request.invalid"),
        ({"captured_at": "2026-03-02T09:00:00"}, "request.invalid"),
        ({"captured_at": "9999-12-31T23:59:59Z"}, "visit.time_in_future"),
        (
            {"place": {"latitude": 91, "longitude": 0, "accuracy_m": 1, "mock": None}},
            "visit.place_malformed",
        ),
        ({"place": {"latitude": 1, "longitude": 0, "accuracy_m": 1}}, "request.invalid"),
        ({"parts": []}, "request.invalid"),
        ({"more": 1}, "request.invalid"),
    ],
)
def test_an_incomplete_or_hostile_pack_is_refused_by_name(
    client: Client,
    backend: Backend,
    officer: dict[str, str],
    person: UUID,
    changed: dict[str, Any],
    code: str,
) -> None:
    given = body(backend, person, world.photos("a"), **changed)
    refused = client.post("/v1/visits", json=given, headers=officer)
    assert (refused.status_code, refused.json()["code"]) == (422, code)


def test_only_who_visits_may_hand_in_and_only_at_home(
    client: Client, backend: Backend, person: UUID
) -> None:
    files = world.photos("a")
    world.officer(backend, "stranger", OTHER_VILLAGE)
    world.add_staff(backend, "clerk", path=TOWNSHIP)
    world.add_staff(backend, "head", role=Role.TOWNSHIP_HEAD, path=TOWNSHIP)
    world.add_staff(backend, "admin", role=Role.COUNTY_ADMIN, path=COUNTY)
    answers = {
        login: upload(client, world.signed_in(client, login), person, files["person"])
        for login in ("stranger", "clerk", "head", "admin")
    }
    assert answers["clerk"].status_code == 200
    assert answers["stranger"].json()["code"] == "visit.not_own_village"
    assert answers["head"].json()["code"] == "permission.denied"
    assert answers["admin"].json()["code"] == "permission.denied"
    assert upload(client, {}, person, files["person"]).status_code == 401


def test_an_unknown_visit_and_an_unknown_person_are_refusals_not_crashes(
    client: Client, backend: Backend, officer: dict[str, str]
) -> None:
    missing = client.get("/v1/visits/visit-9999", headers=officer)
    assert (missing.status_code, missing.json()["code"]) == (404, "visit.not_found")
    given = body(backend, uuid7(), world.photos("a"))
    refused = client.post("/v1/visits", json=given, headers=officer)
    assert (refused.status_code, refused.json()["code"]) == (403, "visit.not_own_village")


def test_an_open_lead_is_not_told_to_the_village(
    client: Client, backend: Backend, officer: dict[str, str], person: UUID
) -> None:
    by = world.officer(backend, "second")
    visit_id = world.hand_in(backend, by, person, "visit-0001")
    world.record_reasons(backend, visit_id, ["visit_flagged_by_lead", "visit_photo_stale"])
    told = client.get("/v1/visits/visit-0001", headers=officer).json()
    assert [reason["code"] for reason in told["reasons"]] == ["visit_photo_stale"]
    assert "lead" not in str(told)
