"""Look-up of an encrypted value without decrypting a table: a keyed, one-way index."""

from storage.crypto.digest import hmac_sm3


class BlindIndex:
    """Equal values give equal 32 bytes; without the key nobody can try out ID numbers."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def of(self, kind: str, text: str) -> bytes:
        """Index of `text`, which the caller has normalized, within `kind` (e.g. `"id_number"`)."""
        if not kind or "\0" in kind or not text:
            raise ValueError("a blind index needs a kind and a text")
        return hmac_sm3(self._key, f"{kind}\0{text}".encode())
