"""Looks at a screen as a reader with other eyes would: axe-core, small, and at 200 % zoom."""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, ViewportSize

from tests.browser.chromium import VIEWPORT

SEEN = Path(__file__).with_name("seen")
TAGS = ["wcag2a", "wcag2aa", "wcag2aaa", "wcag21a", "wcag21aa", "wcag22aa"]
ZOOMED: ViewportSize = {"width": 206, "height": 458}
"""A phone of 412 x 915 at 200 %: half as many CSS pixels each way."""
RUN = "(tags) => axe.run(document, {runOnly: tags, resultTypes: ['violations']})"


@cache
def _axe() -> str:
    return files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")


def violations(page: Page, tags: Sequence[str] = TAGS) -> list[str]:
    """What axe-core finds: rule, how many, and the first place of each."""
    page.evaluate(_axe())
    found: dict[str, Any] = page.evaluate(RUN, list(tags))
    return [
        f"{one['id']} ({len(one['nodes'])}): {one['nodes'][0]['html'][:200]}"
        for one in found["violations"]
    ]


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than the screen."""
    wide: int = page.evaluate(
        "document.scrollingElement.scrollWidth - document.documentElement.clientWidth"
    )
    return wide


def keep(page: Page, name: str) -> None:
    """Keep pictures of the screen as it is and at 200 % zoom, from top to bottom."""
    SEEN.mkdir(exist_ok=True)
    page.screenshot(path=SEEN / f"{name}.png", full_page=True)
    page.set_viewport_size(ZOOMED)
    page.screenshot(path=SEEN / f"{name}-200.png", full_page=True)
    page.set_viewport_size({"width": VIEWPORT[0], "height": VIEWPORT[1]})


def look_at(page: Page, name: str) -> None:
    """Fail when the screen shuts somebody out; keep its pictures."""
    keep(page, name)
    assert violations(page) == [], name
    assert overflow(page) <= 0, f"{name} is wider than {VIEWPORT[0]} px"
    small = page.evaluate(SMALL_TARGETS)
    assert small == [], f"{name}: targets under 60 px"


SMALL_TARGETS = """() => {
  const shown = (e) => e.getClientRects().length && getComputedStyle(e).visibility !== "hidden";
  const all = document.querySelectorAll("button, a[href], summary, label.option, label.file");
  return Array.from(all).filter(shown).filter((e) => {
    const box = e.getBoundingClientRect();
    return box.height < 59.5 || box.width < 59.5;
  }).map((e) => (e.id || e.textContent.trim()) + " " + Math.round(e.getBoundingClientRect().width)
    + "x" + Math.round(e.getBoundingClientRect().height));
}"""
