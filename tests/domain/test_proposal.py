"""What harms a person takes two people who had no part in it (G13)."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import AppError
from domain.ids import StaffId
from domain.proposal import (
    LONGEST_TEXT,
    Answer,
    Proposal,
    check_grounds,
    check_note,
    check_second,
    propose,
    settle,
)
from tests.acts import code_of

WANG, LI, ZHAO, QIAN = (StaffId(UUID(int=n)) for n in range(1, 5))
staff = st.sampled_from([WANG, LI, ZHAO, QIAN])


@given(
    first=staff,
    took_part=st.frozensets(staff, max_size=3),
    decided=st.frozensets(staff, max_size=2),
    answers=st.lists(st.tuples(staff, st.sampled_from(Answer)), max_size=8),
)
def test_no_path_leads_to_harm_with_fewer_than_two_independent_people(
    first: StaffId,
    took_part: frozenset[StaffId],
    decided: frozenset[StaffId],
    answers: list[tuple[StaffId, Answer]],
) -> None:
    try:
        proposal = propose(first, took_part=took_part, decided=decided)
    except AppError:
        assert first in took_part
        return
    signers, given_answers = {first}, list[Answer]()
    for by, answer in answers:
        try:
            settled = settle(proposal, answer, by=by)
        except AppError:
            continue
        given_answers.append(settled)
        signers.add(by)
        proposal = Proposal(
            proposed_by=proposal.proposed_by, involved=proposal.involved, answer=settled
        )
    assert len(given_answers) <= 1
    if Answer.CONFIRMED in given_answers:
        assert len(signers) == 2
        assert not signers & took_part
        assert not (signers - {first}) & decided


def test_the_first_is_no_second() -> None:
    proposal = propose(WANG, took_part=())
    for answer in (Answer.CONFIRMED, Answer.RETURNED):
        assert code_of(lambda: settle(proposal, answer, by=WANG)) == "proposal.own"  # noqa: B023 - called at once


def test_who_had_a_part_in_it_is_neither_first_nor_second() -> None:
    assert code_of(lambda: propose(LI, took_part=[LI])) == "proposal.not_independent"
    proposal = propose(WANG, took_part=[LI], decided=[ZHAO])
    for second in (LI, ZHAO):
        assert code_of(lambda: check_second(proposal, second)) == "proposal.not_independent"  # noqa: B023 - called at once
    check_second(proposal, QIAN)


def test_who_certified_may_say_that_it_was_wrong_but_not_confirm_it() -> None:
    proposal = propose(WANG, took_part=[LI], decided=[WANG])
    assert code_of(lambda: check_second(proposal, WANG)) == "proposal.own"
    check_second(proposal, ZHAO)


def test_only_the_first_takes_a_proposal_back() -> None:
    proposal = propose(WANG, took_part=[LI])
    for other in (LI, ZHAO):
        assert code_of(lambda: settle(proposal, Answer.WITHDRAWN, by=other)) == (  # noqa: B023 - called at once
            "proposal.not_yours"
        )
    assert settle(proposal, Answer.WITHDRAWN, by=WANG) is Answer.WITHDRAWN


@pytest.mark.parametrize("given_before", Answer)
@pytest.mark.parametrize("answer", Answer)
def test_an_answer_stands(given_before: Answer, answer: Answer) -> None:
    settled = Proposal(proposed_by=WANG, involved=frozenset(), answer=given_before)
    for by in (WANG, LI):
        assert code_of(lambda: settle(settled, answer, by=by)) == "proposal.already_answered"  # noqa: B023 - called at once


@pytest.mark.parametrize("grounds", ["", "   ", "假的 ", "abc"])
def test_a_proposal_says_why(grounds: str) -> None:
    assert code_of(lambda: check_grounds(grounds)) == "proposal.grounds_required"


def test_texts_have_an_end() -> None:
    check_grounds("好" * LONGEST_TEXT)
    too_long = "好" * (LONGEST_TEXT + 1)
    assert code_of(lambda: check_grounds(too_long)) == "proposal.grounds_too_long"
    for answer in Answer:
        assert code_of(lambda: check_note(answer, too_long)) == "proposal.note_too_long"  # noqa: B023 - called at once


def test_returning_says_why_and_the_rest_may_be_silent() -> None:
    assert code_of(lambda: check_note(Answer.RETURNED, " 再看 ")) == "proposal.note_required"
    check_note(Answer.RETURNED, "请先电话核实")
    check_note(Answer.CONFIRMED, "")
    check_note(Answer.WITHDRAWN, "")
