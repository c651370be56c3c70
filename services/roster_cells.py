"""One cell of a roster: a checked value, or the fault that keeps it out. Nothing is guessed."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum

from domain.beneficiary import KeyGroup, mask_name, mask_phone
from domain.errors import AppError
from domain.id_number import IdNumber, mask, parse
from domain.policy_values import Scheme
from storage.spreadsheets.mapping import RosterField, plain
from storage.spreadsheets.sheet import REPLACEMENT, Cell

EARLIEST_START = date(1951, 3, 1)
"""The Labour Insurance Regulations: before them nobody drew such a benefit."""
FURTHEST_START = timedelta(days=92)
"""Approvals are entered up to a quarter ahead; later than that is a typing error."""


class RowFault(StrEnum):
    """Why a row, or a field of it, was not taken. Words in `policies/import/row_words.zh.toml`."""

    ID_NUMBER_MISSING = "id_number_missing"
    ID_NUMBER_MALFORMED = "id_number_malformed"
    ID_NUMBER_CHECK_DIGIT = "id_number_check_digit"
    ID_NUMBER_FIFTEEN_DIGITS = "id_number_fifteen_digits"
    ID_NUMBER_BIRTH_DATE_IMPOSSIBLE = "id_number_birth_date_impossible"
    ID_NUMBER_BIRTH_DATE_FUTURE = "id_number_birth_date_future"
    ID_NUMBER_ROUNDED = "id_number_rounded"
    NAME_MISSING = "name_missing"
    NAME_DAMAGED = "name_damaged"
    NAME_MALFORMED = "name_malformed"
    NAME_DIFFERS = "name_differs"
    NAME_DIFFERS_IN_FILE = "name_differs_in_file"
    SCHEME_MISSING = "scheme_missing"
    SCHEME_UNKNOWN = "scheme_unknown"
    STARTED_ON_MISSING = "started_on_missing"
    STARTED_ON_MALFORMED = "started_on_malformed"
    STARTED_ON_TOO_EARLY = "started_on_too_early"
    STARTED_ON_IN_FUTURE = "started_on_in_future"
    STARTED_ON_BEFORE_BIRTH = "started_on_before_birth"
    STARTED_ON_DIFFERS = "started_on_differs"
    HOUSEHOLD_MISSING = "household_missing"
    HOUSEHOLD_UNKNOWN = "household_unknown"
    HOUSEHOLD_AMBIGUOUS = "household_ambiguous"
    HOUSEHOLD_OUTSIDE_COUNTY = "household_outside_county"
    HOUSEHOLD_DIFFERS = "household_differs"
    RESIDENCE_UNKNOWN = "residence_unknown"
    RESIDENCE_AMBIGUOUS = "residence_ambiguous"
    RESIDENCE_DIFFERS = "residence_differs"
    PHONE_MALFORMED = "phone_malformed"
    PHONE_DIFFERS = "phone_differs"
    KEY_GROUPS_UNKNOWN = "key_groups_unknown"
    PERSON_REGISTERED_ELSEWHERE = "person_registered_elsewhere"
    PERSON_ERASED = "person_erased"
    DUPLICATE_ROW = "duplicate_row"
    POLICY_NOT_IN_FORCE = "policy_not_in_force"


class CellRefused(Exception):  # noqa: N818 - an event, named as it is said
    """A cell cannot be taken."""

    def __init__(self, fault: RowFault) -> None:
        super().__init__(fault)
        self.fault = fault


_ROUNDED = re.compile(r"[0-9](?:\.[0-9]+)?[eE]\+?1[0-9]")
_MINORITY_DOTS = str.maketrans(dict.fromkeys("・•‧∙⋅．.", "·"))
_LOST = frozenset(f"?？*＊□■{REPLACEMENT}")
"""What a rare character turns into on its way through an old system."""
_NAME = re.compile(r"[^\W\d_][^\W\d_·]*(?:[· ]?[^\W\d_]+)*")
_HAN_GAP = re.compile(r"(?<=[\u3400-\u9fff\ue000-\uf8ff\U00020000-\U0003ffff])\s+")
_DAY = re.compile(r"(\d{4})[-/.年]?(\d{1,2})(?:[-/.月]?(\d{1,2})日?|月)?(?:[ T]\d{1,2}:\d{2}.*)?")
_SERIALS = range(18_000, 80_000)  # 1949 to 2119 as day numbers of the office program
_NOTHING = frozenset({"", "无", "没有", "0", "/", "\\", "—", "--", "空", "null", "none", "否"})
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_LANDLINE = re.compile(r"(?:0[0-9]{2,3})?[2-9][0-9]{6,7}")
_BETWEEN = re.compile(r"[、,,;;/|\s]+")
_LONG_DIGITS = re.compile(r"[0-9]{6,}[0-9Xx]?")
_SHOWN = 20


def text_of(cell: Cell) -> str:
    """Return what a cell shows, folded to half-width, without space around it."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return unicodedata.normalize("NFKC", str(cell)).strip()


