"""Registers that a county hands in, and what became of their rows."""

import csv
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from app.presets import load_presets
from domain.policy import PolicyBook, PolicyPreset
from domain.regions import DivisionPath
from services.backend import Backend
from services.imports import import_roster
from services.live_policies import LivePolicies
from services.roster import Complaint
from services.roster_stream import ImportTally, Roster, Watch
from storage.spreadsheets.mapping import RosterMapping, load_mapping
from storage.spreadsheets.reading import read_sheet
from tests.backend_world import console, id_number
from tests.places import COUNTY, OTHER_COUNTY

MAPPING = load_mapping(Path("policies/import/beneficiaries.toml"))
HEADER = (
    "姓名",
    "身份证号码",
    "险种",
    "户籍地",
    "居住地",
    "联系电话",
    "待遇享受开始时间",
    "重点人群",
)


def person(serial: int, **changed: str) -> dict[str, str]:
    row = {
        "姓名": "测试甲",
        "身份证号码": id_number(serial),
        "险种": "城乡居民养老",
        "户籍地": "东街村",
        "居住地": "",
        "联系电话": "13800000000",
        "待遇享受开始时间": "2025-06-15",
        "重点人群": "",
    }
    return row | changed


@dataclass
class Seen:
    complaints: list[Complaint] = field(default_factory=list)
    progress: list[int] = field(default_factory=list)

    @property
    def faults(self) -> list[str]:
        return [complaint.fault.value for complaint in self.complaints]

    def watch(self) -> Watch:
        return Watch(
            complaint=self.complaints.append,
            progress=lambda tally: self.progress.append(tally.rows),
        )


@dataclass
class Bench:
    """Writes a file and imports it."""

    backend: Backend
    folder: Path
    seen: Seen = field(default_factory=Seen)
    mapping: RosterMapping = MAPPING
    batch_rows: int = 2000

    def write(self, *rows: dict[str, str], header: tuple[str, ...] = HEADER) -> Path:
        path = self.folder / "roster.csv"
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.DictWriter(file, header)
            writer.writeheader()
            writer.writerows(rows)
        return path

    def load(self, path: Path, county: DivisionPath = COUNTY) -> ImportTally:
        self.seen.complaints.clear()
        return import_roster(
            self.backend, console(county), self.roster(path, county), self.seen.watch()
        )

    def roster(self, path: Path, county: DivisionPath = COUNTY) -> Roster:
        return Roster(
            county=county,
            rows=read_sheet(path),
            digest="ab" * 32,
            mapping=self.mapping,
            batch_rows=self.batch_rows,
        )

    def rule_both_counties(self) -> None:
        other = PolicyPreset(region=OTHER_COUNTY, name="青山县(虚构)", entries=())
        book = LivePolicies(PolicyBook([*load_presets(), other]))
        self.backend = replace(self.backend, policies=book)

    def take(self, *rows: dict[str, str]) -> ImportTally:
        return self.load(self.write(*rows))

    def count(self, model: Any, path: DivisionPath = COUNTY) -> int:
        caller = console(path)
        with self.backend.unit(caller.actor, caller.scope) as unit:
            return unit.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0

    def one(self, serial: int) -> Any:
        caller = console()
        with self.backend.unit(caller.actor, caller.scope) as unit:
            people = self.backend.people(unit)
            found = people.find_by_id_number(id_number(serial))
            assert found is not None
            return people.load(found)
