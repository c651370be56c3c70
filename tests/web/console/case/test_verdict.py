"""The verdict of the case screen: given once, and nothing that was typed is ever lost."""

from datetime import timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID

import pytest

from domain.beneficiary import SuspensionCause
from domain.roles import Role
from storage.db.models.cases import ReviewDecision
from tests.certification_world import PASSWORD, County, Pensioner, rows, valid_until
from tests.clock import FixedClock
from tests.places import TOWNSHIP
from tests.web.cases import case_of
from tests.web.console.case.screen import CERTIFY, FINDINGS, claimed, decide, files
from tests.web.office import HTMX, Office


def test_a_certificate_is_given_and_told_and_the_list_is_next(
    county: County, desk: Office, person: Pensioner, case: UUID
) -> None:
    answer = decide(desk, claimed(desk, case), **CERTIFY)

    told = desk.follow(answer).text
    assert answer.answer.headers["location"] == "/office/queue"
    assert "认证通过，凭证号 JZ20260302" in told
    until = valid_until(county.backend, person)["resident_pension"]
    assert f"城乡居民养老有效期至 {until}" in told
    (decision,) = rows(county.backend, ReviewDecision)
    assert decision.findings == f"图像和视频能对上，是本人且健在。{FINDINGS}"
    assert "认证通过" in desk.get("/queue?tab=decided").text


def test_after_a_verdict_the_next_case_opens_and_says_what_became_of_the_last(
    county: County, desk: Office, case: UUID
) -> None:
    following = case_of(county, county.person("另一位").id)

    answer = decide(
        desk,
        claimed(desk, case),
        verdict="ask_again",
        ground_ask_again="picture_unusable",
        then="next",
    )

    assert answer.answer.headers["location"] == f"/office/queue/{following}"
    page = desk.follow(answer)
    assert "已办结：请本人再拍一次" in page.text
    assert "另一位" in page.text


def test_to_refer_waits_for_a_second_person_and_says_so(
    county: County, desk: Office, case: UUID
) -> None:
    answer = decide(
        desk, claimed(desk, case), verdict="refer_as_lead", ground_refer_as_lead="other_person"
    )

    assert "等第二人复核" in desk.follow(answer).text
    assert rows(county.backend, ReviewDecision) == []
    assert "欧**远" in desk.get("/queue?tab=proposed").text
    assert "等另一位同事" in desk.get(f"/queue/{case}").text


REFUSED = [
    ({"verdict": ""}, "填写的内容有问题"),
    ({"verdict": "rejected"}, "填写的内容有问题"),
    ({"findings": "好"}, "请写明核实情况"),
    ({"findings": "很" * 2001}, "核实情况写得太长了"),
    ({"method": None}, "请选择核实方式"),
    ({"method": "guess"}, "填写的内容有问题"),
    ({"ground_certified": None}, "请选择主要理由"),
    ({"ground_certified": "other_person"}, "请选择主要理由"),
]


@pytest.mark.parametrize(("wrong", "said"), REFUSED)
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_what_is_refused_comes_back_with_all_that_was_typed(
    county: County,
    desk: Office,
    case: UUID,
    wrong: dict[str, Any],
    said: str,
    headers: dict[str, str],
) -> None:
    typed = CERTIFY | {"findings": FINDINGS + "<script>"} | wrong

    answer = decide(desk, claimed(desk, case), headers=headers, **typed)

    assert answer.status == HTTPStatus.UNPROCESSABLE_ENTITY
    assert said in answer.form("/verdict").get_text()
    area = answer.soup.find("textarea")
    assert area is not None
    assert area.get_text() == typed["findings"]
    chosen = {str(i["value"]) for i in answer.soup.select("input[type=radio][checked]")}
    offered = {v for k, v in typed.items() if k != "findings" and v}
    assert chosen == offered - {"rejected", "guess", "other_person"}
    assert (answer.soup.find("html") is None) == bool(headers)
    assert rows(county.backend, ReviewDecision) == []


def test_a_method_left_over_from_another_choice_does_not_stand_in_the_way(
    desk: Office, case: UUID
) -> None:
    typed = CERTIFY | {"verdict": "send_visit", "ground_send_visit": "cannot_tell"}

    answer = decide(desk, claimed(desk, case), **typed)

    assert "已办结：安排上门" in desk.follow(answer).text


def test_to_certify_asks_for_the_password_when_it_was_long_ago(
    county: County, desk: Office, case: UUID, clock: FixedClock
) -> None:
    page = claimed(desk, case)
    clock.advance(timedelta(minutes=10))
    desk.get("/queue")
    clock.advance(timedelta(minutes=6))

    refused = decide(desk, page, **CERTIFY)
    assert refused.status == HTTPStatus.FORBIDDEN
    assert refused.soup.select_one("#verdict input[type=password]") is not None
    wrong = decide(desk, refused, password="wrong-password", **CERTIFY)
    assert wrong.status == HTTPStatus.UNAUTHORIZED
    assert "wrong-password" not in wrong.answer.text
    assert FINDINGS in wrong.answer.text
    assert rows(county.backend, ReviewDecision) == []

    done = decide(desk, wrong, password=PASSWORD, **CERTIFY)

    assert "认证通过，凭证号" in desk.follow(done).text


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_a_claim_that_ran_out_keeps_what_was_typed_and_is_taken_up_again(
    county: County, desk: Office, case: UUID, clock: FixedClock, headers: dict[str, str]
) -> None:
    page = claimed(desk, case)
    for _ in range(3):
        clock.advance(timedelta(minutes=10))
        desk.get("/queue")

    late = decide(desk, page, headers=headers, **CERTIFY)
    assert late.status == HTTPStatus.CONFLICT
    assert "领取时间到了" in late.text
    assert FINDINGS in late.answer.text
    again = decide(desk, late, then="claim", **CERTIFY)
    assert again.status == HTTPStatus.OK
    assert FINDINGS in again.answer.text
    assert len(files(again)) == 3

    done = decide(desk, again, password=PASSWORD, **CERTIFY)

    assert "认证通过" in desk.follow(done).text


def test_what_a_colleague_took_meanwhile_stays_his_and_the_text_stays_with_its_writer(
    county: County, office: Office, desk: Office, case: UUID, clock: FixedClock
) -> None:
    page = claimed(desk, case)
    for _ in range(3):
        clock.advance(timedelta(minutes=10))
        desk.get("/queue")
    colleague = office.seat(Role.TOWNSHIP_HEAD, TOWNSHIP)
    claimed(colleague, case)

    late = decide(desk, page, **CERTIFY)
    again = decide(desk, late, then="claim", **CERTIFY)

    for answer in (late, again):
        assert answer.status == HTTPStatus.CONFLICT
        assert "正由其他同事审核" in answer.text
        assert FINDINGS in answer.answer.text
        assert files(answer) == []


def test_a_case_is_decided_once(county: County, desk: Office, case: UUID) -> None:
    page = claimed(desk, case)
    decide(desk, page, **CERTIFY)

    second = decide(desk, page, **CERTIFY)

    assert second.status == HTTPStatus.CONFLICT
    assert "已经审核过了" in second.text
    assert len(rows(county.backend, ReviewDecision)) == 1


def test_a_stop_for_another_cause_is_said_beside_the_form(
    county: County, desk: Office, person: Pensioner, case: UUID
) -> None:
    page = claimed(desk, case)
    county.suspend(person, SuspensionCause.DEATH)

    answer = decide(desk, page, **CERTIFY)

    assert answer.status == HTTPStatus.CONFLICT
    assert answer.form("/verdict").select_one(".refusal") is not None
