"""The shipped presets against table A.0 of the requirements, cell by cell."""

import json
import sys
from dataclasses import asdict
from datetime import date
from pathlib import Path

import pytest

from app.presets import POLICIES, PresetError, load_book, load_presets
from domain.calendar import MonthArithmetic
from domain.errors import AppError
from domain.policy import ResolvedPolicy
from domain.policy_values import KEYS, RenewalModel, Scheme
from domain.regions import DivisionPath

BOOK = load_book()
GOLDEN = Path(__file__).with_name("presets_golden.json")
S0, S1, S2 = DivisionPath("500115"), DivisionPath("141122"), DivisionPath("532922")
S3, S4 = DivisionPath("320685"), DivisionPath("360426")
DEMO = DivisionPath("990101101203")
IN_FORCE = {
    S0: date(2021, 9, 1),
    S1: date(2021, 9, 18),
    S2: date(2021, 11, 1),
    S3: date(2024, 4, 16),
    S4: date(2022, 7, 6),
}
S = Scheme
PENSIONS = (S.RESIDENT_PENSION, S.INSTITUTION_PENSION, S.EMPLOYEE_PENSION)
Cell = tuple[str, DivisionPath, Scheme, str, object]


def rule(
    region: DivisionPath, scheme: Scheme, key: str, on: date | None = None
) -> tuple[object, str]:
    resolved = BOOK.resolve(region, scheme=scheme, on=on or IN_FORCE[region])
    group, name = key.split(".")
    return getattr(getattr(resolved.values, group), name), resolved.provenance[key].region


FIXED: list[Cell] = [
    *(("S0-cycle", S0, scheme, "cycle.months", 12) for scheme in (*PENSIONS, S.WORK_INJURY)),
    *(
        ("S0-renewal", S0, scheme, "cycle.renewal", RenewalModel.SERVICE_PERIOD)
        for scheme in PENSIONS
    ),
    ("S0-arithmetic", S0, PENSIONS[0], "cycle.arithmetic", MonthArithmetic.INCLUSIVE_MONTH),
    *(("S2-cycle", S2, scheme, "cycle.months", 6) for scheme in PENSIONS),
    ("S2-cycle", S2, S.WORK_INJURY, "cycle.months", 3),
    ("S2-quarterly", S2, S.WORK_INJURY, "cycle.quarterly", True),
    *(
        ("S2-renewal", S2, scheme, "cycle.renewal", RenewalModel.EVERY_N_MONTHS)
        for scheme in (*PENSIONS, S.WORK_INJURY)
    ),
    *(("S3-cycle", S3, scheme, "cycle.months", 12) for scheme in (*PENSIONS, S.SURVIVOR_ALLOWANCE)),
    *(("S3-renewal", S3, scheme, "cycle.renewal", RenewalModel.ROLLING) for scheme in PENSIONS),
    ("S3-arithmetic", S3, PENSIONS[0], "cycle.arithmetic", MonthArithmetic.EXACT_DAY),
    *(("S3-reminder", S3, scheme, "cycle.due_soon_months", 3) for scheme in PENSIONS),
]
CYCLE_KEYS = ("cycle.months", "cycle.arithmetic", "cycle.renewal")
SILENT: list[tuple[str, DivisionPath, Scheme, str]] = [
    *(("S1", S1, scheme, key) for scheme in Scheme for key in CYCLE_KEYS),
    *(("S4", S4, scheme, key) for scheme in Scheme for key in CYCLE_KEYS),
    *(("S2", S2, scheme, "cycle.arithmetic") for scheme in Scheme),
    ("S2", S2, S.SURVIVOR_ALLOWANCE, "cycle.months"),
    ("S2", S2, S.UNEMPLOYMENT, "cycle.months"),
    ("S2", S2, S.RESIDENT_PENSION, "cycle.quarterly"),
    ("S3", S3, S.WORK_INJURY, "cycle.months"),
    *(
        (name, region, S.RESIDENT_PENSION, "cycle.due_soon_months")
        for name, region in (("S0", S0), ("S1", S1), ("S2", S2), ("S4", S4))
    ),
]


