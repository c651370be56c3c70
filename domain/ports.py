"""Protocols with more than one real implementation."""

from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO, NewType, Protocol

ObjectKey = NewType("ObjectKey", str)
"""`<area>/<sha256 hex of the stored bytes>`, e.g. `evidence/3f…`: the digest is the address."""


class Clock(Protocol):
    def now(self) -> datetime:
        """Aware UTC."""
        ...


class ObjectStore(Protocol):
    """Write-once content-addressed bytes. All methods are safe to repeat.

    Raises `storage.objects.ObjectMissing`, `ObjectCorrupt`, `StoreUnavailable`, `StoreFull`.
    """

    def put(self, key: ObjectKey, source: BinaryIO) -> None:
        """Store `source` durably; `ObjectCorrupt` when its digest is not the key's."""
        ...

    def get(self, key: ObjectKey) -> bytes:
        """Read the bytes and verify their digest."""
        ...

    def exists(self, key: ObjectKey) -> bool: ...

    def delete(self, key: ObjectKey) -> None: ...

    def keys(self, area: str) -> Iterator[ObjectKey]: ...
