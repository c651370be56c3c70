"""The demo township of `jianzai serve --with-demo`: seeded once, its log-ins kept beside it."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any
from unicodedata import east_asian_width
from uuid import UUID

from app.container import CannotStart
from app.demo.county import CASTING, OPERATOR, Seeded
from app.demo.log_ins import FILE
from app.demo.township import seed_township
from services.backend import Backend
from services.links import make_link
from storage.crypto.one_time_codes import code_at

BEGUN = "demo-county.begun"
"""Stands there while the demo is being seeded, and after a seeding that was killed."""
PLAYED = {"zhou": "has reference photos", "luo": "has none on record", "he": "is overdue"}
"""Three who come to the page in different ways."""


def ensure_county(backend: Backend, home: Path, say: Callable[[str], None], *, page: str) -> None:
    """Seed an empty installation, and say whom one can play. All of it is synthetic.

    `page` is the address at which this server is reached. Raises `CannotStart` after a seeding
    that was killed half way.
    """
    kept = home / FILE
    if not kept.exists():
        _seed(backend, home, say)
    county = json.loads(kept.read_text("utf-8"))
    now = backend.clock.now()
    for line in (*_office(county["staff"], page, now), *_links(backend, county["people"], page)):
        say(line)


def _seed(backend: Backend, home: Path, say: Callable[[str], None]) -> None:
    begun = home / BEGUN
    if begun.exists():
        raise CannotStart(
            f"seeding the demo was cut off half way: remove what {home} holds, but for models,"
            " portraits and clips, and start again"
        )
    begun.touch()
    _keep(seed_township(backend, home, say), home / FILE)
    begun.unlink()


def _keep(county: Seeded, path: Path) -> None:
    path.touch(mode=0o600)
    path.write_text(json.dumps(asdict(county), default=str, ensure_ascii=False), "utf-8")


def _office(staff: dict[str, dict[str, Any]], page: str, now: datetime) -> Iterator[str]:
    """Say where the office is, and who can sign in: a code is of the next half minute only."""
    yield f"The township office:  {page}/office/"
    rows = [("log-in", "password", "code now", "seat")]
    for login in staff.values():
        secret = login["secret"]
        code = code_at(secret, now) if secret else "-"
        rows.append((login["login"], login["password"], code, login["seat"]))
    yield from _aligned(rows)
    yield "  Another code:  jianzai staff demo-code LOG-IN"


def _aligned(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(_width(cell) for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        padded = [
            cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)
        ]
        yield "  " + "  ".join(padded).rstrip()


def _width(text: str) -> int:
    """Count the columns of a terminal: a Chinese character takes two."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def _links(backend: Backend, people: dict[str, dict[str, str]], page: str) -> Iterator[str]:
    """Make a fresh link for each, as only digests of the last ones are kept."""
    yield "The phone page as one of them (a link, or typed in; all synthetic):"
    for key, what in PLAYED.items():
        person, ending = people[key], f"{CASTING[key].serial:04d}"
        link = make_link(backend, OPERATOR, UUID(person["id"]))
        yield f"  {person['name']} {what}:  {page}/m/k/{link.token}"
        yield f"    {person['id_number']}, phone ends in {ending}"
