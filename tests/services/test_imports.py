from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from itertools import islice
from pathlib import Path

import openpyxl
import pytest
import sqlalchemy as sa

from domain.audit import Actor, ActorKind
from domain.errors import AppError
from domain.regions import DivisionPath, DivisionScope, SystemName
from services.backend import Backend
from services.evidence import Caller
from services.imports import import_roster, rehearse_roster
from storage.db.models.audit import AuditRow
from storage.db.models.certification import Validity
from storage.db.models.registry import Beneficiary, DataKeyRow, Entitlement, EntitlementState
from storage.spreadsheets.mapping import load_mapping
from storage.spreadsheets.sheet import SheetRow
from tests.backend_world import console, id_number
from tests.places import COUNTY, OTHER_COUNTY
from tests.services.import_bench import HEADER, Bench, person


@pytest.fixture
def bench(backend: Backend, tmp_path: Path) -> Bench:
    return Bench(backend=backend, folder=tmp_path)


def test_a_row_becomes_a_person_with_a_running_entitlement(bench: Bench) -> None:
    tally = bench.take(person(1, 居住地="河口社区", 重点人群="高龄、失能"))

    assert (tally.persons_added, tally.entitlements_added, tally.refused) == (1, 1, 0)
    found = bench.one(1)
    assert (found.name, found.phone, found.sex) == ("测试甲", "13800000000", "male")
    assert found.birth_date == date(1950, 1, 1)
    assert found.household_path == "990101100001"
    assert found.residence_path == "990101101002"
    assert found.key_groups == ("advanced_age", "incapacity")
    assert [bench.count(model) for model in (DataKeyRow, EntitlementState)] == [1, 1]


def test_the_first_clock_starts_at_the_first_benefit(bench: Bench) -> None:
    bench.take(person(1, 待遇享受开始时间="2025-06-15"))

    caller = console()
    with bench.backend.unit(caller.actor, caller.scope) as unit:
        row = unit.session.scalars(sa.select(Validity)).one()
        assert row.valid_until == date(2026, 6, 15)
        assert row.certification_id is None


def test_names_and_numbers_are_sealed_at_rest(bench: Bench) -> None:
    bench.take(person(1))

    caller = console()
    with bench.backend.unit(caller.actor, caller.scope) as unit:
        row = unit.session.scalars(sa.select(Beneficiary)).one()
        stored = row.id_number_sealed + row.name_sealed + (row.phone_sealed or b"")
        assert id_number(1).encode() not in stored
        assert "测试甲".encode() not in stored


def test_one_person_may_draw_two_benefits_with_two_clocks(bench: Bench) -> None:
    tally = bench.take(person(1), person(1, 险种="工伤", 待遇享受开始时间="2020-01-31"))

    assert (tally.persons_added, tally.entitlements_added) == (1, 2)
    assert bench.count(Validity) == 2


def test_a_bad_row_is_named_and_does_not_stop_the_good_ones(bench: Bench) -> None:
    tally = bench.take(
        person(1),
        person(2, 身份证号码="990101195001010000"),
        person(3, 险种="神秘险"),
        person(4),
    )

    assert (tally.rows, tally.persons_added, tally.refused) == (4, 2, 2)
    first, second = bench.seen.complaints
    assert (first.row, first.column, first.fault.value) == (
        3,
        "身份证号码",
        "id_number_check_digit",
    )
    assert first.value == "990*************00"
    assert (second.row, second.column, second.fault.value) == (4, "险种", "scheme_unknown")


def test_a_row_with_several_faults_names_all_of_them(bench: Bench) -> None:
    bench.take(person(1, 姓名="", 险种="", 待遇享受开始时间="someday"))

    assert sorted(bench.seen.faults) == ["name_missing", "scheme_missing", "started_on_malformed"]


def test_no_whole_number_name_or_phone_stands_in_the_report(bench: Bench) -> None:
    number = id_number(7)
    bench.take(
        person(7, 姓名="王?英", 联系电话="1380000000x", 户籍地=number, 待遇享受开始时间=number)
    )

    said = "".join(complaint.value for complaint in bench.seen.complaints)
    assert number not in said
    assert "1380000000" not in said
    assert "王?英" not in said


def test_a_mistyped_phone_is_a_notice_and_the_person_comes_in(bench: Bench) -> None:
    tally = bench.take(person(1, 联系电话="打儿子的"))

    assert (tally.persons_added, tally.notices, tally.refused) == (1, 1, 0)
    assert bench.seen.faults == ["phone_malformed"]
    assert bench.one(1).phone is None


def test_an_unknown_residence_falls_back_to_the_household_and_says_so(bench: Bench) -> None:
    tally = bench.take(person(1, 居住地="外省某地"))

    assert (tally.persons_added, bench.seen.faults) == (1, ["residence_unknown"])
    assert bench.one(1).residence_path == "990101100001"


