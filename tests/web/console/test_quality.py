"""The head reads how the reviewers did, and resolves what two of them saw differently."""

from datetime import timedelta
from http import HTTPStatus

import pytest

from domain.regions import DivisionPath
from domain.review import Verdict
from domain.roles import Role
from storage.db.models.cases import VisitRequest
from storage.db.models.quality import KnownAnswer, KnownAnswerEnd, RereadAnswer
from tests.certification_world import Account, County, rows
from tests.clock import FixedClock
from tests.places import COUNTY, OTHER_TOWNSHIP, TOWNSHIP
from tests.web.cases import case_of
from tests.web.console.routes import STAFF_ROUTES
from tests.web.office import HTMX, Office
from tests.web.quality_world import DOUBT, FINDINGS, NOTE, flagged, read_twice, settle


@pytest.fixture
def clerk(county: County) -> Account:
    return county.staff(Role.TOWNSHIP_CLERK, TOWNSHIP, name="王经办")


@pytest.fixture
def other(county: County) -> Account:
    return county.staff(Role.TOWNSHIP_CLERK, TOWNSHIP, name="李经办")


@pytest.fixture
def head(county: County) -> Account:
    return county.staff(Role.TOWNSHIP_HEAD, TOWNSHIP, name="赵主任")


# what the head reads


def test_the_head_reads_who_is_too_fast_and_opens_the_list(
    county: County, office: Office, clerk: Account, head: Account
) -> None:
    settle(county, clerk, flagged(county), s=2)
    settle(county, clerk, flagged(county, "欧阳志远"), s=75)
    desk = office.as_(head)
    page = desk.get("/quality")
    assert page.status == HTTPStatus.OK
    assert "有不到 3 秒的结论" in page.text, page.text
    assert "2.0 秒 / 75 秒" in page.text
    assert "城关镇" in page.text
    (way,) = {link for link in page.links() if link.endswith("pace=fast")}
    fast = desk.get(way)
    assert "周*香" in fast.text
    assert "欧**远" not in fast.text
    assert "周桂香" not in fast.answer.text


def test_agreement_is_drawn_with_how_sure_it_is(
    county: County, clock: FixedClock, office: Office, clerk: Account, other: Account, head: Account
) -> None:
    read_twice(county, clock, by=(clerk, other), second=Verdict.CERTIFIED)
    page = office.as_(head).get("/quality")
    assert "1 / 1" in page.text
    assert "95% 区间 3%–100%" in page.text  # rounded from 2.5 %
    assert page.soup.select("svg rect")


def test_a_quiet_office_says_so(office: Office, head: Account) -> None:
    page = office.as_(head).get("/quality?days=90")
    assert "这段时间没有审核结论" in page.text
    assert office.as_(head).get("/quality?days=7").status == HTTPStatus.UNPROCESSABLE_ENTITY


def test_where_nobody_is_left_to_read_the_page_says_who_will(
    county: County, clock: FixedClock, office: Office, head: Account
) -> None:
    case = flagged(county)
    settle(county, head, case)
    alone = office.as_(county.staff(Role.COUNTY_BUREAU, COUNTY))
    clock.advance(timedelta(days=5))
    assert "由县局的审核人盲审" in office.as_(head).get("/quality").text
    assert "找不到" not in alone.get("/quality").text


def test_the_county_compares_and_a_head_sees_the_own_township(
    county: County, office: Office, clerk: Account, head: Account
) -> None:
    far = county.staff(Role.TOWNSHIP_CLERK, OTHER_TOWNSHIP, name="孙经办")
    there = case_of(county, county.person("吴长江", household=DivisionPath("990101101001")).id)
    settle(county, clerk, flagged(county))
    settle(county, far, there)
    assert "孙经办" not in office.as_(head).get("/quality").text
    wide = office.seat(Role.COUNTY_BUREAU, COUNTY).get("/quality").text
    assert "孙经办" in wide
    assert "王经办" in wide
    assert "柳溪乡" in wide
    hidden = office.as_(head).get(f"/quality/reviewers/{far.id}")
    assert hidden.status == HTTPStatus.NOT_FOUND


