"""Which voices there are, and how each is made (`voices.toml`)."""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from app.speech import espeak, kokoro
from app.speech.encoding import Sound
from app.speech.failures import NoSynthesizer

_TABLES = Path(__file__).with_name("voices.toml")
MODELS = "speech-models"


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """One table of `voices.toml`; `how` are the engine's own settings."""

    name: str
    engine: str
    says: str
    licence: str
    how: Mapping[str, Any]


@cache
def voices() -> Mapping[str, Voice]:
    """Every voice by its name, the best first."""
    tables = tomllib.loads(_TABLES.read_text("utf-8"))["voices"]
    found = {}
    for name, table in tables.items():
        given = dict(table)
        named = {field: given.pop(field) for field in ("engine", "says", "licence")}
        found[name] = Voice(name=name, how=given, **named)
    return found


def speak(
    voice: Voice, texts: Mapping[str, str], home: Path, report: Callable[[str], None]
) -> Iterator[tuple[str, Sound]]:
    """Say every sentence with `voice`: `(key, sound)`. Raises `NoSynthesizer`."""
    if voice.engine == "espeak":
        return espeak.speak(texts, voice.how["language"])
    if voice.engine == "kokoro":
        folder = home / MODELS
        kokoro.fetch(_files(), folder, report)
        return kokoro.speak(texts, folder, style=voice.how["style"], speed=voice.how["speed"])
    raise NoSynthesizer(f"{voice.name}: no engine called {voice.engine}")


def _files() -> list[kokoro.PinnedFile]:
    tables = tomllib.loads(_TABLES.read_text("utf-8"))
    return [_pinned(entry, tables["archives"][entry["archive"]]) for entry in tables["files"]]


def _pinned(entry: Mapping[str, str], archive: Mapping[str, str]) -> kokoro.PinnedFile:
    return kokoro.PinnedFile(
        file=entry["file"],
        sha256=entry["sha256"],
        member=entry["member"],
        packager=archive["packager"],
        package=archive["package"],
        version=archive["version"],
        archive_sha256=archive["sha256"],
    )
