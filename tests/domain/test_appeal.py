from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.appeal import (
    CONTESTABLE,
    LONGEST_STATEMENT,
    UPHELD,
    AppealChannel,
    AppealOutcome,
    adds_anything,
    check_answer,
    check_contestable,
    check_other_person,
    check_statement,
)
from domain.attempt import AttemptState
from domain.errors import AppError, Kind
from domain.ids import StaffId
from domain.review import Method

FINDINGS = "换人重看:照片与本人一致"
staff = st.integers(1, 9).map(lambda n: StaffId(UUID(int=n)))


def test_an_appeal_is_open_to_who_was_not_certified_and_has_an_answer() -> None:
    for state in AttemptState:
        if state in CONTESTABLE:
            check_contestable(state)
            continue
        with pytest.raises(AppError, match=r"appeal\.nothing_found"):
            check_contestable(state)
    with pytest.raises(AppError, match=r"appeal\.nothing_found"):
        check_contestable(None)


def test_nothing_good_and_nothing_that_runs_is_contested() -> None:
    good = {AttemptState.PASSED, AttemptState.CERTIFIED}
    running = {AttemptState.SUBMITTED, AttemptState.IN_REVIEW}
    assert set(AttemptState) - CONTESTABLE == good | running


def test_on_the_phone_page_the_wish_is_enough() -> None:
    check_statement(AppealChannel.PHONE_PAGE, "")


@pytest.mark.parametrize("channel", sorted(set(AppealChannel) - {AppealChannel.PHONE_PAGE}))
@pytest.mark.parametrize("statement", ["", " ", "\n\t", "我"])
def test_who_takes_an_appeal_down_writes_what_was_said(
    channel: AppealChannel, statement: str
) -> None:
    with pytest.raises(AppError, match=r"appeal\.statement_required"):
        check_statement(channel, statement)
    check_statement(channel, "我是本人")


@pytest.mark.parametrize("channel", AppealChannel)
def test_a_statement_has_an_end(channel: AppealChannel) -> None:
    check_statement(channel, "话" * LONGEST_STATEMENT)
    with pytest.raises(AppError, match=r"appeal\.statement_too_long"):
        check_statement(channel, "话" * (LONGEST_STATEMENT + 1))


@pytest.mark.parametrize("method", Method)
def test_to_certify_names_how_it_was_found_out_and_nothing_else_does(method: Method) -> None:
    check_answer(AppealOutcome.CERTIFIED, method, FINDINGS)
    with pytest.raises(AppError, match=r"review\.method_required"):
        check_answer(AppealOutcome.CERTIFIED, None, FINDINGS)
    for outcome in set(AppealOutcome) - {AppealOutcome.CERTIFIED}:
        check_answer(outcome, None, FINDINGS)
        with pytest.raises(AppError, match=r"review\.method_unexpected"):
            check_answer(outcome, method, FINDINGS)


@pytest.mark.parametrize("outcome", AppealOutcome)
@pytest.mark.parametrize("findings", ["", "   ", "好 \n"])
def test_no_answer_stands_without_findings(outcome: AppealOutcome, findings: str) -> None:
    method = Method.VISIT if outcome is AppealOutcome.CERTIFIED else None
    with pytest.raises(AppError, match=r"review\.findings_required"):
        check_answer(outcome, method, findings)


def test_every_answer_but_one_upholds() -> None:
    assert set(AppealOutcome) - UPHELD == {AppealOutcome.STANDS}


@given(staff, st.lists(st.none() | staff))
def test_who_had_a_hand_in_it_answers_no_appeal_and_anybody_else_may(
    answerer: StaffId, involved: list[StaffId | None]
) -> None:
    if answerer not in involved:
        check_other_person(answerer, involved)
        return
    with pytest.raises(AppError) as refused:
        check_other_person(answerer, involved)
    assert (refused.value.kind, refused.value.code) == (Kind.FORBIDDEN, "appeal.not_independent")


@given(st.lists(st.text(max_size=5)), st.text(max_size=5))
def test_what_was_said_once_is_kept_once_and_anything_new_is_kept(
    said: list[str], more: str
) -> None:
    known: list[str] = []
    for text in [*said, more, more]:
        if adds_anything(text, known):
            known.append(text.strip())
    assert set(known) == {text.strip() for text in [*said, more] if text.strip()}
    assert len(known) == len(set(known))
