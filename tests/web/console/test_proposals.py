"""The second person's pages, and the page on which a revocation is proposed."""

from datetime import timedelta
from http import HTTPStatus
from uuid import UUID

import pytest

from domain.regions import DivisionPath
from domain.review import Method, Verdict
from domain.roles import Role
from services import reviews
from services.accounts import StaffMember
from services.backend import Backend
from services.reviews import Ruling
from storage.db.models.cases import Lead, ProposalAnswer, ReviewDecision
from storage.db.models.certification import Certification
from storage.ids import uuid7
from tests import case_world as world
from tests.certification_world import PASSWORD, County, rows
from tests.clock import FixedClock
from tests.places import COUNTY, OTHER_TOWNSHIP, TOWNSHIP, VILLAGE
from tests.signed_in import token_of
from tests.web.office import Office, Page
from web.console.session import COOKIE

GROUNDS = "照片与本人明显不符，邻居称已搬走"


@pytest.fixture
def backend(county: County) -> Backend:
    return county.backend


@pytest.fixture
def person(backend: Backend) -> UUID:
    return world.add_person(backend, 1)


@pytest.fixture
def first(backend: Backend) -> StaffMember:
    """Who proposes, as the services see it."""
    return world.add_staff(backend, "first")


@pytest.fixture
def case(backend: Backend, person: UUID) -> UUID:
    return world.flagged_visit(backend, world.officer(backend), person, "visit-0001")


@pytest.fixture
def proposal(backend: Backend, first: StaffMember, case: UUID) -> UUID:
    reviews.claim_case(backend, first, case)
    ruling = Ruling(verdict=Verdict.REFER_AS_LEAD, method=None, findings=GROUNDS)
    made = reviews.decide(backend, first, case, ruling).proposal_id
    assert made is not None
    return made


@pytest.fixture
def second(county: County) -> Office:
    """A clerk of the township who had no part in it."""
    return county_seat(county, Role.TOWNSHIP_CLERK, TOWNSHIP)


@pytest.fixture
def number(backend: Backend, first: StaffMember, case: UUID) -> str:
    """A certificate that a review gave."""
    reviews.claim_case(backend, first, case)
    ruling = Ruling(
        verdict=Verdict.CERTIFIED, method=Method.CALL_BACK, findings="已电话核实本人健在"
    )
    certified = reviews.decide(backend, first, case, ruling).certified
    assert certified is not None
    return certified.certificate_number


def county_seat(county: County, role: Role, division: DivisionPath) -> Office:
    return Office(county=county).seat(role, division)


def answered(office: Office, proposal: UUID, answer: str, *, note: str) -> Page:
    page = office.get(f"/proposals/{proposal}")
    return office.submit(page, "/answer", answer=answer, note=note)


# the lists


def test_what_waits_for_me_is_listed_masked_and_opens(second: Office, proposal: UUID) -> None:
    page = second.get("/proposals")
    assert page.status == HTTPStatus.OK
    assert "王*试" in page.text
    assert "王测试" not in page.answer.text
    assert "列为疑点" in page.text
    assert f"/office/proposals/{proposal}" in page.links()
    assert "待我复核 1" in page.text


def test_a_case_that_waits_beyond_its_limit_is_marked(
    county: County, proposal: UUID, clock: FixedClock
) -> None:
    assert "已超期" not in county_seat(county, Role.TOWNSHIP_CLERK, TOWNSHIP).get("/proposals").text
    clock.advance(timedelta(days=9))
    late = county_seat(county, Role.TOWNSHIP_CLERK, TOWNSHIP)
    assert "已超期" in late.get("/proposals").text
    assert "已超期" in late.get(f"/proposals/{proposal}").text


def test_the_lists_part_what_i_proposed_from_what_i_answer(
    county: County, second: Office, proposal: UUID
) -> None:
    mine = seat_of(county, "first")
    assert "没有等复核的提请" in mine.get("/proposals").text
    assert "王*试" in mine.get("/proposals?shelf=mine").text
    assert "您没有提出过" in second.get("/proposals?shelf=mine").text
    assert "还没有答复过的提请" in second.get("/proposals?shelf=answered").text