def test_the_same_file_again_changes_nothing(bench: Bench) -> None:
    path = bench.write(person(1), person(2))
    bench.load(path)

    again = bench.load(path)

    assert (again.unchanged, again.persons_added, again.entitlements_added) == (2, 0, 0)
    assert (bench.count(Beneficiary), bench.count(Entitlement)) == (2, 2)


def test_a_registered_person_gets_a_further_entitlement(bench: Bench) -> None:
    bench.take(person(1))

    tally = bench.take(person(1), person(1, 险种="遗属定补"))

    assert (tally.persons_added, tally.entitlements_added, tally.unchanged) == (0, 1, 1)


def test_a_double_row_is_reported_once(bench: Bench) -> None:
    tally = bench.take(person(1), person(1))

    assert (tally.persons_added, tally.refused) == (1, 1)
    assert bench.seen.faults == ["duplicate_row"]


def test_a_number_with_another_name_in_the_file_is_reported(bench: Bench) -> None:
    tally = bench.take(person(1), person(1, 姓名="别的人", 险种="工伤"))

    assert (tally.entitlements_added, bench.seen.faults) == (1, ["name_differs_in_file"])


def test_a_number_that_is_registered_with_another_name_is_reported(bench: Bench) -> None:
    bench.take(person(1))

    tally = bench.take(person(1, 姓名="别的人", 险种="工伤"))

    assert (tally.entitlements_added, bench.seen.faults) == (0, ["name_differs"])
    assert bench.one(1).name == "测试甲"


def test_another_start_of_the_same_benefit_is_reported_not_overwritten(bench: Bench) -> None:
    bench.take(person(1))

    tally = bench.take(person(1, 待遇享受开始时间="2019-01-01"))

    assert (tally.refused, bench.seen.faults) == (1, ["started_on_differs"])


def test_contact_details_that_differ_are_a_notice_not_overwritten(bench: Bench) -> None:
    bench.take(person(1))

    tally = bench.take(person(1, 联系电话="13911112222", 户籍地="柳溪乡新华村"))

    assert (tally.unchanged, tally.notices) == (1, 2)
    assert sorted(bench.seen.faults) == ["household_differs", "phone_differs"]
    assert bench.one(1).phone == "13800000000"


def test_a_person_of_another_county_is_reported_and_left_alone(bench: Bench) -> None:
    bench.take(person(1))
    bench.rule_both_counties()
    path = bench.write(person(1, 户籍地="上坝村"), person(2, 户籍地="上坝村"))

    tally = bench.load(path, OTHER_COUNTY)

    assert (tally.persons_added, tally.refused) == (1, 1)
    assert bench.seen.faults == ["person_registered_elsewhere"]
    assert bench.one(1).household_path == "990101100001"


def test_a_resident_who_is_registered_elsewhere_is_a_double_registration(bench: Bench) -> None:
    bench.rule_both_counties()
    bench.take(person(1, 户籍地="990102100001", 居住地="东街村"))

    bench.take(person(1))

    assert bench.seen.faults == ["person_registered_elsewhere"]


def test_a_household_outside_comes_in_by_code_when_the_person_lives_here(bench: Bench) -> None:
    bench.rule_both_counties()
    tally = bench.take(
        person(1, 户籍地="990102100001", 居住地="东街村"), person(2, 户籍地="990102100001")
    )

    assert (tally.persons_added, tally.refused) == (1, 1)
    assert bench.seen.faults == ["household_outside_county"]


def test_a_rehearsal_counts_everything_and_writes_nothing(bench: Bench) -> None:
    path = bench.write(person(1), person(1, 险种="工伤"), person(2, 姓名=""))

    tally = rehearse_roster(bench.backend, console(), bench.roster(path), bench.seen.watch())

    assert (tally.persons_added, tally.entitlements_added, tally.refused) == (1, 2, 1)
    assert [bench.count(model) for model in (Beneficiary, Entitlement, AuditRow)] == [0, 0, 0]


def test_each_batch_leaves_one_audit_event_without_a_name(
    bench: Bench,
) -> None:
    bench.batch_rows = 2
    bench.take(*(person(serial) for serial in range(1, 6)))

    caller = console()
    with bench.backend.unit(caller.actor, caller.scope) as unit:
        rows = list(unit.session.scalars(sa.select(AuditRow).order_by(AuditRow.seq)))
    assert [row.details["persons"] for row in rows] == [2, 2, 1]
    assert [row.chain for row in rows] == [COUNTY] * 3
    assert rows[0].details["file_sha256"] == "ab" * 32
    assert "测试甲".encode() not in b"".join(row.body for row in rows)
    assert bench.seen.progress == [2, 4, 5]


def test_a_break_in_the_middle_leaves_whole_persons_and_the_rest_follows(
    bench: Bench,
) -> None:
    bench.batch_rows = 2
    path = bench.write(*(person(serial) for serial in range(1, 31)))
    whole_file = bench.roster(path)

    def torn() -> Iterator[SheetRow]:
        yield from islice(whole_file.rows, 26)
        raise OSError("the stick was pulled out")

    torn_file = replace(whole_file, rows=torn())
    with pytest.raises(OSError, match="pulled out"):
        import_roster(bench.backend, console(), torn_file, bench.seen.watch())
    whole = (Beneficiary, DataKeyRow, Entitlement, EntitlementState, Validity)
    assert [bench.count(model) for model in whole] == [24] * 5

    again = bench.load(path)

    assert (again.unchanged, again.persons_added) == (24, 6)
    assert [bench.count(model) for model in whole] == [30] * 5


