"""How a phone seals a part, written out as its script does it (`web/phone/static`)."""

import base64
import struct

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from storage.crypto.upload_seal import PublicSeal, Sealed


def phone_seals(
    plain: list[bytes], told: PublicSeal, *, client_id: str, part: str
) -> tuple[Sealed, list[bytes]]:
    mine = ec.generate_private_key(ec.SECP256R1())
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(
        ec.SECP256R1(), base64.b64decode(told.public_key)
    )
    raw = mine.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    point = base64.b64encode(raw).decode()
    key = HKDF(
        algorithm=hashes.SHA256(),
        length=32,
        salt=client_id.encode(),
        info=f"jianzai seal 1|{part}|{point}".encode(),
    ).derive(mine.exchange(ec.ECDH(), theirs))
    bodies = [
        AESGCM(key).encrypt(
            bytes(8) + struct.pack(">I", index),
            chunk,
            f"{client_id}|{part}|{index}|{len(plain)}".encode(),
        )
        for index, chunk in enumerate(plain)
    ]
    return Sealed(client_id=client_id, part=part, key_id=told.key_id, ephemeral=point), bodies