@pytest.mark.parametrize(
    ("region", "scheme", "key", "value"),
    [pytest.param(*cell[1:], id=f"{cell[0]}-{cell[2]}") for cell in FIXED],
)
def test_a_cell_that_a_source_fixes(
    region: DivisionPath, scheme: Scheme, key: str, value: object
) -> None:
    assert rule(region, scheme, key) == (value, region)


@pytest.mark.parametrize(
    ("region", "scheme", "key"),
    [pytest.param(*cell[1:], id=f"{cell[0]}-{cell[2]}-{cell[3]}") for cell in SILENT],
)
def test_a_cell_that_a_source_leaves_open_inherits_the_national_default(
    region: DivisionPath, scheme: Scheme, key: str
) -> None:
    assert rule(region, scheme, key)[1] == "national"


@pytest.mark.parametrize(
    ("on", "months"),
    [(date(2021, 10, 31), 12), (date(2021, 11, 1), 6)],
    ids=["day-before", "first-day"],
)
def test_the_county_rules_of_2021_start_on_their_day(on: date, months: int) -> None:
    assert rule(S2, S.RESIDENT_PENSION, "cycle.months", on)[0] == months


@pytest.mark.parametrize("scheme", Scheme)
def test_the_synthetic_county_counts_by_the_exact_day_each_scheme_by_its_own_clock(
    scheme: Scheme,
) -> None:
    cycle = BOOK.resolve(DEMO, scheme=scheme, on=date(2026, 1, 1)).values.cycle
    months = 3 if scheme is S.WORK_INJURY else 12
    assert (cycle.months, cycle.arithmetic) == (months, MonthArithmetic.EXACT_DAY)


def test_the_face_thresholds_start_where_the_first_bench_put_them() -> None:
    face = BOOK.resolve(DEMO, scheme=S.RESIDENT_PENSION, on=date(2026, 1, 1)).values.face
    assert (face.accept, face.review) == (0.47, 0.33)


@pytest.mark.parametrize("scheme", Scheme)
@pytest.mark.parametrize("region", BOOK.regions)
@pytest.mark.parametrize("on", [date(1951, 3, 1), date(2021, 10, 31), date(2040, 1, 1)])
def test_every_preset_resolves_for_every_scheme(region: str, scheme: Scheme, on: date) -> None:
    resolved = BOOK.resolve(DivisionPath(region), scheme=scheme, on=on)
    assert resolved.region == region
    assert set(resolved.provenance) == set(KEYS)


def test_a_region_without_a_preset_is_refused() -> None:
    with pytest.raises(AppError) as refused:
        BOOK.resolve(DivisionPath("110101"), scheme=S.RESIDENT_PENSION, on=date(2026, 1, 1))
    assert refused.value.code == "policy.region_unknown"


def test_every_source_region_has_a_preset() -> None:
    assert {S0, S1, S2, S3, "36", "990101"} <= set(BOOK.regions)


def test_each_file_is_named_after_its_region() -> None:
    names = {path.stem for path in (POLICIES / "regions").glob("*.toml")}
    assert names == set(BOOK.regions)


def snapshot() -> dict[str, dict[str, object]]:
    """What each preset says on one day of 2026: digest, and the values that are its own."""
    return {
        f"{region}/{scheme}": _own(
            BOOK.resolve(DivisionPath(region), scheme=scheme, on=date(2026, 1, 1))
        )
        for region in BOOK.regions
        for scheme in Scheme
    }


def _own(resolved: ResolvedPolicy) -> dict[str, object]:
    flat = {f"{g}.{k}": v for g, group in asdict(resolved.values).items() for k, v in group.items()}
    own = {k: v for k, v in flat.items() if resolved.provenance[k].region != "national"}
    return {"digest": resolved.digest, "own": own}


def test_the_resolved_presets_are_those_of_the_snapshot() -> None:
    """After a wanted change: `python -m tests.domain.test_presets`, and read the difference."""
    assert snapshot() == json.loads(GOLDEN.read_text(encoding="utf-8"))


