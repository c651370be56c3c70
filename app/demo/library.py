"""A folder of made media, so that the second demo and the second test run start at once."""

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

_GENERATOR = (
    "cast",
    "clips",
    "containers",
    "cutout",
    "eyelids",
    "held_photo",
    "mouth",
    "observer",
    "phone",
    "photos",
    "puppet",
    "reading",
    "rig",
    "scenes",
    "script",
    "studio",
)


@cache
def generator_version() -> str:
    """Digest of the generator's own source: an edited generator never finds its old work."""
    digest = hashlib.sha256()
    for module in _GENERATOR:
        digest.update(Path(__file__).with_name(f"{module}.py").read_bytes())
    return digest.hexdigest()[:16]


class ClipLibrary:
    """Media by the digest of everything that went into them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, made_from: Mapping[str, object], make: Callable[[], bytes]) -> bytes:
        """Return the stored bytes for `made_from`, made and stored now if there are none.

        `made_from` is anything JSON can write. A torn file cannot appear: it is renamed into place.
        """
        key = json.dumps({**made_from, "generator": generator_version()}, sort_keys=True)
        path = self._folder / hashlib.sha256(key.encode()).hexdigest()
        if path.exists():
            return path.read_bytes()
        content = make()
        self._folder.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(f".{os.getpid()}")
        fresh.write_bytes(content)
        fresh.replace(path)
        return content
