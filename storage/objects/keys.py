"""Addresses of objects: `<area>/<sha256 hex>`, nothing else, so that no key can leave its area."""

import hashlib
import re
from dataclasses import dataclass

from domain.ports import ObjectKey

_AREA = re.compile(r"[a-z][a-z0-9-]{0,30}")
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """The two halves of a key: where it lies, and the digest (64 hex digits) of what lies there."""

    area: str
    sha256: str


def object_key(area: str, sha256: str) -> ObjectKey:
    """Make a key; ValueError for an area or digest that is not of the accepted form."""
    return ObjectKey(f"{checked_area(area)}/{_checked_digest(sha256)}")


def key_of(area: str, content: bytes) -> ObjectKey:
    """Make the key under which `content` is to be stored."""
    return object_key(area, hashlib.sha256(content).hexdigest())


def address_of(key: ObjectKey) -> Address:
    """Split a key; ValueError for anything that `object_key` would not have made."""
    area, _, sha256 = key.partition("/")
    return Address(area=checked_area(area), sha256=_checked_digest(sha256))


def checked_area(area: str) -> str:
    """Let a well-formed area pass: lower-case letters, digits and hyphens, 31 at most."""
    if not _AREA.fullmatch(area):
        raise ValueError("an area is lower-case letters, digits and hyphens")
    return area


def _checked_digest(sha256: str) -> str:
    if not _DIGEST.fullmatch(sha256):
        raise ValueError("an object key ends in 64 lower-case hex digits")
    return sha256
