"""The reviewer's routes over HTTP."""

from datetime import timedelta
from uuid import UUID

import pytest

from domain.proposal import Answer
from domain.roles import Role
from services import evidence, proposals
from services.backend import Backend
from services.proposals import Reply
from storage.ids import uuid7
from tests import attempt_world
from tests import case_world as world
from tests.case_world import Client
from tests.clock import FixedClock
from tests.places import COUNTY, OTHER_TOWNSHIP

CERTIFY = {"verdict": "certified", "method": "call_back", "findings": "已电话核实本人健在"}
Login = dict[str, str]


@pytest.fixture
def case(backend: Backend, person: UUID) -> UUID:
    return world.flagged_visit(backend, world.officer(backend), person, "visit-0001")


@pytest.fixture
def clerk(client: Client, backend: Backend) -> Login:
    world.add_staff(backend, "clerk")
    return world.signed_in(client, "clerk")


@pytest.fixture
def head(client: Client, backend: Backend) -> Login:
    world.add_staff(backend, "head", role=Role.TOWNSHIP_HEAD)
    return world.signed_in(client, "head")


def test_a_case_is_listed_claimed_looked_at_and_decided(
    client: Client, backend: Backend, clerk: Login, case: UUID, person: UUID
) -> None:
    (line,) = client.get("/v1/reviews", headers=clerk).json()["cases"]
    assert (line["id"], line["masked_name"], line["state"]) == (str(case), "王*试", "waiting")
    assert line["reasons"][0]["say"] == "系统还在准备，需要人工核对"
    claimed = client.post(f"/v1/reviews/{case}/claim", headers=clerk)
    assert claimed.status_code == 200
    shown = client.get(f"/v1/reviews/{case}", headers=clerk).json()
    assert (shown["is_mine"], shown["subject"]["name"]) == (True, "王测试")
    part = shown["parts"][0]
    seen = client.get(f"/v1/reviews/{case}/evidence/{part['evidence_id']}", headers=clerk)
    assert world.digest(seen.content) == part["sha256"]
    decided = client.post(f"/v1/reviews/{case}/decision", json=CERTIFY, headers=clerk)
    assert decided.status_code == 200
    assert (decided.json()["state"], decided.json()["proposal_id"]) == ("certified", None)
    assert decided.json()["certificate_number"].startswith("JZ20260302")
    until = world.valid_until(backend, person)["resident_pension"]
    assert until is not None
    assert decided.json()["valid_until"] == {"resident_pension": until.isoformat()}
    again = client.post(f"/v1/reviews/{case}/decision", json=CERTIFY, headers=clerk)
    assert (again.status_code, again.json()["code"]) == (409, "review.already_decided")
    assert client.get("/v1/reviews", headers=clerk).json() == {"cases": [], "next_after": None}


def test_a_referral_is_proposed_and_comes_back_with_the_note_of_the_second(
    client: Client, backend: Backend, clerk: Login, head: Login, case: UUID
) -> None:
    refer = {"verdict": "refer_as_lead", "findings": "照片与本人明显不符"}
    client.post(f"/v1/reviews/{case}/claim", headers=clerk)
    answer = client.post(f"/v1/reviews/{case}/decision", json=refer, headers=clerk)
    assert answer.status_code == 200
    told = answer.json()
    assert (told["state"], told["verdict"], told["certificate_number"]) == (
        "proposed",
        "refer_as_lead",
        None,
    )
    assert client.get("/v1/reviews", headers=head).json()["cases"] == []
    shown = client.get(f"/v1/reviews/{case}", headers=head).json()
    assert (shown["state"], shown["verdict"], shown["proposals"]) == ("proposed", None, [])
    again = client.post(f"/v1/reviews/{case}/claim", headers=head)
    assert (again.status_code, again.json()["code"]) == (409, "review.proposed")
    second = world.add_staff(backend, "second")
    returned = Reply(answer=Answer.RETURNED, note="请先打电话核实")
    proposals.answer(backend, second, UUID(told["proposal_id"]), returned)
    (line,) = client.get("/v1/reviews", headers=head).json()["cases"]
    assert (line["id"], line["state"]) == (str(case), "waiting")
    (settled,) = client.get(f"/v1/reviews/{case}", headers=head).json()["proposals"]
    assert (settled["answer"], settled["note"]) == ("returned", returned.note)


def test_to_certify_asks_for_the_password_again(
    client: Client, clerk: Login, case: UUID, clock: FixedClock
) -> None:
    clock.advance(timedelta(minutes=14))
    client.post(f"/v1/reviews/{case}/claim", headers=clerk)
    clock.advance(timedelta(minutes=2))
    refused = client.post(f"/v1/reviews/{case}/decision", json=CERTIFY, headers=clerk)
    assert (refused.status_code, refused.json()["code"]) == (403, "auth.confirmation_needed")
    again = {"password": world.PASSWORD}
    given = client.post("/v1/staff/sessions/current/confirmation", json=again, headers=clerk)
    assert given.status_code == 204
    assert client.post(f"/v1/reviews/{case}/decision", json=CERTIFY, headers=clerk).is_success


