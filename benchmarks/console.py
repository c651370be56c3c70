"""How fast the township office is in a county of 100,000 people with a million attempts.

    python -m benchmarks.console [--people 100000] [--attempts 1000000] [--keep FOLDER]

Asks the console as a browser does (without a network between), in the seats of a clerk (a township
of some 6,700 people) and of the county's bureau, and prints p50 and p95 of the wall time and the
CPU seconds of server and database for each page. Goals: lists and searches 200 ms, a case 400 ms.
"""

import argparse
import asyncio
import json
import os
import platform
import re
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from itertools import cycle
from pathlib import Path

import numpy as np
import sqlalchemy as sa
from httpx import ASGITransport, AsyncClient, Response

from app.demo.log_ins import Seat, open_account
from benchmarks.console_county import Size, fill
from benchmarks.import_beneficiaries import CALLER, COUNTY, build, roster, server_cpu_s, write
from domain.regions import DivisionPath
from domain.roles import Role
from services import accounts, second_factor
from services.backend import Backend
from services.imports import import_roster
from services.roster_stream import Roster, Watch
from storage.db import embedded
from storage.db.migrate import migrate
from storage.spreadsheets.mapping import load_mapping
from storage.spreadsheets.reading import read_sheet
from web.console.app import create_console_app
from web.console.session import COOKIE
from web.site import OFFICE, Site

