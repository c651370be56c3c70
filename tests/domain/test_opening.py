"""A look at what is masked has a reason, and the reason names nobody."""

import pytest

from domain.errors import AppError
from domain.opening import LONGEST_NOTE, OpenReason, check_export, check_opening


def code_of(note: str, reason: OpenReason = OpenReason.OTHER) -> str:
    with pytest.raises(AppError) as refused:
        check_opening(reason, note)
    return refused.value.code


@pytest.mark.parametrize("note", ["", "   ", "查一", "\n\t"])
def test_any_other_reason_needs_words(note: str) -> None:
    assert code_of(note) == "person.reason_required"
    assert check_opening(OpenReason.CALL, note) == " ".join(note.split())


@pytest.mark.parametrize("note", ["核对360426195001011234", "电话13900000000", "工号 123456"])
def test_a_reason_carries_no_number_of_anybody(note: str) -> None:
    assert code_of(note, OpenReason.CALL) == "person.reason_with_number"


def test_a_reason_is_no_essay() -> None:
    assert code_of("字" * (LONGEST_NOTE + 1)) == "person.reason_too_long"
    assert check_opening(OpenReason.OTHER, "字" * LONGEST_NOTE)


def test_a_list_in_full_needs_words_always() -> None:
    with pytest.raises(AppError) as refused:
        check_export("打印")
    assert refused.value.code == "export.reason_required"
    assert check_export(" 年度  名册核对 ") == "年度 名册核对"
