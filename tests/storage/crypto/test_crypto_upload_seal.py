"""What a phone seals opens here and nowhere else."""

import base64
import json
import os
from pathlib import Path

import pytest

from storage.crypto import FileKeyRing, KeyRingError, KeyUse
from storage.crypto.errors import SealBroken
from storage.crypto.upload_seal import Sealed, UploadSeals
from tests.phone_seal import phone_seals

VECTORS = Path(__file__).parents[3] / "field_app_spec" / "vectors" / "seal.json"


@pytest.fixture
def ring(tmp_path: Path) -> FileKeyRing:
    return FileKeyRing.open_or_create(tmp_path / "keyring.json")


def test_what_a_phone_sealed_opens(ring: FileKeyRing) -> None:
    seals = UploadSeals(ring)
    plain = [os.urandom(1000), os.urandom(7)]
    sealed, bodies = phone_seals(plain, seals.current(), client_id="phone-0001", part="video")
    opener = seals.opener(sealed)
    assert [opener.open(b, index=i, count=2) for i, b in enumerate(bodies)] == plain


@pytest.mark.parametrize("place", [{"index": 1, "count": 2}, {"index": 0, "count": 3}])
def test_a_chunk_that_was_moved_does_not_open(ring: FileKeyRing, place: dict[str, int]) -> None:
    seals = UploadSeals(ring)
    sealed, bodies = phone_seals(
        [b"a", b"b"], seals.current(), client_id="phone-0001", part="video"
    )
    with pytest.raises(SealBroken):
        seals.opener(sealed).open(bodies[0], **place)


@pytest.mark.parametrize(
    "change",
    [
        {"part": "selfie"},
        {"client_id": "phone-0002"},
        {"key_id": "7"},
        {"key_id": "x"},
        {"ephemeral": base64.b64encode(b"\x04" + bytes(64)).decode()},
        {"ephemeral": "not base64"},
        {"ephemeral": ""},
    ],
)
def test_a_seal_said_to_be_another_does_not_open(ring: FileKeyRing, change: dict[str, str]) -> None:
    seals = UploadSeals(ring)
    sealed, bodies = phone_seals([b"a"], seals.current(), client_id="phone-0001", part="video")
    said = {
        "client_id": sealed.client_id,
        "part": sealed.part,
        "key_id": sealed.key_id,
        "ephemeral": sealed.ephemeral,
    }
    with pytest.raises(SealBroken):
        seals.opener(Sealed(**(said | change))).open(bodies[0], index=0, count=1)


def test_a_rotated_key_still_opens_what_was_sealed_before(ring: FileKeyRing) -> None:
    seals = UploadSeals(ring)
    before = seals.current()
    sealed, bodies = phone_seals([b"a"], before, client_id="phone-0001", part="video")
    ring.rotate(KeyUse.UPLOAD_SEAL)
    assert seals.current() != before
    assert seals.opener(sealed).open(bodies[0], index=0, count=1) == b"a"


def test_a_ring_of_an_earlier_version_gets_the_key(tmp_path: Path) -> None:
    path = tmp_path / "keyring.json"
    kept = FileKeyRing.open_or_create(path).key(KeyUse.WRAPPING)
    document = json.loads(path.read_text("utf-8"))
    document["uses"]["upload_token"] = document["uses"].pop("upload_seal")
    path.write_text(json.dumps(document), "utf-8")
    with pytest.raises(KeyRingError, match="migrate"):
        UploadSeals(FileKeyRing(path)).current()
    ring = FileKeyRing.open_or_create(path)
    assert UploadSeals(ring).current().key_id == "1"
    assert ring.key(KeyUse.WRAPPING) == kept


class OneKey:
    """The ring of the vectors."""

    def __init__(self, secret: bytes) -> None:
        self.secret = secret

    def key(self, use: KeyUse, version: int | None = None) -> bytes:  # noqa: ARG002 - its form
        return self.secret

    def current_version(self, use: KeyUse) -> int:  # noqa: ARG002 - its form
        return 1


def test_the_published_vectors_hold() -> None:
    given = json.loads(VECTORS.read_text("utf-8"))
    seals = UploadSeals(OneKey(bytes.fromhex(given["server_secret"])))
    assert seals.current().public_key == given["server_public_key"]
    for case in given["cases"]:
        opener = seals.opener(
            Sealed(
                client_id=case["client_id"],
                part=case["part"],
                key_id="1",
                ephemeral=case["ephemeral_public"],
            )
        )
        plain = [
            opener.open(base64.b64decode(body), index=i, count=len(case["chunks"]))
            for i, body in enumerate(case["chunks"])
        ]
        assert b"".join(plain).hex() == case["plain"]
