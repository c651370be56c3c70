"""One spelling of a name for looking it up, and where its surname ends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.names import plain_name, surname_of


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("周 桂 香", "周桂香"),
        ("　周桂香\u200b", "周桂香"),
        ("阿依古丽•买买提", "阿依古丽·买买提"),
        ("阿依古丽．买买提", "阿依古丽·买买提"),
        ("ＡＮＮＡ Müller", "annamüller"),
        ("𠮷野", "𠮷野"),
    ],
)
def test_one_name_written_in_several_ways_is_one_name(written: str, plain: str) -> None:
    assert plain_name(written) == plain


@pytest.mark.parametrize(
    ("name", "surname"),
    [
        ("周桂香", "周"),
        ("欧阳修", "欧阳"),
        ("欧阳", "欧"),
        ("诸葛孔明", "诸葛"),
        ("阿依古丽·买买提", "阿依古丽"),
        ("·", "·"),
        ("", ""),
    ],
)
def test_a_surname_ends_where_the_given_name_begins(name: str, surname: str) -> None:
    assert surname_of(name) == surname


@given(st.text())
def test_the_plain_form_stays_as_it_is(text: str) -> None:
    once = plain_name(text)

    assert plain_name(once) == once
    assert once.startswith(surname_of(once))
