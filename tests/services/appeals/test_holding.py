"""While an appeal is open, what would harm waits."""

from itertools import product
from uuid import UUID

import pytest

from services.accounts import StaffMember
from services.appeal_views import AppealSeen
from storage.db.models.cases import Appeal
from tests.acts import refusal, together
from tests.certification_world import County, Pensioner, rows
from tests.services.appeals.appealing import STANDS, answer, ask, is_suspended, suspend, write


def test_an_open_appeal_holds_a_suspension_and_its_answer_lets_go(
    county: County, head: StaffMember, person: Pensioner, asked_again: UUID
) -> None:
    appeal = ask(county, person)
    refused = refusal(lambda: suspend(county, person))
    assert (refused.kind, refused.code) == ("conflict", "appeal.open")
    assert refused.params["appeal"] == str(appeal.id)
    assert not is_suspended(county, person)
    answer(county, head, appeal.id, STANDS)
    suspend(county, person)
    assert is_suspended(county, person)


def refused_stop(county: County, person: Pensioner) -> str:
    return refusal(lambda: suspend(county, person)).code


def test_in_whatever_order_things_happen_a_stop_waits_exactly_while_an_appeal_is_open(
    county: County, officer: StaffMember, head: StaffMember
) -> None:
    for acts in product(("ask", "answer", "stop"), repeat=3):
        person, open_one = county.person(), None
        for act in (*acts, "stop"):
            if act == "ask":
                open_one = write(county, officer, person)
            elif act == "answer" and open_one is not None:
                answer(county, head, open_one, STANDS)
                open_one = None
            elif act == "stop" and open_one is not None:
                assert refused_stop(county, person) == "appeal.open"
            elif act == "stop":
                suspend(county, person)


def test_it_holds_nothing_of_anybody_else(
    county: County, person: Pensioner, asked_again: UUID
) -> None:
    ask(county, person)
    other = county.person("李守田")
    suspend(county, other)
    assert is_suspended(county, other)


@pytest.mark.committing
def test_of_an_appeal_and_a_stop_at_once_either_the_stop_waits_or_the_appeal_is_against_it(
    county: County, person: Pensioner, asked_again: UUID
) -> None:
    outcomes = together([lambda: ask(county, person), lambda: suspend(county, person)])
    (row,) = rows(county.backend, Appeal)
    assert isinstance(outcomes[0], AppealSeen)
    assert row.id == outcomes[0].id
    assert (outcomes[1] == "appeal.open") is not is_suspended(county, person)
