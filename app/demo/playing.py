"""Puts the play on: a server of its own, the county, the scenes, and the tables at the end."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import httpx
from rich.table import Table

from app import container
from app.demo.county import OPERATOR, Seeded, seed
from app.demo.story import Play, Scene
from app.demo.studio import Studio
from app.settings import Settings
from domain.policy_values import Scheme
from services.backend import Backend
from storage.db.repositories import certifications

START_S = 90.0
SCHEMES = {
    Scheme.RESIDENT_PENSION: "城乡居民养老",
    Scheme.EMPLOYEE_PENSION: "企业职工养老",
    Scheme.INSTITUTION_PENSION: "机关事业单位养老",
    Scheme.SURVIVOR_ALLOWANCE: "遗属定补",
    Scheme.WORK_INJURY: "工伤长期待遇",
    Scheme.UNEMPLOYMENT: "失业",
}
Report = Callable[[str], None]
Validities = dict[str, list[tuple[str, date | None]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One entitlement of one person, before and after the play."""

    name: str
    scheme: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    scenes: tuple[Scene, ...]
    changes: tuple[Change, ...]
    seconds: float

    @property
    def went_right(self) -> bool:
        return all(scene.went_right for scene in self.scenes)

    def as_json(self) -> dict[str, Any]:
        return {
            "went_right": self.went_right,
            "scenes": [asdict(scene) | {"went_right": scene.went_right} for scene in self.scenes],
            "validity": [asdict(change) for change in self.changes],
            "seconds": round(self.seconds, 1),
        }

    def table(self) -> Table:
        shown = Table(title="Who handed in what, and what came out", title_justify="left")
        for column in ("", "who", "handed in", "outcome", "what the person is told"):
            shown.add_column(column, overflow="fold")
        for scene in self.scenes:
            mark = "[green]✓[/]" if scene.went_right else "[red]✗[/]"
            shown.add_row(mark, scene.who, scene.handed_in, scene.outcome, scene.words)
        return shown

    def validity_table(self) -> Table:
        shown = Table(title="Valid until, before and after", title_justify="left")
        for column in ("who", "benefit", "before", "after"):
            shown.add_column(column)
        for change in self.changes:
            moved = f"[green]{change.after}[/]" if change.after != change.before else change.after
            shown.add_row(change.name, change.scheme, change.before, moved)
        return shown


def play(home: Path, *, report: Report) -> Result:
    """Start a server in `home`, play every scene against it, and end it."""
    began = time.monotonic()
    studio = Studio.open(home)
    settings = Settings(home=home)
    with _server(home, report) as address, container.database(settings) as where:
        backend = container.build_backend(settings, where.app_url)
        try:
            report("seeding a synthetic county")
            county = seed(backend, studio)
            before = _validities(backend, county)
            scenes = _scenes(address, county, studio, report)
            changes = _changes(county, before, _validities(backend, county))
        finally:
            backend.close()
    return Result(scenes=scenes, changes=changes, seconds=time.monotonic() - began)


def _scenes(address: str, county: Seeded, studio: Studio, report: Report) -> tuple[Scene, ...]:
    played = []
    with httpx.Client(base_url=address, timeout=60) as http:
        for scene in Play(http=http, county=county, studio=studio).scenes():
            report(f"  {scene.who}: {scene.handed_in} → {scene.outcome}")
            played.append(scene)
    return tuple(played)


@contextmanager
def _server(home: Path, report: Report) -> Iterator[str]:
    """Run `jianzai serve` on a free port until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "app.cli", "serve", "--port", str(port)]
    env = {**os.environ, "JIANZAI_HOME": str(home)}
    report("starting server, database and worker")
    child = subprocess.Popen(command, env=env, stderr=subprocess.DEVNULL)  # noqa: S603
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_until_ready(address, child)
        yield address
    finally:
        child.terminate()
        try:
            child.wait(30)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _wait_until_ready(address: str, child: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        if child.poll() is not None:
            raise RuntimeError("the server ended at once; run `jianzai serve` to see why")
        try:
            if httpx.get(f"{address}/v1/health/ready", timeout=2).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    raise RuntimeError(f"the server was not ready in {START_S:.0f} s")


def _validities(backend: Backend, county: Seeded) -> Validities:
    with backend.unit(OPERATOR.actor, OPERATOR.scope) as unit:
        return {
            key: certifications.validities_of(unit.session, person.id)
            for key, person in county.people.items()
        }


def _changes(county: Seeded, before: Validities, after: Validities) -> tuple[Change, ...]:
    return tuple(
        Change(
            name=person.name,
            scheme=SCHEMES[Scheme(scheme)],
            before=str(day or "-"),
            after=str(dict(after[key])[scheme] or "-"),
        )
        for key, person in county.people.items()
        for scheme, day in before[key]
    )