SOUND = '[preset]\nregion = "990102"\nname = "柳溪县(虚构)"\n'
MONTHS = '[[cycle.months]]\nvalue = 6\neffective_from = 2021-11-01\nbasis = "六"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "regions").mkdir()
    national = (POLICIES / "national.toml").read_text(encoding="utf-8")
    (tmp_path / "national.toml").write_text(national, encoding="utf-8")
    return tmp_path


def write(folder: Path, text: str, name: str = "990102") -> Path:
    (folder / "regions" / f"{name}.toml").write_text(text, encoding="utf-8")
    return folder


def test_a_sound_preset_is_read(folder: Path) -> None:
    book = load_book(write(folder, SOUND + MONTHS + "effective_to = 2022-10-31\nsuperior = true\n"))
    county = DivisionPath("990102")
    resolved = book.resolve(county, scheme=S.UNEMPLOYMENT, on=date(2022, 10, 31))
    assert resolved.values.cycle.months == 6
    later = book.resolve(county, scheme=S.UNEMPLOYMENT, on=date(2022, 11, 1))
    assert later.values.cycle.months == 12


@pytest.mark.parametrize(
    ("text", "what"),
    [
        pytest.param(SOUND + MONTHS.replace('basis = "六"\n', ""), "basis", id="no-basis"),
        pytest.param(SOUND + MONTHS.replace("六", " "), "basis is missing", id="blank-basis"),
        pytest.param(
            SOUND + MONTHS.replace("effective_from = 2021-11-01\n", ""),
            "effective_from",
            id="no-date",
        ),
        pytest.param(
            SOUND + MONTHS.replace("2021-11-01", "2021-11-01T08:00:00"),
            "dates are written",
            id="time-of-day",
        ),
        pytest.param(SOUND + MONTHS + "note = 1\n", "note", id="unknown-field"),
        pytest.param(SOUND + MONTHS + "schemes = []\n", "schemes is empty", id="no-scheme"),
        pytest.param(
            SOUND + MONTHS + 'schemes = ["lottery"]\n', "scheme_unknown", id="unknown-scheme"
        ),
        pytest.param(SOUND + MONTHS + MONTHS, "in force at once", id="two-values"),
        pytest.param(SOUND + "[cycle.months]\nvalue = 6\n", r"\[\[cycle.months\]\]", id="no-list"),
        pytest.param("cycle = 6\n" + SOUND, r"\[\[cycle.name\]\]", id="no-table"),
        pytest.param(MONTHS, r"\[preset\]", id="no-head"),
        pytest.param(SOUND.replace("990102", "990102000"), "is written", id="padded-region"),
        pytest.param(SOUND.replace("990102", "99010"), "division.malformed", id="half-region"),
        pytest.param(SOUND + MONTHS.replace("months", "weeks"), "no such key", id="unknown-key"),
        pytest.param(
            SOUND + MONTHS.replace("months", "arithmetic").replace("= 6", '= "days_365"') + MONTHS,
            "12 months only",
            id="values-that-do-not-fit-together",
        ),
        pytest.param("[preset\n", "990102.toml", id="no-toml"),
    ],
)
def test_a_preset_that_cannot_be_trusted_stops_the_start(
    folder: Path, text: str, what: str
) -> None:
    with pytest.raises(PresetError, match=what):
        load_book(write(folder, text))


def test_two_files_for_one_region_stop_the_start(folder: Path) -> None:
    write(folder, SOUND)
    with pytest.raises(PresetError, match="two presets"):
        load_book(write(folder, SOUND, name="other"))


def test_a_missing_national_default_stops_the_start(folder: Path) -> None:
    (folder / "national.toml").write_text('[preset]\nregion = "national"\nname = "x"\n')
    with pytest.raises(PresetError, match="no default for"):
        load_presets(folder)


def test_a_missing_folder_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(PresetError, match=r"national\.toml"):
        load_presets(tmp_path)


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps(snapshot(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    sys.stdout.write(f"wrote {GOLDEN}\n")
