"""The demo county of `jianzai serve --with-demo`: seeded once, its log-ins kept beside it."""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from uuid import UUID

from app.demo.county import CASTING, OPERATOR, Seeded, seed
from app.demo.studio import Studio
from services.backend import Backend
from services.links import make_link

FILE = "demo-county.json"


PLAYED = {"zhou": "has reference photos", "luo": "has none on record", "he": "is overdue"}
"""Three who come to the page in different ways."""


def ensure_county(backend: Backend, home: Path, say: Callable[[str], None], *, page: str) -> None:
    """Seed an empty installation, and say whom one can play. The county is synthetic.

    `page` is the address at which a phone reaches this server.
    """
    kept = home / FILE
    if not kept.exists():
        say("seeding a synthetic county …")
        _keep(seed(backend, Studio.open(home)), kept)
    county = json.loads(kept.read_text("utf-8"))
    for line in (*_lines(county), *_links(backend, county["people"], page)):
        say(line)


def _links(backend: Backend, people: dict[str, dict[str, str]], page: str) -> Iterator[str]:
    """Make a fresh link for each, as only digests of the last ones are kept."""
    yield "The phone page as one of them (a link, or typed in):"
    for key, what in PLAYED.items():
        person, ending = people[key], f"{CASTING[key].serial:04d}"
        link = make_link(backend, OPERATOR, UUID(person["id"]))
        yield f"  {person['name']} {what}:  {page}/m/k/{link.token}"
        yield f"    {person['id_number']}, phone ends in {ending}"


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
