"""The bench as files: clips, challenges, photos of people, and the list that evaluation reads.

Everything follows from the seed. A run that was stopped goes on where it was: a clip that stands
in the ledger and on disk is not made again.
"""

import csv
import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from app.attacks.registry import SPECIES
from app.attacks.sitters import Sitter, heads, portraits
from app.attacks.species import Presentation, Species
from app.attacks.stage import SCALES, Crew, Setting, Size
from app.demo.cast import Cast
from app.demo.library import generator_version
from domain.challenge import Challenge, to_json

COLUMNS = (
    "path",
    "kind",
    "species",
    "challenge",
    "enrolled",
    "selfie",
    "subject",
    "earlier",
    "user_agent",
    "camera_label",
    "profile",
    "device",
    "light",
)
LIMITS = (
    "Synthetic: portraits and rendered heads before a simulated phone. What is bona fide and what"
    " an attack is drawn by the capture path alone. No real device, person or attack was recorded."
)
LIST, LEDGER, MANIFEST = "clips.csv", "ledger.jsonl", "manifest.json"
_SELFIES = 4  # that one person has
_WEBM = b"\x1a\x45\xdf\xa3"


class OtherBench(Exception):  # noqa: N818  a state, named as it is said
    """The folder holds a bench of another seed, size or generator; the message says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to make. `home` holds portraits and models."""

    home: Path
    out: Path
    seed: int
    size: Size = Size.FULL

    @property
    def about(self) -> dict[str, object]:
        """What makes it a bench of its own."""
        return {"seed": self.seed, "size": self.size, "generator": bench_version()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """All that is still missing of one number."""

    number: int
    species: tuple[str, ...]


class Maker:
    """Makes the presentations of one order. Not thread-safe; one per process."""

    def __init__(self, order: Order) -> None:
        self._order = order
        cast = Cast(order.home / "portraits", order.home / "models")
        self._crew = Crew(portraits=portraits(cast), heads=heads())

    def rows(self, job: Job) -> Iterator[dict[str, str]]:
        """Make the clips of one number one after the other; yields their lines of the list."""
        setting = Setting(
            self._crew, SCALES[self._order.size], seed=self._order.seed, number=job.number
        )
        for name in job.species:
            yield self._row(SPECIES[name], setting)

    def _row(self, species: Species, setting: Setting) -> dict[str, str]:
        made = species.make(setting)
        who = made.who or setting.sitter
        name = f"{setting.number:05d}"
        clip = f"clips/{species.name}/{name}.{_suffix(made.clip)}"
        self._store(clip, made.clip)
        return {
            "path": clip,
            "kind": species.kind.value,
            "species": species.name,
            "challenge": self._challenge(made.challenge or setting.challenge),
            "enrolled": ";".join(self._enrolled(who)),
            "selfie": self._selfie(who, setting.number % _SELFIES),
            "subject": who.name,
            "earlier": self._earlier(made, name),
            "user_agent": made.device.user_agent,
            "camera_label": made.camera_label,
            "profile": made.profile,
            "device": made.device.name,
            "light": made.light,
            "sha256": hashlib.sha256(made.clip).hexdigest(),
        }

    def _earlier(self, made: Presentation, name: str) -> str:
        if made.earlier is None:
            return ""
        return self._store(f"earlier/{name}.{_suffix(made.earlier)}", made.earlier)

    def _challenge(self, challenge: Challenge) -> str:
        document = json.dumps(to_json(challenge), indent=1).encode()
        digest = hashlib.sha256(document).hexdigest()[:16]
        return self._store(f"challenges/{digest}.json", document)

    def _enrolled(self, who: Sitter) -> list[str]:
        paths = [f"people/{who.name}-enrolled-0.jpg"]
        if not all((self._order.out / path).exists() for path in paths):
            for path, photo in zip(paths, who.enrolled(self._order.seed), strict=True):
                self._store(path, photo)
        return paths

    def _selfie(self, who: Sitter, number: int) -> str:
        path = f"people/{who.name}-selfie-{number}.jpg"
        if not (self._order.out / path).exists():
            self._store(path, who.selfie(self._order.seed + number))
        return path

    def _store(self, path: str, content: bytes) -> str:
        """Write a file at once and whole."""
        target = self._order.out / path
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh = target.with_name(f"{target.name}.{os.getpid()}")
        fresh.write_bytes(content)
        fresh.replace(target)
        return path


def jobs(
    order: Order, species: Sequence[str], per_species: int, known: Mapping[str, Any]
) -> list[Job]:
    """Name what is not there yet, number by number: a run stopped half-way has some of each."""
    wanted = []
    for number in range(per_species):
        missing = tuple(name for name in species if not _is_there(order, known, name, number))
        if missing:
            wanted.append(Job(number=number, species=missing))
    return wanted


def _is_there(order: Order, known: Mapping[str, Any], name: str, number: int) -> bool:
    row = known.get(key_of(name, number))
    return row is not None and (order.out / row["path"]).exists()


def key_of(species: str, number: int) -> str:
    """Name a presentation."""
    return f"{species}/{number:05d}"


def key_of_row(row: Mapping[str, str]) -> str:
    """Name the presentation that a line of the list stands for."""
    return f"{row['species']}/{Path(row['path']).stem}"


def claim(order: Order) -> dict[str, dict[str, str]]:
    """Make the folder this order's; returns what it holds already. Raises `OtherBench`."""
    order.out.mkdir(parents=True, exist_ok=True)
    path = order.out / MANIFEST
    if path.exists():
        found = json.loads(path.read_text(encoding="utf-8"))
        if any(found.get(name) != value for name, value in order.about.items()):
            raise OtherBench(
                f"{order.out} holds a bench of another seed, size or generator; choose a new folder"
            )
    else:
        path.write_text(json.dumps({"limits": LIMITS, **order.about}, indent=1), encoding="utf-8")
    return read_ledger(order.out)


def read_ledger(out: Path) -> dict[str, dict[str, str]]:
    """Lines that were finished, by presentation; one that was cut off is passed over."""
    rows: dict[str, dict[str, str]] = {}
    path = out / LEDGER
    if not path.exists():
        return rows
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            row = json.loads(line)
            rows[key_of_row(row)] = row
        except (ValueError, KeyError, TypeError):
            continue
    return rows


def add_to_ledger(out: Path, row: Mapping[str, str]) -> None:
    """Keep a finished line, on disk at once."""
    with (out / LEDGER).open("a", encoding="utf-8") as ledger:
        ledger.write(json.dumps(dict(row), sort_keys=True) + "\n")


def write_list(order: Order, rows: Mapping[str, Mapping[str, str]]) -> Path:
    """Write the list that `jianzai evaluate liveness` reads, and the manifest with all digests."""
    listed = [rows[key] for key in sorted(rows)]
    path = order.out / LIST
    with path.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, COLUMNS, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(listed)
    counts: dict[str, int] = {}
    for row in listed:
        counts[row["species"]] = counts.get(row["species"], 0) + 1
    manifest = {
        "limits": LIMITS,
        **order.about,
        "species": {name: _about(name, number) for name, number in counts.items()},
        "clips": {row["path"]: row["sha256"] for row in listed},
    }
    text = json.dumps(manifest, indent=1, ensure_ascii=False)
    (order.out / MANIFEST).write_text(text, encoding="utf-8")
    return path


def _about(name: str, count: int) -> dict[str, object]:
    species = SPECIES[name]
    return {
        "n": count,
        "kind": species.kind.value,
        "shows": species.shows,
        "expects": species.expects.value,
    }


def _suffix(clip: bytes) -> str:
    return "webm" if clip.startswith(_WEBM) else "mp4"


@cache
def bench_version() -> str:
    """Digest of all source that the bench follows from."""
    digest = hashlib.sha256(generator_version().encode())
    here = Path(__file__).parent
    for folder in (here, here.parent / "heads"):
        for source in sorted(folder.glob("*.py")):
            digest.update(source.read_bytes())
    return digest.hexdigest()[:16]
