"""Appeals at the desk: taken down in any channel, listed by their clock, answered by another."""

from datetime import timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID

import pytest

from domain.audit import AuditAction
from domain.review import Verdict
from domain.roles import Role
from services import appeal_raising, reviews
from services.accounts import StaffMember
from services.eligibility import Identified
from services.reviews import Ruling
from storage.db.models.cases import Appeal, AppealAnswer
from storage.db.models.certification import Certification
from storage.ids import uuid7
from tests import attempt_world, case_world
from tests.certification_world import PASSWORD, County, Pensioner, audited, rows
from tests.places import OTHER_TOWNSHIP, TOWNSHIP, VILLAGE
from tests.signed_in import token_of
from tests.web.office import HTMX, Office, Page
from web.console.session import COOKIE

FINDINGS = "换人重看，与本人照片一致"


@pytest.fixture
def person(county: County) -> Pensioner:
    found = county.person("周桂香")
    county.enrol_nobody(found)
    return found


@pytest.fixture
def first(county: County) -> StaffMember:
    """Who decided first."""
    return case_world.add_staff(county.backend, "first")


@pytest.fixture
def head(office: Office) -> Office:
    return office.seat(Role.TOWNSHIP_HEAD, TOWNSHIP)


def asked(county: County, first: StaffMember, person: Pensioner, name: str = "phone-0001") -> UUID:
    """Let the person ask again about what the first reviewer decided; returns the appeal."""
    review = attempt_world.flagged_attempt(county.backend, person.id, name)
    reviews.claim_case(county.backend, first, review)
    ruling = Ruling(verdict=Verdict.ASK_AGAIN, method=None, findings="照片看不清楚，无法判断")
    reviews.decide(county.backend, first, review, ruling)
    holder = Identified(person_id=person.id, household_path=person.household, ticket_id=uuid7())
    return appeal_raising.appeal_by_ticket(county.backend, holder, "我就是本人<b>").id


@pytest.fixture
def appeal(county: County, first: StaffMember, person: Pensioner) -> UUID:
    return asked(county, first, person)


def answer(seat: Office, appeal: UUID, **typed: str) -> Page:
    page = seat.get(f"/appeals/{appeal}")
    given: dict[str, Any] = {"findings": FINDINGS} | typed
    return seat.submit(page, "/answer", **given)


def handed_in(seat: Office, appeal: UUID) -> str:
    """The address of the selfie, as the page names it."""
    return str(seat.get(f"/appeals/{appeal}").soup.select("img[src*='/file/']")[-1]["src"])


# -- the list


def test_what_waits_is_listed_by_its_clock_and_masked(
    county: County, head: Office, appeal: UUID, person: Pensioner
) -> None:
    page = head.get("/appeals")
    assert page.status == HTTPStatus.OK
    assert "周*香" in page.text
    assert person.name not in page.answer.text
    assert "2026-03-09" in page.text
    assert f"/office/appeals/{appeal}" in page.links()
    assert "超期" not in page.text
    county.backend.clock.advance(timedelta(days=8))  # type: ignore[attr-defined]
    late = head.as_(county.staff(Role.TOWNSHIP_CLERK, TOWNSHIP)).get("/appeals")
    assert "超期" in late.text


def test_an_empty_list_says_so(office: Office) -> None:
    page = office.seat(Role.TOWNSHIP_CLERK, TOWNSHIP).get("/appeals")
    assert "没有等待答复的复核申请" in page.text


def test_an_answered_appeal_moves_to_the_other_shelf(head: Office, appeal: UUID) -> None:
    done = answer(head, appeal, outcome="stands")
    page = head.follow(done)
    assert "已答复，维持原结果。" in page.text
    assert "周*香" not in page.text
    shelf = head.get("/appeals?shelf=answered")
    assert "周*香" in shelf.text
    assert "维持原结果" in shelf.text


def test_pages_hold_every_appeal_once(county: County, head: Office, first: StaffMember) -> None:
    wanted = {
        str(asked(county, first, county.person(f"王{n}"), f"phone-{n:04d}")) for n in range(5)
    }
    found, path = list[str](), "/appeals?limit=2"
    while path:
        page = head.get(path)
        found += [link.rpartition("/")[2] for link in page.links() if "/office/appeals/" in link]
        following = page.soup.select_one("a[rel=next]")
        path = str(following["href"]) if following else ""
    assert sorted(found) == sorted(wanted)


def test_htmx_is_sent_the_list_only(head: Office, appeal: UUID) -> None:
    part = head.part("/appeals")
    assert "周*香" in part.text
    assert part.soup.find("html") is None


# -- one appeal


