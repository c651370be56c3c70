"""Citizen identity numbers of 18 characters (GB 11643): read, check, derive, mask.

The county group is not looked up: elders carry codes of counties abolished long ago (510202,
512301, 320503, 372801), holders of a residence permit 810000, 820000 or 830000, and the synthetic
people of tests and demo 99…. The check digit catches the typing errors that a table would.

Old numbers of 15 digits are refused with a reason of their own. They carry no check digit and the
person's real number may differ (doubles were renumbered), so `upgrade` only proposes a number for
an officer to confirm against the card; nothing upgrades silently.
"""

import re
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from domain.errors import AppError, Kind

MAX_AGE_YEARS = 130
"""Older than anybody ever was: such a birth date is a typing error, not a person."""

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_CHARACTERS = "10X98765432"  # by the remainder of the weighted sum, ISO 7064 MOD 11-2
_FULL_WIDTH = str.maketrans("０１２３４５６７８９ＸｘＸx", "0123456789XXXX")
_STRAY = re.compile(r"[\s\u200b\u200e\u200f\u2060\ufeff'’`]+")
_NUMBER = re.compile(r"[1-9][0-9]{16}[0-9X]", re.ASCII)
_OLD_NUMBER = re.compile(r"[1-9][0-9]{14}", re.ASCII)
_VISIBLE_HEAD, _VISIBLE_TAIL = 3, 2


class Sex(StrEnum):
    """As the number states it: its 17th digit is odd for men."""

    FEMALE = "female"
    MALE = "male"


@dataclass(frozen=True, slots=True, kw_only=True)
class IdNumber:
    """A checked number. Made by `parse` only; its text form is masked, so that logs are safe."""

    value: str = field(repr=False)
    birth_date: date = field(repr=False)
    sex: Sex = field(repr=False)

    def __str__(self) -> str:
        return mask(self.value)


def parse(raw: str, *, on: date) -> IdNumber:
    """Read a number as people and spreadsheets write it; `on` is the day it is read.

    Takes full-width digits, a small x, stray spaces, zero-width characters and Excel's leading
    apostrophe. Raises `id_number.malformed`, `.fifteen_digits`, `.check_digit`,
    `.birth_date_impossible` or `.birth_date_future`; none of them carries the number.
    """
    number = _clean(raw)
    if _OLD_NUMBER.fullmatch(number):
        raise AppError(Kind.INVALID, "id_number.fifteen_digits")
    if _NUMBER.fullmatch(number) is None:
        raise AppError(Kind.INVALID, "id_number.malformed")
    if check_character(number[:17]) != number[17]:
        raise AppError(Kind.INVALID, "id_number.check_digit")
    return IdNumber(value=number, birth_date=_birth_date(number, on), sex=_sex(number))


def upgrade(raw: str, *, on: date) -> IdNumber:
    """Propose the 18-character form of an old number of 15 digits, for an officer to confirm.

    Adds the century 19 and the check digit. Raises `id_number.not_fifteen_digits`, else as `parse`.
    """
    old = _clean(raw)
    if _OLD_NUMBER.fullmatch(old) is None:
        raise AppError(Kind.INVALID, "id_number.not_fifteen_digits")
    body = f"{old[:6]}19{old[6:]}"
    return parse(body + check_character(body), on=on)


def check_character(body: str) -> str:
    """Check character of the first 17 digits, by GB 11643 (ISO 7064 MOD 11-2)."""
    total = sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True))
    return _CHECK_CHARACTERS[total % 11]


def age_on(birth_date: date, on: date) -> int:
    """Full years of age on a day; in a common year 29 February is reached on 1 March."""
    before_birthday = (on.month, on.day) < (birth_date.month, birth_date.day)
    return on.year - birth_date.year - before_birthday


def mask(number: str) -> str:
    """Show the first 3 and last 2 characters: enough to tell two rows apart, never a birth date.

    A text too short to hide anything that way is masked whole.
    """
    hidden = len(number) - _VISIBLE_HEAD - _VISIBLE_TAIL
    if hidden < _VISIBLE_HEAD + _VISIBLE_TAIL:
        return "*" * len(number)
    return number[:_VISIBLE_HEAD] + "*" * hidden + number[-_VISIBLE_TAIL:]


def _clean(raw: str) -> str:
    return _STRAY.sub("", raw).translate(_FULL_WIDTH)


def _birth_date(number: str, on: date) -> date:
    try:
        born = date.fromisoformat(f"{number[6:10]}-{number[10:12]}-{number[12:14]}")
    except ValueError:
        raise AppError(Kind.INVALID, "id_number.birth_date_impossible") from None
    if born > on:
        raise AppError(Kind.INVALID, "id_number.birth_date_future")
    if age_on(born, on) > MAX_AGE_YEARS:
        raise AppError(Kind.INVALID, "id_number.birth_date_impossible")
    return born


def _sex(number: str) -> Sex:
    return Sex.MALE if int(number[16]) % 2 else Sex.FEMALE
