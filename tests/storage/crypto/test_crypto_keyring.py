"""The file of master keys: private, durable, rotated without loss, forgotten on purpose only."""

import json
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from storage.crypto import FileKeyRing, KeyRingError, KeyUse, SuiteId


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "secrets" / "keyring.json"


def _wrapping_key(path: str) -> bytes:
    return FileKeyRing.open_or_create(Path(path)).key(KeyUse.WRAPPING)


def _rotate_five_times(path: str) -> list[int]:
    ring = FileKeyRing(Path(path))
    return [ring.rotate() for _ in range(5)]


def test_a_new_ring_is_readable_by_its_owner_alone(path: Path) -> None:
    FileKeyRing.open_or_create(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["keyring.json"]


def test_every_use_has_a_key_of_its_own(path: Path) -> None:
    ring = FileKeyRing.open_or_create(path)
    keys = {ring.key(use) for use in KeyUse}
    assert len(keys) == len(KeyUse)
    assert {len(key) for key in keys} == {32}


def test_a_ring_opened_again_holds_the_same_keys(path: Path) -> None:
    first, second = FileKeyRing.open_or_create(path), FileKeyRing.open_or_create(path)
    assert [first.key(use) for use in KeyUse] == [second.key(use) for use in KeyUse]


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o602, 0o666])
def test_a_ring_that_others_can_touch_is_refused(path: Path, mode: int) -> None:
    FileKeyRing.open_or_create(path)
    path.chmod(mode)
    with pytest.raises(KeyRingError, match="chmod 600"):
        FileKeyRing(path)


def test_a_link_in_place_of_a_ring_is_refused(path: Path, tmp_path: Path) -> None:
    FileKeyRing.open_or_create(path)
    link = tmp_path / "link.json"
    link.symlink_to(path)
    with pytest.raises(KeyRingError):
        FileKeyRing(link)


def test_an_absent_ring_is_named_and_not_made_silently(path: Path) -> None:
    with pytest.raises(KeyRingError, match=r"keyring\.json"):
        FileKeyRing(path)
    assert not path.exists()


@pytest.mark.parametrize("spoil", ["cut", "format", "short key", "no current", "empty"])
def test_a_spoilt_ring_is_refused(path: Path, spoil: str) -> None:
    FileKeyRing.open_or_create(path)
    text = path.read_text()
    document = json.loads(text)
    match spoil:
        case "cut":
            text = text[: len(text) // 2]
        case "empty":
            text = ""
        case "format":
            text = json.dumps({**document, "format": 99})
        case "short key":
            document["uses"]["wrapping"]["keys"]["1"] = "c2hvcnQ="
            text = json.dumps(document)
        case _:
            document["uses"]["wrapping"]["current"] = 7
            text = json.dumps(document)
    path.write_text(text)
    with pytest.raises(KeyRingError, match="not a key ring"):
        FileKeyRing(path)


def test_processes_that_start_at_once_share_one_ring(path: Path) -> None:
    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as pool:
        keys = set(pool.map(_wrapping_key, [str(path)] * 8))
    assert len(keys) == 1


def test_rotations_at_once_lose_no_key(path: Path) -> None:
    ring = FileKeyRing.open_or_create(path)
    with ProcessPoolExecutor(3, mp_context=get_context("spawn")) as pool:
        versions = [v for given in pool.map(_rotate_five_times, [str(path)] * 3) for v in given]
    assert sorted(versions) == list(range(2, 17))
    assert len({ring.key(KeyUse.WRAPPING, version) for version in range(1, 17)}) == 16


def test_a_rotation_touches_one_use_only(path: Path) -> None:
    ring = FileKeyRing.open_or_create(path)
    index_key = ring.key(KeyUse.BLIND_INDEX)
    old = ring.key(KeyUse.WRAPPING)
    assert ring.rotate() == 2
    assert ring.key(KeyUse.WRAPPING) != old
    assert ring.key(KeyUse.WRAPPING, 1) == old
    assert ring.key(KeyUse.BLIND_INDEX) == index_key


def test_a_process_already_running_wraps_under_the_new_key_at_once(path: Path) -> None:
    running, officer = FileKeyRing.open_or_create(path), FileKeyRing.open_or_create(path)
    version = officer.rotate()
    wrapped = running.wrap(b"d" * 32, "person:1", SuiteId.A256GCM)
    assert wrapped.kek_version == version
    assert officer.unwrap(wrapped, "person:1") == b"d" * 32


def test_a_forgotten_key_opens_nothing_even_in_a_running_process(path: Path) -> None:
    running, officer = FileKeyRing.open_or_create(path), FileKeyRing.open_or_create(path)
    wrapped = running.wrap(b"d" * 32, "person:1", SuiteId.A256GCM)
    officer.rotate()
    officer.forget(1)
    for ring in (running, officer, FileKeyRing(path)):
        with pytest.raises(KeyRingError, match="version 1"):
            ring.unwrap(wrapped, "person:1")


def test_the_key_in_use_cannot_be_forgotten(path: Path) -> None:
    ring = FileKeyRing.open_or_create(path)
    with pytest.raises(KeyRingError, match="rotate first"):
        ring.forget(1)
    assert ring.key(KeyUse.WRAPPING, 1)
