"""The case screen: masked until claimed, every look on record, all that is known beside it."""

import json
from datetime import timedelta
from http import HTTPStatus
from uuid import UUID

import pytest

from domain.audit import AuditAction
from domain.regions import DivisionPath
from domain.review import Verdict
from domain.review_grounds import GROUNDS
from domain.roles import Role
from services import evidence
from storage.db.models.cases import ReviewDecision
from storage.db.models.registry import DataKeyRow
from tests.attempt_world import refer_to
from tests.certification_world import TEST, Account, County, Pensioner, audited, rows
from tests.clock import FixedClock
from tests.places import COUNTY, OTHER_TOWNSHIP, TOWNSHIP, VILLAGE
from tests.web.cases import CLIP, case_of
from tests.web.console.case.screen import CERTIFY, FINDINGS, claimed, files
from tests.web.office import Office


def test_before_it_is_claimed_a_case_is_masked_and_without_pictures(
    desk: Office, person: Pensioner, case: UUID
) -> None:
    page = desk.get(f"/queue/{case}")

    assert "欧**远" in page.text
    assert person.name not in page.answer.text
    assert person.phone not in page.answer.text
    assert files(page) == []
    assert "data:image" not in page.answer.text
    assert page.soup.find(id="verdict") is None


def test_whoever_claims_it_sees_it_in_full_and_both_are_on_record(
    county: County, desk: Office, person: Pensioner, case: UUID
) -> None:
    page = claimed(desk, case)

    assert person.name in page.text
    assert person.phone in page.text
    assert person.id_number not in page.answer.text
    assert len(files(page)) == 3
    assert page.form("/verdict")
    assert [e["unmasked"] for e in audited(county.backend, AuditAction.REVIEW_VIEWED)] == [
        False,
        True,
    ]


@pytest.mark.parametrize("path", ["", "/file/{file}"])
def test_another_township_finds_nothing(
    office: Office, desk: Office, case: UUID, path: str
) -> None:
    file = files(claimed(desk, case))[0].rpartition("/")[2]
    stranger = office.seat(Role.TOWNSHIP_HEAD, OTHER_TOWNSHIP)

    answer = stranger.get(f"/queue/{case}{path.format(file=file)}")

    assert answer.status == HTTPStatus.NOT_FOUND
    assert "欧" not in answer.text


@pytest.mark.parametrize("act", ["claim", "prolong", "release", "verdict"])
def test_another_township_can_do_nothing_to_it(
    county: County, office: Office, case: UUID, act: str
) -> None:
    stranger = office.seat(Role.TOWNSHIP_HEAD, OTHER_TOWNSHIP)
    token = str(stranger.get("/").soup.body["data-csrf"])  # type: ignore[index]

    answer = stranger.post(
        f"/queue/{case}/{act}", [("csrf", token), *CERTIFY.items(), ("findings", FINDINGS)]
    )

    assert answer.status == HTTPStatus.NOT_FOUND
    assert rows(county.backend, ReviewDecision) == []


def test_a_colleague_sees_who_holds_it_and_none_of_the_evidence(
    county: County, office: Office, desk: Office, person: Pensioner, case: UUID
) -> None:
    file = files(claimed(desk, case))[0]
    colleague = office.seat(Role.TOWNSHIP_HEAD, TOWNSHIP)

    page = colleague.get(f"/queue/{case}")
    look = colleague.get(file)

    assert "正由赵经办审核" in page.text
    assert person.name not in page.answer.text
    assert (look.status, "正由其他同事审核" in look.text) == (HTTPStatus.CONFLICT, True)
    assert audited(county.backend, AuditAction.EVIDENCE_VIEWED) == []


def test_an_inspector_reads_a_case_masked_and_has_nothing_to_press(
    office: Office, case: UUID
) -> None:
    page = office.seat(Role.INSPECTOR, COUNTY).get(f"/queue/{case}")

    assert page.status == HTTPStatus.OK
    assert [f["action"] for f in page.soup.select("main form[action]")] == []


