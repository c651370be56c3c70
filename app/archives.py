"""Bring one pinned archive of a package index. The only caller of pip and npm.

Nothing that arrives is installed; an archive whose digest is not the pinned one is refused.
"""

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

_TIMEOUT_S = 900


class FetchFailed(Exception):  # noqa: N818  an event, named as it is said
    """An archive could not be had, or what came is not what is pinned. One line, fit to print."""


def pip_archive(package: str, version: str, sha256: str, folder: Path) -> Path:
    """Bring a wheel or an sdist into the empty `folder`. Raises `FetchFailed`."""
    pin = f"{package}=={version}"
    wanted = folder / "wanted.txt"
    wanted.write_text(f"{pin} --hash=sha256:{sha256}\n", encoding="utf-8")
    refusals: list[str] = []
    for choice in _archive_choices():
        refusal = _pip_download(wanted, folder, choice)
        if not refusal:
            return next(path for path in folder.iterdir() if path != wanted)
        refusals.append(refusal)
    raise FetchFailed(f"could not fetch {pin}: {'; '.join(refusals)}")


def npm_archive(package: str, version: str, sha256: str, folder: Path) -> Path:
    """Bring a package of the npm index into the empty `folder`. Raises `FetchFailed`.

    npm only packs what its index holds: no script of the package or of anything it needs is run.
    """
    pin = f"{package}@{version}"
    npm = shutil.which("npm")
    if npm is None:
        raise FetchFailed(
            f"could not fetch {pin}: it is on the npm index, and npm is not installed"
        )
    command = [npm, "pack", "--ignore-scripts", "--loglevel=error"]
    refusal = _refusal([*command, f"--pack-destination={folder}", pin], folder=folder)
    came = sorted(folder.glob("*.tgz"))
    if refusal or not came:
        raise FetchFailed(f"could not fetch {pin}: {refusal or 'npm brought no archive'}")
    if hashlib.sha256(came[0].read_bytes()).hexdigest() != sha256:
        raise FetchFailed(f"could not fetch {pin}: what npm brought is not the pinned archive")
    return came[0]


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
    return _refusal(command, shown=bar == "on")


def _refusal(command: list[str], *, folder: Path | None = None, shown: bool = False) -> str:
    """Run a packager; in its own words why it failed, or nothing."""
    try:
        done = subprocess.run(  # noqa: S603  fixed arguments, no shell
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr.fileno() if shown else subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"no answer within {_TIMEOUT_S} s"
    if done.returncode == 0:
        return ""
    lines = done.stderr.decode(errors="replace").splitlines()
    pip_says = [line.strip() for line in lines if line.startswith("ERROR:")][-1:]
    npm_says = [line.strip() for line in lines if line.startswith(("npm error", "npm ERR!"))][:1]
    return next(iter(pip_says + npm_says), f"it ended with {done.returncode}")