def test_the_file_shows_what_was_said_what_it_is_against_and_how_the_benefit_stands(
    head: Office, appeal: UUID
) -> None:
    page = head.get(f"/appeals/{appeal}")
    for said in (
        "我就是本人<b>",
        "手机页面",
        "照片看不清楚，无法判断",
        "请本人再拍一次",
        "城乡居民养老",
    ):
        assert said in page.text
    assert "<b>" not in page.answer.text.replace("&lt;b&gt;", "")
    assert len(page.soup.select("img[src*='/file/']")) == 2  # the selfie and the reference


def test_every_look_is_on_record(county: County, head: Office, appeal: UUID) -> None:
    head.get(f"/appeals/{appeal}")
    (event,) = audited(county.backend, AuditAction.APPEAL_VIEWED)
    assert event["appeal"] == str(appeal)
    shown = head.get(handed_in(head, appeal))
    assert shown.status == HTTPStatus.OK
    assert shown.answer.headers["cache-control"] == "no-store"
    (looked,) = audited(county.backend, AuditAction.EVIDENCE_VIEWED)
    assert (looked["appeal"], looked["reason"]) == (str(appeal), "appeal")


def test_who_decided_first_sees_no_picture_and_no_form(
    county: County, appeal: UUID, first: StaffMember
) -> None:
    token = token_of(county.backend, first.login, case_world.PASSWORD)
    seat = Office(county=county, cookies={COOKIE: token})
    page = seat.get(f"/appeals/{appeal}")
    assert "要由另一位同事答复" in page.text
    assert page.soup.select("form[action$='/answer']") == []
    assert page.soup.select("img[src*='/file/']") == []


def test_after_the_answer_nobody_looks_at_the_pictures_again(
    county: County, head: Office, appeal: UUID
) -> None:
    source = handed_in(head, appeal)
    answer(head, appeal, outcome="stands")
    refused = head.get(source)
    assert refused.status == HTTPStatus.CONFLICT
    assert "已经答复过了" in refused.text


def test_a_file_of_somebody_else_is_not_there(
    county: County, head: Office, appeal: UUID, first: StaffMember
) -> None:
    other = asked(county, first, county.person("李守田"), "phone-0002")
    evidence = handed_in(head, other).rpartition("/")[2]
    assert head.get(f"/appeals/{appeal}/file/{evidence}").status == HTTPStatus.NOT_FOUND


# -- answering


def test_upheld_to_the_full_the_validity_moves_and_the_page_says_so(
    county: County, head: Office, appeal: UUID
) -> None:
    done = answer(head, appeal, outcome="certified", method="call_back", password=PASSWORD)
    assert "认证通过，有效期已更新" in head.follow(done).text
    (row,) = rows(county.backend, Certification)
    assert row.appeal_id == appeal
    shown = head.get(f"/appeals/{appeal}")
    for said in ("支持：认证通过", "电话回访", FINDINGS, "有效期至 2027-03-02"):
        assert said in shown.text


def test_to_certify_without_the_password_after_a_while_is_refused_and_nothing_typed_is_lost(
    county: County, office: Office, appeal: UUID
) -> None:
    account = county.staff(Role.TOWNSHIP_HEAD, TOWNSHIP)
    seat = office.as_(account)
    seat.get("/appeals")
    for _ in range(2):  # longer than the password counts, never idle for so long
        county.backend.clock.advance(timedelta(minutes=9))  # type: ignore[attr-defined]
        seat.get("/appeals")
    refused = answer(seat, appeal, outcome="certified", method="documents")
    assert refused.status == HTTPStatus.FORBIDDEN
    assert "要再输一次密码" in refused.text
    assert refused.value("/answer", "findings") == FINDINGS
    assert refused.value("/answer", "outcome") == "certified"
    assert refused.value("/answer", "method") == "documents"
    assert rows(county.backend, AppealAnswer) == []
    wrong = seat.submit(refused, "/answer", password="wrong-password")
    assert wrong.status == HTTPStatus.UNAUTHORIZED
    done = seat.submit(wrong, "/answer", password=PASSWORD)
    assert done.status == HTTPStatus.SEE_OTHER
    assert len(rows(county.backend, Certification)) == 1


@pytest.mark.parametrize(
    ("typed", "status", "said"),
    [
        ({"outcome": "certified"}, 422, "请选择核实方式"),
        ({"outcome": "stands", "findings": " "}, 422, "请写明核实情况"),
        ({"outcome": "stands", "findings": "字" * 2001}, 422, "写得太长"),
        ({"outcome": "thrown_out"}, 422, "outcome"),
        ({}, 422, "outcome"),
    ],
)
def test_an_incomplete_answer_comes_back_with_all_that_was_typed(
    county: County, head: Office, appeal: UUID, typed: dict[str, str], status: int, said: str
) -> None:
    refused = answer(head, appeal, **typed)
    assert refused.status == status
    assert said in refused.text
    assert refused.value("/answer", "findings").strip() == typed.get("findings", FINDINGS).strip()
    assert rows(county.backend, AppealAnswer) == []


