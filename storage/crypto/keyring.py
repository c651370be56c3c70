"""Master keys behind a small port, and the file that holds them by default.

One ring, one key family per use: the key that wraps data keys never indexes, the key that indexes
never signs. Each family keeps its old versions until they are forgotten on purpose.
"""

import base64
import binascii
import fcntl
import json
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol, Self

from storage.crypto.errors import KeyRingError
from storage.crypto.suites import KEY_BYTES, SuiteId, seal, unseal

_FORMAT = 1


class KeyUse(StrEnum):
    WRAPPING = "wrapping"
    BLIND_INDEX = "blind_index"
    UPLOAD_SEAL = "upload_seal"
    STAFF_SECRET = "staff_secret"


@dataclass(frozen=True, slots=True, kw_only=True)
class WrappedKey:
    """A person's data key as the database may hold it: useless without the ring."""

    kek_version: int
    suite: SuiteId
    blob: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions:
    """The versions of one use's key that the ring keeps, oldest first."""

    current: int
    kept: tuple[int, ...]


class KeyEncryption(Protocol):
    """Wraps data keys. A file ring by default; a key service or a hardware module elsewhere."""

    def wrap(self, dek: bytes, context: str, suite: SuiteId) -> WrappedKey:
        """Wrap under the current key, bound to `context`."""
        ...

    def unwrap(self, wrapped: WrappedKey, context: str) -> bytes:
        """Give the data key back; `SealBroken` or `KeyRingError`."""
        ...

    def current_version(self) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Family:
    current: int
    keys: Mapping[int, bytes] = field(repr=False)

    def rotated(self) -> "_Family":
        version = max(self.keys, default=0) + 1
        return _Family(current=version, keys={**self.keys, version: os.urandom(KEY_BYTES)})

    def without(self, version: int) -> "_Family":
        if version == self.current:
            raise KeyRingError(f"key version {version} is in use: rotate first")
        return _Family(
            current=self.current, keys={v: key for v, key in self.keys.items() if v != version}
        )


_Ring = dict[KeyUse, _Family]


class FileKeyRing:
    """A JSON file, 0600, replaced as a whole and made durable before it counts.

    Several processes may hold it open: each looks whether the file was replaced before it uses a
    key, so that a rotation needs no restart and nobody wraps under a key about to be forgotten.
    """

    def __init__(self, path: Path) -> None:
        """Read an existing ring; `KeyRingError` when it is absent, open to others or malformed."""
        self._path = path
        self._seen = _edition(path)
        self._ring = _load(path)

    @classmethod
    def open_or_create(cls, path: Path) -> Self:
        """Read the ring, or make one; of two processes that make one, both use the same."""
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            empty = _Family(current=0, keys={})
            _create(path, _encode({use: empty.rotated() for use in KeyUse}))
        _complete(path)
        return cls(path)

    def key(self, use: KeyUse, version: int | None = None) -> bytes:
        """Give the 32 bytes of a version (the current one by default) of a use."""
        family = self._family(use)
        wanted = family.current if version is None else version
        if wanted not in family.keys:
            raise KeyRingError(f"no {use} key of version {wanted}")
        return family.keys[wanted]

    def current_version(self, use: KeyUse = KeyUse.WRAPPING) -> int:
        return self._family(use).current

    def standing(self) -> Mapping[KeyUse, Versions]:
        """Say of each use which versions there are; no key."""
        return {
            use: Versions(current=family.current, kept=tuple(sorted(family.keys)))
            for use, family in self._fresh().items()
        }

    def wrap(self, dek: bytes, context: str, suite: SuiteId) -> WrappedKey:
        version = self.current_version()
        blob = seal(dek, f"dek:{context}", key=self.key(KeyUse.WRAPPING, version), suite=suite)
        return WrappedKey(kek_version=version, suite=suite, blob=blob)

    def unwrap(self, wrapped: WrappedKey, context: str) -> bytes:
        key = self.key(KeyUse.WRAPPING, wrapped.kek_version)
        return unseal(wrapped.blob, f"dek:{context}", key=key)

    def rotate(self, use: KeyUse = KeyUse.WRAPPING) -> int:
        """Add a version, make it current and return it; old versions stay readable."""
        with _locked(self._path):
            ring = _load(self._path)
            ring[use] = ring[use].rotated()
            _replace(self._path, _encode(ring))
        return ring[use].current

    def forget(self, version: int, use: KeyUse = KeyUse.WRAPPING) -> None:
        """Destroy an old version, once nothing live is wrapped under it.

        This is what carries an erasure into the database's backups: their wrapped data keys can no
        longer be opened by anyone.
        """
        with _locked(self._path):
            ring = _load(self._path)
            ring[use] = ring[use].without(version)
            _replace(self._path, _encode(ring))

    def _family(self, use: KeyUse) -> _Family:
        ring = self._fresh()
        if use not in ring:
            raise KeyRingError(f"the ring has no {use} key: `jianzai migrate` adds it")
        return ring[use]

    def _fresh(self) -> _Ring:
        edition = _edition(self._path)
        if edition != self._seen:
            self._ring = _load(self._path)
            self._seen = edition
        return self._ring