def seat_of(county: County, login: str) -> Office:
    """Sit down as somebody of `case_world`."""
    token = token_of(county.backend, login, world.PASSWORD)
    return Office(county=county, cookies={COOKIE: token})


def test_pages_of_a_list_hold_every_proposal_once(
    backend: Backend, first: StaffMember, second: Office
) -> None:
    officer = world.officer(backend)
    for serial in range(3):
        someone = world.add_person(backend, serial)
        case = world.flagged_visit(backend, officer, someone, f"visit-{serial:04d}")
        reviews.claim_case(backend, first, case)
        ruling = Ruling(verdict=Verdict.REFER_AS_LEAD, method=None, findings=GROUNDS)
        reviews.decide(backend, first, case, ruling)
    found, page = list[str](), second.get("/proposals?limit=1")
    while True:
        lines = [link for link in page.links() if "/proposals/" in link]
        assert len(lines) == 1, "a page after is as long as the first"
        found += lines
        following = list(page.soup.find_all("a", rel="next"))
        if not following:
            break
        page = second.get(str(following[0]["href"]))
    assert len(found) == len(set(found)) == 3


def test_the_inspector_reads_and_cannot_answer(county: County, proposal: UUID) -> None:
    inspector = county_seat(county, Role.INSPECTOR, COUNTY)
    assert "王*试" in inspector.get("/proposals").text
    assert "还没有答复过的提请" in inspector.get("/proposals?shelf=answered").text
    shown = inspector.get(f"/proposals/{proposal}")
    assert "您的角色不能答复" in shown.text
    assert shown.soup.find("form", action=lambda to: bool(to) and "answer" in to) is None


@pytest.mark.parametrize(
    ("role", "division"),
    [(Role.VILLAGE_OFFICER, VILLAGE), (Role.COUNTY_ADMIN, COUNTY)],
)
def test_who_reads_no_reviews_reads_no_proposals(
    county: County, proposal: UUID, role: Role, division: DivisionPath
) -> None:
    office = county_seat(county, role, division)
    assert office.get("/proposals").status == HTTPStatus.FORBIDDEN
    assert office.get(f"/proposals/{proposal}").status == HTTPStatus.FORBIDDEN


def test_another_township_finds_nothing(county: County, proposal: UUID) -> None:
    stranger = county_seat(county, Role.TOWNSHIP_HEAD, OTHER_TOWNSHIP)
    assert "没有等复核的提请" in stranger.get("/proposals").text
    assert stranger.get(f"/proposals/{proposal}").status == HTTPStatus.NOT_FOUND


# the file and the answer


def test_the_file_shows_grounds_pictures_and_what_an_answer_does(
    second: Office, proposal: UUID, case: UUID
) -> None:
    page = second.get(f"/proposals/{proposal}")
    assert GROUNDS in page.text
    assert "不影响待遇发放" in page.text
    assert "王测试" not in page.answer.text
    pictures = [str(img["src"]) for img in page.soup.select(".faces img")]
    assert len(pictures) == len(world.PHOTOS)
    for source in pictures:
        assert second.get(source).status == HTTPStatus.OK
    assert f"/office/queue/{case}" in page.links()


def test_the_second_looks_at_the_whole_case_and_answers_beside_it(
    second: Office, proposal: UUID, case: UUID, backend: Backend
) -> None:
    page = second.get(f"/queue/{case}")
    assert GROUNDS in page.text
    assert page.soup.find(id="verdict") is None
    second.submit(page, "/answer", answer="confirmed", note="")
    assert len(rows(backend, Lead)) == 1


def test_the_first_sees_of_the_proposed_case_only_that_it_waits(
    county: County, proposal: UUID, case: UUID
) -> None:
    page = seat_of(county, "first").get(f"/queue/{case}")
    assert "等另一位同事复核" in page.text
    assert page.soup.select(".faces img") == []
    assert f"/office/proposals/{proposal}" in page.links()


