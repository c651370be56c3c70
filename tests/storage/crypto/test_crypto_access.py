"""Blind index, passwords, session tokens, identities."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.crypto import (
    BlindIndex,
    hash_password,
    needs_rehash,
    new_token,
    password_matches,
    stored_token,
)
from storage.ids import uuid7

INDEX = BlindIndex(b"k" * 32)
TEXTS = st.text(min_size=1, max_size=30)


@given(TEXTS, TEXTS)
def test_the_index_is_equal_exactly_when_the_texts_are(first: str, second: str) -> None:
    same = INDEX.of("id_number", first) == INDEX.of("id_number", second)
    assert same == (first == second)


def test_an_id_number_and_a_phone_of_equal_digits_do_not_meet() -> None:
    assert INDEX.of("id_number", "1390000") != INDEX.of("phone", "1390000")


def test_another_key_gives_another_index() -> None:
    other = BlindIndex(b"o" * 32)
    assert INDEX.of("phone", "13900000000") != other.of("phone", "13900000000")
    assert len(INDEX.of("phone", "13900000000")) == 32


@pytest.mark.parametrize(("kind", "text"), [("", "x"), ("phone", ""), ("pho\0ne", "x")])
def test_an_index_of_nothing_is_refused(kind: str, text: str) -> None:
    with pytest.raises(ValueError, match="blind index"):
        INDEX.of(kind, text)


def test_a_password_matches_itself_and_nothing_else() -> None:
    stored = hash_password("石桥-2031-协办")
    assert stored.startswith("$argon2id$")
    assert "石桥" not in stored
    assert password_matches(stored, "石桥-2031-协办")
    assert not password_matches(stored, "石桥-2031-协力")
    assert not password_matches(stored, "")


def test_full_width_typing_is_the_same_password() -> None:
    assert password_matches(hash_password("abc123!x"), "ａｂｃ１２３！ｘ")


def test_two_hashes_of_one_password_differ() -> None:
    assert hash_password("same") != hash_password("same")


def test_an_unknown_account_matches_no_password() -> None:
    assert not password_matches(None, "")
    assert not password_matches(None, "anything")


def test_a_spoilt_hash_matches_nothing() -> None:
    assert not password_matches("not a hash", "x")


def test_a_hash_of_lower_cost_asks_to_be_renewed() -> None:
    weak = "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$ZXhhbXBsZWhhc2hleGFtcGxl"
    assert needs_rehash(weak)
    assert not needs_rehash(hash_password("x"))


def test_a_token_is_found_by_its_digest_alone() -> None:
    token, stored = new_token()
    assert len(stored) == 32
    assert stored_token(token) == stored
    assert token.encode() not in stored
    assert len({new_token()[0] for _ in range(200)}) == 200


def test_identities_are_version_7_and_sort_by_birth() -> None:
    born = [uuid7() for _ in range(2_000)]
    assert {identity.version for identity in born} == {7}
    assert born == sorted(born)
    assert len(set(born)) == 2_000
