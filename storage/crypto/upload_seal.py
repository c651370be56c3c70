"""What a phone seals to this server before it keeps or sends it (version 1).

Per part the phone draws a P-256 key pair, agrees with the server's public key (ECDH), and derives
an AES-256-GCM key (HKDF-SHA-256): suites that every browser's WebCrypto has. After sealing it drops
both secrets, so that a lost phone holds nothing to read. `field_app_spec/vectors/seal.json`
fixes the bytes.
"""

import base64
import binascii
import struct
from dataclasses import dataclass, field
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from storage.crypto.errors import KeyRingError, SealBroken
from storage.crypto.keyring import KeyUse

VERSION = 1
OVERHEAD_BYTES = 16
_CURVE = ec.SECP256R1()
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # SEC 2, secp256r1
_SCALAR_BYTES = 48  # 128 bits more than the order has: the remainder is as good as even
_POINT_BYTES = 65


class UploadKeys(Protocol):
    """The ring as far as uploads need it."""

    def key(self, use: KeyUse, version: int | None = None) -> bytes: ...

    def current_version(self, use: KeyUse) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicSeal:
    """What a phone is told: `public_key` is an uncompressed point, base64 of 65 bytes."""

    key_id: str
    public_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """How a part was sealed: `ephemeral` is the phone's public point, base64 of 65 bytes."""

    client_id: str
    part: str
    key_id: str
    ephemeral: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartOpener:
    """Opens the chunks of one part."""

    sealed: Sealed
    _key: bytes = field(repr=False)

    def open(self, body: bytes, *, index: int, count: int) -> bytes:
        """Give the plain bytes of chunk `index` of `count`; `SealBroken` if altered or moved."""
        nonce = bytes(8) + struct.pack(">I", index)
        bound = f"{self.sealed.client_id}|{self.sealed.part}|{index}|{count}".encode()
        try:
            return AESGCM(self._key).decrypt(nonce, body, bound)
        except (InvalidTag, ValueError) as error:
            raise SealBroken("a chunk does not open") from error


class UploadSeals:
    """The server's side. Older versions of the key stay readable until they are forgotten."""

    def __init__(self, keys: UploadKeys) -> None:
        self._keys = keys

    def current(self) -> PublicSeal:
        """Give what phones seal to from now on."""
        version = self._keys.current_version(KeyUse.UPLOAD_SEAL)
        point = _private(self._keys.key(KeyUse.UPLOAD_SEAL, version)).public_key()
        raw = point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return PublicSeal(key_id=str(version), public_key=base64.b64encode(raw).decode())

    def opener(self, sealed: Sealed) -> PartOpener:
        """Agree on the key of a part. `SealBroken` for an unknown key or a point off the curve."""
        try:
            private = _private(self._keys.key(KeyUse.UPLOAD_SEAL, int(sealed.key_id)))
            raw = base64.b64decode(sealed.ephemeral, validate=True)
            shared = private.exchange(ec.ECDH(), _point(raw))
        except (KeyRingError, ValueError, binascii.Error) as error:
            raise SealBroken("the part was not sealed to this server") from error
        return PartOpener(sealed=sealed, _key=part_key(shared, sealed))


def part_key(shared: bytes, sealed: Sealed) -> bytes:
    """Derive the 32 bytes that seal a part from the 32 bytes that both sides agreed on."""
    info = f"jianzai seal {VERSION}|{sealed.part}|{sealed.ephemeral}".encode()
    salt = sealed.client_id.encode()
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=salt, info=info).derive(shared)


def _point(raw: bytes) -> ec.EllipticCurvePublicKey:
    if len(raw) != _POINT_BYTES:
        raise ValueError("not an uncompressed point")
    return ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, raw)


def _private(secret: bytes) -> ec.EllipticCurvePrivateKey:
    """Make the scalar from the ring's secret, so that the ring stays the only thing to keep."""
    expand = HKDFExpand(
        algorithm=hashes.SHA512(), length=_SCALAR_BYTES, info=b"jianzai upload p256"
    )
    scalar = int.from_bytes(expand.derive(secret), "big") % (_ORDER - 1) + 1
    return ec.derive_private_key(scalar, _CURVE)
