"""Published vectors: a digest that disagrees with the standard is worth nothing as proof."""

import hashlib
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.crypto import digests_of, digests_of_stream, hmac_sm3, sm3

# GB/T 32905-2016, appendix A
SM3_OF_ABC = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
SM3_OF_ABCD_16_TIMES = "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"
# GM/T 0042-2015, appendix D.3
HMAC_VECTORS = [
    (
        bytes(range(1, 33)),
        b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq" * 2,
        "ca05e144ed05d1857840d1f318a4a8669e559fc8391f414485bfdf7bb408963a",
    ),
    (
        bytes(range(1, 38)),
        b"\xcd" * 50,
        "220bf579ded555393f0159f66c99877822a3ecf610d1552154b41d44b94db3ae",
    ),
    (
        b"\x0b" * 32,
        b"Hi There",
        "c0ba18c68b90c88bc07de794bfc7d2c8d19ec31ed8773bc2b390c9604e0be11e",
    ),
    (
        b"Jefe",
        b"what do ya want for nothing?",
        "2e87f1d16862e6d964b50a5200bf2b10b764faa9680a296a2405f24bec39f882",
    ),
]


def test_sm3_agrees_with_the_standard() -> None:
    assert sm3(b"abc").hex() == SM3_OF_ABC
    assert sm3(b"abcd" * 16).hex() == SM3_OF_ABCD_16_TIMES


@pytest.mark.parametrize(("key", "message", "mac"), HMAC_VECTORS)
def test_hmac_sm3_agrees_with_the_standard(key: bytes, message: bytes, mac: str) -> None:
    assert hmac_sm3(key, message).hex() == mac


def test_both_digests_of_a_piece_of_evidence_are_kept() -> None:
    digests = digests_of(b"abc")
    assert digests.size == 3
    assert digests.sha256 == hashlib.sha256(b"abc").digest()
    assert digests.sm3.hex() == SM3_OF_ABC


@given(st.binary(max_size=200), st.integers(min_value=0, max_value=3))
def test_a_stream_has_the_digests_of_its_bytes(content: bytes, megabytes: int) -> None:
    whole = content + bytes(megabytes << 20)
    assert digests_of_stream(io.BytesIO(whole)) == digests_of(whole)
