"""One setting names the store; a wrong one is refused before anything is stored."""

from pathlib import Path

import pytest

from storage.objects import LocalStore, S3Store, key_of, open_store


def test_a_file_address_opens_a_folder(tmp_path: Path) -> None:
    store = open_store(f"file://{tmp_path}/objects")
    assert isinstance(store, LocalStore)
    store.prepare()
    assert not store.exists(key_of("evidence", b"x"))


@pytest.mark.parametrize(
    "address",
    ["s3://store.example:8333/evidence", "s3+http://127.0.0.1:1/evidence?region=cn-1"],
)
def test_an_s3_address_opens_a_bucket_without_contacting_it(address: str) -> None:
    assert isinstance(open_store(address, access_key="a", secret_key="s"), S3Store)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "/var/lib/objects",
        "file://relative/objects",
        "file:objects",
        "http://store.example/evidence",
        "s3://store.example",
        "s3:///evidence",
        "s3://store.example/ev",
        "s3://a:s@store.example/evidence",
    ],
)
def test_an_address_of_another_form_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match=r"store|bucket"):
        open_store(address, access_key="a", secret_key="s")


def test_an_s3_store_without_keys_is_refused() -> None:
    with pytest.raises(ValueError, match="secret"):
        open_store("s3://store.example/evidence")