def _edition(path: Path) -> tuple[int, int]:
    try:
        status = path.lstat()
    except OSError as error:
        raise KeyRingError(f"cannot open the key ring {path}: {error.strerror}") from error
    return status.st_ino, status.st_mtime_ns


def _load(path: Path) -> _Ring:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        raise KeyRingError(f"cannot open the key ring {path}: {error.strerror}") from error
    with os.fdopen(descriptor, "rb") as file:
        mode = os.fstat(file.fileno()).st_mode
        if not stat.S_ISREG(mode) or mode & 0o077:
            raise KeyRingError(f"{path} must be a file that its owner alone can read: chmod 600")
        text = file.read()
    try:
        return _decode(json.loads(text))
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error):
        raise KeyRingError(f"{path} is not a key ring") from None


def _decode(document: dict[str, Any]) -> _Ring:
    if document["format"] != _FORMAT:
        raise ValueError("unknown format")
    families = document["uses"]
    return {use: _decode_family(families[use.value]) for use in KeyUse if use.value in families}


def _decode_family(document: dict[str, Any]) -> _Family:
    keys = {
        int(version): base64.b64decode(text, validate=True)
        for version, text in document["keys"].items()
    }
    current = document["current"]
    if current not in keys or any(len(key) != KEY_BYTES for key in keys.values()):
        raise ValueError("a key is missing or has the wrong length")
    return _Family(current=current, keys=keys)


def _encode(ring: _Ring) -> bytes:
    uses = {
        use.value: {
            "current": family.current,
            "keys": {str(v): base64.b64encode(key).decode() for v, key in family.keys.items()},
        }
        for use, family in ring.items()
    }
    return json.dumps({"format": _FORMAT, "uses": uses}, indent=1).encode() + b"\n"


def _complete(path: Path) -> None:
    """Add the families that a ring of an earlier version does not have."""
    if not _lacking(_load(path)):
        return
    with _locked(path):
        ring = _load(path)
        empty = _Family(current=0, keys={})
        _replace(path, _encode(ring | {use: empty.rotated() for use in _lacking(ring)}))


def _lacking(ring: _Ring) -> list[KeyUse]:
    return [use for use in KeyUse if use not in ring]


def _create(path: Path, content: bytes) -> None:
    draft = _draft(path, content)
    try:
        os.link(draft, path)  # unlike a rename, a link never replaces the ring of a faster process
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    _sync_folder(path.parent)


def _replace(path: Path, content: bytes) -> None:
    _draft(path, content).replace(path)
    _sync_folder(path.parent)


def _draft(path: Path, content: bytes) -> Path:
    draft = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return draft


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Two officers rotating at once must not lose each other's key."""
    lock = path.with_name(path.name + ".lock")
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
