"""What only a folder can suffer: killed writers, full disks, bytes altered on the disk."""

import io
import os
import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from storage.objects import (
    LocalStore,
    ObjectCorrupt,
    StoreFull,
    StoreUnavailable,
    corrupt_keys,
    key_of,
)

SPAWN = get_context("spawn")
CONTENT = bytes(range(256)) * 20_000
KEY = key_of("evidence", CONTENT)
FAR_FUTURE = datetime(2100, 1, 1, tzinfo=UTC)


class Paced(io.BytesIO):
    """Tells the parent of every chunk that the store takes, and waits a little."""

    def __init__(self, content: bytes, told: Connection) -> None:
        super().__init__(content)
        self._told = told

    def read(self, size: int | None = -1, /) -> bytes:
        self._told.send("reading")
        time.sleep(0.02)
        return super().read(min(size or 500_000, 500_000))


def write_slowly(root: str, told: Connection) -> None:
    LocalStore(Path(root)).put(KEY, Paced(CONTENT, told))


def write_without_end(root: str, told: Connection) -> None:
    store = LocalStore(Path(root))
    while True:
        content = os.urandom(200_000)
        key = key_of("evidence", content)
        store.put(key, io.BytesIO(content))
        told.send(key)


def path_of(store: LocalStore) -> Path:
    [path] = (path for path in store._root.rglob("*") if path.is_file())
    return path


@pytest.fixture
def stored(local_store: LocalStore) -> LocalStore:
    local_store.put(KEY, io.BytesIO(CONTENT))
    return local_store


def test_stored_files_are_private_and_read_only(stored: LocalStore) -> None:
    path = path_of(stored)
    assert path.stat().st_mode & 0o777 == 0o400
    assert {folder.stat().st_mode & 0o777 for folder in path.parents[:3]} == {0o700}