def test_evidence_is_sent_guarded_and_every_look_is_on_record(
    county: County, desk: Office, person: Pensioner, case: UUID
) -> None:
    clip = claimed(desk, case).soup.find("video")
    assert clip is not None

    answer = desk.get(str(clip["src"])).answer

    assert answer.content.startswith(CLIP)
    assert answer.headers["Content-Type"] == "video/webm"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    (look,) = audited(county.backend, AuditAction.EVIDENCE_VIEWED)
    assert look["beneficiary"] == str(person.id)
    assert look["review"] == str(case)


@pytest.mark.parametrize(
    ("asked", "status", "part"),
    [
        ("bytes=0-", HTTPStatus.PARTIAL_CONTENT, slice(0, None)),
        ("bytes=100-199", HTTPStatus.PARTIAL_CONTENT, slice(100, 200)),
        ("bytes=-10", HTTPStatus.PARTIAL_CONTENT, slice(-10, None)),
        ("bytes=0-1,5-6", HTTPStatus.OK, slice(None)),
        ("bytes=9999999-", HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, slice(0, 0)),
    ],
)
def test_a_player_gets_the_part_it_asks_for(
    desk: Office, case: UUID, asked: str, status: HTTPStatus, part: slice
) -> None:
    clip = claimed(desk, case).soup.find("video")
    assert clip is not None
    whole = desk.get(str(clip["src"])).answer.content

    answer = desk.get(str(clip["src"]), Range=asked).answer

    assert answer.status_code == status
    assert answer.content == whole[part]
    if status == HTTPStatus.PARTIAL_CONTENT:
        first = whole.index(answer.content) if len(answer.content) < 256 else None
        shown = answer.headers["Content-Range"]
        assert shown.endswith(f"/{len(whole)}")
        assert first is None or shown.startswith("bytes ")


def test_a_file_of_somebody_else_is_not_reached_through_a_case(
    county: County, desk: Office, case: UUID
) -> None:
    other = county.person("别的人")
    stored = evidence.store(
        county.backend, TEST, other.id, content=b"\xff\xd8\xff", media_type="image/jpeg"
    )
    claimed(desk, case)

    for way in ("file", "neighbour"):
        assert desk.get(f"/queue/{case}/{way}/{stored.id}").status == HTTPStatus.NOT_FOUND


def test_what_was_uploaded_as_no_picture_is_never_shown_as_a_page(
    county: County, desk: Office, case: UUID, person: Pensioner
) -> None:
    stored = evidence.store(
        county.backend, TEST, person.id, content=b"<script>1</script>", media_type="text/html"
    )
    refer_to(county.backend, person.id, stored.id)
    claimed(desk, case)

    answer = desk.get(f"/queue/{case}/file/{stored.id}").answer

    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_the_page_prolongs_its_claim_and_is_told_for_how_long(
    desk: Office, case: UUID, clock: FixedClock
) -> None:
    page = claimed(desk, case)
    token = str(page.soup.body["data-csrf"])  # type: ignore[index]
    clock.advance(timedelta(minutes=14))

    answer = desk.post(f"/queue/{case}/prolong", [("csrf", token)])

    assert json.loads(answer.answer.text) == {"seconds": 30 * 60}


def test_a_case_is_given_back(office: Office, desk: Office, case: UUID) -> None:
    answer = desk.submit(claimed(desk, case), "/release")

    assert "已放回待处理" in desk.follow(answer).text
    assert "领取这件" in office.seat(Role.TOWNSHIP_CLERK, TOWNSHIP).get(f"/queue/{case}").text


