"""The pages of policy, as somebody of the bureau fills them in and reads them."""

from http import HTTPStatus
from typing import Any

from tests.web.office import Office, Page


def propose(desk: Office, **typed: Any) -> Page:
    """Fill in the form for a value; `key` chooses which."""
    key = typed.pop("key", "review.claim_minutes")
    form = desk.get(f"/policy/propose?key={key}")
    given = {"value": "20", "basis": "石社保〔2026〕3号 二"} | typed
    return desk.submit(form, "/policy/propose", **given)


def address_of(answer: Page) -> str:
    assert answer.status == HTTPStatus.SEE_OTHER, answer.text
    return answer.answer.headers["location"]


def proposed(desk: Office, **typed: Any) -> str:
    """The address of a change that waits."""
    return address_of(propose(desk, **typed))


def row(page: Page, key: str) -> str:
    found = page.soup.find("tr", id=key)
    assert found is not None
    return " ".join(found.get_text(" ").split())
