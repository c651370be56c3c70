from pathlib import Path

import sqlalchemy as sa

from domain.audit import Actor, ActorKind
from domain.regions import SystemName, SystemScope
from services.backend import Backend
from services.division_import import DivisionsImported, import_divisions
from services.evidence import Caller
from storage.db.models.registry import Division
from storage.spreadsheets.reading import read_sheet

CALLER = Caller(
    actor=Actor(kind=ActorKind.SYSTEM, id=SystemName.COMMAND_LINE),
    scope=SystemScope(name=SystemName.COMMAND_LINE),
)


def load(backend: Backend, folder: Path, *lines: str) -> DivisionsImported:
    path = folder / "divisions.csv"
    path.write_text("\n".join(lines), "utf-8")
    return import_divisions(backend, CALLER, read_sheet(path), digest="ab" * 32)


def found(backend: Backend, path: str) -> Division | None:
    with backend.unit(CALLER.actor, CALLER.scope) as unit:
        return unit.session.scalar(sa.select(Division).where(Division.path == path))


def test_a_list_in_any_order_becomes_a_tree(backend: Backend, tmp_path: Path) -> None:
    done = load(
        backend,
        tmp_path,
        "代码,名称,地址,时间",
        "990103100001,前进村",
        "990103100000,红旗镇,红旗镇一号,工作日",
        "990103,白水县",
    )

    assert (done.taken, done.complaints) == (3, ())
    village, town = found(backend, "990103100001"), found(backend, "990103100")
    assert village is not None
    assert town is not None
    assert (village.level, village.parent_path) == ("village", "990103100")
    assert (town.window_address, town.window_hours) == ("红旗镇一号", "工作日")
    assert town.parent_path == "990103"


def test_a_second_list_renames_and_keeps_the_window(backend: Backend, tmp_path: Path) -> None:
    load(backend, tmp_path, "990101100,城关镇,东街一号,工作日")

    load(backend, tmp_path, "990101100,城关街道")

    town = found(backend, "990101100")
    assert town is not None
    assert (town.name, town.window_address) == ("城关街道", "东街一号")


def test_bad_rows_are_named_and_the_good_ones_come_in(backend: Backend, tmp_path: Path) -> None:
    done = load(
        backend,
        tmp_path,
        "990103,白水县",
        "99010,短",
        "990103100,",
        "990103,又一次",
        "990104,黑水县",
    )

    assert done.taken == 2
    assert [(c.row, c.fault.value) for c in done.complaints] == [
        (2, "code_malformed"),
        (3, "name_missing"),
        (4, "code_twice"),
    ]