def test_neighbours_of_telephone_and_device_are_named_by_what_joins_them(
    county: County, desk: Office, person: Pensioner
) -> None:
    other = county.person("司马相如")
    county.enrol_nobody(other)
    far = county.person("外乡人", household=DivisionPath("990101101001"))
    for one in (other, far):
        case_of(county, one.id, device="shared-phone")
    case = case_of(county, person.id, device="shared-phone", priority=500)

    page = claimed(desk, case)

    assert "司**如" in page.text
    assert "司马相如" not in page.answer.text
    assert "同设备" in page.text
    assert "外" not in page.text.partition("其他人")[2].partition("看照片")[0]
    assert "2 人、2 次（本辖区内）" in page.text
    (photo,) = [link for link in files(page) if "/neighbour/" in link]
    assert desk.get(photo).answer.content.startswith(b"reference of ")
    looks = audited(county.backend, AuditAction.EVIDENCE_VIEWED)
    assert [look["beneficiary"] for look in looks] == [str(other.id)]


def test_leads_clocks_and_earlier_tries_stand_beside_the_case(
    county: County, desk: Office, person: Pensioner, clock: FixedClock
) -> None:
    case_of(county, person.id)
    county.open_lead(person)
    clock.advance(timedelta(minutes=10))

    page = claimed(desk, case_of(county, person.id))

    assert "有人反映去世" in page.text
    assert "城乡居民养老" in page.text
    assert "有效期至" in page.text
    assert "手机自助，转人工" in page.text


def test_checks_are_said_in_words_with_what_was_measured_and_what_is_asked(
    county: County, desk: Office, person: Pensioner
) -> None:
    checks = [
        {"name": "clip_match", "value": 0.31, "threshold": 0.45, "ok": False, "at_ms": 2300},
        {"name": "stillness", "value": 0.1, "threshold": 0.6, "ok": True, "at_ms": None},
        {"name": "step_2_turn_left", "value": None, "threshold": 1.0, "ok": False, "at_ms": None},
        {"name": "of_tomorrow", "value": 3.0, "threshold": None, "ok": False, "at_ms": None},
    ]
    page = claimed(desk, case_of(county, person.id, checks=checks))

    assert "视频与登记照片 越接近 1 越像 0.31 不低于 0.45 要看 2.3 秒" in page.text
    assert "画面静止程度 几乎不动，像是照片 0.10 不高于 0.60 符合" in page.text
    assert "第 2 个动作：向左转头" in page.text
    assert "测不出" in page.text
    assert "of_tomorrow" in page.text


def test_every_verdict_of_the_form_has_its_grounds(desk: Office, case: UUID) -> None:
    form = claimed(desk, case).form("/verdict")

    for verdict in Verdict:
        offered = form.select(f'input[name="ground_{verdict.value}"]')
        assert [i["value"] for i in offered] == [g.value for g in GROUNDS[verdict]]


def test_somebody_erased_by_law_is_said_to_be(
    county: County, desk: Office, person: Pensioner, case: UUID
) -> None:
    with county.backend.unit(TEST.actor, TEST.scope) as unit:
        key = unit.session.get(DataKeyRow, person.id)
        assert key is not None
        key.wrapped, key.destroyed_at = None, unit.now

    assert "已依法删除" in desk.get("/queue").text
    assert desk.get(f"/queue/{case}").status == HTTPStatus.GONE


def test_who_handed_it_in_is_refused_in_words(
    county: County, desk: Office, clerk: Account, person: Pensioner
) -> None:
    own = case_of(county, person.id, by=clerk.id)

    answer = desk.submit(desk.get(f"/queue/{own}"), "/claim")

    assert answer.status == HTTPStatus.FORBIDDEN
    assert "自己提交的不能自己审核" in answer.text


def test_an_unknown_case_is_not_found(desk: Office) -> None:
    assert desk.get(f"/queue/{UUID(int=7)}").status == HTTPStatus.NOT_FOUND
    assert desk.get("/queue/next").status in {HTTPStatus.METHOD_NOT_ALLOWED, 422}
    assert desk.get(f"/queue?village={VILLAGE}").status == HTTPStatus.OK
