"""The 296 synthetic people of the demo township: who they are, what they draw, how they stand.

Names are put together by chance, numbers are of a county that does not exist. The same seed gives
the same people; their dates move with the day on which the demo is seeded.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TypeVar

import numpy as np

from domain.calendar import add_months
from domain.cycle import Channel
from domain.id_number import check_character
from domain.policy_values import Scheme

T = TypeVar("T")

_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
_MEN = "建国德福长荣守明志贵永田全根金水生有才广春大山文华光宗兴旺保安正祥树林茂盛"
_WOMEN = "秀兰桂英玉珍凤琴淑芳月娥素梅翠莲菊香春花巧云金凤美玲彩霞冬梅腊梅爱华红霞"
_SCHEMES: tuple[tuple[float, tuple[Scheme, ...]], ...] = (
    (0.70, (Scheme.RESIDENT_PENSION,)),
    (0.14, (Scheme.EMPLOYEE_PENSION,)),
    (0.05, (Scheme.INSTITUTION_PENSION,)),
    (0.04, (Scheme.SURVIVOR_ALLOWANCE,)),
    (0.04, (Scheme.WORK_INJURY,)),
    (0.03, (Scheme.RESIDENT_PENSION, Scheme.WORK_INJURY)),
)
_CYCLE_MONTHS = 12
_NEW_SINCE = 330  # days: whoever began later was never due yet


class Standing(StrEnum):
    """How a resident's clock is to stand today."""

    CURRENT = "current"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    NEW = "new"
    SUSPENDED = "suspended"


_STANDINGS = (
    (0.54, Standing.CURRENT),
    (0.15, Standing.DUE_SOON),
    (0.14, Standing.OVERDUE),
    (0.11, Standing.NEW),
    (0.06, Standing.SUSPENDED),
)
_SINCE_LAST = {
    Standing.CURRENT: (25, 270),
    Standing.DUE_SOON: (325, 362),
    Standing.OVERDUE: (370, 500),
    Standing.SUSPENDED: (470, 620),
}
"""Days since the last certification."""
_CHANNELS = (
    (0.52, Channel.APP_SELF),
    (0.20, Channel.HELPER),
    (0.28, Channel.HOME_VISIT),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PastAct:
    """One certification of the last years."""

    on: date
    channel: Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Resident:
    """One made-up person of the roster. `key_group` is the roster's own word."""

    number: int
    name: str
    female: bool
    born: date
    village: str
    schemes: tuple[Scheme, ...]
    started_on: date
    key_group: str
    standing: Standing
    acts: tuple[PastAct, ...]

    @property
    def id_number(self) -> str:
        """A number with a valid check character, of a place that does not exist."""
        serial = 200 + 2 * self.number + (not self.female)
        body = f"990101{self.born:%Y%m%d}{serial:03d}"
        return body + check_character(body)

    @property
    def phone(self) -> str:
        """A number that was never given out."""
        return f"1380000{2000 + self.number:04d}"


class _Chance:
    """Draws of one resident; another resident's never move them."""

    def __init__(self, number: int) -> None:
        self._draws = np.random.default_rng([number, 57])

    def among(self, low: int, high: int) -> int:
        return int(self._draws.integers(low, high + 1))

    def share(self) -> float:
        return float(self._draws.random())

    def one_of(self, choices: str) -> str:
        return choices[self.among(0, len(choices) - 1)]

    def weighted(self, table: tuple[tuple[float, T], ...]) -> T:
        left = self.share()
        for weight, choice in table:
            left -= weight
            if left < 0:
                return choice
        return table[-1][1]


def residents(count: int, villages: tuple[str, ...], today: date) -> Iterator[Resident]:
    """Make `count` people, spread unevenly over the villages as people are."""
    for number in range(count):
        yield _resident(number, villages, today)


def _resident(number: int, villages: tuple[str, ...], today: date) -> Resident:
    chance = _Chance(number)
    female = chance.share() < 0.55
    schemes = chance.weighted(_SCHEMES)
    standing = chance.weighted(_STANDINGS)
    age = _age(chance, schemes, standing)
    born = today - timedelta(days=age * 365 + chance.among(0, 364))
    started_on = _started_on(chance, standing, today)
    return Resident(
        number=number,
        name=_name(chance, female=female),
        female=female,
        born=born,
        village=villages[int(len(villages) * chance.share() ** 1.3)],
        schemes=schemes,
        started_on=started_on,
        key_group=_key_group(chance, age),
        standing=standing,
        acts=tuple(_acts(chance, standing, started_on, today=today)),
    )


def _age(chance: _Chance, schemes: tuple[Scheme, ...], standing: Standing) -> int:
    if schemes == (Scheme.WORK_INJURY,):
        return chance.among(38, 72)
    if standing is Standing.NEW:
        return chance.among(60, 66)
    return 61 + int(36 * chance.share() ** 1.6)


def _name(chance: _Chance, *, female: bool) -> str:
    pool = _WOMEN if female else _MEN
    return chance.one_of(_SURNAMES) + chance.one_of(pool) + chance.one_of(pool)


def _started_on(chance: _Chance, standing: Standing, today: date) -> date:
    if standing is Standing.NEW:
        return today - timedelta(days=chance.among(20, _NEW_SINCE))
    return today - timedelta(days=chance.among(1100, 4200))


def _key_group(chance: _Chance, age: int) -> str:
    drawn = chance.share()
    if drawn < 0.05:
        return "失能"
    if drawn < 0.09:
        return "重残"
    return "高龄" if age >= 80 else ""


def _acts(
    chance: _Chance, standing: Standing, started_on: date, *, today: date
) -> Iterator[PastAct]:
    """Certify once a cycle in the last two years, oldest first; the last one decides today."""
    if standing is Standing.NEW:
        return
    last = today - timedelta(days=chance.among(*_SINCE_LAST[standing]))
    before = add_months(last, -_CYCLE_MONTHS) + timedelta(days=chance.among(0, 25))
    for day in (before, last):
        if day > max(started_on, today - timedelta(days=730)):
            yield PastAct(on=day, channel=chance.weighted(_CHANNELS))
