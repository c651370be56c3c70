"""The page about one person: masked, opened for a reason, honest about what is gone."""

from datetime import date
from http import HTTPStatus
from uuid import UUID

import pytest
from bs4 import BeautifulSoup

from domain.audit import AuditAction
from domain.beneficiary import EntitlementStatus, SuspensionCause
from domain.cycle import Channel, EventKind
from domain.opening import OpenReason
from domain.policy_values import Scheme
from domain.review import Verdict
from domain.roles import Role
from services import evidence
from services.person_page import NOTE
from storage.db.models.cases import Review, ReviewDecision
from storage.db.models.certification import Certification
from storage.ids import uuid7
from tests import case_world
from tests.certification_world import TEST, County, Pensioner, audited, rows
from tests.people_world import clock, erase, member
from tests.places import COUNTY, OTHER_TOWNSHIP, OTHER_VILLAGE, TOWNSHIP, VILLAGE
from tests.web.office import Office, Page
from web.console import words

PHOTO = b"\xff\xd8\xff\xe0" + b"synthetic picture" * 20


@pytest.fixture
def clerk(office: Office) -> Office:
    return office.seat(Role.TOWNSHIP_CLERK, TOWNSHIP)


@pytest.fixture
def zhou(county: County) -> Pensioner:
    return county.person("周桂香")


def page_of(office: Office, person: Pensioner) -> Page:
    return office.get(f"/people/{person.id}")


def stored(county: County, person: Pensioner) -> UUID:
    kept = evidence.store(county.backend, TEST, person.id, content=PHOTO, media_type="image/jpeg")
    return kept.id


def test_nothing_that_names_the_person_is_on_the_page(clerk: Office, zhou: Pensioner) -> None:
    page = page_of(clerk, zhou)

    assert page.status == HTTPStatus.OK
    assert "周*香" in page.text
    for secret in (zhou.name, zhou.id_number, zhou.phone):
        assert secret not in page.answer.text


def test_opening_shows_all_once_for_a_reason_on_record(
    county: County, clerk: Office, zhou: Pensioner
) -> None:
    opened = clerk.submit(page_of(clerk, zhou), "/open", reason="call")

    for secret in (zhou.name, zhou.id_number, zhou.phone):
        assert secret in opened.text
    assert opened.answer.headers["cache-control"] == "no-store"
    (record,) = audited(county.backend, AuditAction.PERSON_OPENED)
    assert record == {"beneficiary": str(zhou.id), "reason": "call", "note_sealed": None}
    assert zhou.name not in page_of(clerk, zhou).answer.text


def test_the_words_of_a_reason_are_sealed_and_end_with_the_person(
    county: County, clerk: Office, zhou: Pensioner
) -> None:
    clerk.submit(page_of(clerk, zhou), "/open", reason="other", note="家属来电询问进度")

    (record,) = audited(county.backend, AuditAction.PERSON_OPENED)
    with county.backend.unit(TEST.actor, TEST.scope) as unit:
        key = county.backend.people(unit).load_key(zhou.id)
    assert key.open(bytes.fromhex(record["note_sealed"]), NOTE).decode() == "家属来电询问进度"
    assert "家属" not in repr(record)


@pytest.mark.parametrize(
    ("reason", "note"), [("other", ""), ("other", "查"), ("call", "360426195001011234"), ("x", "")]
)
def test_without_a_fit_reason_nothing_opens_and_nothing_typed_is_lost(
    county: County, clerk: Office, zhou: Pensioner, reason: str, note: str
) -> None:
    page = clerk.submit(page_of(clerk, zhou), "/open", reason=reason, note=note)

    assert page.status == HTTPStatus.UNPROCESSABLE_ENTITY
    assert zhou.name not in page.answer.text
    assert page.value("/open", "note") == note
    assert audited(county.backend, AuditAction.PERSON_OPENED) == []


def test_a_file_is_opened_for_a_reason_and_kept_nowhere(
    county: County, clerk: Office, zhou: Pensioner
) -> None:
    file = stored(county, zhou)
    page = page_of(clerk, zhou)
    assert page.soup.select("main img") == []

    answer = clerk.submit(page, f"/file/{file}", reason="review").answer

    assert answer.content == PHOTO
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["cache-control"] == "no-store"
    (record,) = audited(county.backend, AuditAction.EVIDENCE_VIEWED)
    assert (record["evidence"], record["reason"]) == (str(file), "review")


def test_a_file_of_somebody_else_is_not_on_this_page(
    county: County, clerk: Office, zhou: Pensioner
) -> None:
    file, other = stored(county, county.person("王秀英")), stored(county, zhou)
    form = page_of(clerk, zhou)
    csrf = form.value(f"/file/{other}", "csrf")

    answer = clerk.post(f"/people/{zhou.id}/file/{file}", [("csrf", csrf), ("reason", "call")])

    assert answer.status == HTTPStatus.NOT_FOUND
    assert audited(county.backend, AuditAction.EVIDENCE_VIEWED) == []


