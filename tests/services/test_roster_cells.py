from datetime import date

import pytest

from domain.beneficiary import KeyGroup
from domain.regions import DivisionPath
from services.places import AMBIGUOUS, Place, Places
from services.roster_cells import (
    CellRefused,
    masked,
    read_day,
    read_id_number,
    read_key_groups,
    read_name,
    read_phone,
    read_started_on,
)
from storage.spreadsheets.mapping import RosterField
from storage.spreadsheets.sheet import Cell
from tests.backend_world import id_number
from tests.places import COUNTY, NAMES

ON = date(2026, 3, 2)
NUMBER = id_number(1)


def fault(read: object, *given: object) -> str:
    with pytest.raises(CellRefused) as refused:
        read(*given)  # type: ignore[operator]
    return refused.value.fault.value


@pytest.mark.parametrize(
    "cell",
    [
        NUMBER,
        f" {NUMBER}\u200b",
        f"'{NUMBER}",
        NUMBER.lower(),
        "".join(chr(ord(c) + 0xFEE0) for c in NUMBER),
        f"{NUMBER[:6]} {NUMBER[6:14]} {NUMBER[14:]}",
    ],
)
def test_a_number_is_read_however_an_office_wrote_it(cell: str) -> None:
    assert read_id_number(cell, ON).value == NUMBER


@pytest.mark.parametrize(
    "cell",
    [9.90101195001010e17, 990101195001010000, "9.90101E+17", "9.90101195001010E17", "1E+17"],
)
def test_a_number_that_lost_its_last_digits_is_refused_not_guessed(cell: Cell) -> None:
    assert fault(read_id_number, cell, ON) == "id_number_rounded"


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (None, "id_number_missing"),
        (" ", "id_number_missing"),
        (NUMBER[:-1], "id_number_malformed"),
        ("990101500101001", "id_number_fifteen_digits"),
        (990101500101001, "id_number_fifteen_digits"),
        (NUMBER[:-1] + ("1" if NUMBER[-1] != "1" else "2"), "id_number_check_digit"),
        (id_number(1, "20991231"), "id_number_birth_date_future"),
        (id_number(1, "19500231"), "id_number_birth_date_impossible"),
    ],
)
def test_a_wrong_number_is_refused_by_name(cell: Cell, expected: str) -> None:
    assert fault(read_id_number, cell, ON) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("张  三", "张三"),
        ("\u3000李四 ", "李四"),
        ("阿卜杜拉・买买提", "阿卜杜拉·买买提"),
        ("买买提.艾力", "买买提·艾力"),
        ("张\ue863", "张\ue863"),
        ("\U00020bb7田", "\U00020bb7田"),
    ],
)
def test_a_name_loses_its_padding_and_keeps_its_characters(cell: str, expected: str) -> None:
    assert read_name(cell) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("", "name_missing"),
        ("王?英", "name_damaged"),
        ("王□英", "name_damaged"),
        ("王\ufffd", "name_damaged"),
        ("13800000000", "name_malformed"),
        ("张三\x00", "name_malformed"),
        ("李四(已故)", "name_malformed"),
        ("长" * 61, "name_malformed"),
    ],
)
def test_a_wrong_name_is_refused_by_name(cell: str, expected: str) -> None:
    assert fault(read_name, cell) == expected


@pytest.mark.parametrize(
    "cell",
    [
        date(2019, 5, 1),
        "2019-05-01",
        "2019-05-01 00:00:00",
        "2019/5/1",
        "2019.5.1",
        "2019年5月1日",
        "2019年5月",
        "201905",
        201905,
        "20190501",
        20190501,
        20190501.0,
        43586,
        "2019-5",
        "２０１９．０５",
    ],
)
def test_a_day_is_read_however_an_office_wrote_it(cell: Cell) -> None:
    assert read_day(cell) == date(2019, 5, 1)


@pytest.mark.parametrize("cell", ["2019-13-01", "2019年2月30日", "去年", "19-5-1", 5, 1.5, "2019"])
def test_what_is_no_day_is_refused(cell: Cell) -> None:
    assert fault(read_day, cell) == "started_on_malformed"


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (None, "started_on_missing"),
        ("1949-10-01", "started_on_too_early"),
        ("2026-07-01", "started_on_in_future"),
        ("1955-01-01", "started_on_before_birth"),
    ],
)
def test_a_start_that_cannot_be_is_refused(cell: Cell, expected: str) -> None:
    assert fault(read_started_on, cell, ON, date(1960, 1, 1)) == expected


def test_an_approval_may_lie_a_little_ahead() -> None:
    assert read_started_on("2026-04-01", ON, None) == date(2026, 4, 1)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (13800000000, "13800000000"),
        (13800000000.0, "13800000000"),
        ("138 0000 0000", "13800000000"),
        ("+86-13800000000", "13800000000"),
        ("0999-3234567", "09993234567"),
        ("无", None),
        ("-", None),
        (0, None),
        (None, None),
    ],
)
def test_a_phone_is_read_however_an_office_wrote_it(cell: Cell, expected: str | None) -> None:
    assert read_phone(cell) == expected


@pytest.mark.parametrize("cell", ["12345", "打儿子的", "1380000000", "138000000000", "1.38E+10"])
def test_what_is_no_phone_is_refused(cell: str) -> None:
    assert fault(read_phone, cell) == "phone_malformed"


def test_groups_are_read_in_any_order_and_unknown_ones_refused() -> None:
    words = {"高龄": "advanced_age", "失能": "incapacity"}

    assert read_key_groups("失能、高龄;高龄", words) == (KeyGroup.ADVANCED_AGE, KeyGroup.INCAPACITY)
    assert read_key_groups("否", words) == ()
    assert fault(read_key_groups, "高龄、贫困", words) == "key_groups_unknown"


@pytest.mark.parametrize("field", list(RosterField))
def test_no_column_shows_a_whole_number(field: RosterField) -> None:
    assert NUMBER not in masked(field, NUMBER)
    assert NUMBER[6:14] not in masked(field, NUMBER)


@pytest.fixture(scope="module")
def places() -> Places:
    named = [Place(path=DivisionPath(path), name=name) for path, name in NAMES.items()]
    return Places(COUNTY, named, known=set(NAMES))


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("990101100001", "990101100001"),
        ("990101100000", "990101100"),
        ("东街村", "990101100001"),
        ("东街村委会", "990101100001"),
        ("东街村民委员会", "990101100001"),
        ("城关镇东街村", "990101100001"),
        ("城关镇 东街村", "990101100001"),
        ("石桥县城关镇东街村3组12号", "990101100001"),
        ("虚构省虚构市石桥县城关镇东街村", "990101100001"),
        ("石桥县东街村", "990101100001"),
        ("柳溪乡新华村", "990101101001"),
        ("河口社区居委会", "990101101002"),
        ("城关镇", "990101100"),
    ],
)
def test_a_place_is_found_by_code_or_by_name(places: Places, text: str, path: str) -> None:
    assert places.find(text) == path


@pytest.mark.parametrize(
    "text", ["上坝村", "990101100009", "99010110000", "城关镇无名村", "别县东街村", "村", ""]
)
def test_a_place_that_is_not_of_the_county_is_unknown(places: Places, text: str) -> None:
    assert places.find(text) is None


def test_a_code_may_name_a_place_of_another_county(places: Places) -> None:
    assert places.find("990102100001") == "990102100001"


def test_a_name_that_two_villages_share_is_ambiguous(places: Places) -> None:
    assert places.find("新华村") == AMBIGUOUS
