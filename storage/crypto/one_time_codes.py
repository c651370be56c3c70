"""Secrets of authenticator apps: sealed at rest, and the codes they make (TOTP, RFC 6238)."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

import pyotp

from storage.crypto.keyring import KeyUse
from storage.crypto.suites import SuiteId, seal, unseal

STEP_S = 30
LEEWAY = 1
"""Steps that a phone's clock may be off either way (RFC 6238, 5.2)."""


class StaffKeys(Protocol):
    """The ring as far as staff secrets need it."""

    def key(self, use: KeyUse, version: int | None = None) -> bytes: ...

    def current_version(self, use: KeyUse) -> int: ...


class StaffSecrets:
    """Seals the secrets under the ring's own key for them; older versions stay readable."""

    def __init__(self, keys: StaffKeys, suite: SuiteId = SuiteId.A256GCM) -> None:
        self._keys = keys
        self._suite = suite

    def seal(self, secret: str, staff_id: UUID) -> bytes:
        """Seal for one account; the key's version stands in front."""
        version = self._keys.current_version(KeyUse.STAFF_SECRET)
        key = self._keys.key(KeyUse.STAFF_SECRET, version)
        sealed = seal(secret.encode(), _purpose(staff_id), key=key, suite=self._suite)
        return version.to_bytes(4, "big") + sealed

    def open(self, sealed: bytes, staff_id: UUID) -> str:
        """Open what was sealed for that account; `SealBroken`, `KeyRingError`."""
        key = self._keys.key(KeyUse.STAFF_SECRET, int.from_bytes(sealed[:4], "big"))
        return unseal(sealed[4:], _purpose(staff_id), key=key).decode()


def _purpose(staff_id: UUID) -> str:
    return f"staff:factor:{staff_id}"


def new_secret() -> str:
    """Draw 160 bits, in the base32 that authenticator apps read."""
    return pyotp.random_base32()


def address(secret: str, *, account: str, issuer: str) -> str:
    """Write the `otpauth://` address that an app reads from a picture."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=issuer)


def code_at(secret: str, moment: datetime) -> str:
    """Make the six digits of a moment."""
    return pyotp.TOTP(secret).at(moment)


def step_of(secret: str, code: str, moment: datetime) -> int | None:
    """Find the step whose code this is, the leeway either way; None when it is none of them."""
    now = int(moment.timestamp()) // STEP_S
    near = range(now - LEEWAY, now + LEEWAY + 1)
    totp = pyotp.TOTP(secret)
    found = [step for step in near if pyotp.utils.strings_equal(code, totp.generate_otp(step))]
    return max(found, default=None)
