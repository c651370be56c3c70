"""The policy pages: what rules and why, and a county's own value by two people."""

from datetime import timedelta
from http import HTTPStatus

import pytest

from domain.audit import AuditAction
from domain.policy_values import KEYS, Scheme
from domain.regions import DivisionPath
from domain.roles import Role
from services.accounts import CONFIRMED_FOR
from storage.ids import uuid7
from tests.backend_world import another_process
from tests.certification_world import PASSWORD, Account, County, audited
from tests.clock import FixedClock
from tests.places import COUNTY, OTHER_COUNTY, TOWNSHIP, VILLAGE
from tests.web.office import HTMX, Office, Page
from tests.web.policy_pages import propose, proposed, row

DIGEST = "ab" * 32


@pytest.fixture
def live(county: County) -> County:
    """A county whose book is never older than its act."""
    return County(backend=another_process(county.backend))


@pytest.fixture
def first(live: County) -> Account:
    return live.staff(Role.COUNTY_BUREAU, COUNTY, login="first", name="钱甲")


@pytest.fixture
def second(live: County) -> Account:
    return live.staff(Role.COUNTY_BUREAU, COUNTY, login="second", name="孙乙")


@pytest.fixture
def office(live: County) -> Office:
    return Office(county=live)


# -- reading ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "place"),
    [
        (Role.VILLAGE_OFFICER, VILLAGE),
        (Role.TOWNSHIP_CLERK, TOWNSHIP),
        (Role.COUNTY_ADMIN, COUNTY),
        (Role.INSPECTOR, COUNTY),
    ],
)
def test_everybody_reads_the_rules_of_the_own_place_and_is_offered_no_change(
    office: Office, role: Role, place: DivisionPath
) -> None:
    desk = office.seat(role, place)
    page = desk.get("/policy")
    assert page.status == HTTPStatus.OK
    assert row(page, "review.claim_minutes").startswith("领取后未办结退回队列 30 分钟 (prop)")
    assert "提出调整" not in page.text
    for path in ("/policy/propose", "/policy/propose?key=review.claim_minutes"):
        assert desk.get(path).status == HTTPStatus.FORBIDDEN


def test_every_value_has_its_word_its_clause_and_its_place(office: Office, first: Account) -> None:
    page = office.as_(first).get("/policy?scheme=work_injury")
    assert {str(tr["id"]) for tr in page.soup.find_all("tr", id=True)} == set(KEYS)
    months = row(page, "cycle.months")
    assert months == (
        "认证周期 3 个月 虚构县演示规则:工伤长期待遇 3 个月,同一人各险种各自计时 石桥县"
        " 2020-01-01 调整"
    )
    assert "按对应日" in row(page, "cycle.arithmetic")
    assert row(page, "cycle.quarterly").startswith("每个自然季度另须认证一次 否")
    assert "2024、2025、2026 年放假安排" in page.text


def test_the_filters_stand_in_the_address(office: Office, first: Account) -> None:
    page = office.as_(first).get(f"/policy?place={TOWNSHIP}&scheme=work_injury&on=2021-01-04")
    chosen = [str(o["value"]) for o in page.soup.find_all("option", selected=True)]
    assert chosen == [TOWNSHIP, "work_injury"]
    day = page.soup.find("input", {"name": "on"})
    assert day is not None
    assert day["value"] == "2021-01-04"


@pytest.mark.parametrize(
    ("query", "status"),
    [
        (f"place={OTHER_COUNTY}", HTTPStatus.NOT_FOUND),
        ("place=9901", HTTPStatus.NOT_FOUND),
        ("place=990101777", HTTPStatus.NOT_FOUND),
        ("place=abc", 422),
        ("place=" + "9" * 99, 422),
        ("scheme=nothing", 422),
        ("on=2026-02-30", 422),
        ("on=1900-01-01", HTTPStatus.NOT_FOUND),
    ],
)
def test_what_is_not_there_is_said_in_words(
    office: Office, first: Account, query: str, status: int
) -> None:
    page = office.as_(first).get(f"/policy?{query}")
    assert page.status == status
    assert "编号" in page.text