def test_confirmed_it_is_said_and_done(second: Office, proposal: UUID, backend: Backend) -> None:
    done = answered(second, proposal, "confirmed", note="")
    assert "已同意，疑点已立案" in second.follow(done).text
    assert len(rows(backend, Lead)) == len(rows(backend, ReviewDecision)) == 1
    assert "已同意" in second.get(f"/proposals/{proposal}").text


def test_returned_the_note_is_kept(second: Office, proposal: UUID, backend: Backend) -> None:
    done = answered(second, proposal, "returned", note="请先打电话\n再核对一次")
    assert "已退回" in second.follow(done).text
    shown = second.get(f"/proposals/{proposal}")
    assert "请先打电话 再核对一次" in shown.text
    assert rows(backend, Lead) == []


def test_to_return_without_a_word_says_so_and_loses_nothing(second: Office, proposal: UUID) -> None:
    refused = answered(second, proposal, "returned", note="再看")
    assert refused.status == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "请写明退回的原因" in refused.text
    assert refused.value("/answer", "note") == "再看"


def test_after_a_quarter_of_an_hour_the_form_asks_for_the_password(
    second: Office, proposal: UUID, clock: FixedClock, backend: Backend
) -> None:
    clock.advance(timedelta(minutes=10))
    second.get(f"/proposals/{proposal}")
    clock.advance(timedelta(minutes=10))
    page = second.get(f"/proposals/{proposal}")
    assert page.form("/answer").select_one("[name=password]") is not None
    wrong = second.submit(page, "/answer", answer="confirmed", note="看过了", password="not-it")
    assert wrong.status == HTTPStatus.UNAUTHORIZED
    assert wrong.value("/answer", "note") == "看过了"
    assert "not-it" not in wrong.answer.text
    silent = second.submit(page, "/answer", answer="confirmed", note="", password="")
    assert "这一步要再输一次密码" in silent.text
    assert rows(backend, ProposalAnswer) == []
    second.submit(page, "/answer", answer="confirmed", note="", password=PASSWORD)
    assert len(rows(backend, ProposalAnswer)) == 1


def test_the_first_may_take_it_back_and_not_answer(
    county: County, backend: Backend, proposal: UUID
) -> None:
    mine = seat_of(county, "first")
    page = mine.get(f"/proposals/{proposal}")
    forms = [str(form["action"]) for form in page.soup.find_all("form", method="post")]
    assert [f for f in forms if f.endswith("/answer")] == []
    csrf = page.value("/withdraw", "csrf")
    sent = [("csrf", csrf), ("answer", "confirmed"), ("note", "")]
    forced = mine.post(f"/proposals/{proposal}/answer", sent)
    assert forced.status == HTTPStatus.FORBIDDEN
    assert "自己提请的不能自己复核" in forced.text
    done = mine.submit(page, "/withdraw", note="本人已来窗口")
    assert "已撤回，这件重新排队" in mine.follow(done).text
    assert rows(backend, Lead) == []


def test_an_answer_that_came_too_late_says_so(
    county: County, second: Office, proposal: UUID
) -> None:
    page = second.get(f"/proposals/{proposal}")
    other = county_seat(county, Role.TOWNSHIP_HEAD, TOWNSHIP)
    answered(other, proposal, "returned", note="请先打电话核实")
    late = second.submit(page, "/answer", answer="confirmed", note="")
    assert late.status == HTTPStatus.CONFLICT
    assert "这件提请已经有了答复" in late.text


def test_without_its_token_a_form_does_nothing(
    second: Office, proposal: UUID, backend: Backend
) -> None:
    sent = [("answer", "confirmed"), ("note", "")]
    assert second.post(f"/proposals/{proposal}/answer", sent).status == HTTPStatus.FORBIDDEN
    assert rows(backend, ProposalAnswer) == []


@pytest.mark.parametrize("answer", ["", "rejected", "withdrawn"])
def test_an_answer_that_is_none_is_refused(
    second: Office, proposal: UUID, backend: Backend, answer: str
) -> None:
    refused = answered(second, proposal, answer, note="请先打电话核实")
    assert refused.status in (HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.FORBIDDEN)
    assert rows(backend, ProposalAnswer) == []


