"""What is sealed opens for the same person and purpose, unaltered, and in no other case."""

import io
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from storage.crypto import DataKey, FileKeyRing, KeyDestroyed, SealBroken, SuiteId, Vault, suite_of
from storage.crypto.suites import OVERHEAD_BYTES, _sm4_decrypt, _sm4_encrypt, seal, unseal
from storage.ids import uuid7

SUITES = st.sampled_from(SuiteId)
PURPOSE = "beneficiary:name"
KEY = bytes(range(32))
ALICE = UUID("01890a5d-ac96-774b-bcce-b302099a8057")

# What stands in databases must stay readable: never regenerate these, add a suite instead.
GOLDEN = {
    SuiteId.A256GCM: "4a012ac0e097df99b5367e56ca36905230717a4d"
    "c4ca90a5025432544abb9937b23c112eed9262c36dc7",
    SuiteId.SM4GCM: "4a02ae070381017d85dfabed9d537c7197346d54"
    "d28a4c480ae682afdba3e65463897375cc508a5a6136",
}


@pytest.fixture
def ring(tmp_path: Path) -> FileKeyRing:
    return FileKeyRing.open_or_create(tmp_path / "keyring.json")


def test_aes_256_gcm_agrees_with_the_published_vector() -> None:
    # The Galois/Counter Mode of Operation (McGrew, Viega), test case 14
    sealed = AESGCM(bytes(32)).encrypt(bytes(12), bytes(16), None)
    assert sealed.hex() == "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"


def test_sm4_gcm_agrees_with_the_published_vector() -> None:
    # RFC 8998, appendix A.1
    key = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
    nonce = bytes.fromhex("00001234567800000000ABCD")
    bound = bytes.fromhex("FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2")
    plaintext = b"".join(bytes([byte]) * 8 for byte in bytes.fromhex("AABBCCDDEEFFEEAA"))
    body = bytes.fromhex(
        "17F399F08C67D5EE19D0DC9969C4BB7D5FD46FD3756489069157B282BB200735"
        "D82710CA5C22F0CCFA7CBF93D496AC15A56834CBCF98C397B4024A2691233B8D"
        "83DE3541E4C2B58177E065A9BF7B62EC"
    )
    assert _sm4_encrypt(key, nonce, plaintext, bound=bound) == body
    assert _sm4_decrypt(key, nonce, body, bound=bound) == plaintext


@pytest.mark.parametrize("suite", SuiteId)
def test_what_an_earlier_release_sealed_still_opens(suite: SuiteId) -> None:
    assert unseal(bytes.fromhex(GOLDEN[suite]), PURPOSE, key=KEY) == "测试人甲".encode()


@given(SUITES, st.binary(max_size=300), st.text(min_size=1, max_size=40))
def test_what_is_sealed_opens_again(suite: SuiteId, plaintext: bytes, purpose: str) -> None:
    sealed = seal(plaintext, purpose, key=KEY, suite=suite)
    assert unseal(sealed, purpose, key=KEY) == plaintext
    assert suite_of(sealed) is suite
    assert len(sealed) == len(plaintext) + OVERHEAD_BYTES


@given(SUITES, st.binary(max_size=60), st.data())
def test_one_flipped_bit_anywhere_is_refused(
    suite: SuiteId, plaintext: bytes, draw: st.DataObject
) -> None:
    sealed = bytearray(seal(plaintext, PURPOSE, key=KEY, suite=suite))
    bit = draw.draw(st.integers(min_value=0, max_value=len(sealed) * 8 - 1))
    sealed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(SealBroken):
        unseal(bytes(sealed), PURPOSE, key=KEY)


@given(SUITES, st.data())
def test_a_cut_or_lengthened_seal_is_refused(suite: SuiteId, draw: st.DataObject) -> None:
    sealed = seal(b"0123456789", PURPOSE, key=KEY, suite=suite)
    kept = draw.draw(st.integers(min_value=0, max_value=len(sealed) - 1))
    for broken in (sealed[:kept], sealed + b"\0"):
        with pytest.raises(SealBroken):
            unseal(broken, PURPOSE, key=KEY)


