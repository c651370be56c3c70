"""What can go wrong with keys and sealed bytes. No message ever carries a key or a plaintext."""


class CryptoError(Exception):
    """Base of this package's errors."""


class SealBroken(CryptoError):  # noqa: N818 - says what happened
    """The sealed bytes were altered, or belong to another person, column or key."""


class KeyDestroyed(CryptoError):  # noqa: N818 - says what happened
    """The person's data key was destroyed on purpose: what it sealed is gone for good."""


class KeyRingError(CryptoError):
    """The key ring is missing, malformed, readable by others, or lacks the key asked for."""
