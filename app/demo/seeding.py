"""The demo county of `jianzai serve --with-demo`: seeded once, its log-ins kept beside it."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from app.demo.county import Seeded, seed
from app.demo.studio import Studio
from services.backend import Backend

FILE = "demo-county.json"


def ensure_county(backend: Backend, home: Path, say: Callable[[str], None]) -> None:
    """Seed an empty installation, and say whom one can play. The county is synthetic."""
    kept = home / FILE
    if not kept.exists():
        say("seeding a synthetic county …")
        _keep(seed(backend, Studio.open(home)), kept)
    for line in _lines(json.loads(kept.read_text("utf-8"))):
        say(line)


def _keep(county: Seeded, path: Path) -> None:
    path.touch(mode=0o600)
    path.write_text(json.dumps(asdict(county), default=str, ensure_ascii=False), "utf-8")


def _lines(county: dict[str, dict[str, dict[str, str]]]) -> list[str]:
    staff = [
        f"  {login['seat']:<10} log-in {login['login']:<10} password {login['password']}"
        for login in county["staff"].values()
    ]
    people = [f"  {person['name']}  {person['id_number']}" for person in county["people"].values()]
    return ["Demo log-ins:", *staff, "Demo pensioners (synthetic):", *people]
