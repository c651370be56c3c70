"""Both digests of a piece of evidence: SHA-256 is its address, SM3 what a Chinese verifier asks."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from cryptography.hazmat.primitives import hashes, hmac

_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Digests:
    """SHA-256 and SM3 (32 bytes each) of the same `size` bytes."""

    size: int
    sha256: bytes
    sm3: bytes


def digests_of(content: bytes) -> Digests:
    return Digests(size=len(content), sha256=hashlib.sha256(content).digest(), sm3=sm3(content))


def digests_of_stream(source: BinaryIO) -> Digests:
    """Read `source` to its end in constant memory."""
    size, sha256, sm3_hash = 0, hashlib.sha256(), hashes.Hash(hashes.SM3())
    for chunk in _chunks(source):
        size += len(chunk)
        sha256.update(chunk)
        sm3_hash.update(chunk)
    return Digests(size=size, sha256=sha256.digest(), sm3=sm3_hash.finalize())


def sm3(content: bytes) -> bytes:
    """GB/T 32905-2016."""
    hashing = hashes.Hash(hashes.SM3())
    hashing.update(content)
    return hashing.finalize()


def hmac_sm3(key: bytes, message: bytes) -> bytes:
    """HMAC (RFC 2104) over SM3, 32 bytes."""
    mac = hmac.HMAC(key, hashes.SM3())
    mac.update(message)
    return mac.finalize()


def _chunks(source: BinaryIO) -> Iterator[bytes]:
    while chunk := source.read(_CHUNK_BYTES):
        yield chunk