def test_what_somebody_wrote_is_never_markup(
    backend: Backend, first: StaffMember, second: Office, case: UUID
) -> None:
    reviews.claim_case(backend, first, case)
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    ruling = Ruling(verdict=Verdict.REFER_AS_LEAD, method=None, findings=evil)
    made = reviews.decide(backend, first, case, ruling).proposal_id
    page = second.get(f"/proposals/{made}")
    assert evil in page.text
    assert "<script>alert" not in page.answer.text
    assert "<img src=x" not in page.answer.text


def test_what_is_asked_as_a_part_comes_as_a_part(second: Office, proposal: UUID) -> None:
    part = second.part(f"/proposals/{proposal}")
    assert part.status == HTTPStatus.OK
    assert part.soup.find("html") is None
    assert GROUNDS in part.text


# to revoke


def test_the_consequences_are_drawn_before_anything_is_proposed(
    county: County, person: UUID, number: str, backend: Backend
) -> None:
    head = county_seat(county, Role.TOWNSHIP_HEAD, TOWNSHIP)
    page = head.get(f"/people/{person}/certificates/{number}/revoke")
    assert page.status == HTTPStatus.OK
    until = world.valid_until(backend, person)["resident_pension"]
    drawing = page.soup.find("svg", {"class": "before-after"})
    assert drawing is not None
    assert f"现在到 {until}" in str(drawing["aria-label"])
    assert "系统不会停发待遇" in page.text
    assert "王测试" not in page.answer.text


def test_a_revocation_is_proposed_seconded_and_done(
    county: County, person: UUID, number: str, backend: Backend, second: Office
) -> None:
    until = world.valid_until(backend, person)
    head = county_seat(county, Role.TOWNSHIP_HEAD, TOWNSHIP)
    page = head.get(f"/people/{person}/certificates/{number}/revoke")
    made = head.submit(page, "/revoke", grounds="村里证实本人去年已去世")
    file = head.follow(made)
    assert "等另一位同事复核" in file.text
    again = head.get(f"/people/{person}/certificates/{number}/revoke")
    assert "已经有人提请撤销" in again.text
    assert world.valid_until(backend, person) == until
    address = made.answer.headers["location"]
    seen = second.get(address)
    assert seen.soup.find("svg", {"class": "before-after"}) is not None
    done = second.submit(seen, "/answer", answer="confirmed", note="")
    assert "认证已撤销" in second.follow(done).text
    assert world.valid_until(backend, person) != until
    assert len(rows(backend, Certification, kind="revoked")) == 1
    after = second.get(address)
    assert "提请时的撤销前后" in after.text
    gone = head.get(f"/people/{person}/certificates/{number}/revoke")
    assert gone.status == HTTPStatus.CONFLICT
    assert "这份认证已经撤销" in gone.text


def test_grounds_that_are_missing_are_asked_for_and_nothing_is_lost(
    county: County, person: UUID, number: str
) -> None:
    head = county_seat(county, Role.TOWNSHIP_HEAD, TOWNSHIP)
    page = head.get(f"/people/{person}/certificates/{number}/revoke")
    refused = head.submit(page, "/revoke", grounds="假的")
    assert refused.status == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "请写明理由" in refused.text
    assert refused.value("/revoke", "grounds") == "假的"


def test_a_clerk_is_not_offered_a_revocation(second: Office, person: UUID, number: str) -> None:
    address = f"/people/{person}/certificates/{number}/revoke"
    assert second.get(address).status == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize("role", [Role.TOWNSHIP_HEAD, Role.COUNTY_BUREAU])
def test_a_certificate_that_is_not_there_is_not_found(
    county: County, person: UUID, role: Role
) -> None:
    division = COUNTY if role is Role.COUNTY_BUREAU else TOWNSHIP
    office = county_seat(county, role, division)
    for whom, which in ((person, "JZ00"), (uuid7(), "JZ00"), (person, "%00"), (person, "J" * 99)):
        page = office.get(f"/people/{whom}/certificates/{which}/revoke")
        assert page.status in (HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY)