def test_a_reviewer_sees_the_own_figures_only(
    county: County, office: Office, clerk: Account, other: Account
) -> None:
    settle(county, clerk, flagged(county))
    mine = office.as_(clerk).get("/me/quality")
    assert "1 件" in mine.text
    assert "您没有审核结论" in office.as_(other).get("/me/quality").text
    assert office.as_(clerk).get("/quality").status == HTTPStatus.FORBIDDEN


# disagreements


def test_the_head_resolves_a_disagreement(
    county: County, clock: FixedClock, office: Office, clerk: Account, other: Account, head: Account
) -> None:
    _, again = read_twice(county, clock, by=(clerk, other))
    desk = office.as_(head)
    page = desk.get("/quality/disagreements")
    for shown in (FINDINGS, DOUBT, "王经办", "李经办", "周*香"):
        assert shown in page.text, shown
    sent = desk.submit(
        page, f"/quality/disagreements/{again}", resolution="review_again", note=NOTE
    )
    assert "重新核实" in desk.follow(sent).text
    assert len(rows(county.backend, VisitRequest)) == 1
    assert NOTE in desk.get("/quality/disagreements?show=all").text


def test_the_first_page_of_a_head_leads_to_what_waits_for_his_word(
    county: County, clock: FixedClock, office: Office, clerk: Account, other: Account, head: Account
) -> None:
    read_twice(county, clock, by=(clerk, other))
    page = office.as_(head).get("/")
    assert "1 件结论不一致" in page.text
    assert "/office/quality/disagreements" in page.links()
    assert "结论不一致" not in office.as_(clerk).get("/").text


def test_to_revoke_leads_to_where_it_is_proposed(
    county: County, clock: FixedClock, office: Office, clerk: Account, other: Account, head: Account
) -> None:
    _, again = read_twice(county, clock, by=(clerk, other))
    desk = office.as_(head)
    page = desk.get("/quality/disagreements")
    sent = desk.submit(page, f"/quality/disagreements/{again}", resolution="revoke", note=NOTE)
    assert sent.answer.headers["location"].endswith("/revoke")
    assert desk.follow(sent).status == HTTPStatus.OK


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_refused_resolution_keeps_what_was_typed(
    county: County,
    clock: FixedClock,
    office: Office,
    clerk: Account,
    other: Account,
    head: Account,
    headers: dict[str, str],
) -> None:
    _, again = read_twice(county, clock, by=(clerk, other))
    desk = office.as_(head)
    action = f"/quality/disagreements/{again}"
    page = desk.get("/quality/disagreements")
    sent = desk.submit(page, action, resolution="stands", note="无", headers=headers)
    assert sent.status == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "请写明理由" in sent.text
    assert sent.value(action, "note") == "无"
    assert rows(county.backend, RereadAnswer) == []


def test_one_who_read_the_case_is_told_that_another_must_resolve_it(
    county: County, clock: FixedClock, office: Office, clerk: Account, head: Account
) -> None:
    _, again = read_twice(county, clock, by=(clerk, head))
    desk = office.as_(head)
    page = desk.get("/quality/disagreements")
    assert "两次审核里有您" in page.text
    bureau = office.seat(Role.COUNTY_BUREAU, COUNTY)
    wide = bureau.get("/quality/disagreements")
    sent = bureau.submit(wide, f"/quality/disagreements/{again}", resolution="stands", note=NOTE)
    assert sent.status == HTTPStatus.SEE_OTHER


def test_two_heads_do_not_resolve_one_case_twice(
    county: County, clock: FixedClock, office: Office, clerk: Account, other: Account, head: Account
) -> None:
    _, again = read_twice(county, clock, by=(clerk, other))
    one, two = office.as_(head), office.seat(Role.TOWNSHIP_HEAD, TOWNSHIP)
    action = f"/quality/disagreements/{again}"
    pages = [desk.get("/quality/disagreements") for desk in (one, two)]
    one.submit(pages[0], action, resolution="stands", note=NOTE)
    late = two.submit(pages[1], action, resolution="review_again", note=NOTE)
    assert "已经处理过了" in late.text
    assert rows(county.backend, VisitRequest) == []


