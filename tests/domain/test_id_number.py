from datetime import date

import pytest
import stdnum.cn.ric
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import AppError
from domain.id_number import Sex, age_on, check_character, mask, parse, upgrade

TODAY = date(2026, 3, 1)


def number(county: str = "990101", born: str = "19400229", sequence: str = "001") -> str:
    """A synthetic number with the check character of an independent implementation."""
    body = county + born + sequence
    return body + str(stdnum.cn.ric.calc_check_digit(body + "0"))


def refusal(raw: str) -> str:
    with pytest.raises(AppError) as refused:
        parse(raw, on=TODAY)
    assert not refused.value.params, "the number must not travel with its refusal"
    return refused.value.code


@given(st.from_regex(r"[1-9][0-9]{16}", fullmatch=True))
def test_the_check_character_is_that_of_an_independent_implementation(body: str) -> None:
    if not body.isascii():
        return
    assert check_character(body) == str(stdnum.cn.ric.calc_check_digit(body + "0"))


@given(st.dates(date(1900, 1, 1), TODAY), st.integers(0, 999))
def test_a_number_states_birth_date_and_sex(born: date, sequence: int) -> None:
    read = parse(number(born=f"{born:%Y%m%d}", sequence=f"{sequence:03}"), on=TODAY)
    assert read.birth_date == born
    assert read.sex is (Sex.MALE if sequence % 2 else Sex.FEMALE)


@pytest.mark.parametrize("county", ["510202", "512301", "320503", "372801"])
def test_elders_of_abolished_counties_pass(county: str) -> None:
    assert parse(number(county=county, born="19350817"), on=TODAY).value.startswith(county)


@pytest.mark.parametrize("region", ["810000", "820000", "830000"])
def test_holders_of_a_residence_permit_pass(region: str) -> None:
    assert parse(number(county=region), on=TODAY).value.startswith(region)


@pytest.mark.parametrize(
    "raw",
    [
        "99010119400229003x",
        "９９０１０１１９４００２２９００３Ｘ",
        "９９０１０１１９４００２２９００３ｘ",
        " 990101 1940 0229 003X\n",
        "\u3000990101\u00a019400229\u200b003X\ufeff",
        "'99010119400229003X",
    ],
)
def test_a_number_is_read_however_it_is_written(raw: str) -> None:
    assert parse(raw, on=TODAY).value == "99010119400229003X"


@given(st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_always_caught(place: int, shift: int) -> None:
    right = number()
    wrong_digit = str((int(right[place]) + shift) % 10)
    with pytest.raises(AppError):
        parse(right[:place] + wrong_digit + right[place + 1 :], on=TODAY)


@given(st.integers(0, 15))
def test_two_neighbours_swapped_are_always_caught(place: int) -> None:
    right = number(county="512301", born="19350817", sequence="926")
    swapped = right[:place] + right[place + 1] + right[place] + right[place + 2 :]
    if swapped != right:
        with pytest.raises(AppError):
            parse(swapped, on=TODAY)


def test_a_wrong_check_character_has_its_own_reason() -> None:
    right = number()
    wrong = "X" if right[-1] != "X" else "1"
    assert refusal(right[:-1] + wrong) == "id_number.check_digit"


@pytest.mark.parametrize(
    "raw",
    ["", "123", "0" * 18, number()[:-1], number() + "1", "9901011940022900AX", "٩" * 18, "²" * 18],
)
def test_what_is_no_number_is_malformed(raw: str) -> None:
    assert refusal(raw) == "id_number.malformed"


@pytest.mark.parametrize("born", ["19410229", "19401301", "19400431", "19400000", "18950301"])
def test_an_impossible_birth_date_is_refused(born: str) -> None:
    assert refusal(number(born=born)) == "id_number.birth_date_impossible"


def test_a_birth_date_in_the_future_is_refused() -> None:
    assert refusal(number(born="20260302")) == "id_number.birth_date_future"


def test_a_child_born_today_and_a_very_old_person_pass() -> None:
    assert parse(number(born="20260301"), on=TODAY).birth_date == TODAY
    assert parse(number(born="18960301"), on=TODAY).birth_date == date(1896, 3, 1)


def test_an_old_number_is_refused_with_its_own_reason() -> None:
    assert refusal("990101400229001") == "id_number.fifteen_digits"


def test_an_old_number_is_upgraded_as_a_proposal() -> None:
    assert upgrade(" 990101400229001", on=TODAY).value == number()


@pytest.mark.parametrize("raw", ["99010140022900", number(), "abc"])
def test_only_fifteen_digits_are_upgraded(raw: str) -> None:
    with pytest.raises(AppError) as refused:
        upgrade(raw, on=TODAY)
    assert refused.value.code == "id_number.not_fifteen_digits"


def test_an_upgrade_of_an_impossible_date_is_refused() -> None:
    with pytest.raises(AppError) as refused:
        upgrade("990101410229001", on=TODAY)
    assert refused.value.code == "id_number.birth_date_impossible"


@pytest.mark.parametrize(
    ("born", "on", "age"),
    [
        (date(1940, 5, 10), date(2020, 5, 9), 79),
        (date(1940, 5, 10), date(2020, 5, 10), 80),
        (date(1940, 2, 29), date(2021, 2, 28), 80),
        (date(1940, 2, 29), date(2021, 3, 1), 81),
        (date(1940, 2, 29), date(2020, 2, 29), 80),
        (date(2026, 1, 1), date(2026, 1, 1), 0),
    ],
)
def test_age_counts_birthdays_reached(born: date, on: date, age: int) -> None:
    assert age_on(born, on) == age


def test_a_mask_shows_three_and_two() -> None:
    assert mask("990101194002290013") == "990*************13"


@given(st.text(max_size=30))
def test_a_mask_never_shows_more_than_it_hides(text: str) -> None:
    shown = mask(text)
    assert len(shown) == len(text)
    assert shown.count("*") * 2 >= len(text)


def test_a_number_never_shows_itself_in_a_log() -> None:
    read = parse(number(), on=TODAY)
    assert read.value not in repr(read)
    assert read.value not in str(read)
    assert "1940" not in repr(read) + str(read)
