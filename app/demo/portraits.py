"""Portraits of the demo people: listed, fetched at set-up, verified whenever one is opened."""

import hashlib
import os
import platform
import sys
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from app.model_files import FetchFailed, fetch_members

_CATALOGUE = Path(__file__).with_name("portraits.toml")
_FIX = "run `jianzai models fetch --with-portraits`"


class PortraitUnusable(Exception):  # noqa: N818  a state, named as it is said
    """A portrait is missing or is not the pinned file; the message names the mending command."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Portrait:
    """One table of `portraits.toml` with its archive's: a `PinnedMember` of `app.model_files`."""

    file: str
    person: str
    shows: str
    sha256: str
    package: str
    version: str
    licence: str
    member: str
    archive_digests: Mapping[str, str]

    @property
    def archive_sha256(self) -> str:
        """Digest of the archive for this interpreter. Raises `FetchFailed` where none is pinned."""
        digest = self.archive_digests.get("any") or self.archive_digests.get(_build())
        if digest is None:
            raise FetchFailed(f"no archive of {self.package} is pinned for {_build()}")
        return digest


def _build() -> str:
    version = f"{sys.version_info.major}{sys.version_info.minor}"
    return f"cp{version}-{sys.platform}-{platform.machine().lower()}"


@cache
def catalogue() -> tuple[Portrait, ...]:
    """Every portrait, in the order of the file: a person's first one is the reference."""
    tables: dict[str, Any] = tomllib.loads(_CATALOGUE.read_text(encoding="utf-8"))
    return tuple(_portrait(entry, tables["archives"]) for entry in tables["portraits"])


def _portrait(entry: dict[str, str], archives: dict[str, Any]) -> Portrait:
    archive = archives[entry["archive"]]
    return Portrait(
        file=entry["file"],
        person=entry["person"],
        shows=entry["shows"],
        sha256=entry["sha256"],
        member=entry["member"],
        package=archive["package"],
        version=archive["version"],
        licence=archive["licence"],
        archive_digests=archive["sha256"],
    )


def named(file: str) -> Portrait:
    """Find the portrait stored as `file`. Raises `KeyError`."""
    return {portrait.file: portrait for portrait in catalogue()}[file]


def default_home() -> Path:
    """`$JIANZAI_HOME`, else the user's data folder."""
    home = os.environ.get("JIANZAI_HOME")
    return Path(home) if home else Path.home() / ".local" / "share" / "jianzai"


def fetch_portraits(folder: Path, report: Callable[[str], None]) -> list[Path]:
    """Make every portrait stand in `folder`. Raises `FetchFailed`."""
    return fetch_members(catalogue(), folder, report)


def portrait_bytes(portrait: Portrait, folder: Path) -> bytes:
    """Read a file and verify it. Raises `PortraitUnusable`."""
    path = folder / portrait.file
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise PortraitUnusable(f"portrait {path} is missing: {_FIX}") from None
    if hashlib.sha256(content).hexdigest() != portrait.sha256:
        raise PortraitUnusable(f"portrait {path} is not the pinned one: {_FIX}")
    return content
