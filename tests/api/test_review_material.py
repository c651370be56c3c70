"""What a reviewer looks at: faces side by side, and the clip's course under its challenge."""

import base64
from dataclasses import replace
from uuid import UUID
from xml.etree import ElementTree as ET

import cv2
import numpy as np
import pytest

from app.demo.studio import Studio
from domain.decision import Outcome
from domain.roles import Role
from edge.timeline import Course, Step, drawn
from services.decisions import decide_attempt
from storage.db.models.cases import Review
from storage.db.models.certification import AttemptDecision
from tests.certification_world import County, Pensioner, rows, waiting_attempts
from tests.phone_world import Http, Phone
from tests.places import TOWNSHIP

pytestmark = [pytest.mark.faces, pytest.mark.usefixtures("known_challenge")]
SVG = "{http://www.w3.org/2000/svg}"
Login = dict[str, str]


@pytest.fixture
def person(county: County, studio: Studio) -> Pensioner:
    found = county.person()
    county.enrol(found, studio.reference("p1"))
    return found


@pytest.fixture
def clerk(county: County) -> Login:
    return county.staff(Role.TOWNSHIP_CLERK, TOWNSHIP).headers(county.backend)


@pytest.fixture
def case(county: County, person: Pensioner, phone: Phone, studio: Studio) -> UUID:
    """Another person answers in the place of the one who is enrolled."""
    phone.open(person)
    clip = phone.film(studio, "p3")
    accepted = phone.hand_in("other-person-01", studio.selfie("p3"), clip)
    assert accepted.is_success, accepted.text
    attempt = waiting_attempts(phone.backend)[-1]
    assert decide_attempt(county.backend, attempt) is Outcome.REVIEW
    return UUID(str(rows(county.backend, Review)[0].id))


def test_the_holder_sees_three_faces_and_the_course_of_the_clip(
    http: Http, clerk: Login, case: UUID
) -> None:
    refused = http.ask("GET", f"/v1/reviews/{case}/material", headers=clerk)
    assert (refused.status_code, refused.json()["code"]) == (409, "review.not_claimed")
    http.ask("POST", f"/v1/reviews/{case}/claim", headers=clerk)
    answer = http.ask("GET", f"/v1/reviews/{case}/material", headers=clerk)
    assert answer.headers["Cache-Control"] == "no-store"
    shown = answer.json()
    for name in ("reference_jpeg", "selfie_jpeg", "best_frame_jpeg"):
        raw = np.frombuffer(base64.b64decode(shown[name]), np.uint8)
        picture = cv2.imdecode(raw, cv2.IMREAD_COLOR)
        assert picture is not None
        assert picture.shape[0] >= 100
    course = shown["timeline"]
    assert len(course["at_ms"]) == len(course["yaw_deg"]) > 30
    assert max(abs(v) for v in course["yaw_deg"] if v is not None) > 10
    assert [step["grade"] for step in shown["steps"]] == ["seen"] * len(shown["steps"])


def test_the_drawing_names_every_step_and_is_well_formed(
    http: Http, clerk: Login, case: UUID
) -> None:
    http.ask("POST", f"/v1/reviews/{case}/claim", headers=clerk)
    answer = http.ask("GET", f"/v1/reviews/{case}/timeline.svg", headers=clerk)
    assert answer.headers["Content-Type"].startswith("image/svg+xml")
    tree = ET.fromstring(answer.text)
    words = [text.text or "" for text in tree.iter(f"{SVG}text")]
    assert sum("· 看到" in word for word in words) >= 3
    assert len(list(tree.iter(f"{SVG}polyline"))) >= 4


def test_a_pass_keeps_no_picture_of_a_face_beyond_the_evidence(
    county: County, person: Pensioner, phone: Phone, studio: Studio
) -> None:
    phone.open(person)
    phone.hand_in("own-answer-0001", studio.selfie("p1"), phone.film(studio, "p1"))
    assert decide_attempt(county.backend, waiting_attempts(phone.backend)[-1]) is Outcome.PASS
    (decision,) = rows(county.backend, AttemptDecision)
    assert decision.material_id is None


STEP = Step(action="turn_left", grade="weak", onset_ms=100, at_ms=200)


def course(values: list[float | None]) -> Course:
    nothing: list[float | None] = [None] * len(values)
    return Course(
        at_ms=[70 * k for k in range(len(values))],
        yaw_deg=values,
        pitch_deg=nothing,
        roll_deg=nothing,
        mouth=nothing,
        eye=nothing,
    )


def test_a_gap_in_the_measurement_is_a_gap_in_the_line() -> None:
    tree = ET.fromstring(drawn(course([1.0, 2.0, None, None, 20.0, 21.0]), [STEP]))
    lines = [line.get("points", "").split() for line in tree.iter(f"{SVG}polyline")]
    assert [len(points) for points in lines] == [2, 2]


@pytest.mark.parametrize(("action", "shown"), [("blink", True), ("turn_left", False)])
def test_the_eyes_have_a_row_only_where_a_blink_was_asked_for(action: str, *, shown: bool) -> None:
    drawing = drawn(course([1.0, 2.0]), [replace(STEP, action=action)])
    words = [text.text or "" for text in ET.fromstring(drawing).iter(f"{SVG}text")]
    assert ("睁眼" in words) is shown
    assert "张嘴" in words


def test_a_case_without_a_face_still_shows_what_was_asked() -> None:
    words = [text.text or "" for text in ET.fromstring(drawn(None, [STEP])).iter(f"{SVG}text")]
    assert "向左转头 · 不明显" in words


def test_the_drawing_brings_no_style_of_its_own() -> None:
    """Inside a page its policy would take the style away, and the lines with it."""
    drawing = drawn(course([1.0, 2.0]), [STEP])

    assert "<style" not in drawing
    assert " style=" not in drawing
    assert ET.fromstring(drawing).get("data-last-ms") == "2100"
