"""Keys, seals, digests, passwords, tokens: the only place that touches ciphers."""

from storage.crypto.blind_index import BlindIndex
from storage.crypto.digest import Digests, digests_of, digests_of_stream, hmac_sm3, sm3
from storage.crypto.envelope import DataKey, Vault
from storage.crypto.errors import CryptoError, KeyDestroyed, KeyRingError, SealBroken
from storage.crypto.keyring import FileKeyRing, KeyEncryption, KeyUse, WrappedKey
from storage.crypto.passwords import hash_password, needs_rehash, password_matches
from storage.crypto.suites import SuiteId, suite_of
from storage.crypto.tokens import new_token, stored_token

__all__ = [
    "BlindIndex",
    "CryptoError",
    "DataKey",
    "Digests",
    "FileKeyRing",
    "KeyDestroyed",
    "KeyEncryption",
    "KeyRingError",
    "KeyUse",
    "SealBroken",
    "SuiteId",
    "Vault",
    "WrappedKey",
    "digests_of",
    "digests_of_stream",
    "hash_password",
    "hmac_sm3",
    "needs_rehash",
    "new_token",
    "password_matches",
    "sm3",
    "stored_token",
    "suite_of",
]
