"""Content-addressed files: the default store, crash-safe on any POSIX file system.

A name appears only when its bytes are complete, checked and durable: draft in the same folder,
digest while writing, fsync, rename, fsync of the folder.
"""

import errno
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from domain.ports import ObjectKey
from storage.objects.errors import ObjectCorrupt, ObjectMissing, StoreFull, StoreUnavailable
from storage.objects.keys import address_of, checked_area, object_key

_CHUNK_BYTES = 1 << 20
_DRAFT_SUFFIX = ".draft"
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class LocalStore:
    """`<root>/<area>/<first two hex digits>/<sha256>`, read-only files of the service's user."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._durable: set[Path] = set()

    def prepare(self) -> None:
        """Make the root folder, private to the service.

        Nothing else makes it: a disk that failed to mount must not be written beside.
        """
        with _mapped(self._root):
            self._root.mkdir(parents=True, exist_ok=True, mode=0o700)
            _sync_folder(self._root.parent)

    def put(self, key: ObjectKey, source: BinaryIO) -> None:
        path = self._path(key)
        with _mapped(key):
            if path.exists():
                _compare(key, source)
                self.get(key)
            else:
                self._make_folder(path.parent)
                self._write(key, path, source)
            _sync_folder(path.parent)

    def get(self, key: ObjectKey) -> bytes:
        with _mapped(key):
            content = _read(key, self._path(key))
        if hashlib.sha256(content).hexdigest() != address_of(key).sha256:
            raise ObjectCorrupt(key)
        return content

    def exists(self, key: ObjectKey) -> bool:
        with _mapped(key):
            return self._path(key).is_file()

    def delete(self, key: ObjectKey) -> None:
        path = self._path(key)
        with _mapped(key):
            path.unlink(missing_ok=True)
            if path.parent.is_dir():
                _sync_folder(path.parent)

    def keys(self, area: str) -> Iterator[ObjectKey]:
        with _mapped(area):
            for path in sorted((self._root / checked_area(area)).glob("??/*")):
                with suppress(ValueError):  # a draft, or a file that is none of ours
                    yield object_key(area, path.name)

    def sweep_drafts(self, now: datetime, older_than: timedelta = timedelta(hours=1)) -> int:
        """Remove what killed writers left behind; returns how many drafts that was."""
        limit = (now - older_than).timestamp()
        swept = 0
        with _mapped(self._root):
            for draft in self._root.glob(f"*/??/.*{_DRAFT_SUFFIX}"):
                with suppress(FileNotFoundError):
                    if draft.stat().st_mtime < limit:
                        draft.unlink()
                        swept += 1
        return swept

    def _path(self, key: ObjectKey) -> Path:
        address = address_of(key)
        return self._root / address.area / address.sha256[:2] / address.sha256

    def _make_folder(self, folder: Path) -> None:
        for path in (folder.parent, folder):
            path.mkdir(exist_ok=True, mode=0o700)
        if folder not in self._durable:  # another process may have made it, and not synced it yet
            _sync_folder(folder.parent)
            _sync_folder(self._root)
            self._durable.add(folder)

    def _write(self, key: ObjectKey, path: Path, source: BinaryIO) -> None:
        draft = path.with_name(f".{path.name[:16]}.{os.urandom(8).hex()}{_DRAFT_SUFFIX}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o400)
        try:
            with os.fdopen(descriptor, "wb") as file:
                _copy_checked(key, source, file)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise


def _read(key: ObjectKey, path: Path) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        raise ObjectMissing(key) from None
    except OSError as error:
        if error.errno == errno.ELOOP:  # a link where a file should be
            raise ObjectCorrupt(key) from None
        raise
    with os.fdopen(descriptor, "rb") as file:
        return file.read()


def _compare(key: ObjectKey, source: BinaryIO) -> None:
    with Path(os.devnull).open("wb") as nowhere:
        _copy_checked(key, source, nowhere)


def _copy_checked(key: ObjectKey, source: BinaryIO, sink: BinaryIO) -> None:
    hashing = hashlib.sha256()
    while chunk := source.read(_CHUNK_BYTES):
        hashing.update(chunk)
        sink.write(chunk)
    if hashing.hexdigest() != address_of(key).sha256:
        raise ObjectCorrupt(key)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _mapped(subject: str | Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        kind = StoreFull if error.errno in _FULL else StoreUnavailable
        raise kind(f"{subject}: {error.strerror}") from error