def test_a_part_is_enough_for_htmx(office: Office, first: Account) -> None:
    page = office.as_(first).ask("GET", "/policy", headers=HTMX)
    assert page.soup.find("html") is None
    assert page.soup.find("tr", id="face.accept") is not None


# -- two people ------------------------------------------------------------------------------


def test_a_value_is_proposed_by_one_confirmed_by_another_and_rules_from_its_day(
    office: Office, live: County, first: Account, second: Account, clock: FixedClock
) -> None:
    one, other = office.as_(first), office.as_(second)
    address = proposed(one)
    mine = one.get(address)
    assert "待确认" in mine.text
    assert "已提出，等另一位同事确认" in mine.text
    assert mine.soup.find("form", action=lambda to: bool(to) and to.endswith("/confirm")) is None

    assert "有 1 项政策调整等您确认" in other.get("/").text
    assert "政策调整等您确认" not in one.get("/").text

    waiting = other.get("/policy/waiting")
    assert address in waiting.links()
    assert "待确认 1" in waiting.text
    assert "待确认 1" not in mine.text
    change = other.get(address)
    assert "调整为 20 分钟" in change.text
    assert "钱甲" in change.text
    done = other.follow(other.submit(change, "/confirm"))
    assert "已确认，到生效日自动生效" in done.text
    assert "孙乙" in done.text
    assert row(other.get("/policy"), "review.claim_minutes").startswith(
        "领取后未办结退回队列 30 分钟"
    )

    clock.advance(timedelta(days=1))
    after = office.as_(second).get("/policy")
    assert row(after, "review.claim_minutes") == (
        "领取后未办结退回队列 20 分钟 石社保〔2026〕3号 二 代替 全国的 30 分钟：(prop) 石桥县"
        " 本地调整 2026-03-03 调整"
    )
    assert address in after.links()
    assert "生效中" in office.as_(second).get("/policy/changes").text
    assert [d["answer"] for d in audited(live.backend, AuditAction.POLICY_ANSWERED)] == [
        "confirmed"
    ]


def test_a_township_reads_the_countys_value_and_its_basis_without_its_papers(
    office: Office, first: Account, second: Account, clock: FixedClock
) -> None:
    other = office.as_(second)
    address = proposed(office.as_(first))
    other.submit(other.get(address), "/confirm")
    clock.advance(timedelta(days=1))

    page = office.seat(Role.TOWNSHIP_HEAD, TOWNSHIP).get("/policy")

    told = row(page, "review.claim_minutes")
    assert "20 分钟 石社保〔2026〕3号 二" in told
    assert "石桥县 本地调整" in told
    assert address not in page.links()


def test_what_is_hard_to_take_back_asks_for_the_password(
    office: Office, first: Account, second: Account, clock: FixedClock
) -> None:
    one, other = office.as_(first), office.as_(second)
    address = proposed(one)
    seen = other.get(address)
    clock.advance(CONFIRMED_FOR - timedelta(minutes=5))
    other.post("/office/seen", [("csrf", _token(seen))])
    clock.advance(timedelta(minutes=6))

    refused = other.submit(seen, "/confirm")
    assert refused.status == HTTPStatus.FORBIDDEN
    wrong = other.submit(refused, "/confirm", password="not-it-at-all")
    assert wrong.status == HTTPStatus.UNAUTHORIZED
    done = other.submit(wrong, "/confirm", password=PASSWORD)
    assert "已确认" in other.follow(done).text


def _token(page: Page) -> str:
    body = page.soup.find("body")
    assert body is not None
    return str(body["data-csrf"])


