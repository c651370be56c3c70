"""One contract for every object store: a folder and a real S3 server must not differ."""

import io
import os
from concurrent.futures import ThreadPoolExecutor
from typing import BinaryIO

import pytest

from domain.ports import ObjectKey, ObjectStore
from storage.objects import ObjectCorrupt, ObjectMissing, key_of, object_key

SIZES = [0, 1, 65_536, 200_000, 1_048_577, 5_000_000]
ABSENT = object_key("evidence", "0" * 64)
BAD_KEYS = [
    "evidence",
    "evidence/",
    "evidence/abc",
    f"证据/{'0' * 64}",
    f"Evidence/{'0' * 64}",
    f"../{'0' * 64}",
    f"evidence/../{'0' * 64}",
    f"evidence/{'0' * 64}/x",
    f"evidence/{'0' * 64}\n",
    f"evidence/{'A' * 64}",
    f"/{'0' * 64}",
    f"a b/{'0' * 64}",
    f"evidence\0/{'0' * 64}",
]


class OneWay(io.RawIOBase):
    """A source that cannot be rewound, such as a request body."""

    def __init__(self, content: bytes) -> None:
        self._rest = io.BytesIO(content)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        return self._rest.readinto(buffer)


def put(store: ObjectStore, content: bytes, area: str = "evidence") -> ObjectKey:
    key = key_of(area, content)
    store.put(key, io.BytesIO(content))
    return key


@pytest.mark.parametrize("size", SIZES)
def test_what_was_put_is_got_back(store: ObjectStore, size: int) -> None:
    content = os.urandom(size)
    assert store.get(put(store, content)) == content


@pytest.mark.parametrize("size", [10, 9_000_000])
def test_a_source_that_cannot_be_rewound_is_stored_whole(store: ObjectStore, size: int) -> None:
    content = os.urandom(size)
    key = key_of("evidence", content)
    source: BinaryIO = io.BufferedReader(OneWay(content))
    store.put(key, source)
    assert store.get(key) == content


def test_a_source_is_taken_from_where_it_stands(store: ObjectStore) -> None:
    source = io.BytesIO(b"headbody")
    source.seek(4)
    key = key_of("evidence", b"body")
    store.put(key, source)
    assert store.get(key) == b"body"


@pytest.mark.parametrize("size", [0, 300, 5_000_000])
def test_putting_twice_is_putting_once(store: ObjectStore, size: int) -> None:
    content = os.urandom(size)
    assert put(store, content) == put(store, content)
    assert list(store.keys("evidence")) == [key_of("evidence", content)]


@pytest.mark.parametrize("known_before", [False, True])
def test_bytes_that_the_key_does_not_name_are_refused(
    store: ObjectStore, *, known_before: bool
) -> None:
    content = os.urandom(70_000)
    key = put(store, content) if known_before else key_of("evidence", content)
    with pytest.raises(ObjectCorrupt):
        store.put(key, io.BytesIO(content[:-1]))
    assert list(store.keys("evidence")) == ([key] if known_before else [])
    assert store.exists(key) is known_before


def test_what_was_never_put_is_missing(store: ObjectStore) -> None:
    assert not store.exists(ABSENT)
    with pytest.raises(ObjectMissing):
        store.get(ABSENT)


def test_deleting_twice_is_deleting_once(store: ObjectStore) -> None:
    key = put(store, b"to be erased")
    store.delete(key)
    store.delete(key)
    store.delete(ABSENT)
    assert not store.exists(key)
    assert list(store.keys("evidence")) == []
    with pytest.raises(ObjectMissing):
        store.get(key)


def test_what_was_deleted_can_be_put_again(store: ObjectStore) -> None:
    key = put(store, b"again")
    store.delete(key)
    assert store.get(put(store, b"again")) == b"again"


def test_keys_are_listed_by_area(store: ObjectStore) -> None:
    evidence = {put(store, bytes([n])) for n in range(30)}
    references = {put(store, bytes([n]), "evidence-2") for n in range(3)}
    assert set(store.keys("evidence")) == evidence
    assert set(store.keys("evidence-2")) == references
    assert list(store.keys("nothing")) == []


def test_sixteen_writers_of_one_key_make_one_object(store: ObjectStore) -> None:
    content = os.urandom(300_000)
    key = key_of("evidence", content)
    with ThreadPoolExecutor(16) as pool:
        for done in [pool.submit(put, store, content) for _ in range(16)]:
            assert done.result() == key
    assert list(store.keys("evidence")) == [key]
    assert store.get(key) == content


@pytest.mark.parametrize("key", BAD_KEYS)
def test_a_key_of_another_form_reaches_no_store(store: ObjectStore, key: str) -> None:
    for act in (store.get, store.exists, store.delete):
        with pytest.raises(ValueError, match=r"area|digits"):
            act(ObjectKey(key))
    with pytest.raises(ValueError, match=r"area|digits"):
        store.put(ObjectKey(key), io.BytesIO(b""))


@pytest.mark.parametrize("area", ["", "证据", "Evidence", "..", "a/b", "-a", "a" * 32, "a\n"])
def test_an_odd_area_name_is_refused(store: ObjectStore, area: str) -> None:
    with pytest.raises(ValueError, match="area"):
        list(store.keys(area))
    with pytest.raises(ValueError, match="area"):
        object_key(area, "0" * 64)
