"""Envelope encryption: one data key per person; destroy it and the person is erased everywhere."""

import os
from dataclasses import dataclass, field
from uuid import UUID

from storage.crypto.errors import KeyDestroyed
from storage.crypto.keyring import KeyEncryption, WrappedKey
from storage.crypto.suites import KEY_BYTES, SuiteId, seal, unseal


@dataclass(frozen=True, slots=True, kw_only=True)
class DataKey:
    """One person's key. Lives in memory for one act, never in a log, a job or a row."""

    suite: SuiteId
    _person: str = field(repr=False)
    _secret: bytes = field(repr=False)

    def seal(self, plaintext: bytes, purpose: str) -> bytes:
        """Encrypt for one purpose, e.g. `"beneficiary:name"` or `f"evidence:{evidence_id}"`.

        A purpose names the place where the bytes will lie: elsewhere they will not open.
        """
        return seal(plaintext, self._bound(purpose), key=self._secret, suite=self.suite)

    def open(self, sealed: bytes, purpose: str) -> bytes:
        """Decrypt what any suite sealed; `SealBroken` if altered or moved."""
        return unseal(sealed, self._bound(purpose), key=self._secret)

    def _bound(self, purpose: str) -> str:
        if not purpose:
            raise ValueError("a seal needs a purpose")
        return f"{self._person}:{purpose}"


class Vault:
    """Makes and opens data keys. `suite` is for what is sealed from now on; all suites open."""

    def __init__(self, keys: KeyEncryption, suite: SuiteId = SuiteId.A256GCM) -> None:
        self._keys = keys
        self._suite = suite

    def new_key(self, person_id: UUID) -> tuple[DataKey, WrappedKey]:
        """Draw a data key; gives it and the form of it that may be stored."""
        secret = os.urandom(KEY_BYTES)
        return self._data_key(person_id, secret), self._wrap(person_id, secret)

    def open(self, wrapped: WrappedKey | None, person_id: UUID) -> DataKey:
        """Unwrap a stored key. `KeyDestroyed` for a row whose key was erased (`None`)."""
        return self._data_key(person_id, self._unwrap(wrapped, person_id))

    def is_current(self, wrapped: WrappedKey) -> bool:
        """Tell whether the key may stay as it is: newest master key, chosen suite."""
        return wrapped.kek_version == self._keys.current_version() and wrapped.suite == self._suite

    def rewrap(self, wrapped: WrappedKey, person_id: UUID) -> WrappedKey:
        """Wrap the same data key under the current master key; nothing sealed changes."""
        return self._wrap(person_id, self._unwrap(wrapped, person_id))

    def _wrap(self, person_id: UUID, secret: bytes) -> WrappedKey:
        return self._keys.wrap(secret, _context(person_id), self._suite)

    def _unwrap(self, wrapped: WrappedKey | None, person_id: UUID) -> bytes:
        if wrapped is None:
            raise KeyDestroyed(str(person_id))
        return self._keys.unwrap(wrapped, _context(person_id))

    def _data_key(self, person_id: UUID, secret: bytes) -> DataKey:
        return DataKey(suite=self._suite, _person=str(person_id), _secret=secret)


def _context(person_id: UUID) -> str:
    return f"person:{person_id}"