def test_nobody_confirms_the_own_proposal_even_by_hand(office: Office, first: Account) -> None:
    desk = office.as_(first)
    address = proposed(desk)
    token = _token(desk.get(address))
    answer = desk.post(f"{address}/confirm", [("csrf", token)])
    assert answer.status == HTTPStatus.FORBIDDEN
    assert "proposal.own" in answer.text
    assert "待确认" in desk.get(address).text


def test_a_return_needs_a_word_and_loses_none(
    office: Office, first: Account, second: Account
) -> None:
    one, other = office.as_(first), office.as_(second)
    address = proposed(one)
    short = other.submit(other.get(address), "/return", note="不")
    assert short.status == 422
    area = short.form("/return").find("textarea")
    assert area is not None
    assert area.get_text() == "不"
    other.submit(short, "/return", note="<b>文号</b>不对，请更正")
    seen = one.get(address)
    assert "<b>文号</b>不对，请更正" in seen.text
    assert "已退回" in seen.text
    assert one.get(address).soup.find_all("form", class_="card") == []


def test_the_first_takes_a_proposal_back(office: Office, first: Account, second: Account) -> None:
    one, other = office.as_(first), office.as_(second)
    address = proposed(one)
    open_page = other.get(address)
    assert "已撤回" in one.follow(one.submit(one.get(address), "/withdraw")).text
    late = other.submit(open_page, "/confirm")
    assert late.status == HTTPStatus.CONFLICT
    assert "proposal.already_answered" in late.text


def test_without_its_token_nothing_is_changed(
    office: Office, first: Account, second: Account
) -> None:
    one, other = office.as_(first), office.as_(second)
    address = proposed(one)
    for path in ("confirm", "return", "withdraw"):
        assert other.post(f"{address}/{path}", [("csrf", "x")]).status == HTTPStatus.FORBIDDEN
    assert other.post("/policy/propose", [("key", "x")]).status == HTTPStatus.FORBIDDEN
    assert "待确认" in other.get(address).text


def test_another_countys_changes_are_not_there(
    office: Office, live: County, first: Account
) -> None:
    address = proposed(office.as_(first))
    stranger = office.seat(Role.COUNTY_BUREAU, OTHER_COUNTY)
    token = _token(stranger.get("/policy/changes"))
    assert stranger.get(address).status == HTTPStatus.NOT_FOUND
    assert stranger.get(f"/policy/changes/{uuid7()}").status == HTTPStatus.NOT_FOUND
    for path in ("confirm", "return", "withdraw"):
        answer = stranger.post(f"{address}/{path}", [("csrf", token), ("note", "不是我们县的")])
        assert answer.status == HTTPStatus.NOT_FOUND
    assert stranger.get(f"/policy/changes?after={address.rpartition('/')[2]}").status == (
        HTTPStatus.NOT_FOUND
    )
    assert "这里还没有调整过政策" in stranger.get("/policy/changes").text


# -- the form --------------------------------------------------------------------------------


