"""The portraits are pinned files of index packages, verified whenever one is opened."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from app.demo.cast import ROLES
from app.demo.portraits import PortraitUnusable, catalogue, named, portrait_bytes
from app.model_files import FetchFailed

_DIGEST = re.compile(r"[0-9a-f]{64}")


def test_every_portrait_and_every_archive_is_pinned_by_digest() -> None:
    for portrait in catalogue():
        digests = [portrait.sha256, portrait.archive_sha256, *portrait.archive_digests.values()]
        assert all(_DIGEST.fullmatch(digest) for digest in digests), portrait.file


def test_every_portrait_says_that_its_provenance_was_not_independently_checked() -> None:
    assert all("not independently checked" in portrait.licence for portrait in catalogue())


def test_every_role_names_portraits_of_its_own_person() -> None:
    for role in ROLES.values():
        for file in (role.moves, role.enrolled, *role.others):
            assert named(file).person == role.person


def test_an_archive_for_an_unpinned_platform_is_refused() -> None:
    elsewhere = replace(named("p3-suit.png"), archive_digests={"cp399-plan9-vax": "0" * 64})
    with pytest.raises(FetchFailed, match="no archive of scikit-image is pinned"):
        _ = elsewhere.archive_sha256


def test_a_missing_portrait_names_the_command_that_brings_it(tmp_path: Path) -> None:
    with pytest.raises(PortraitUnusable, match="jianzai models fetch"):
        portrait_bytes(named("p2-indoors.jpg"), tmp_path)


def test_an_altered_portrait_is_refused(tmp_path: Path) -> None:
    (tmp_path / "p2-indoors.jpg").write_bytes(b"another picture")
    with pytest.raises(PortraitUnusable, match="not the pinned one"):
        portrait_bytes(named("p2-indoors.jpg"), tmp_path)