def read_id_number(cell: Cell, on: date) -> IdNumber:
    """Read the number; one that lost its last digits to a number cell is refused, not repaired."""
    text = text_of(cell)
    if not text:
        raise CellRefused(RowFault.ID_NUMBER_MISSING)
    stored_as_number = isinstance(cell, int | float) and abs(cell) >= 1e15
    if stored_as_number or _ROUNDED.fullmatch(text):
        raise CellRefused(RowFault.ID_NUMBER_ROUNDED)
    try:
        return parse(text, on=on)
    except AppError as error:
        raise CellRefused(RowFault(error.code.replace(".", "_"))) from None


def read_name(cell: Cell) -> str:
    """Read a name: no padding inside Han names, one kind of middle dot in the others."""
    text = _HAN_GAP.sub("", text_of(cell)).translate(_MINORITY_DOTS)
    if not text:
        raise CellRefused(RowFault.NAME_MISSING)
    if not _LOST.isdisjoint(text):
        raise CellRefused(RowFault.NAME_DAMAGED)
    letters = "".join(char for char in text if not "\ue000" <= char <= "\uf8ff") or "某"
    if len(text) > 60 or _NAME.fullmatch(letters) is None:
        raise CellRefused(RowFault.NAME_MALFORMED)
    return text


def read_scheme(cell: Cell, words: Mapping[str, str]) -> Scheme:
    """Read a scheme by the mapping's words."""
    text = text_of(cell)
    if not text:
        raise CellRefused(RowFault.SCHEME_MISSING)
    code = words.get(plain(text))
    if code is None:
        raise CellRefused(RowFault.SCHEME_UNKNOWN)
    return Scheme(code)


def read_started_on(cell: Cell, on: date, born: date | None) -> date:
    """Read the first day of the benefit. A month alone means its first day."""
    day = read_day(cell)
    if day is None:
        raise CellRefused(RowFault.STARTED_ON_MISSING)
    if day < EARLIEST_START:
        raise CellRefused(RowFault.STARTED_ON_TOO_EARLY)
    if day > on + FURTHEST_START:
        raise CellRefused(RowFault.STARTED_ON_IN_FUTURE)
    if born is not None and day < born:
        raise CellRefused(RowFault.STARTED_ON_BEFORE_BIRTH)
    return day


def read_day(cell: Cell) -> date | None:
    """Read a date cell, 20190501, 2019-5-1, 2019年5月, 201905 or a day number; None for nothing."""
    if isinstance(cell, date):
        return cell
    text = text_of(cell)
    if not text:
        return None
    if text.isdecimal() and len(text) == 5 and int(text) in _SERIALS:
        return date(1899, 12, 30) + timedelta(days=int(text))
    match = _DAY.fullmatch(text)
    if match is None:
        raise CellRefused(RowFault.STARTED_ON_MALFORMED)
    try:
        return date(int(match[1]), int(match[2]), int(match[3] or 1))
    except ValueError:
        raise CellRefused(RowFault.STARTED_ON_MALFORMED) from None


def read_phone(cell: Cell) -> str | None:
    """Read a mobile or landline number; None where the office wrote that there is none."""
    text = text_of(cell)
    if text.lower() in _NOTHING or not text.strip("-"):
        return None
    digits = re.sub(r"[\s()-]+", "", text)
    digits = re.sub(r"^(?:\+|00)?86(?=1[3-9])", "", digits)
    if _MOBILE.fullmatch(digits) or _LANDLINE.fullmatch(digits):
        return digits
    raise CellRefused(RowFault.PHONE_MALFORMED)


def read_key_groups(cell: Cell, words: Mapping[str, str]) -> tuple[KeyGroup, ...]:
    """Read any number of group words."""
    given = [plain(word) for word in _BETWEEN.split(text_of(cell))]
    wanted = [word for word in given if word not in _NOTHING]
    if not all(word in words for word in wanted):
        raise CellRefused(RowFault.KEY_GROUPS_UNKNOWN)
    return tuple(sorted({KeyGroup(words[word]) for word in wanted}))


def masked(field: RosterField, cell: Cell) -> str:
    """Show enough of a cell to find it in the file, never a whole number, name or address."""
    text = text_of(cell)
    if field is RosterField.ID_NUMBER:
        return mask(text)
    if field is RosterField.NAME:
        return mask_name(text)[:_SHOWN]
    if field is RosterField.PHONE:
        return mask_phone(text)
    # A column may hold another's content, so long digits are hidden wherever they stand.
    return _LONG_DIGITS.sub(lambda found: mask(found[0]), text)[:_SHOWN]
