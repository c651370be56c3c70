"""The sentences that the phone page can say, one for each key of `web/phone/speech.toml`."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

TEXTS = Path(__file__).parents[2] / "web" / "phone" / "speech.toml"
KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


class TextsUnusable(Exception):  # noqa: N818 - a state, named as it is said
    """The list of sentences is missing or malformed; one line, fit to print."""


def read_texts(path: Path = TEXTS) -> Mapping[str, str]:
    """Read `key = "sentence"` lines. Raises `TextsUnusable`."""
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise TextsUnusable(f"{path} cannot be read: {error}") from error
    for key, text in found.items():
        if not KEY.fullmatch(key) or not isinstance(text, str) or not text.strip():
            raise TextsUnusable(f"{path}: {key} is not a plain key with a sentence")
    return found
