"""Staff passwords: argon2id with the library's RFC 9106 profile."""

import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER = PasswordHasher()


def hash_password(password: str) -> str:
    return _HASHER.hash(_normalized(password))


def password_matches(stored: str | None, password: str) -> bool:
    """Constant work: `stored` is None for an unknown account, and takes just as long."""
    if stored is None:
        _matches(_nobody(), password)
        return False
    return _matches(stored, password)


def needs_rehash(stored: str) -> bool:
    """Tell whether the cost was raised since: then hash anew after the next good log-in."""
    return _HASHER.check_needs_rehash(stored)


def _matches(stored: str, password: str) -> bool:
    try:
        return _HASHER.verify(stored, _normalized(password))
    except (VerificationError, InvalidHashError):
        return False


def _normalized(password: str) -> str:
    # A Chinese keyboard may type full-width digits and letters on one machine, not on another.
    return unicodedata.normalize("NFKC", password)


@cache
def _nobody() -> str:
    return _HASHER.hash("")
