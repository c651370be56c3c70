"""The screen of a case, as a clerk fills it in and reads it."""

from typing import Any
from uuid import UUID

from tests.web.office import Office, Page

FINDINGS = "已给本人打电话，声音清楚，人在家里。"
CERTIFY: dict[str, Any] = {
    "verdict": "certified",
    "method": "call_back",
    "ground_certified": "same_and_alive",
}


def claimed(desk: Office, case: UUID) -> Page:
    """Claim a case and look at its page."""
    return desk.follow(desk.submit(desk.get(f"/queue/{case}"), "/claim"))


def decide(
    desk: Office,
    page: Page,
    *,
    headers: dict[str, str] | None = None,
    findings: str = FINDINGS,
    **typed: Any,
) -> Page:
    """Fill in the verdict and press a button."""
    given = {"then": "list", "findings": findings} | typed
    return desk.submit(page, "/verdict", headers=headers, **given)


def files(page: Page) -> list[str]:
    """Addresses of evidence that a page has."""
    found = [*page.soup.find_all(src=True), *page.soup.find_all(href=True)]
    links = [str(tag.get("src") or tag.get("href")) for tag in found]
    return [link for link in links if "/file/" in link or "/neighbour/" in link]
