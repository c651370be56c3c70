"""Every screen: nobody is shut out, nothing is wider than a small phone, and a picture is kept."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.installation import Installation
from tests.browser.looking import look_at
from tests.browser.marks import IN_THE_BROWSER
from tests.browser.visitor import Visitor

pytestmark = IN_THE_BROWSER


def test_the_screens_of_somebody_who_types_a_number(
    visitor: Visitor, county_online: Installation
) -> None:
    person, _ = county_online.person()
    visitor.open("/m/p/990101100")
    visitor.sees("number")
    look_at(visitor.page, "number")
    visitor.page.locator("#number-field").fill(person.id_number[:-1] + "0")
    visitor.taps("number-next")
    look_at(visitor.page, "number-wrong")
    visitor.page.locator("#number-field").fill(person.id_number)
    visitor.taps("number-next")
    visitor.sees("proof")
    look_at(visitor.page, "proof")
    visitor.page.locator("#proof-field").fill("0000" if person.phone[-4:] != "0000" else "1111")
    visitor.taps("proof-next")
    expect(visitor.page.locator("#proof-told")).not_to_be_empty()
    look_at(visitor.page, "proof-refused")


def test_the_screens_of_somebody_with_a_link(visitor: Visitor, county_online: Installation) -> None:
    _, link = county_online.person()
    visitor.open(link)
    visitor.sees("hello")
    look_at(visitor.page, "hello")
    visitor.taps("hello-yes")
    visitor.sees("consent")
    visitor.page.locator("#needs summary").click()
    look_at(visitor.page, "consent")
    visitor.taps("consent-agree")
    visitor.sees("filming")
    look_at(visitor.page, "filming")
    visitor.page.locator("#filming [data-go=ways]").click()
    visitor.sees("ways")
    look_at(visitor.page, "ways")
    visitor.taps("ways-visit")
    expect(visitor.page.locator("#ways-visit-state .code")).to_be_visible()
    look_at(visitor.page, "ways-asked")


def test_the_screens_of_a_helper(visitor: Visitor, county_online: Installation) -> None:
    _, link = county_online.person()
    visitor.open(link)
    visitor.taps("hello-helper")
    visitor.sees("consent")
    visitor.taps("consent-agree")
    look_at(visitor.page, "consent-helper")


def test_the_screens_of_a_certification(
    visitor: Visitor, county_online: Installation, answering: bytes
) -> None:
    _, link = county_online.person()
    visitor.stands_before(answering)
    visitor.agrees(link)
    visitor.sees("camera")
    expect(visitor.page.locator("#camera-start")).to_be_enabled()
    look_at(visitor.page, "camera")
    visitor.taps("camera-practise")
    expect(visitor.page.locator("#asked")).to_be_visible()
    look_at(visitor.page, "camera-asked")
    visitor.taps("camera-stop")
    visitor.page.route("**/m/act/parts/video/1", lambda route: route.abort("connectionreset"))
    visitor.films()
    look_at(visitor.page, "sending")
    visitor.page.unroute("**/m/act/parts/video/1")
    visitor.open()  # as if reloaded: what is left goes by itself
    visitor.waits_for("good", "again", "person")
    look_at(visitor.page, "result")


RESULTS: dict[str, dict[str, Any]] = {
    "submitted": {"state": "submitted"},
    "pass": {"state": "pass", "receipt": True},
    "review": {"state": "review", "review": {"office": "城关镇", "by": "2026-12-01"}},
    "retry": {"state": "retry", "reasons": ["too_dark"], "tries_left": 2},
    "enough": {"state": "retry", "reasons": ["too_dark"], "tries_left": 0},
}


@pytest.mark.parametrize("state", sorted(RESULTS))
def test_every_result(visitor: Visitor, county_online: Installation, state: str) -> None:
    """The verdicts as the server words them, put into its answer: each look, not each cause."""
    _, link = county_online.person()
    said = status_of(**RESULTS[state])
    visitor.page.route("**/m/act/status", lambda route: route.fulfill(json=said))
    visitor.open(link)
    visitor.sees("hello")
    show_status(visitor.page)
    visitor.sees("result")
    look_at(visitor.page, f"result-{state}")


def show_status(page: Page) -> None:
    """Ask the page's own script for the result, as it does when it has sent everything."""
    page.evaluate(
        """async () => {
          const main = document.querySelector('script[src$="main.js"]').src;
          (await import(new URL("result.js", main).href)).openResult();
        }"""
    )


def status_of(
    *,
    state: str,
    receipt: bool = False,
    review: dict[str, str] | None = None,
    reasons: tuple[str, ...] = (),
    tries_left: int = 3,
) -> dict[str, object]:
    given = {
        "certificate_number": "JZ20261122548863029576",
        "certified_on": "2026-11-22",
        "valid_until": {"resident_pension": "2027-11-22"},
    }
    return {
        "state": state,
        "say": "材料已收到，工作人员会来核对。",
        "do": "什么都不用做。",
        "reasons": list(reasons),
        "next_channels": [],
        "tries_left": tries_left,
        "window": None,
        "receipt": given if receipt else None,
        "review": review,
        "digests": {},
    }


def test_the_screen_of_trouble(visitor: Visitor, county_online: Installation) -> None:
    _, link = county_online.person()
    visitor.open(link)
    visitor.taps("hello-yes")
    visitor.page.route("**/m/act/sessions", lambda route: route.abort("connectionreset"))
    visitor.taps("consent-agree")
    visitor.sees("trouble")
    look_at(visitor.page, "trouble")


@pytest.mark.parametrize("lang", ["zh_CN", "en"])
def test_no_word_is_missing(visitor: Visitor, county_online: Installation, lang: str) -> None:
    """Ask for every word that scripts name; a missing one is an error of the page's."""
    visitor.open(f"/m/?lang={lang}")
    visitor.sees("number")
    names = visitor.page.evaluate(
        """async () => {
          const main = document.querySelector('script[src$="main.js"]').src;
          const { word, page } = await import(new URL("page.js", main).href);
          for (const name of Object.keys(page.words)) word(name);
          return Object.values(page.words).filter((text) => !text.trim());
        }"""
    )
    assert names == []
    assert "page." not in visitor.page.locator("body").inner_text()


def test_letters_grow_and_nothing_falls_off(visitor: Visitor, county_online: Installation) -> None:
    _, link = county_online.person()
    visitor.open(link)
    visitor.sees("hello")
    for _ in range(4):
        size = visitor.page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)")
        assert 24 <= size <= 36
        visitor.taps("tool-size")
        assert visitor.page.evaluate(
            "document.scrollingElement.scrollWidth <= document.documentElement.clientWidth"
        )


def test_the_whole_way_by_keyboard(
    visitor: Visitor, county_online: Installation, answering: bytes
) -> None:
    _, link = county_online.person()
    visitor.stands_before(answering)
    visitor.open(link)
    visitor.sees("hello")
    press_on(visitor.page, "hello-yes")
    visitor.sees("consent")
    press_on(visitor.page, "consent-agree")
    visitor.sees("camera")
    expect(visitor.page.locator("#camera-start")).to_be_enabled()
    press_on(visitor.page, "camera-practise")
    expect(visitor.page.locator("#asked")).to_be_visible()
    press_on(visitor.page, "camera-stop")
    expect(visitor.page.locator("#camera-start")).to_be_enabled()


def press_on(page: Page, element: str) -> None:
    """Go to an element by Tab, see that it shows where one is, and press Enter."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == element:
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none", f"{element} does not show the focus"
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"Tab does not reach {element}")
