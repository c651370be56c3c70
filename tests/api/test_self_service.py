"""A pensioner certifies over HTTP: from the claim to the receipt, and every way it may end."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from typing import Any

import pytest
import sqlalchemy as sa
import structlog
from httpx import Response

from api.main import create_app
from app import logging
from app.demo.script import Behaviour
from app.demo.studio import Studio
from domain.beneficiary import SuspensionCause
from domain.decision import Outcome
from services.unit_of_work import Unit
from storage.db.models.certification import Attempt
from tests.acts import together
from tests.certification_world import (
    TEST,
    WINDOW,
    County,
    Pensioner,
    decide_waiting,
    rows,
    ruled_by,
    valid_until,
)
from tests.clock import FixedClock
from tests.phone_world import Http, Phone, broken_clip, broken_photo

SCORE = re.compile(r"\d\.\d|score|similar|threshold|相似|分数|阈值", re.IGNORECASE)


@pytest.fixture
def person(county: County) -> Pensioner:
    """Somebody whose reference no photo matches; no face is asked for that."""
    found = county.person()
    county.enrol_nobody(found)
    return found


@pytest.fixture
def enrolled(county: County, studio: Studio) -> Pensioner:
    found = county.person()
    county.enrol(found, studio.reference("p1"))
    return found


def code(answer: Response) -> str:
    assert answer.headers["content-type"] == "application/problem+json"
    return str(answer.json()["code"])


@pytest.mark.faces
@pytest.mark.usefixtures("known_challenge")
def test_the_right_person_is_certified_and_keeps_a_receipt(
    county: County, enrolled: Pensioner, phone: Phone, studio: Studio, clock: FixedClock
) -> None:
    county.suspend(enrolled, SuspensionCause.UNCERTIFIED)
    assert phone.open(enrolled).status_code == HTTPStatus.CREATED
    clip = phone.film(studio, "p1")
    accepted = phone.hand_in("phone-try-0001", studio.selfie("p1"), clip)
    assert accepted.status_code == HTTPStatus.ACCEPTED
    assert accepted.headers["location"] == accepted.json()["status_link"]
    assert phone.status("phone-try-0001")["state"] == "submitted"
    assert decide_waiting(county.backend) == [Outcome.PASS]
    clock.advance(timedelta(days=100))
    found = phone.status("phone-try-0001")
    assert (found["state"], found["say"]) == ("pass", "认证成功。")
    assert found["next_channels"] == ["none"]
    receipt = found["receipt"]
    assert re.fullmatch(r"JZ20260302\d{12}", receipt["certificate_number"])
    assert receipt["valid_until"] == {"resident_pension": "2027-03-02"}
    assert str(valid_until(county.backend, enrolled)["resident_pension"]) == "2027-03-02"
    again = phone.submit("phone-try-0001", studio.selfie("p1"), clip)
    assert (again.status_code, again.json()) == (HTTPStatus.ACCEPTED, accepted.json())


@pytest.mark.faces
@pytest.mark.usefixtures("known_challenge")
@pytest.mark.parametrize("behaviour", [Behaviour.STILL, Behaviour.WRONG_ORDER, Behaviour.OTHER])
def test_whoever_does_not_answer_is_not_certified_and_hears_no_score(
    county: County, enrolled: Pensioner, phone: Phone, studio: Studio, behaviour: Behaviour
) -> None:
    phone.open(enrolled)
    clip = phone.film(studio, "p1", behaviour=behaviour)
    accepted = phone.hand_in("phone-try-0001", studio.selfie("p1"), clip)
    assert decide_waiting(county.backend) != [Outcome.PASS]
    found = phone.status("phone-try-0001")
    assert found["state"] in {"retry", "review"}
    assert found["receipt"] is None
    assert {"visit", "window"} <= set(found["next_channels"])
    told = accepted.text + json.dumps(found, ensure_ascii=False)
    assert not SCORE.search(told)
    assert not {"still_image", "face_differs", "person_changed"} & set(found["reasons"])
    assert valid_until(county.backend, enrolled) == {"resident_pension": None}


@pytest.mark.faces
def test_the_third_failed_try_ends_with_a_human_a_visit_and_the_window(
    county: County, person: Pensioner, phone: Phone, clock: FixedClock
) -> None:
    seen = []
    for serial in range(3):
        assert phone.open(person).status_code == HTTPStatus.CREATED
        phone.hand_in(f"broken-{serial:04d}", broken_photo(serial), broken_clip(serial))
        decide_waiting(county.backend)
        seen.append(phone.status(f"broken-{serial:04d}"))
        clock.advance(timedelta(minutes=5))
    assert [one["state"] for one in seen] == ["retry", "retry", "review"]
    assert [one["tries_left"] for one in seen] == [2, 1, None]
    assert all("打不开" in one["say"] for one in seen[:2])
    assert "self" in seen[1]["next_channels"]
    assert seen[2]["next_channels"] == ["staff", "visit", "window"]
    assert seen[2]["window"]["name"] == WINDOW
    assert "上门" in seen[2]["do"]
    asked = phone.http.ask(
        "POST", "/v1/visit-requests", json={"claim": person.claim, "reason": "拍了三次都不成"}
    )
    assert asked.status_code == HTTPStatus.CREATED
    assert phone.open(person).status_code == HTTPStatus.CREATED


@pytest.mark.faces
@pytest.mark.usefixtures("known_challenge")
def test_last_times_video_is_refused_for_the_same_person_and_for_another(
    county: County, enrolled: Pensioner, phone: Phone, studio: Studio
) -> None:
    phone.open(enrolled)
    clip, selfie = phone.film(studio, "p1"), studio.selfie("p1")
    phone.hand_in("phone-try-0001", selfie, clip)
    for whom in (enrolled, county.person("李守田")):
        if whom is not enrolled:
            county.enrol_nobody(whom)
        phone.open(whom)
        refused = phone.hand_in("phone-try-0002", selfie, clip)
        assert (refused.status_code, code(refused)) == (
            HTTPStatus.CONFLICT,
            "submission.video_seen_before",
        )
    assert len(rows(county.backend, Attempt)) == 1


def test_a_text_file_named_webm_is_refused_where_it_arrives(
    person: Pensioner, phone: Phone
) -> None:
    phone.open(person)
    refused = phone.put(b"this is no video\n" * 40, "video/webm")
    assert (refused.status_code, code(refused)) == (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "submission.not_media",
    )


def test_eligibility_greets_by_half_a_name_and_shows_the_notice(
    county: County, person: Pensioner, phone: Phone
) -> None:
    answer = phone.http.ask("POST", "/v1/eligibility", json=person.claim)
    assert answer.json()["masked_name"] == "周*香"
    assert answer.json()["other_ways"] == ["helper", "visit", "window"]
    assert answer.json()["notice"] == phone.http.ask("GET", "/v1/notice").json()


@pytest.mark.parametrize(
    ("cause", "expected"),
    [
        (None, ("person.no_reference", "visit")),
        (SuspensionCause.DEATH, ("person.suspended_other_cause", "window")),
    ],
)
def test_whoever_cannot_certify_by_face_is_led_elsewhere_before_any_camera(
    county: County, phone: Phone, cause: SuspensionCause | None, expected: tuple[str, str]
) -> None:
    person = county.person()
    if cause is not None:
        county.suspend(person, cause)
    for answer in (
        phone.http.ask("POST", "/v1/eligibility", json=person.claim),
        phone.open(person),
    ):
        refused = answer.json()
        assert (refused["code"], refused["next_channel"]) == expected
        assert refused["params"]["window"] == WINDOW


def test_a_limit_says_when_to_come_back(county: County, person: Pensioner) -> None:
    strict = ruled_by(county, attempt__per_person_per_day=1)
    phone = Phone(http=Http(create_app(strict.backend)), backend=strict.backend)
    phone.open(person)
    refused = phone.open(person)
    assert (refused.status_code, code(refused)) == (HTTPStatus.TOO_MANY_REQUESTS, "rate.person")
    assert refused.headers["retry-after"] == "86400"


def test_without_a_token_with_another_and_from_another_phone_nothing_is_taken(
    county: County, person: Pensioner, phone: Phone
) -> None:
    for token in ("", "x" * 43):
        stranger = Phone(http=phone.http, backend=county.backend, token=token)
        refused = stranger.put(broken_clip(), "video/webm")
        assert (refused.status_code, code(refused)) == (
            HTTPStatus.UNAUTHORIZED,
            "session.token_unknown",
        )
    phone.open(person)
    phone.device_id = "phone-00000002"
    assert code(phone.put(broken_clip(), "video/webm")) == "session.device_differs"
    assert code(phone.submit("phone-try-0001", b"a", b"b")) == "session.device_differs"


def test_needs_are_honoured_and_an_unknown_need_is_refused(person: Pensioner, phone: Phone) -> None:
    opened = phone.open(person, needs=["no_turn", "bedridden"]).json()["challenge"]
    around = {"phone_left", "phone_right", "phone_up", "phone_down"}
    assert {step["action"] for step in opened["steps"]} <= {"open_mouth", "blink"} | around
    assert opened["needs"] == ["no_turn", "bedridden"]
    assert code(phone.open(person, needs=["no_hands"])) == "request.invalid"


def test_a_phone_with_a_dead_battery_believes_it_is_1970_and_may_certify(
    person: Pensioner, phone: Phone
) -> None:
    phone.open(person)
    phone.put(broken_photo(), "image/jpeg")
    phone.put(broken_clip(), "video/webm")
    selfie, clip = broken_photo(), broken_clip()
    odd = phone.submit("phone-try-0001", selfie, clip, captured_at="0001-01-01T00:00:00+14:00")
    assert code(odd) == "request.invalid"
    old = phone.submit("phone-try-0001", selfie, clip, captured_at="1970-01-01T00:00:07+08:00")
    assert old.status_code == HTTPStatus.ACCEPTED
    assert phone.status("phone-try-0001")["state"] == "submitted"


@pytest.mark.parametrize("odd", ["周\0桂香", "周\ud800桂香", "周\x1b[31m"])
def test_text_that_cannot_be_written_is_refused_wherever_it_stands(
    county: County, person: Pensioner, phone: Phone, odd: str
) -> None:
    helper = {"name": "周小妹", "relation": odd, "declared": True}
    claim = {"id_number": person.id_number, "name": odd}
    visit = {"claim": person.claim, "reason": odd}
    answers = [
        phone.http.ask("POST", "/v1/eligibility", **as_json(claim)),
        phone.http.ask("POST", "/v1/visit-requests", **as_json(visit)),
        phone.http.ask("POST", "/v1/sessions", **as_json({"claim": claim, "helper": helper})),
        phone.http.ask("POST", "/v1/staff/sessions", **as_json({"login": odd, "password": "x"})),
    ]
    assert [code(answer) for answer in answers] == ["request.invalid"] * 4
    assert not any(person.id_number in answer.text for answer in answers)


def as_json(body: object) -> dict[str, Any]:
    """Escape what httpx would refuse to encode."""
    return {"content": json.dumps(body), "headers": {"Content-Type": "application/json"}}


def test_asking_twice_for_a_visit_is_one_request(person: Pensioner, phone: Phone) -> None:
    body = {"claim": person.claim, "reason": "走不动"}
    first, again = (phone.http.ask("POST", "/v1/visit-requests", json=body) for _ in range(2))
    assert first.json() == again.json()
    assert "，" in first.json()["say"]


@pytest.mark.committing
def test_a_manifest_sent_sixteen_times_over_http_is_one_attempt(
    county: County, person: Pensioner, phone: Phone
) -> None:
    phone.open(person)
    phone.put(broken_photo(), "image/jpeg")
    phone.put(broken_clip(), "video/webm")
    send = partial(phone.submit, "phone-try-0001", broken_photo(), broken_clip())
    answers = together([send] * 16)
    assert {(one.status_code, one.text) for one in answers} == {
        (HTTPStatus.ACCEPTED, answers[0].text)
    }
    assert len(rows(county.backend, Attempt)) == 1


@pytest.fixture
def json_logs() -> Iterator[None]:
    """Log as the product does, to standard error, everything."""
    logging.configure("DEBUG")
    yield
    structlog.reset_defaults()


@pytest.mark.faces
@pytest.mark.usefixtures("known_challenge", "json_logs")
def test_no_number_name_or_phone_is_left_in_any_table_log_or_address(
    county: County,
    phone: Phone,
    studio: Studio,
    clock: FixedClock,
    capsys: pytest.CaptureFixture[str],
) -> None:
    person = county.person("欧阳试样")
    helper = {"name": "欧阳小样", "relation": "女儿", "declared": True}
    county.enrol(person, studio.reference("p1"))
    for serial in range(3):
        phone.open(person, helper=helper)
        phone.hand_in(f"broken-{serial:04d}", broken_photo(serial), broken_clip(serial))
        decide_waiting(county.backend)
        clock.advance(timedelta(minutes=5))
    phone.open(person)
    phone.hand_in("phone-try-0001", studio.selfie("p1"), phone.film(studio, "p1"))
    assert decide_waiting(county.backend)[-1] is Outcome.PASS
    phone.status("phone-try-0001")
    phone.http.ask("POST", "/v1/eligibility", json=person.claim | {"name": "欧阳别人"})
    phone.http.ask("POST", "/v1/visit-requests", json={"claim": person.claim, "reason": "走不动"})
    kept = everything_kept(county)
    assert str(person.id) in kept
    printed = capsys.readouterr()
    left = kept + printed.out + printed.err + " ".join(phone.http.addresses)
    assert "127.0.0.1" not in kept
    for secret in (person.id_number, person.name, person.phone, "欧阳小样"):
        assert secret not in left
        assert secret.encode().hex() not in left


def everything_kept(county: County) -> str:
    """Every row of every table as text; binary columns in hex."""
    names = sa.text("select tablename from pg_tables where schemaname = 'public'")
    with county.backend.unit(TEST.actor, TEST.scope) as unit:
        tables = [name for name in unit.session.scalars(names) if name != "alembic_version"]
        readable = [name for name in tables if may_read(unit, name)]
        assert {"audit_events", "procrastinate_jobs", "sessions", "attempts"} <= set(readable)
        texts = [
            row
            for name in readable
            for row in unit.session.scalars(sa.text(f'select t::text from "{name}" t'))
        ]
    return "\n".join(texts)


def may_read(unit: Unit, table: str) -> bool:
    allowed = sa.text("select has_table_privilege(:table, 'select')")
    return bool(unit.session.scalar(allowed, {"table": table}))
