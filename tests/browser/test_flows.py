"""The page in a real browser, before a real server, worker and models."""

from itertools import count

import pytest
from playwright.sync_api import expect

from app.demo.script import Behaviour
from tests.browser.conftest import Film
from tests.browser.installation import FACE, OTHER, Installation
from tests.browser.marks import IN_THE_BROWSER
from tests.browser.visitor import Visitor

pytestmark = IN_THE_BROWSER
ONLY_HERE = 21
"""A take that no other test hands in: the second time it would be a replay."""


def test_the_right_person_is_certified_in_three_screens(
    visitor: Visitor, county_online: Installation, film: Film
) -> None:
    """A machine too busy to record loses frames: another take then, until the tries are used up."""
    person, link = county_online.person()
    visitor.stands_before(film(FACE, Behaviour.ANSWERS, seed=ONLY_HERE))
    visitor.agrees(link)
    assert visitor.page.url == f"{visitor.address}/m/"
    takes = count(1)
    visitor.films()
    while visitor.waits_for("good", "again") == "again":
        visitor.moves_anew(film(FACE, Behaviour.ANSWERS, seed=ONLY_HERE + next(takes)))
        visitor.taps("result-again")
        visitor.films()
    expect(visitor.page.locator("#result-details")).to_be_visible()
    assert county_online.attempts(person) == next(takes)
    with visitor.page.expect_download() as kept:
        visitor.taps("result-save")
    assert kept.value.path().read_bytes().startswith(b"\x89PNG")
    visitor.open()
    assert visitor.waits_for("good") == "good", "the result is looked up again later"
    assert person.id_number not in visitor.page.content()


@pytest.mark.parametrize(
    ("actor", "behaviour", "verdicts"),
    [
        (OTHER, Behaviour.ANSWERS, ("person",)),
        (FACE, Behaviour.WRONG_ORDER, ("again", "person")),
    ],
)
def test_who_does_not_answer_rightly_is_not_certified(
    visitor: Visitor,
    county_online: Installation,
    film: Film,
    actor: str,
    behaviour: Behaviour,
    verdicts: tuple[str, ...],
) -> None:
    _, link = county_online.person()
    visitor.stands_before(film(actor, behaviour))
    visitor.agrees(link)
    visitor.films()
    visitor.waits_for(*verdicts)
