"""The line of time of a revocation, and the words of proposals."""

from datetime import date
from enum import StrEnum

import pytest

from domain.beneficiary import EntitlementStatus
from domain.cycle import HoldMove, State
from domain.policy_values import Scheme
from domain.proposal import Answer, ProposalKind
from services.proposals import Shelf
from services.revocations import Touched
from storage.ids import uuid7
from web.console import proposal_words, words
from web.console.consequence_drawing import WIDTH, drawing


def touched(before: date, after: date) -> Touched:
    return Touched(
        entitlement_id=uuid7(),
        scheme=Scheme.RESIDENT_PENSION,
        status=EntitlementStatus.ACTIVE,
        before=before,
        before_state=State.CURRENT,
        after=after,
        after_state=State.OVERDUE,
        hold=HoldMove.REOPEN,
        was_resumed=False,
        later=(),
    )


def test_the_line_of_time_holds_every_day() -> None:
    today, act = date(2026, 3, 2), date(2026, 1, 5)
    drawn = drawing(
        [touched(date(2027, 1, 5), date(2025, 6, 1)), touched(date(2027, 1, 5), date(2027, 1, 5))],
        act_on=act,
        today=today,
    )
    places = [drawn.today_x, drawn.act_x, *(x for _, x in drawn.years)]
    places += [x for row in drawn.rows for x in (row.before_x, row.after_x)]
    assert all(0 <= x <= WIDTH for x in places)
    first, same = drawn.rows
    assert first.after_x < drawn.act_x < drawn.today_x < first.before_x == same.before_x
    assert same.before_x == same.after_x
    assert [year for year, _ in drawn.years] == [2026, 2027]


@pytest.mark.parametrize(
    ("kind", "members"),
    [("proposal", ProposalKind), ("answer", Answer), ("answer_mark", Answer), ("hold", HoldMove)],
)
def test_every_member_of_a_set_of_proposals_has_a_word(kind: str, members: type[StrEnum]) -> None:
    assert set(words.SETS[kind]) == {member.value for member in members}


def test_every_shelf_effect_and_end_has_its_sentence() -> None:
    assert set(proposal_words.SHELVES) == set(Shelf)
    assert set(proposal_words.EFFECTS) == set(ProposalKind)
    assert set(proposal_words.SAID) == {(k, a) for k in ProposalKind for a in Answer}