def test_the_course_is_drawn_and_said_in_words(
    county: County, clerk: Office, zhou: Pensioner
) -> None:
    clock(
        county.backend, zhou, date(2026, 3, 1), channel=Channel.HOME_VISIT,
        captured_on=date(2025, 11, 20),
    )  # fmt: skip

    svg = page_of(clerk, zhou).soup.find("svg", attrs={"role": "img"})

    assert svg is not None
    assert svg["aria-labelledby"] == "life-title life-desc"
    said = svg.find("desc").get_text()  # type: ignore[union-attr]
    assert "认证 1 次" in said
    assert "未认证的时段 2025-" in said
    assert svg.select("rect[fill='url(#gap)']")
    assert len(svg.select("circle")) == 1
    assert "今天" in svg.get_text()
    assert svg.select("[style]") == []


def test_a_revoked_certification_is_a_cross_and_covers_nothing(
    county: County, clerk: Office, zhou: Pensioner
) -> None:
    false = clock(
        county.backend, zhou, date(2026, 12, 1), channel=Channel.HELPER,
        captured_on=date(2025, 12, 1),
    )  # fmt: skip
    (row,) = rows(county.backend, Certification)
    with county.backend.unit(TEST.actor, TEST.scope) as unit:
        unit.session.add(
            Certification(
                id=uuid7(),
                beneficiary_id=zhou.id,
                entitlement_id=row.entitlement_id,
                kind=EventKind.REVOKED.value,
                channel=row.channel,
                captured_on=date(2026, 2, 1),
                received_at=unit.now,
                revokes_id=false,
                preset_digest="test",
                recorded_by="test",
            )
        )

    page = page_of(clerk, zhou)

    svg = page.soup.find("svg", attrs={"role": "img"})
    assert svg is not None
    assert svg.select("circle") == []
    assert len(svg.select("path")) == 1
    assert "2026-03-02 撤销" in page.text
    assert "已过期" in page.text


def test_a_suspension_is_told_with_its_cause_and_day(
    county: County, clerk: Office, zhou: Pensioner
) -> None:
    county.suspend(zhou, SuspensionCause.UNCERTIFIED)

    page = page_of(clerk, zhou)

    assert "暂停发放" in page.text
    assert "未通过认证" in page.text


@pytest.mark.parametrize("status", [EntitlementStatus.TERMINATED, EntitlementStatus.ACTIVE])
def test_every_state_of_a_benefit_has_its_page(
    county: County, clerk: Office, status: EntitlementStatus
) -> None:
    both = (Scheme.RESIDENT_PENSION, Scheme.SURVIVOR_ALLOWANCE)
    person = county.person("王秀英", schemes=both)
    county.set_state(person, status)

    page = page_of(clerk, person)

    assert page.status == HTTPStatus.OK
    assert "遗属待遇" in page.text


def test_somebody_who_draws_nothing_has_a_page(county: County, clerk: Office) -> None:
    assert "没有登记待遇" in page_of(clerk, county.person("王秀英", schemes=())).text


def test_somebody_erased_by_law_has_a_page_of_what_is_left(
    county: County, clerk: Office, zhou: Pensioner
) -> None:
    file = stored(county, zhou)
    csrf = page_of(clerk, zhou).value("/open", "csrf")
    erase(county.backend, zhou)

    page = page_of(clerk, zhou)

    assert page.status == HTTPStatus.OK
    assert "依法删除" in page.text
    assert "城乡居民养老" in page.text
    assert [f for f in page.soup.select("main form") if "/logout" not in str(f["action"])] == []
    for where in ("open", f"file/{file}", "visit", "link"):
        fields = [("csrf", csrf), ("reason", "call")]
        assert clerk.post(f"/people/{zhou.id}/{where}", fields).status == HTTPStatus.GONE, where


def test_a_name_with_markup_is_only_text(county: County, clerk: Office) -> None:
    person = county.person("<script>alert(1)</script>")

    opened = clerk.submit(page_of(clerk, person), "/open", reason="call")

    assert "<script>alert" not in opened.answer.text
    assert "<script>alert(1)</script>" in opened.text


def test_the_code_for_the_door_is_told_to_who_visits(
    office: Office, clerk: Office, zhou: Pensioner
) -> None:
    sent = clerk.follow(clerk.submit(page_of(clerk, zhou), "/visit"))
    assert "已列入等待上门" in sent.text
    assert "上门口令" in sent.text

    officer = page_of(office.seat(Role.VILLAGE_OFFICER, VILLAGE), zhou)
    unit_officer = page_of(office.seat(Role.UNIT_OFFICER, TOWNSHIP), zhou)

    assert "上门口令" in officer.text
    assert "口令" not in unit_officer.text


