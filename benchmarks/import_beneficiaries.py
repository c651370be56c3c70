"""How fast a county's roster comes in: 100,000 synthetic persons, on an embedded PostgreSQL.

    python -m benchmarks.import_beneficiaries [--rows 100000] [--format csv|xlsx] [--dry-run]

Prints rows per second, CPU seconds of this process and of the database, and the peak memory.
"""

import argparse
import csv
import json
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psutil
from openpyxl import Workbook

from app.clock import SystemClock
from app.holidays import load_holidays
from app.presets import load_book
from biometrics.engine import FaceEngine
from biometrics.models import ModelStore
from domain.audit import Actor, ActorKind
from domain.id_number import check_character
from domain.regions import DivisionPath, DivisionScope, SystemName
from services.backend import Backend, NoticeText
from services.evidence import Caller
from services.faces import Faces
from services.imports import import_roster, rehearse_roster
from services.installation import Installation
from services.live_policies import LivePolicies
from services.roster_stream import ImportTally, Roster, Watch
from storage.crypto.blind_index import BlindIndex
from storage.crypto.envelope import Vault
from storage.crypto.keyring import FileKeyRing, KeyUse
from storage.crypto.one_time_codes import StaffSecrets
from storage.crypto.upload_seal import UploadSeals
from storage.db import embedded
from storage.db.engine import make_engine, make_sessions
from storage.db.migrate import migrate
from storage.db.repositories import divisions
from storage.jobs.queue import JobQueue
from storage.objects.local_store import LocalStore
from storage.spreadsheets.mapping import load_mapping
from storage.spreadsheets.reading import read_sheet

COUNTY = DivisionPath("990101")
CALLER = Caller(
    actor=Actor(kind=ActorKind.SYSTEM, id=SystemName.COMMAND_LINE), scope=DivisionScope(path=COUNTY)
)
VILLAGES = 300
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许"
GIVEN = "桂秀英兰玉珍华芳国建平明德福顺"
SCHEMES = ("城乡居民养老", "企业职工养老", "机关事业单位养老", "工伤长期待遇")
HEADER = "序号 姓名 公民身份号码 险种 户籍地行政区划 居住地 联系电话 待遇享受开始时间 重点人群"


def village(number: int) -> tuple[str, str]:
    township = number // 20 + 100
    return f"990101{township:03d}{number % 20 + 1:03d}", f"第{township}镇第{number % 20 + 1}村"


def places() -> Iterator[dict[str, object]]:
    yield {"path": "99", "name": "虚构省", "level": "province", "parent_path": None}
    yield {"path": "9901", "name": "虚构市", "level": "prefecture", "parent_path": "99"}
    yield {"path": COUNTY, "name": "石桥县", "level": "county", "parent_path": "9901"}
    for number in range(0, VILLAGES, 20):
        township = village(number)[0][:9]
        name = village(number)[1].partition("镇")[0] + "镇"
        yield {"path": township, "name": name, "level": "township", "parent_path": COUNTY}
    for number in range(VILLAGES):
        path, name = village(number)
        own = name.partition("镇")[2]
        yield {"path": path, "name": own, "level": "village", "parent_path": path[:9]}


