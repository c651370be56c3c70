"""What stands in the way, and the ways around it: never a dead end, never a reproach."""

import re

from playwright.sync_api import Browser, expect

from app.demo.script import Behaviour
from tests.browser.conftest import Film
from tests.browser.installation import FACE, Installation
from tests.browser.marks import IN_THE_BROWSER
from tests.browser.visitor import Visitor

pytestmark = IN_THE_BROWSER
NO_RECORDER = "delete window.MediaRecorder"
HIDDEN = """(isHidden) => {
  Object.defineProperty(document, "hidden", { get: () => isHidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


def hand_in_file(visitor: Visitor, film: bytes) -> None:
    visitor.sees("filming")
    visitor.hands_in(film)


def test_a_denied_camera_leads_to_a_film_that_a_person_looks_at(
    visitor: Visitor, county_online: Installation, asked_clip: bytes
) -> None:
    person, link = county_online.person()
    visitor.agrees(link)
    hand_in_file(visitor, asked_clip)
    assert visitor.waits_for("person") == "person"
    expect(visitor.page.locator("#result-details")).to_contain_text("城关镇")
    assert county_online.attempts(person) == 1


def test_a_browser_that_cannot_record_leads_to_a_film(
    visitor: Visitor, county_online: Installation
) -> None:
    _, link = county_online.person()
    visitor.page.add_init_script(NO_RECORDER)
    visitor.agrees(link)
    visitor.sees("filming")
    expect(visitor.page.locator("#filming-steps li")).not_to_have_count(0)
    expect(visitor.page.locator("#filming-camera")).to_be_hidden()


def test_a_turned_phone_begins_anew_and_says_so(
    visitor: Visitor, county_online: Installation, answering: bytes
) -> None:
    person, link = county_online.person()
    visitor.stands_before(answering)
    visitor.agrees(link)
    visitor.sees("camera")
    visitor.starts()
    visitor.page.evaluate("jianzaiFilm.turn()")
    visitor.page.set_viewport_size({"width": 640, "height": 320})
    expect(visitor.page.locator("#camera-start")).to_be_enabled()
    expect(visitor.page.locator("#asked")).to_be_hidden()
    assert county_online.attempts(person) == 0


def test_a_call_in_the_middle_throws_the_recording_away(
    visitor: Visitor, county_online: Installation, answering: bytes
) -> None:
    person, link = county_online.person()
    visitor.stands_before(answering)
    visitor.agrees(link)
    visitor.sees("camera")
    visitor.starts()
    visitor.page.evaluate(HIDDEN, True)  # noqa: FBT003 - an argument of the script
    expect(visitor.page.locator("#asked")).to_be_hidden()
    assert visitor.page.evaluate("document.getElementById('preview').srcObject") is None
    visitor.page.evaluate(HIDDEN, False)  # noqa: FBT003
    expect(visitor.page.locator("#camera-start")).to_be_enabled()
    assert visitor.page.evaluate("jianzaiFilm.opened") == 2
    assert county_online.attempts(person) == 0


def test_after_three_failures_people_come_first(
    visitor: Visitor, county_online: Installation, film: Film
) -> None:
    _, link = county_online.person()
    visitor.stands_before(film(FACE, Behaviour.NO_RESPONSE, seed=31))
    visitor.agrees(link)
    for failure in (1, 2, 3):
        visitor.films()
        if visitor.waits_for("again", "person") == "person":
            break  # the policy lets a person look before the page offers it
        if failure < 3:
            visitor.moves_anew(film(FACE, Behaviour.NO_RESPONSE, seed=31 + failure))
            visitor.taps("result-again")
    first = visitor.page.locator("#result-ways-first")
    (first if first.is_visible() else visitor.page.locator("#result-ways")).click()
    visitor.sees("ways")


def test_who_shows_no_face_is_visited_with_a_code(
    visitor: Visitor, county_online: Installation
) -> None:
    _, link = county_online.person()
    visitor.open(link)
    visitor.taps("hello-yes")
    visitor.sees("consent")
    both = [
        visitor.page.locator(f"#consent-{name}").bounding_box() for name in ("agree", "no-face")
    ]
    assert both[0]
    assert both[1]
    assert (both[0]["width"], both[0]["height"]) == (both[1]["width"], both[1]["height"])
    visitor.taps("consent-no-face")
    visitor.sees("ways")
    expect(visitor.page.locator("#ways-window")).to_contain_text("城关镇一号")
    visitor.taps("ways-visit")
    code = visitor.page.locator("#ways-visit-state .code")
    expect(code).to_have_text(code_pattern())
    shown = code.inner_text()
    visitor.open()
    visitor.page.locator("#hello [data-go=ways]").click()
    expect(visitor.page.locator("#ways-visit-state .code")).to_have_text(shown)


def code_pattern() -> re.Pattern[str]:
    return re.compile(r"^\d{6}$")


def test_a_relative_names_themselves_and_declares(
    visitor: Visitor, county_online: Installation, answering: bytes
) -> None:
    _, link = county_online.person()
    visitor.stands_before(answering)
    visitor.open(link)
    visitor.taps("hello-helper")
    visitor.sees("consent")
    visitor.taps("consent-agree")
    expect(visitor.page.locator("#helper-told")).not_to_be_empty()
    visitor.page.locator("#helper-name").fill("虚构的女儿")
    visitor.page.locator("#helper-relations label").first.click()
    visitor.page.locator("#helper-declared").check()
    visitor.taps("consent-agree")
    visitor.sees("camera")


def test_a_revoked_link_says_what_to_do_instead(visitor: Visitor) -> None:
    visitor.open("/m/k/" + "x" * 43)
    visitor.sees("trouble")
    assert "身份证号" in visitor.reads("trouble-do")
    visitor.taps("trouble-again")
    visitor.sees("number")
    assert visitor.page.url == f"{visitor.address}/m/"


def test_a_number_and_the_end_of_the_phone_number_open_the_page(
    visitor: Visitor, county_online: Installation
) -> None:
    person, _ = county_online.person()
    visitor.open()
    visitor.sees("number")
    for key in person.id_number:
        visitor.page.locator(f"#number-keys [data-key='{key}']").click()
    visitor.taps("number-next")
    visitor.sees("proof")
    visitor.page.locator("#proof-field").fill(person.phone[-4:])
    visitor.taps("proof-next")
    visitor.sees("consent")
    assert person.id_number not in visitor.page.url
    assert visitor.page.locator("#number-field").input_value() == ""


def test_without_script_the_page_says_where_to_go(
    county_online: Installation, browser: Browser
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{county_online.address}/m/")
    expect(page.locator("#opening .ways-short")).to_be_visible()
    expect(page.locator("#opening .with-script").first).to_be_hidden()
    context.close()