def test_a_link_and_its_letter_code_are_shown_once_and_can_be_ended(
    county: County, clerk: Office, zhou: Pensioner
) -> None:
    made = clerk.submit(page_of(clerk, zhou), "/link")
    assert "/m/k/" in made.text
    assert made.soup.find("svg", class_="segno") is not None
    code = made.soup.select_one(".secret")
    assert code is not None
    assert len(code.get_text().replace(" ", "")) == 8

    again = page_of(clerk, zhou)
    assert "/m/k/" not in again.answer.text
    ended = clerk.follow(clerk.submit(again, "/end"))

    assert "链接已作废" in ended.text
    assert "已失效" in ended.text
    assert len(audited(county.backend, AuditAction.LINK_REVOKED)) == 1


def test_a_verdict_that_is_being_read_again_is_not_shown(county: County, clerk: Office) -> None:
    person = county.person("王秀英")
    officer = member(county.backend, county.staff(Role.VILLAGE_OFFICER, VILLAGE))
    reviewer = county.staff(Role.TOWNSHIP_HEAD, TOWNSHIP, name="赵负责")
    case = case_world.flagged_visit(county.backend, officer, person.id, "visit-0001")
    with county.backend.unit(TEST.actor, TEST.scope) as unit:
        review = unit.session.get(Review, case)
        assert review is not None
        unit.session.add(
            ReviewDecision(
                review_id=case,
                beneficiary_id=person.id,
                outcome=Verdict.ASK_AGAIN.value,
                findings="照片看不清",
                decided_at=unit.now,
                decided_by=reviewer.id,
            )
        )
    assert "请本人再拍一次" in page_of(clerk, person).text
    assert "赵负责" in page_of(clerk, person).text

    with county.backend.unit(TEST.actor, TEST.scope) as unit:
        unit.session.add(
            Review(
                id=uuid7(),
                beneficiary_id=person.id,
                visit_id=review.visit_id,
                reasons=[],
                priority=1,
                opened_at=unit.now,
                due_at=unit.now,
                reread_of=case,
            )
        )

    page = page_of(clerk, person)
    assert "请本人再拍一次" not in page.text
    assert "赵负责" not in page.text
    assert "正在复看" in page.text


def test_an_officer_sees_a_reduced_page_of_the_own_village(
    county: County, office: Office, zhou: Pensioner
) -> None:
    stored(county, zhou)
    officer = office.seat(Role.VILLAGE_OFFICER, VILLAGE)

    page = page_of(officer, zhou)

    for title in ("材料", "认证和审核", "谁办过什么"):
        assert title not in [h.get_text() for h in page.soup.select("h2")]
    assert "查看完整信息" not in page.text
    away = county.person("王秀英", household=OTHER_VILLAGE)
    assert page_of(officer, away).status == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("where", ["", "/open", "/link", "/visit"])
def test_nobody_of_another_township_finds_the_page(
    office: Office, clerk: Office, zhou: Pensioner, where: str
) -> None:
    beside = office.seat(Role.TOWNSHIP_CLERK, OTHER_TOWNSHIP)
    csrf = beside.get("/people").value("/people/find", "csrf")

    if where:
        fields = [("csrf", csrf), ("reason", "call")]
        answer = beside.post(f"/people/{zhou.id}{where}", fields)
    else:
        answer = page_of(beside, zhou)

    assert answer.status == HTTPStatus.NOT_FOUND
    assert page_of(clerk, zhou).status == HTTPStatus.OK


def test_who_may_not_open_is_refused_whatever_is_sent(
    county: County, office: Office, zhou: Pensioner
) -> None:
    officer = office.seat(Role.VILLAGE_OFFICER, VILLAGE)
    csrf = officer.get("/people").value("/people/find", "csrf")

    answer = officer.post(f"/people/{zhou.id}/open", [("csrf", csrf), ("reason", "call")])

    assert answer.status == HTTPStatus.FORBIDDEN
    assert audited(county.backend, AuditAction.PERSON_OPENED) == []


def test_the_county_reads_who_did_what(county: County, office: Office, zhou: Pensioner) -> None:
    clerk = office.as_(county.staff(Role.TOWNSHIP_CLERK, TOWNSHIP, name="王经办"))
    clerk.submit(page_of(clerk, zhou), "/open", reason="call")

    page = page_of(office.seat(Role.COUNTY_BUREAU, COUNTY), zhou)

    section = BeautifulSoup(page.answer.text, "html.parser").find(id="deeds-title")
    assert section is not None
    deeds = section.parent.get_text(" ")  # type: ignore[union-attr]
    assert "查看完整资料" in deeds
    assert "王经办" in deeds


@pytest.mark.parametrize("where", ["x", "0" * 36, "%00"])
def test_an_address_that_names_nobody_is_answered_in_words(clerk: Office, where: str) -> None:
    answer = clerk.get(f"/people/{where}")

    assert answer.status in {HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY}
    assert "编号" in answer.text


def test_every_reason_has_a_word() -> None:
    assert set(words.SETS["open_reason"]) == {reason.value for reason in OpenReason}