def test_without_its_columns_a_file_is_refused_as_a_whole(bench: Bench) -> None:
    path = bench.write(header=("姓名", "电话"))

    with pytest.raises(AppError) as refused:
        bench.load(path)

    assert refused.value.code == "import.columns_missing"
    assert refused.value.params["fields"] == ["household", "id_number", "scheme", "started_on"]


def test_a_mapping_may_say_what_the_file_leaves_out(bench: Bench, tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('[headers]\nname = ["老人"]\n[defaults]\nscheme = "城乡居保"\n', "utf-8")
    bench.mapping = load_mapping(Path("policies/import/beneficiaries.toml"), own)
    row = {("老人" if key == "姓名" else key): text for key, text in person(1).items()}
    del row["险种"]

    tally = bench.load(bench.write(row, header=tuple(row)))

    assert (tally.persons_added, tally.refused) == (1, 0)


def test_titles_footers_and_repeated_headers_are_no_rows(bench: Bench, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["石桥县待遇领取人员花名册"])
    sheet.merge_cells("A1:H1")
    sheet.append(["填报单位:虚构", None, "2026年3月"])
    sheet.append(list(HEADER))
    sheet.append(list(person(1).values()))
    sheet.append(list(HEADER))
    sheet.append([None] * 8)
    sheet.append(list(person(2).values()))
    sheet.append(["合计", None, None, None, None, None, None, None])
    book.save(tmp_path / "roster.xlsx")

    tally = bench.load(tmp_path / "roster.xlsx")

    assert (tally.rows, tally.persons_added, bench.seen.faults) == (2, 2, [])


def test_a_workbook_keeps_dates_and_reports_a_number_that_was_rounded(
    bench: Bench, tmp_path: Path
) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(list(HEADER))
    values: list[object] = list(person(1).values())
    values[6], values[5] = date(2025, 6, 15), 13800000000
    sheet.append(values)
    values = list(person(2).values())
    values[1] = int(id_number(3, born="19500101")[:17] + "0")
    sheet.append(values)
    book.save(tmp_path / "roster.xlsx")

    tally = bench.load(tmp_path / "roster.xlsx")

    assert (tally.persons_added, bench.seen.faults) == (1, ["id_number_rounded"])
    assert bench.one(1).phone == "13800000000"
    assert bench.seen.complaints[0].row == 3


def test_every_sheet_with_a_header_is_read(bench: Bench, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    first = book.active
    assert first is not None
    first.title = "说明"
    first.append(["填表说明"])
    for serial, name in ((1, "城关镇"), (2, "柳溪乡")):
        sheet = book.create_sheet(name)
        sheet.append(list(HEADER))
        sheet.append(list(person(serial).values()))
    book.save(tmp_path / "roster.xlsx")

    tally = bench.load(tmp_path / "roster.xlsx")

    assert (tally.persons_added, tally.sheets_without_header) == (2, ["说明"])


def test_a_caller_of_another_county_is_refused(bench: Bench) -> None:
    path = bench.write(person(1))

    with pytest.raises(AppError) as refused:
        import_roster(bench.backend, console(OTHER_COUNTY), bench.roster(path), bench.seen.watch())

    assert refused.value.code == "permission.denied"


def test_a_county_without_rules_is_refused_before_any_row(bench: Bench) -> None:
    path = bench.write(person(1))

    with pytest.raises(AppError) as refused:
        bench.load(path, OTHER_COUNTY)

    assert refused.value.code == "policy.region_unknown"


def test_the_register_of_a_township_cannot_be_imported_from_below(bench: Bench) -> None:
    path = bench.write(person(1))
    clerk = Caller(
        actor=Actor(kind=ActorKind.SYSTEM, id=SystemName.COMMAND_LINE),
        scope=DivisionScope(path=DivisionPath("990101100")),
    )

    with pytest.raises(AppError) as refused:
        import_roster(bench.backend, clerk, bench.roster(path), bench.seen.watch())

    assert refused.value.code == "permission.denied"


@pytest.mark.committing
def test_two_imports_of_one_file_at_once_make_no_double_and_no_false_alarm(bench: Bench) -> None:
    path = bench.write(*(person(serial) for serial in range(1, 400)))
    other = Bench(backend=bench.backend, folder=bench.folder)

    with ThreadPoolExecutor(2) as pool:
        tallies = list(pool.map(lambda one: one.load(path), (bench, other)))

    assert sorted(tally.persons_added for tally in tallies) == [0, 399]
    assert sorted(tally.unchanged for tally in tallies) == [0, 399]
    assert bench.seen.faults == other.seen.faults == []
    assert bench.count(Entitlement) == 399