@given(SUITES, st.text(min_size=1, max_size=20), st.text(min_size=1, max_size=20))
def test_another_purpose_is_refused(suite: SuiteId, sealed_for: str, opened_for: str) -> None:
    sealed = seal(b"x", sealed_for, key=KEY, suite=suite)
    if sealed_for == opened_for:
        assert unseal(sealed, opened_for, key=KEY) == b"x"
        return
    with pytest.raises(SealBroken):
        unseal(sealed, opened_for, key=KEY)


@pytest.mark.parametrize("suite", SuiteId)
def test_the_same_text_never_seals_to_the_same_bytes(suite: SuiteId) -> None:
    assert len({seal(b"same", PURPOSE, key=KEY, suite=suite) for _ in range(500)}) == 500


@pytest.mark.parametrize("suite", SuiteId)
def test_a_stored_key_opens_what_it_sealed(ring: FileKeyRing, suite: SuiteId) -> None:
    vault = Vault(ring, suite)
    key, wrapped = vault.new_key(ALICE)
    sealed = key.seal("测试人甲".encode(), PURPOSE)
    assert vault.open(wrapped, ALICE).open(sealed, PURPOSE) == "测试人甲".encode()
    assert wrapped.suite is suite


def test_a_key_does_not_open_under_another_persons_name(ring: FileKeyRing) -> None:
    vault = Vault(ring)
    _, wrapped = vault.new_key(ALICE)
    with pytest.raises(SealBroken):
        vault.open(wrapped, uuid7())


def test_one_persons_bytes_do_not_open_with_anothers_key(ring: FileKeyRing) -> None:
    vault = Vault(ring)
    sealed = vault.new_key(ALICE)[0].seal(b"x", PURPOSE)
    with pytest.raises(SealBroken):
        vault.new_key(uuid7())[0].open(sealed, PURPOSE)


def test_a_destroyed_key_says_so(ring: FileKeyRing) -> None:
    with pytest.raises(KeyDestroyed):
        Vault(ring).open(None, ALICE)


def test_a_change_of_suite_leaves_old_seals_readable(ring: FileKeyRing) -> None:
    key, wrapped = Vault(ring, SuiteId.A256GCM).new_key(ALICE)
    sealed = key.seal(b"x", PURPOSE)
    national = Vault(ring, SuiteId.SM4GCM)
    reopened = national.open(wrapped, ALICE)
    assert reopened.open(sealed, PURPOSE) == b"x"
    assert suite_of(reopened.seal(b"y", PURPOSE)) is SuiteId.SM4GCM
    assert not national.is_current(wrapped)


def test_a_rewrapped_key_opens_what_was_sealed_before_the_rotation(ring: FileKeyRing) -> None:
    vault = Vault(ring)
    key, wrapped = vault.new_key(ALICE)
    sealed = key.seal(b"x", PURPOSE)
    ring.rotate()
    assert not vault.is_current(wrapped)
    rewrapped = vault.rewrap(wrapped, ALICE)
    ring.forget(wrapped.kek_version)
    assert vault.is_current(rewrapped)
    assert vault.open(rewrapped, ALICE).open(sealed, PURPOSE) == b"x"


def test_a_seal_without_a_purpose_is_refused(ring: FileKeyRing) -> None:
    with pytest.raises(ValueError, match="purpose"):
        Vault(ring).new_key(ALICE)[0].seal(b"x", "")


def test_secrets_do_not_show_when_printed(ring: FileKeyRing) -> None:
    key, wrapped = Vault(ring).new_key(ALICE)
    shown = io.StringIO()
    print(key, wrapped, file=shown)
    assert isinstance(key, DataKey)
    assert repr(key._secret) not in shown.getvalue()
    assert repr(wrapped.blob) not in shown.getvalue()
    assert str(ALICE) not in shown.getvalue()