def test_of_two_browsers_one_answers_and_the_other_is_told(
    county: County, office: Office, head: Office, appeal: UUID
) -> None:
    other = office.seat(Role.TOWNSHIP_CLERK, TOWNSHIP)
    seen = other.get(f"/appeals/{appeal}")
    answer(head, appeal, outcome="send_visit")
    late = other.submit(seen, "/answer", outcome="stands", findings=FINDINGS)
    assert late.status == HTTPStatus.CONFLICT
    assert "已经答复过了" in late.text
    (row,) = rows(county.backend, AppealAnswer)
    assert row.outcome == "send_visit"


def test_htmx_is_sent_on_by_a_header(head: Office, appeal: UUID) -> None:
    page = head.get(f"/appeals/{appeal}")
    done = head.submit(page, "/answer", headers=HTMX, outcome="stands", findings=FINDINGS)
    assert done.answer.headers["hx-redirect"] == "/office/appeals"


def test_a_form_without_its_token_answers_nothing(
    county: County, head: Office, appeal: UUID
) -> None:
    fields = [("outcome", "stands"), ("findings", FINDINGS)]
    assert head.post(f"/appeals/{appeal}/answer", fields).status == HTTPStatus.FORBIDDEN
    assert rows(county.backend, AppealAnswer) == []


def test_an_appeal_of_another_township_is_not_there(office: Office, appeal: UUID) -> None:
    stranger = office.seat(Role.TOWNSHIP_CLERK, OTHER_TOWNSHIP)
    assert stranger.get(f"/appeals/{appeal}").status == HTTPStatus.NOT_FOUND
    assert "周" not in stranger.get("/appeals").text


# -- taking one down


def test_an_officer_takes_an_appeal_down_in_the_persons_words(
    county: County, office: Office, person: Pensioner
) -> None:
    seat = office.seat(Role.VILLAGE_OFFICER, VILLAGE)
    page = seat.get(f"/people/{person.id}/appeal")
    assert "周*香" in page.text
    done = seat.submit(page, "/appeal", channel="village_officer", statement="老人说没人来过")
    assert done.answer.headers["location"] == f"/office/people/{person.id}"
    (row,) = rows(county.backend, Appeal)
    assert (row.channel, row.statement, row.attempt_id) == (
        "village_officer",
        "老人说没人来过",
        None,
    )


def test_a_second_one_is_announced_and_joins(
    county: County, head: Office, appeal: UUID, person: Pensioner
) -> None:
    page = head.get(f"/people/{person.id}/appeal")
    assert "已有一份等待答复的申请" in page.text
    done = head.submit(page, "/appeal", channel="hotline", statement="来电又催了一次")
    assert done.answer.headers["location"] == f"/office/appeals/{appeal}"
    shown = head.follow(done)
    assert "来电又催了一次" in shown.text
    assert "我就是本人" in shown.text
    assert "要由另一位同事答复" in shown.text  # who wrote part of it down does not answer


def test_it_can_be_against_how_matters_stand(
    county: County, head: Office, person: Pensioner, first: StaffMember
) -> None:
    attempt_world.flagged_attempt(county.backend, person.id, "phone-0001")
    page = head.get(f"/people/{person.id}/appeal")
    assert "还在审核" in page.text
    head.submit(page, "/appeal", channel="letter", statement="为什么停发", against="nothing")
    (row,) = rows(county.backend, Appeal)
    assert (row.review_id, row.attempt_id) == (None, None)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"statement": "就是本人"}, "channel"),
        ({"channel": "letter", "statement": " "}, "请写明本人是怎么说的"),
        ({"channel": "letter", "statement": "字" * 2001}, "写得太长"),
    ],
)
def test_an_incomplete_one_comes_back_with_all_that_was_typed(
    county: County, head: Office, person: Pensioner, typed: dict[str, Any], said: str
) -> None:
    refused = head.submit(head.get(f"/people/{person.id}/appeal"), "/appeal", **typed)
    assert refused.status == HTTPStatus.UNPROCESSABLE_ENTITY
    assert said in refused.text
    assert refused.value("/appeal", "statement").strip() == typed["statement"].strip()
    assert rows(county.backend, Appeal) == []


def test_for_somebody_of_another_village_nothing_is_taken_down(
    office: Office, county: County, person: Pensioner
) -> None:
    seat = office.seat(Role.TOWNSHIP_CLERK, OTHER_TOWNSHIP)
    assert seat.get(f"/people/{person.id}/appeal").status == HTTPStatus.NOT_FOUND