def test_the_form_asks_for_what_its_key_needs(office: Office, first: Account) -> None:
    desk = office.as_(first)
    keys = desk.get("/policy/propose")
    assert {str(o["value"]) for o in keys.soup.find_all("option")} == set(KEYS)

    face = desk.get("/policy/propose?key=face.accept").form("/policy/propose")
    assert face.find("input", {"name": "report_digest"}) is not None
    assert face.find("input", {"name": "scheme"}) is None
    assert "可填 0.3 到 0.9" in face.get_text()

    cycle = desk.get("/policy/propose?key=cycle.months").form("/policy/propose")
    assert cycle.find("input", {"name": "report_digest"}) is None
    assert len(cycle.find_all("input", {"name": "scheme"})) == len(Scheme)
    now = cycle.find("dl", {"class": "now"})
    assert now is not None
    assert [b.get_text() for b in now.find_all("strong")] == ["12 个月", "3 个月"]
    assert "工伤长期待遇" in now.get_text()

    yes_no = desk.get("/policy/propose?key=cycle.quarterly").form("/policy/propose")
    value = yes_no.find("select", {"name": "value"})
    assert value is not None
    assert [o.get_text() for o in value.find_all("option")] == ["是", "否"]
    assert desk.get("/policy/propose?key=cycle.nothing").status == 422


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ({"value": "二十"}, "policy.value_malformed"),
        ({"value": ""}, "policy.value_malformed"),
        ({"value": "9999"}, "policy.value_out_of_range"),
        ({"basis": "依据"}, "policy.basis_required"),
        ({"effective_from": "2026-03-02"}, "policy.begins_too_early"),
        ({"effective_from": "tomorrow"}, "request.invalid"),
        ({"effective_to": "2026-03-01"}, "policy.ends_before_it_begins"),
        ({"division": OTHER_COUNTY}, "policy.division_unknown"),
        ({"division": "石桥县"}, "division.malformed"),
        ({"scheme": "work_injury"}, "policy.schemes_inseparable"),
        ({"scheme": "nothing"}, "request.invalid"),
        ({"key": "face.accept", "value": "0.5", "report_digest": ""}, "policy.report_required"),
        ({"key": "face.accept", "value": "0.31", "report_digest": DIGEST}, "policy.contradiction"),
    ],
)
def test_what_is_refused_comes_back_as_it_was_typed(
    office: Office, first: Account, typed: dict[str, str], code: str
) -> None:
    desk = office.as_(first)
    answer = propose(desk, **typed)
    assert answer.status in {404, 422}
    assert code in answer.text
    form = answer.form("/policy/propose")
    basis = form.find("textarea", {"name": "basis"})
    assert basis is not None
    assert basis.get_text() == typed.get("basis", "石社保〔2026〕3号 二")
    assert "没有等您确认的调整" in desk.get("/policy/waiting").text


def test_a_threshold_goes_with_its_report(office: Office, first: Account, second: Account) -> None:
    address = proposed(office.as_(first), key="face.accept", value="０．５", report_digest=DIGEST)
    seen = office.as_(second).get(address)
    assert "调整为 0.5" in seen.text
    assert DIGEST in seen.text


def test_a_change_for_one_scheme_names_it(office: Office, first: Account, second: Account) -> None:
    address = proposed(
        office.as_(first),
        key="cycle.months",
        value="4",
        scheme=["work_injury", "survivor_allowance"],
    )
    seen = office.as_(second).get(address)
    assert "遗属待遇、工伤长期待遇" in seen.text
    assert "3 个月" in seen.text


def test_a_change_that_came_to_contradict_others_says_so(
    office: Office, first: Account, second: Account
) -> None:
    one, other = office.as_(first), office.as_(second)
    accept = proposed(one, key="face.accept", value="0.4", report_digest=DIGEST)
    review = proposed(one, key="face.review", value="0.42", report_digest=DIGEST)
    other.submit(other.get(accept), "/confirm")
    seen = other.get(review)
    assert "和现行其他规定相互矛盾，不能生效" in seen.text
    assert seen.soup.find("form", action=f"{review}/confirm") is None
    answer = other.post(f"{review}/confirm", [("csrf", _token(seen))])
    assert "policy.contradiction" in answer.text


def test_markup_in_a_basis_is_text(office: Office, first: Account) -> None:
    desk = office.as_(first)
    page = desk.get(proposed(desk, basis="<script>alert(1)</script>"))
    assert "<script>alert(1)</script>" in page.text
    assert "<script>alert" not in page.answer.text


def test_the_history_has_pages(
    office: Office, first: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.console.policy.PAGE", 2)
    desk = office.as_(first)
    made = [proposed(desk, value=str(20 + n)) for n in range(3)]
    page = desk.get("/policy/changes")
    assert [a for a in page.links() if a in made] == [made[2], made[1]]
    (more,) = [a for a in page.links() if "after=" in a]
    older = desk.get(more)
    assert [a for a in older.links() if a in made] == [made[0]]