@pytest.mark.parametrize("place", [0, len(CONTENT) // 2, len(CONTENT) - 1])
def test_one_altered_byte_on_the_disk_is_found(stored: LocalStore, place: int) -> None:
    path = path_of(stored)
    path.chmod(0o600)
    altered = bytearray(CONTENT)
    altered[place] ^= 1
    path.write_bytes(altered)
    with pytest.raises(ObjectCorrupt):
        stored.get(KEY)
    with pytest.raises(ObjectCorrupt):
        stored.put(KEY, io.BytesIO(CONTENT))


def test_the_nightly_scrub_names_what_was_altered_and_nothing_else(stored: LocalStore) -> None:
    path = path_of(stored)
    for number in range(20):
        stored.put(key_of("evidence", bytes([number])), io.BytesIO(bytes([number])))
    assert list(corrupt_keys(stored, "evidence")) == []
    path.chmod(0o600)
    path.write_bytes(CONTENT + b"!")
    assert list(corrupt_keys(stored, "evidence")) == [KEY]


def test_a_cut_file_is_found(stored: LocalStore) -> None:
    os.truncate(path_of(stored), 1000)
    with pytest.raises(ObjectCorrupt):
        stored.get(KEY)


def test_a_link_to_another_file_is_not_followed(stored: LocalStore, tmp_path: Path) -> None:
    path = path_of(stored)
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ObjectCorrupt):
        stored.get(KEY)


@pytest.mark.parametrize("chunks", [1, 2, 6, 10])
def test_a_writer_killed_half_way_leaves_nothing_to_be_seen(
    local_store: LocalStore, chunks: int
) -> None:
    heard, told = SPAWN.Pipe(duplex=False)
    writer = SPAWN.Process(target=write_slowly, args=(str(local_store._root), told))
    writer.start()
    told.close()
    for _ in range(chunks):
        heard.recv()
    writer.kill()
    writer.join()
    heard.close()

    assert not local_store.exists(KEY)
    assert list(local_store.keys("evidence")) == []
    local_store.put(KEY, io.BytesIO(CONTENT))
    assert local_store.get(KEY) == CONTENT
    assert local_store.sweep_drafts(FAR_FUTURE) == 1
    assert list(local_store.keys("evidence")) == [KEY]


@pytest.mark.parametrize("after_s", [0.05, 0.11, 0.17, 0.23, 0.31])
def test_what_was_acknowledged_survives_the_kill(local_store: LocalStore, after_s: float) -> None:
    heard, told = SPAWN.Pipe(duplex=False)
    writer = SPAWN.Process(target=write_without_end, args=(str(local_store._root), told))
    writer.start()
    told.close()
    acknowledged = {heard.recv()}
    time.sleep(after_s)
    writer.kill()
    writer.join()
    while True:
        try:
            acknowledged.add(heard.recv())
        except EOFError:
            break
    heard.close()

    visible = set(local_store.keys("evidence"))
    assert acknowledged <= visible
    for key in visible:
        local_store.get(key)


def test_drafts_are_swept_only_once_they_are_old(stored: LocalStore) -> None:
    draft = path_of(stored).with_name(".0123456789abcdef.00.draft")
    draft.write_bytes(b"half")
    born = datetime.fromtimestamp(draft.stat().st_mtime, UTC)
    assert stored.sweep_drafts(born + timedelta(minutes=59)) == 0
    assert stored.sweep_drafts(born + timedelta(minutes=61)) == 1
    assert not draft.exists()
    assert stored.get(KEY) == CONTENT


def test_files_of_another_make_are_not_listed(stored: LocalStore) -> None:
    path_of(stored).with_name("README.txt").write_text("not an object")
    assert list(stored.keys("evidence")) == [KEY]


def test_a_folder_that_cannot_be_made_is_an_unavailable_store(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    store = LocalStore(tmp_path / "file" / "objects")
    with pytest.raises(StoreUnavailable):
        store.prepare()
    with pytest.raises(StoreUnavailable):
        store.put(KEY, io.BytesIO(CONTENT))


def test_a_disk_that_is_not_mounted_is_not_written_beside(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "not-mounted")
    with pytest.raises(StoreUnavailable):
        store.put(KEY, io.BytesIO(CONTENT))
    assert list(tmp_path.iterdir()) == []
    assert not store.exists(KEY)


FILL_A_SMALL_DISK = """
import io, os, sys
from pathlib import Path
from storage.objects import LocalStore, StoreFull, key_of

store, kept, full = LocalStore(Path(sys.argv[1]) / "objects"), [], 0
store.prepare()
for _ in range(8):
    content = os.urandom(300_000)
    try:
        store.put(key_of("evidence", content), io.BytesIO(content))
        kept.append(key_of("evidence", content))
    except StoreFull:
        full += 1
files = [path.name for path in Path(sys.argv[1]).rglob("*") if path.is_file()]
assert full >= 4 and len(kept) >= 2, (full, len(kept))
assert all(store.get(key) for key in kept)
assert sorted(files) == sorted(key.split("/")[1] for key in kept), files
store.delete(kept[0])
content = os.urandom(250_000)
store.put(key_of("evidence", content), io.BytesIO(content))
print("recovered")
"""


def test_a_full_disk_says_so_corrupts_nothing_and_recovers_when_freed(tmp_path: Path) -> None:
    unshare = shutil.which("unshare")
    script = 'mount -t tmpfs -o size=1m none "$1" && exec "$2" -c "$3" "$1"'
    in_namespace = [str(unshare), "--map-root-user", "--mount", "sh", "-c"]
    trial = [*in_namespace, 'mount -t tmpfs -o size=1m none "$1"', "sh", str(tmp_path)]
    if unshare is None or subprocess.run(trial, check=False, capture_output=True).returncode:
        pytest.skip("cannot mount a small disk here: no user namespaces")
    done = subprocess.run(
        [*in_namespace, script, "sh", str(tmp_path), sys.executable, FILL_A_SMALL_DISK],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )
    assert done.stdout == "recovered\n", done.stderr


def write_beyond_the_limit(root: str, told: Connection) -> None:
    import resource  # noqa: PLC0415 - limits this child alone
    import signal  # noqa: PLC0415 - as above

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
    try:
        LocalStore(Path(root)).put(KEY, io.BytesIO(CONTENT))
    except StoreFull:
        told.send("full")


def test_a_file_size_limit_is_a_full_store_and_leaves_no_draft(local_store: LocalStore) -> None:
    heard, told = SPAWN.Pipe(duplex=False)
    writer = SPAWN.Process(target=write_beyond_the_limit, args=(str(local_store._root), told))
    writer.start()
    told.close()
    assert heard.recv() == "full"
    writer.join()
    heard.close()
    assert [path for path in local_store._root.rglob("*") if path.is_file()] == []
