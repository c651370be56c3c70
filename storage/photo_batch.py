"""Photos in a folder or a zip, one after the other, never unpacked to disk.

A zip is a stranger's file: sizes are capped while reading, whatever the directory claims, members
that unpack to a hundredfold are left alone, and a name that climbs out of the archive is refused.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import IO

LARGEST_PHOTO = 10_000_000
MOST_FILES = 500_000
_WORST_RATIO = 100
_PHOTO = re.compile(r"([0-9]{17}[0-9Xx])(?:[_-][0-9]{1,3})?\.(?:jpe?g|png|webp)", re.IGNORECASE)
_LITTER = re.compile(r"\..*|thumbs\.db|desktop\.ini", re.IGNORECASE)
_DRIVE = re.compile(r"[A-Za-z]:")


class BatchUnreadable(Exception):  # noqa: N818 - an event, named as it is said
    """The batch as a whole cannot be used. `reason` is a stable word."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class FileFault(StrEnum):
    """Why a file is no photo to enrol."""

    NAME_UNREADABLE = "name_unreadable"  # not <18 characters>.jpg, .png or .webp
    PATH_UNSAFE = "path_unsafe"
    TOO_LARGE = "file_too_large"
    SUSPICIOUS_RATIO = "file_suspicious_ratio"
    UNREADABLE = "file_unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchPhoto:
    """One file. `id_number` is unchecked; a file with a fault has no content."""

    place: int
    id_number: str | None = field(repr=False)
    content: bytes = field(repr=False)
    fault: FileFault | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoBatch:
    """How many files there are, and the files."""

    count: int
    photos: Iterator[BatchPhoto]


@contextmanager
def open_batch(path: Path) -> Iterator[PhotoBatch]:
    """Open a folder or zip. Raises `BatchUnreadable` (`not_a_batch`, `too_many_files`)."""
    if path.is_dir():
        files = [file for file in sorted(path.rglob("*")) if _counts(file)]
        yield PhotoBatch(count=_few(len(files)), photos=_from_folder(files))
        return
    try:
        archive = zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile) as error:
        raise BatchUnreadable("not_a_batch") from error
    with archive:
        members = [m for m in archive.infolist() if not m.is_dir() and not _is_litter(m.filename)]
        yield PhotoBatch(count=_few(len(members)), photos=_from_zip(archive, members))


def _few(count: int) -> int:
    if count > MOST_FILES:
        raise BatchUnreadable("too_many_files")
    return count


def _counts(file: Path) -> bool:
    return file.is_file() and not file.is_symlink() and not _is_litter(file.name)


def _is_litter(name: str) -> bool:
    path = PurePosixPath(name.replace("\\", "/"))
    return _LITTER.fullmatch(path.name) is not None or "__MACOSX" in path.parts


def _from_folder(files: list[Path]) -> Iterator[BatchPhoto]:
    for place, file in enumerate(files, start=1):
        match = _PHOTO.fullmatch(file.name)
        if match is None:
            yield _faulty(place, FileFault.NAME_UNREADABLE)
            continue
        try:
            with file.open("rb") as stream:
                yield _read(place, match[1], stream)
        except OSError:
            yield _faulty(place, FileFault.UNREADABLE, match[1])


def _from_zip(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> Iterator[BatchPhoto]:
    for place, member in enumerate(members, start=1):
        match = _PHOTO.fullmatch(PurePosixPath(member.filename).name)
        fault = _member_fault(member)
        if fault is not None or match is None:
            yield _faulty(place, fault or FileFault.NAME_UNREADABLE, match[1] if match else None)
            continue
        try:
            with archive.open(member) as stream:
                yield _read(place, match[1], stream)
        except (OSError, RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error):
            yield _faulty(place, FileFault.UNREADABLE, match[1])


def _member_fault(member: zipfile.ZipInfo) -> FileFault | None:
    path = PurePosixPath(member.filename.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or _DRIVE.match(member.filename):
        return FileFault.PATH_UNSAFE
    if member.file_size > LARGEST_PHOTO:
        return FileFault.TOO_LARGE
    if member.file_size > _WORST_RATIO * max(member.compress_size, 1):
        return FileFault.SUSPICIOUS_RATIO
    return None


def _read(place: int, id_number: str, stream: IO[bytes]) -> BatchPhoto:
    content = stream.read(LARGEST_PHOTO + 1)
    if len(content) > LARGEST_PHOTO:
        return _faulty(place, FileFault.TOO_LARGE, id_number)
    return BatchPhoto(place=place, id_number=id_number, content=content)


def _faulty(place: int, fault: FileFault, id_number: str | None = None) -> BatchPhoto:
    return BatchPhoto(place=place, id_number=id_number, content=b"", fault=fault)