def test_markup_in_findings_is_text(
    county: County, clock: FixedClock, office: Office, clerk: Account, other: Account, head: Account
) -> None:
    _, again = read_twice(county, clock, by=(clerk, other))
    desk = office.as_(head)
    page = desk.get("/quality/disagreements")
    note = "<script>alert(1)</script>看过"
    desk.submit(page, f"/quality/disagreements/{again}", resolution="stands", note=note)
    shown = desk.get("/quality/disagreements?show=all")
    assert "<script>alert" not in shown.answer.text
    assert note in shown.text


# known answers


def test_the_head_makes_a_known_answer_and_withdraws_it(
    county: County, clock: FixedClock, office: Office, clerk: Account, other: Account, head: Account
) -> None:
    case, _ = read_twice(county, clock, by=(clerk, other), second=Verdict.CERTIFIED)
    third = county.staff(Role.TOWNSHIP_CLERK, TOWNSHIP)
    desk = office.as_(head)
    listed = desk.get(f"/quality/reviewers/{clerk.id}")
    (way,) = [link for link in listed.links() if link.endswith(str(case))]
    form = desk.get(way)
    refused = desk.submit(form, way, expected="certified", document="", reason=NOTE)
    assert "还不能认定答案属实" in refused.text
    assert refused.value(way, "reason") == NOTE
    sent = desk.submit(refused, way, expected="certified", document="派出所 7 号", reason=NOTE)
    page = desk.follow(sent)
    assert "派出所 7 号" in page.text
    assert len(rows(county.backend, KnownAnswer)) == 1
    clock.advance(timedelta(days=5))
    assert "周*香" in office.as_(third).get("/queue").text
    desk = office.as_(head)
    gone = desk.submit(desk.get("/quality/known"), f"/quality/known/{case}", reason="证明作废了")
    assert "已撤下" in desk.follow(gone).text
    assert len(rows(county.backend, KnownAnswerEnd)) == 1
    assert "周*香" not in office.as_(third).get("/queue").text


def test_an_inspector_reads_and_answers_nothing(
    county: County, clock: FixedClock, office: Office, clerk: Account, other: Account
) -> None:
    case, _ = read_twice(county, clock, by=(clerk, other))
    desk = office.seat(Role.INSPECTOR, COUNTY)
    page = desk.get("/quality/disagreements")
    assert FINDINGS in page.text
    assert not page.soup.select("main form")
    assert desk.get(f"/quality/cases/{case}").status == HTTPStatus.FORBIDDEN
    wide = office.seat(Role.INSPECTOR, DivisionPath("99"))
    assert wide.get("/quality").status == HTTPStatus.OK


@pytest.mark.parametrize(
    "route", [r for r in STAFF_ROUTES if r.path.startswith("/quality")], ids=lambda r: r.path
)
def test_what_belongs_to_another_township_is_not_there(
    county: County, clock: FixedClock, office: Office, clerk: Account, other: Account, route: object
) -> None:
    case, again = read_twice(county, clock, by=(clerk, other))
    stranger = office.seat(Role.TOWNSHIP_HEAD, OTHER_TOWNSHIP)
    token = stranger.get("/quality").soup.body["data-csrf"]  # type: ignore[index]
    ids = {"staff_id": clerk.id, "reread_id": again, "review_id": case}
    path = route.address(ids)  # type: ignore[attr-defined]
    fields = [("csrf", str(token)), ("resolution", "stands"), ("note", NOTE), ("reason", NOTE)]
    fields += [("expected", "certified"), ("document", "x")]
    get = route.method == "GET"  # type: ignore[attr-defined]
    page = stranger.get(path) if get else stranger.post(path, fields)
    if route.is_about_an_object:  # type: ignore[attr-defined]
        assert page.status == HTTPStatus.NOT_FOUND, page.text
    else:
        assert page.status == HTTPStatus.OK
        assert "周*香" not in page.text
        assert "王经办" not in page.text
