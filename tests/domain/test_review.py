from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import AppError, Kind
from domain.ids import StaffId
from domain.review import (
    CLAIM,
    Claim,
    Method,
    Verdict,
    check_claim,
    check_independent,
    check_verdict,
    claim,
    priority,
)

NOW = datetime(2026, 1, 5, 8, 30, tzinfo=UTC)
WANG = StaffId(UUID(int=1))
LI = StaffId(UUID(int=2))
FINDINGS = "Called the person back on the number on file."
deadlines = st.none() | st.integers(-400, 400)


@pytest.mark.parametrize("method", Method)
def test_certifying_names_its_method(method: Method) -> None:
    check_verdict(Verdict.CERTIFIED, method, FINDINGS)
    with pytest.raises(AppError, match=r"review\.method_required"):
        check_verdict(Verdict.CERTIFIED, None, FINDINGS)


@pytest.mark.parametrize("verdict", [v for v in Verdict if v is not Verdict.CERTIFIED])
def test_any_other_verdict_names_none(verdict: Verdict) -> None:
    check_verdict(verdict, None, FINDINGS)
    with pytest.raises(AppError, match=r"review\.method_unexpected"):
        check_verdict(verdict, Method.DOCUMENTS, FINDINGS)


@pytest.mark.parametrize("verdict", Verdict)
@pytest.mark.parametrize("findings", ["", "   \n ", "ok "])
def test_no_verdict_stands_without_findings(verdict: Verdict, findings: str) -> None:
    with pytest.raises(AppError, match=r"review\.findings_required"):
        check_verdict(verdict, None, findings)


def test_findings_have_an_end() -> None:
    check_verdict(Verdict.ASK_AGAIN, None, "x" * 2000)
    with pytest.raises(AppError, match=r"review\.findings_too_long"):
        check_verdict(Verdict.ASK_AGAIN, None, "x" * 2001)


def test_a_reviewer_never_decides_a_case_that_he_submitted_or_helped_with() -> None:
    check_independent(WANG, [LI, None])
    for involved in ([WANG, None], [LI, WANG]):
        with pytest.raises(AppError) as refused:
            check_independent(WANG, involved)
        assert refused.value.kind is Kind.FORBIDDEN
        assert refused.value.code == "review.not_independent"


def test_a_claim_keeps_a_case_from_others_until_it_ends() -> None:
    first = claim(None, by=WANG, at=NOW)
    assert first == Claim(by=WANG, until=NOW + CLAIM)
    with pytest.raises(AppError, match=r"review\.claimed_by_other"):
        claim(first, by=LI, at=first.until - timedelta(seconds=1))
    assert claim(first, by=LI, at=first.until).by == LI


def test_claiming_again_prolongs_ones_own_claim() -> None:
    first = claim(None, by=WANG, at=NOW)
    later = NOW + timedelta(minutes=20)
    assert claim(first, by=WANG, at=later).until == later + CLAIM


def test_only_whoever_holds_the_case_may_go_on() -> None:
    held = claim(None, by=WANG, at=NOW)
    check_claim(held, by=WANG, at=NOW)
    for current, by, at, code in [
        (None, WANG, NOW, "review.not_claimed"),
        (held, LI, NOW, "review.claimed_by_other"),
        (held, WANG, held.until, "review.claim_expired"),
    ]:
        with pytest.raises(AppError) as refused:
            check_claim(current, by=by, at=at)
        assert refused.value.code == code


@given(deadline=deadlines, key_group=st.booleans(), days=st.integers(0, 60))
def test_waiting_longer_always_moves_a_case_up(
    *, deadline: int | None, key_group: bool, days: int
) -> None:
    def rank(waiting: int) -> int:
        return priority(days_to_deadline=deadline, key_group=key_group, days_waiting=waiting)

    assert rank(days + 1) > rank(days)


@given(st.integers(-400, 400), st.integers(0, 60))
def test_a_nearer_deadline_and_a_key_group_never_move_a_case_down(deadline: int, days: int) -> None:
    near = priority(days_to_deadline=deadline, key_group=False, days_waiting=days)
    assert near >= priority(days_to_deadline=deadline + 1, key_group=False, days_waiting=days)
    assert near >= priority(days_to_deadline=None, key_group=False, days_waiting=days)
    assert priority(days_to_deadline=deadline, key_group=True, days_waiting=days) > near


def test_nobody_waits_for_ever_behind_newer_urgent_cases() -> None:
    patient = priority(days_to_deadline=None, key_group=False, days_waiting=9)
    assert patient > priority(days_to_deadline=0, key_group=True, days_waiting=0)
