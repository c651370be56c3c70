from datetime import date, timedelta
from pathlib import Path

import chinese_calendar
import pytest

from app.holidays import load_holidays
from app.presets import POLICIES, PresetError

GOOD = """
[notice]
year = 2026
basis = "a notice"

[[festival]]
name = "元旦"
first = 2026-01-01
last = 2026-01-03
work = [2026-01-04]
"""


def test_every_day_of_the_known_years_is_as_an_independent_calendar_says() -> None:
    table = load_holidays()
    for year in table.years:
        days = (date(year, 1, 1) + timedelta(days=n) for n in range(366))
        for day in (day for day in days if day.year == year):
            assert table.is_workday(day) == chinese_calendar.is_workday(day), day


def test_every_file_names_the_notice_it_rests_on() -> None:
    for path in (POLICIES / "holidays").glob("*.toml"):
        assert f"国务院办公厅关于{path.stem}年部分节假日安排的通知(国办发明电〔" in path.read_text()


@pytest.mark.parametrize(
    ("wrong", "right", "why"),
    [
        ("2026.toml", "2027.toml", "speaks of 2026"),
        ("[notice]", "[note]", "write \\[notice\\]"),
        ('basis = "a notice"', "", "needs year and basis"),
        ("year = 2026", 'year = "2026"', "a number and a text"),
        ('basis = "a notice"', "basis = 7", "a number and a text"),
        ("name =", "nom =", "needs name, first and last"),
        ("work =", "off =", "may have work"),
        ("last = 2026-01-03", "last = 2025-12-31", "ends before it begins"),
        ("last = 2026-01-03", "last = 2026-01-03T00:00:00", "dates are written"),
        ("[2026-01-04]", '["2026-01-04"]', "dates are written"),
        ("[2026-01-04]", "[2026-01-04, 2026-01-04]", "named twice"),
        ("[2026-01-04]", "[2026-01-05]", "a weekday"),
        ("[2026-01-04]", "[2026-01-03]", "closed and worked"),
        ("year = 2026", "year = ", "2026.toml"),
    ],
)
def test_a_file_in_doubt_stops_the_start(tmp_path: Path, wrong: str, right: str, why: str) -> None:
    name = right if wrong.endswith(".toml") else "2026.toml"
    (tmp_path / name).write_text(GOOD.replace(wrong, right), encoding="utf-8")
    with pytest.raises(PresetError, match=why):
        load_holidays(tmp_path)


def test_without_any_notice_nothing_starts(tmp_path: Path) -> None:
    with pytest.raises(PresetError, match="no notice"):
        load_holidays(tmp_path)


def test_a_good_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "2026.toml").write_text(GOOD, encoding="utf-8")
    assert load_holidays(tmp_path).add_working_days(date(2025, 12, 31), 1) == date(2026, 1, 4)
