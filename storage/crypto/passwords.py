"""Staff passwords: argon2id with the library's RFC 9106 profile."""

import secrets
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER = PasswordHasher()
_CLEAR = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP = 4, 4


def hash_password(password: str) -> str:
    return _HASHER.hash(_normalized(password))


def password_matches(stored: str | None, password: str) -> bool:
    """Constant work: `stored` is None for an unknown account, and takes just as long."""
    if stored is None:
        _matches(_nobody(), password)
        return False
    return _matches(stored, password)


def new_password() -> str:
    """Draw a password to hand over: 79 random bits, no letter that reads like another."""
    return "-".join("".join(secrets.choice(_CLEAR) for _ in range(_GROUP)) for _ in range(_GROUPS))


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
