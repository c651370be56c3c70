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

    Raises `storage.objects.ObjectMissing`, `ObjectCorrupt`, `StoreUnavailable`, `StoreFull`, and
    ValueError for a key or area that is not of the form above. May be used from many threads.
    """

    def put(self, key: ObjectKey, source: BinaryIO) -> None:
        """Store `source` durably, from where it stands to its end.

        `ObjectCorrupt` when its digest is not the key's, or when what already lies there is not.
        """
        ...

    def get(self, key: ObjectKey) -> bytes:
        """Read the bytes and verify their digest: `ObjectMissing` or `ObjectCorrupt`."""
        ...

    def exists(self, key: ObjectKey) -> bool: ...

    def delete(self, key: ObjectKey) -> None: ...

    def keys(self, area: str) -> Iterator[ObjectKey]:
        """List what is stored in an area, in no order to rely on."""
        ...
