"""Opaque session tokens: the client holds the token, the database only its digest."""

import hashlib
import secrets

_TOKEN_BYTES = 32


def new_token() -> tuple[str, bytes]:
    """Draw a token of 256 random bits; gives it and the form that is stored."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    return token, stored_token(token)


def stored_token(token: str) -> bytes:
    """32 bytes to look a presented token up by; so much chance needs no slow hash."""
    return hashlib.sha256(token.encode()).digest()