def roster(rows: int) -> Iterator[list[str]]:
    for index in range(rows):
        year, rest = 1935 + index % 30, index // 30
        month, day, serial = rest % 12 + 1, rest // 12 % 28 + 1, rest // 336 % 1000
        body = f"990101{year}{month:02d}{day:02d}{serial:03d}"
        name = SURNAMES[index % 20] + GIVEN[index % 15] + GIVEN[index // 15 % 15]
        path, written = village(index % VILLAGES)
        yield [
            str(index + 1),
            name,
            body + check_character(body),
            SCHEMES[min(index % 20, 3)],
            path if index % 3 else written,
            "" if index % 4 else written,
            f"13{index % 10}{index % 100_000_000:08d}" if index % 5 else "",
            f"{2010 + index % 15}-{month:02d}",
            "高龄" if year < 1946 else "",
        ]


def write(path: Path, rows: int) -> None:
    if path.suffix == ".xlsx":
        book = Workbook(write_only=True)
        sheet = book.create_sheet("花名册")
        sheet.append(HEADER.split())
        for row in roster(rows):
            sheet.append(row)
        book.save(path)
        return
    with path.open("w", encoding="gb18030", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER.split())
        writer.writerows(roster(rows))


def measure(backend: Backend, path: Path, postmaster: int, *, dry_run: bool) -> dict[str, object]:
    mapping = load_mapping(Path("policies/import/beneficiaries.toml"))
    peaks = []

    def progress(_tally: ImportTally) -> None:
        peaks.append(psutil.Process().memory_info().rss / 2**20)

    complaints: list[str] = []
    watch = Watch(complaint=lambda c: complaints.append(c.fault.value), progress=progress)
    job = Roster(county=COUNTY, rows=read_sheet(path), digest="00" * 32, mapping=mapping)
    before = psutil.Process().memory_info().rss / 2**20
    began, cpu, served = time.perf_counter(), time.process_time(), server_cpu_s(postmaster)
    run = rehearse_roster if dry_run else import_roster
    tally = run(backend, CALLER, job, watch)
    seconds = time.perf_counter() - began
    return {
        "rows": tally.rows,
        "persons_added": tally.persons_added,
        "refused": tally.refused,
        "complaints": len(complaints),
        "seconds": round(seconds, 1),
        "rows_per_s": round(tally.rows / seconds),
        "cpu_s_here": round(time.process_time() - cpu, 1),
        "cpu_s_database": round(server_cpu_s(postmaster) - served, 1),
        "rss_mb_before": round(before),
        "rss_mb_by_tenths": [round(peaks[len(peaks) * i // 10]) for i in range(10)],
        "rss_mb_peak": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def server_cpu_s(postmaster: int) -> float:
    """Sum what the database's processes have used; the pooled connection keeps them alive."""
    total = 0.0
    for process in psutil.process_iter(["name", "cmdline"]):
        # our own server's workers are told apart by their place in the process tree
        if process.info["name"] == "postgres" and postmaster in {p.pid for p in process.parents()}:
            times = process.cpu_times()
            total += times.user + times.system
    return total


def main() -> None:
    wanted = argparse.ArgumentParser()
    wanted.add_argument("--rows", type=int, default=100_000)
    wanted.add_argument("--format", choices=("csv", "xlsx"), default="csv")
    wanted.add_argument("--dry-run", action="store_true")
    given = wanted.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / f"roster.{given.format}"
        write(path, given.rows)
        server = embedded.start(folder / "pg")
        try:
            postmaster = int((folder / "pg" / "postmaster.pid").read_text().split()[0])
            migrate(server.owner_url())
            backend = build(folder, server.app_url())
            results = {"first": measure(backend, path, postmaster, dry_run=given.dry_run)}
            results["again"] = measure(backend, path, postmaster, dry_run=given.dry_run)
        finally:
            server.stop()
    json.dump(results, sys.stdout, indent=1)
    sys.stdout.write("\n")


def build(folder: Path, url: str) -> Backend:
    keyring = FileKeyRing.open_or_create(folder / "keyring.json")
    backend = Backend(
        sessions=make_sessions(make_engine(url)),
        queue=JobQueue(),
        clock=SystemClock(),
        vault=Vault(keyring),
        index=BlindIndex(keyring.key(KeyUse.BLIND_INDEX)),
        seals=UploadSeals(keyring),
        staff_secrets=StaffSecrets(keyring),
        objects=LocalStore(folder / "objects"),
        faces=Faces(FaceEngine),
        policies=LivePolicies(load_book()),
        holidays=load_holidays(),
        notice=NoticeText(version="1", digest="0" * 64, text="-"),
        installation=Installation(
            keys=keyring,
            models=ModelStore(),
            anchors=folder / "anchors.jsonl",
            worker_lost_after=timedelta(seconds=20),
        ),
    )
    with backend.unit(CALLER.actor, CALLER.scope) as unit:
        divisions.put_all(unit.session, places())
    return backend


if __name__ == "__main__":
    main()
