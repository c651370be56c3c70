from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import AppError
from domain.ids import BeneficiaryId
from domain.regions import (
    DivisionPath,
    DivisionScope,
    Level,
    SubjectScope,
    SystemName,
    SystemScope,
    ancestors,
    contains,
    county_of,
    covers,
    cut,
    level_of,
    parse_division,
)

VILLAGE = DivisionPath("990101101203")
SUBJECT = BeneficiaryId(UUID(int=1))
OTHER = BeneficiaryId(UUID(int=2))


@st.composite
def paths(draw: st.DrawFn) -> DivisionPath:
    level = draw(st.sampled_from(Level))
    digits = draw(st.integers(10 ** (level.digits - 1), 10**level.digits - 1))
    return DivisionPath(str(digits))


@pytest.mark.parametrize(
    ("code", "path"),
    [
        ("360426101203", "360426101203"),
        ("360426101000", "360426101"),
        ("360426000000", "360426"),
        ("360400000000", "3604"),
        ("360000000000", "36"),
        ("360000", "36"),
        ("50", "50"),
        ("500115", "500115"),
        (" 532922 ", "532922"),
        ("441900003000", "441900003"),
        ("100000000000", "10"),
    ],
)
def test_a_code_is_cut_to_its_significant_width(code: str, path: str) -> None:
    assert parse_division(code) == path


@pytest.mark.parametrize(
    "code", ["", "3", "36042", "0604", "36042a", "3604261012031", "٣٦", "36 04", "-1"]
)
def test_a_malformed_code_is_refused(code: str) -> None:
    with pytest.raises(AppError) as refused:
        parse_division(code)
    assert refused.value.code == "division.malformed"


@given(paths())
def test_padding_a_code_with_zeros_names_the_same_division(path: DivisionPath) -> None:
    assert parse_division(path.ljust(12, "0")) == parse_division(path)


def test_each_width_has_its_level() -> None:
    assert [level_of(p) for p in ancestors(VILLAGE)] == list(Level)


@pytest.mark.parametrize("path", ["", "3", "36042", "ab", "00"])
def test_a_path_of_no_level_is_refused(path: str) -> None:
    with pytest.raises(AppError) as refused:
        level_of(DivisionPath(path))
    assert refused.value.code == "division.malformed"


def test_a_village_lies_in_its_county() -> None:
    assert county_of(VILLAGE) == "990101"


def test_a_province_lies_in_no_county() -> None:
    with pytest.raises(AppError) as refused:
        county_of(DivisionPath("99"))
    assert refused.value.code == "division.too_shallow"


@given(paths(), paths())
def test_one_division_contains_another_exactly_when_it_is_its_ancestor(
    outer: DivisionPath, inner: DivisionPath
) -> None:
    assert contains(outer, inner) == (outer in ancestors(inner))


@given(paths())
def test_a_division_contains_itself_and_its_ancestors_contain_it(path: DivisionPath) -> None:
    assert all(contains(above, path) for above in ancestors(path))
    assert cut(path, level_of(path)) == path


def test_an_empty_division_contains_nothing() -> None:
    with pytest.raises(AppError):
        contains(DivisionPath(""), VILLAGE)


@pytest.mark.parametrize("path", ["", " "])
def test_a_scope_without_a_division_cannot_exist(path: str) -> None:
    with pytest.raises(AppError) as refused:
        DivisionScope(path=DivisionPath(path))
    assert refused.value.code == "scope.empty"
    with pytest.raises(AppError) as refused:
        SubjectScope(beneficiary_id=SUBJECT, path=DivisionPath(path))
    assert refused.value.code == "scope.empty"


def test_a_scope_at_half_a_division_cannot_exist() -> None:
    with pytest.raises(AppError) as refused:
        DivisionScope(path=DivisionPath("9"))
    assert refused.value.code == "division.malformed"


def test_a_subject_scope_without_a_subject_cannot_exist() -> None:
    with pytest.raises(AppError) as refused:
        SubjectScope(beneficiary_id=None, path=VILLAGE)  # type: ignore[arg-type]  # what a bug would pass
    assert refused.value.code == "scope.empty"


def test_a_system_scope_needs_a_name_of_the_closed_set() -> None:
    with pytest.raises(AppError) as refused:
        SystemScope(name="root")  # type: ignore[arg-type]  # what a bug would pass
    assert refused.value.code == "scope.empty"


def test_staff_see_their_own_subtree_only() -> None:
    scope = DivisionScope(path=DivisionPath("990101101"))
    assert covers(scope, VILLAGE, subject=OTHER)
    assert not covers(scope, DivisionPath("990101102203"))
    assert not covers(scope, DivisionPath("990101"))


def test_a_pensioner_sees_the_own_case_only() -> None:
    scope = SubjectScope(beneficiary_id=SUBJECT, path=VILLAGE)
    assert covers(scope, VILLAGE, subject=SUBJECT)
    assert not covers(scope, VILLAGE, subject=OTHER)
    assert not covers(scope, VILLAGE)


def test_a_named_part_of_the_system_sees_everything() -> None:
    assert covers(SystemScope(name=SystemName.DECISION_WORKER), VILLAGE)
