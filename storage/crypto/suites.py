"""Authenticated encryption under a named suite.

Sealed bytes: `0x4A | suite | nonce (12) | ciphertext | tag (16)`. The purpose is not stored: it is
bound twice, as the label from which the working key is derived and as associated data, so that
image, template and column keys differ (key separation) and bytes moved elsewhere do not open.
"""

import os
from enum import StrEnum
from typing import assert_never

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from storage.crypto.errors import SealBroken

KEY_BYTES = 32
OVERHEAD_BYTES = 30

_FORMAT = 0x4A
_NONCE_BYTES = 12
_TAG_BYTES = 16
_HEAD_BYTES = 2


class SuiteId(StrEnum):
    """Stored with every sealed object; a retired suite stays readable."""

    A256GCM = "A256GCM"
    SM4GCM = "SM4GCM"


_BYTE_OF = {SuiteId.A256GCM: 0x01, SuiteId.SM4GCM: 0x02}
_SUITE_OF = {byte: suite for suite, byte in _BYTE_OF.items()}


def seal(plaintext: bytes, purpose: str, *, key: bytes, suite: SuiteId) -> bytes:
    """Encrypt for one purpose; every call draws a fresh nonce."""
    head = bytes((_FORMAT, _BYTE_OF[suite]))
    nonce = os.urandom(_NONCE_BYTES)
    bound = head + purpose.encode()
    working = _working_key(key, bound, suite)
    match suite:
        case SuiteId.A256GCM:
            body = AESGCM(working).encrypt(nonce, plaintext, bound)
        case SuiteId.SM4GCM:
            body = _sm4_encrypt(working, nonce, plaintext, bound=bound)
        case _:
            assert_never(suite)
    return head + nonce + body


def unseal(sealed: bytes, purpose: str, *, key: bytes) -> bytes:
    """Decrypt; `SealBroken` for altered bytes, another purpose or another key."""
    suite = suite_of(sealed)
    bound = sealed[:_HEAD_BYTES] + purpose.encode()
    nonce = sealed[_HEAD_BYTES : _HEAD_BYTES + _NONCE_BYTES]
    body = sealed[_HEAD_BYTES + _NONCE_BYTES :]
    working = _working_key(key, bound, suite)
    try:
        match suite:
            case SuiteId.A256GCM:
                return AESGCM(working).decrypt(nonce, body, bound)
            case SuiteId.SM4GCM:
                return _sm4_decrypt(working, nonce, body, bound=bound)
            case _:
                assert_never(suite)
    except InvalidTag:
        raise SealBroken("altered, or sealed for another person or purpose") from None


def suite_of(sealed: bytes) -> SuiteId:
    """Read the suite from the head of sealed bytes; `SealBroken` when there is no such head."""
    if len(sealed) < OVERHEAD_BYTES or sealed[0] != _FORMAT or sealed[1] not in _SUITE_OF:
        raise SealBroken("not in the sealed format")
    return _SUITE_OF[sealed[1]]


def _working_key(key: bytes, label: bytes, suite: SuiteId) -> bytes:
    match suite:
        case SuiteId.A256GCM:
            return HKDFExpand(hashes.SHA256(), 32, label).derive(key)
        case SuiteId.SM4GCM:
            return HKDFExpand(hashes.SM3(), 16, label).derive(key)
        case _:
            assert_never(suite)


def _sm4_encrypt(key: bytes, nonce: bytes, plaintext: bytes, *, bound: bytes) -> bytes:
    encryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(bound)
    return encryptor.update(plaintext) + encryptor.finalize() + encryptor.tag


def _sm4_decrypt(key: bytes, nonce: bytes, body: bytes, *, bound: bytes) -> bytes:
    tag = body[-_TAG_BYTES:]
    decryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce, tag)).decryptor()
    decryptor.authenticate_additional_data(bound)
    return decryptor.update(body[:-_TAG_BYTES]) + decryptor.finalize()