def test_evidence_is_kept_out_of_caches_and_never_run_as_a_page(
    client: Client, clerk: Login, case: UUID
) -> None:
    client.post(f"/v1/reviews/{case}/claim", headers=clerk)
    shown = client.get(f"/v1/reviews/{case}", headers=clerk).json()
    address = f"/v1/reviews/{case}/evidence/{shown['parts'][0]['evidence_id']}"
    answer = client.get(address, headers=clerk)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")


def test_what_calls_itself_a_page_is_handed_out_as_plain_bytes(
    client: Client, backend: Backend, clerk: Login, case: UUID, person: UUID
) -> None:
    page = evidence.store(
        backend, world.SYSTEM, person, content=b"<script>", media_type="text/html"
    )
    attempt_world.refer_to(backend, person, page.id)
    client.post(f"/v1/reviews/{case}/claim", headers=clerk)
    answer = client.get(f"/v1/reviews/{case}/evidence/{page.id}", headers=clerk)
    assert answer.content == b"<script>"
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_evidence_is_shown_to_the_holder_of_the_case_only(
    client: Client, clerk: Login, head: Login, case: UUID
) -> None:
    client.post(f"/v1/reviews/{case}/claim", headers=clerk)
    shown = client.get(f"/v1/reviews/{case}", headers=head).json()
    assert shown["subject"]["name"] == "王*试"
    address = f"/v1/reviews/{case}/evidence/{shown['parts'][0]['evidence_id']}"
    refused = client.get(address, headers=head)
    assert (refused.status_code, refused.json()["code"]) == (409, "review.claimed_by_other")
    refused = client.get(f"/v1/reviews/{case}/evidence/{uuid7()}", headers=clerk)
    assert (refused.status_code, refused.json()["code"]) == (404, "evidence.not_found")


def test_a_case_given_back_can_be_claimed_by_another(
    client: Client, clerk: Login, head: Login, case: UUID
) -> None:
    client.post(f"/v1/reviews/{case}/claim", headers=clerk)
    taken = client.post(f"/v1/reviews/{case}/claim", headers=head)
    assert (taken.status_code, taken.json()["code"]) == (409, "review.claimed_by_other")
    assert client.delete(f"/v1/reviews/{case}/claim", headers=clerk).status_code == 204
    assert client.post(f"/v1/reviews/{case}/claim", headers=head).status_code == 200


def test_roles_see_and_do_what_is_theirs(
    client: Client, backend: Backend, clerk: Login, case: UUID
) -> None:
    world.add_staff(backend, "inspector", role=Role.INSPECTOR, path=COUNTY)
    world.add_staff(backend, "admin", role=Role.COUNTY_ADMIN, path=COUNTY)
    world.add_staff(backend, "stranger", path=OTHER_TOWNSHIP)
    inspector, admin, stranger, officer = (
        world.signed_in(client, login) for login in ("inspector", "admin", "stranger", "officer")
    )
    assert client.get(f"/v1/reviews/{case}", headers=inspector).status_code == 200
    for who in (inspector, admin, officer):
        assert client.post(f"/v1/reviews/{case}/claim", headers=who).status_code == 403
        decided = client.post(f"/v1/reviews/{case}/decision", json=CERTIFY, headers=who)
        assert decided.json()["code"] == "permission.denied"
    for who in (admin, officer):
        assert client.get("/v1/reviews", headers=who).status_code == 403
        assert client.get(f"/v1/reviews/{case}", headers=who).status_code == 403
    assert client.get("/v1/reviews", headers=stranger).json()["cases"] == []
    assert client.get(f"/v1/reviews/{case}", headers=stranger).status_code == 404
    assert client.get("/v1/reviews").status_code == 401


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (CERTIFY | {"method": None}, "review.method_required"),
        (CERTIFY | {"findings": "  "}, "review.findings_required"),
        (CERTIFY | {"findings": "好" * 2001}, "review.findings_too_long"),
        (CERTIFY | {"findings": "看过\x00了吗"}, "request.invalid"),
        (CERTIFY | {"findings": "\ud800" * 9}, "request.invalid"),
        (CERTIFY | {"verdict": "rejected"}, "request.invalid"),
    ],
)
def test_an_incomplete_verdict_is_refused_by_name(
    client: Client, clerk: Login, case: UUID, given: dict[str, str | None], code: str
) -> None:
    client.post(f"/v1/reviews/{case}/claim", headers=clerk)
    refused = client.post(f"/v1/reviews/{case}/decision", json=given, headers=clerk)
    assert (refused.status_code, refused.json()["code"]) == (422, code)


def test_findings_may_have_several_lines(client: Client, clerk: Login, case: UUID) -> None:
    client.post(f"/v1/reviews/{case}/claim", headers=clerk)
    given = CERTIFY | {"findings": "已电话核实\n本人健在"}
    assert client.post(f"/v1/reviews/{case}/decision", json=given, headers=clerk).is_success
    shown = client.get(f"/v1/reviews/{case}", headers=clerk).json()
    assert shown["verdict"]["findings"] == "已电话核实\n本人健在"


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "after=x"])
def test_a_page_that_cannot_be_is_refused(client: Client, clerk: Login, query: str) -> None:
    assert client.get(f"/v1/reviews?{query}", headers=clerk).status_code == 422
