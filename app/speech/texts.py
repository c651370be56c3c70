"""The sentences that the phone page can say, one for each key of `web/phone/speech.toml`."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

TEXTS = Path(__file__).parents[2] / "web" / "phone" / "speech.toml"
KEY = re.compile(r"[a-z0-9][a-z0-9_-]*(\.[a-z0-9_-]+)*")


class TextsUnusable(Exception):  # noqa: N818 - a state, named as it is said
    """The list of sentences is missing or malformed; one line, fit to print."""


def read_texts(path: Path = TEXTS) -> Mapping[str, str]:
    """Read `key = "sentence"` lines; `[step] nod = "…"` is `step.nod`. Raises `TextsUnusable`."""
    try:
        found = dict(_flat(tomllib.loads(path.read_text("utf-8"))))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise TextsUnusable(f"{path} cannot be read: {error}") from error
    for key, text in found.items():
        if not KEY.fullmatch(key) or not isinstance(text, str) or not text.strip():
            raise TextsUnusable(f"{path}: {key} is not a plain key with a sentence")
    return found


def _flat(table: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{key}.")
        else:
            yield f"{before}{key}", value