TOWNSHIPS = range(100, 115)
RESULTS = Path(__file__).parent / "results" / "console.json"
LIST_MS, CASE_MS = 200.0, 400.0
_CSRF = re.compile(r'name="csrf" value="([^"]+)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What one page cost. Milliseconds, and CPU seconds of both processes for each request."""

    name: str
    seat: str
    n: int
    p50_ms: float
    p95_ms: float
    cpu_server_ms: float
    cpu_database_ms: float
    goal_ms: float | None

    @property
    def is_met(self) -> bool:
        return self.goal_ms is None or self.p95_ms <= self.goal_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One page, asked with another target each time. `typed` is searched for, `sent` is posted."""

    name: str
    paths: Sequence[str]
    goal_ms: float | None = LIST_MS
    typed: Sequence[str] = ()
    sent: Mapping[str, str] | None = None
    rounds: int | None = None
    least_bytes: int = 0


class Browser:
    """Somebody signed in, as the console meets them."""

    def __init__(self, http: AsyncClient, seat: str) -> None:
        self._http = http
        self.seat = seat
        self._csrf = ""

    async def get(self, path: str) -> Response:
        answer = await self._http.get(OFFICE + path)
        if not self._csrf and (found := _CSRF.search(answer.text)):
            self._csrf = found.group(1)
        return answer

    async def post(self, path: str, fields: Mapping[str, str]) -> Response:
        return await self._http.post(OFFICE + path, data={"csrf": self._csrf, **fields})

    async def find(self, text: str) -> Response:
        """Search, and go where the answer sends a browser."""
        answer = await self.post("/people/find", {"text": text})
        if answer.status_code == HTTPStatus.SEE_OTHER:
            return await self._http.get(answer.headers["location"])
        return answer


async def ask(browser: Browser, asked: Question, database: int, *, rounds: int) -> Seen | None:
    """Ask often, after one round that is not counted; None where the seat has no such page."""
    targets = cycle(asked.typed or asked.paths)
    go = browser.find if asked.typed else browser.get
    if asked.sent is not None:
        go = partial(browser.post, fields=asked.sent)
    first = await go(next(targets))
    if first.status_code in {HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN}:
        return None
    walls = []
    cpu, served = time.process_time(), server_cpu_s(database)
    for _ in range(rounds):
        began = time.perf_counter()
        answer = await go(next(targets))
        walls.append(1000 * (time.perf_counter() - began))
        if answer.status_code != HTTPStatus.OK or len(answer.content) < asked.least_bytes:
            raise RuntimeError(f"{asked.name}: {answer.status_code} {answer.text[:500]}")
    p50, p95 = (float(np.percentile(walls, share)) for share in (50, 95))
    return Seen(
        name=asked.name,
        seat=browser.seat,
        n=rounds,
        p50_ms=round(p50, 1),
        p95_ms=round(p95, 1),
        cpu_server_ms=round(1000 * (time.process_time() - cpu) / rounds, 1),
        cpu_database_ms=round(1000 * (server_cpu_s(database) - served) / rounds, 1),
        goal_ms=asked.goal_ms,
    )


def questions(owner: sa.Engine, place: str, rounds: int) -> Iterator[Question]:
    """All that is asked in the seat of a division."""
    people, cases = _some(owner, _PEOPLE, place, rounds), _some(owner, _CASES, place, rounds)
    yield Question(name="home", paths=["/"], goal_ms=None)
    yield Question(name="queue", paths=["/queue", "/queue?limit=100", "/queue?late=1"])
    filters = ("channel=helper", "reason=face_uncertain", "group=advanced_age")
    yield Question(name="queue, filtered", paths=[f"/queue?{given}" for given in filters])
    yield Question(name="queue, decided", paths=["/queue?tab=decided"])
    yield Question(name="case", paths=[f"/queue/{case}" for case in cases], goal_ms=CASE_MS)
    yield Question(name="people", paths=["/people"], least_bytes=4000)
    for given in _FILTERS:
        yield Question(name=f"people, {given}", paths=[f"/people?{given}"])
    yield Question(name="people, figures", paths=["/people/counts"], goal_ms=None)
    lines = [line for _, line in zip(range(rounds), roster(rounds), strict=False)]
    yield Question(name="search, name", paths=[], typed=[line[1] for line in lines])
    yield Question(name="search, surname", paths=[], typed=[line[1][0] for line in lines])
    yield Question(name="search, number", paths=[], typed=[line[2] for line in lines])
    phones = [line[6] for line in lines if line[6]]
    yield Question(name="search, phone", paths=[], typed=phones)
    yield Question(
        name="export of up to 10,000",
        paths=["/people/export"],
        sent={"due": "overdue", "format": "csv"},
        goal_ms=None,
        rounds=3,
        least_bytes=50_000,
    )
    yield Question(name="person", paths=[f"/people/{one}" for one in people], goal_ms=CASE_MS)
    yield Question(name="quality", paths=["/quality"], goal_ms=None)
    yield Question(name="proposals", paths=["/proposals"])
    yield Question(name="appeals", paths=["/appeals"])
    yield Question(name="visits", paths=["/visits"])
    yield Question(name="audit", paths=["/audit"])
    yield Question(name="audit, of a person", paths=[f"/audit?person={one}" for one in people])
    yield Question(name="audit, of an action", paths=["/audit?action=attempt.decided"])


_FILTERS = (
    "due=overdue",
    "due=due_soon",
    "due=never",
    "scheme=work_injury",
    "key_group=advanced_age",
    "channel=helper",
    "work=review",
    "suspended=1",
    "order=registered",
    "due=overdue&scheme=employee_pension&key_group=advanced_age",
)
_PEOPLE = "select id from beneficiaries where residence_path like :place order by id limit :n"
_CASES = (
    "select r.id from reviews r join beneficiaries b on b.id = r.beneficiary_id"
    " where residence_path like :place and not exists"
    " (select 1 from review_decisions d where d.review_id = r.id) order by r.id limit :n"
)


def _some(owner: sa.Engine, query: str, place: str, n: int) -> list[str]:
    with owner.connect() as connection:
        found = connection.execute(sa.text(query), {"place": f"{place}%", "n": n})
        return [str(row[0]) for row in found]


def reviewers() -> Iterator[Seat]:
    """Name a clerk for every township: whoever decided what was decided."""
    for number in TOWNSHIPS:
        path = DivisionPath(f"{COUNTY}{number}")
        login = f"clerk{number}"
        yield Seat(login=login, role=Role.TOWNSHIP_CLERK, division=path, title=f"经办{number}")


def readers() -> Iterator[Seat]:
    """Name who sits down to be measured, anew in every run."""
    run = f"{datetime.now(UTC):%m%d%H%M%S}"  # noqa: TID251 - a log-in that no earlier run has
    town = DivisionPath(f"{COUNTY}{TOWNSHIPS[0]}")
    yield Seat(login=f"head{run}", role=Role.TOWNSHIP_HEAD, division=town, title="township")
    yield Seat(login=f"bureau{run}", role=Role.COUNTY_BUREAU, division=COUNTY, title="county")


def sign_in(backend: Backend, seat: Seat) -> str:
    """Open an account and a session in full."""
    account = open_account(backend, seat)
    token = accounts.sign_in(backend, account.login, account.password).token
    code = account.code(backend.clock.now())
    if code is not None:
        second_factor.show(backend, accounts.access_of(backend, token), code)
    return token


async def measure(
    backend: Backend, owner: sa.Engine, *, rounds: int, database: int
) -> list[Seen | str]:
    """Ask everything in every seat; a page that is not there is named."""
    console = create_console_app(backend)
    door = Site(api=console, phone=console, office=console)
    found: list[Seen | str] = []
    for seat in readers():
        cookies = {COOKIE: sign_in(backend, seat)}
        transport = ASGITransport(door)
        async with AsyncClient(
            transport=transport, base_url="http://bench", cookies=cookies, timeout=120
        ) as http:
            browser = Browser(http, seat.title)
            await browser.get("/")
            for asked in questions(owner, seat.division, rounds):
                seen = await ask(browser, asked, database, rounds=asked.rounds or rounds)
                found.append(seen or f"{asked.name} ({seat.title})")
                say(_line(seen) if seen else f"  {asked.name}: no such page")
    return found


def _line(seen: Seen) -> str:
    mark = " " if seen.is_met else "!"
    return (
        f"{mark} {seen.seat:<9} {seen.name:<44} p50 {seen.p50_ms:7.1f}  p95 {seen.p95_ms:7.1f} ms"
        f"  CPU {seen.cpu_server_ms:6.1f} + {seen.cpu_database_ms:6.1f} ms"
    )


def say(words: str) -> None:
    """Tell how far it is."""
    sys.stderr.write(words + "\n")
    sys.stderr.flush()


def register(backend: Backend, owner: sa.Engine, folder: Path, given: argparse.Namespace) -> None:
    """Import the roster, open the reviewers' accounts, and write what happened."""
    began = time.perf_counter()
    path = folder / "roster.csv"
    write(path, given.people)
    job = Roster(
        county=COUNTY,
        rows=read_sheet(path),
        digest="00" * 32,
        mapping=load_mapping(Path("policies/import/beneficiaries.toml")),
    )
    watch = Watch(complaint=lambda _complaint: None, progress=lambda _tally: None)
    tally = import_roster(backend, CALLER, job, watch)
    say(f"{tally.persons_added} people sealed in {time.perf_counter() - began:.0f} s")
    for seat in reviewers():
        open_account(backend, seat)
    size = Size(per_person=given.attempts // given.people)

    def progress(words: str) -> None:
        say(f"{words} ({time.perf_counter() - began:.0f} s)")

    fill(owner, size, progress)


def main() -> None:
    """Make or open the county, measure, and write the results down."""
    wanted = argparse.ArgumentParser()
    wanted.add_argument("--people", type=int, default=100_000)
    wanted.add_argument("--attempts", type=int, default=1_000_000)
    wanted.add_argument("--rounds", type=int, default=40)
    wanted.add_argument("--keep", type=Path, help="Keep the county there, or measure it again.")
    wanted.add_argument("--out", type=Path, default=RESULTS)
    given = wanted.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = given.keep or Path(scratch)
        is_new = not (folder / "pg").exists()
        folder.mkdir(parents=True, exist_ok=True)
        server = embedded.start(folder / "pg")
        try:
            report = run(folder, server, given, is_new=is_new)
        finally:
            server.stop()
    given.out.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", "utf-8")


def run(
    folder: Path, server: embedded.EmbeddedServer, given: argparse.Namespace, *, is_new: bool
) -> dict[str, object]:
    """Fill what is new, measure, and return the report."""
    migrate(server.owner_url())
    owner = sa.create_engine(server.url(embedded.SUPERUSER))
    database = int((folder / "pg" / "postmaster.pid").read_text().split()[0])
    began = time.perf_counter()
    backend = build(folder, server.app_url())
    try:
        if is_new:
            register(backend, owner, folder, given)
        filled_s = time.perf_counter() - began
        found = asyncio.run(measure(backend, owner, rounds=given.rounds, database=database))
        sizes = _sizes(owner)
    finally:
        owner.dispose()
        backend.close()
    pages = [one for one in found if isinstance(one, Seen)]
    return {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "load_average": os.getloadavg()[0],
        "rows": sizes,
        "filled_s": round(filled_s) if is_new else None,
        "rounds": given.rounds,
        "goals_met": all(one.is_met for one in pages),
        "absent": [one for one in found if isinstance(one, str)],
        "pages": [asdict(one) | {"is_met": one.is_met} for one in pages],
    }


def _sizes(owner: sa.Engine) -> dict[str, int]:
    tables = ("beneficiaries", "attempts", "certifications", "reviews", "audit_events")
    with owner.connect() as connection:
        return {
            table: int(connection.exec_driver_sql(f"select count(*) from {table}").scalar_one())
            for table in tables
        }


if __name__ == "__main__":
    main()
