"""Evidence comes back as it was handed in, or with a code that says why not."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import BinaryIO

import pytest

from domain.audit import AuditAction
from domain.ports import ObjectKey, ObjectStore
from services import evidence
from services.accounts import scope_of
from services.eligibility import person_caller
from services.evidence import Caller
from storage.crypto.digest import digests_of
from storage.db.models.certification import Evidence
from storage.db.models.registry import DataKeyRow
from storage.db.repositories.accounts import StaffMember
from storage.ids import uuid7
from storage.objects.errors import StoreFull, StoreUnavailable
from tests.acts import refusal, together
from tests.certification_world import TEST, County, Pensioner, audited, rows
from tests.places import OTHER_COUNTY_VILLAGE, OTHER_TOWNSHIP, TOWNSHIP

PHOTO = b"\xff\xd8\xff a photo of a synthetic person"


@pytest.fixture
def person(county: County) -> Pensioner:
    return county.person()


def keep(
    county: County, person: Pensioner, content: bytes = PHOTO, media_type: str = "image/jpeg"
) -> evidence.StoredEvidence:
    caller = person_caller(person.id, person.household)
    return evidence.store(county.backend, caller, person.id, content=content, media_type=media_type)


def files(tmp_path: Path) -> list[Path]:
    return [path for path in (tmp_path / "objects").rglob("*") if path.is_file()]


def test_what_was_stored_is_sealed_recorded_and_read_back(
    county: County, person: Pensioner, tmp_path: Path
) -> None:
    stored = keep(county, person)
    digests = digests_of(PHOTO)
    assert (stored.sha256, stored.size) == (digests.sha256.hex(), len(PHOTO))
    (file,) = files(tmp_path)
    assert b"synthetic" not in file.read_bytes()
    (event,) = audited(county.backend, AuditAction.EVIDENCE_STORED)
    assert (event["sha256"], event["sm3"]) == (stored.sha256, digests.sm3.hex())
    assert evidence.read(county.backend, TEST, stored.id) == (PHOTO, "image/jpeg")


def test_the_same_bytes_are_one_evidence_per_person(county: County, person: Pensioner) -> None:
    first, again = keep(county, person), keep(county, person)
    other = keep(county, county.person("李守田"))
    assert first == again
    assert other.id != first.id
    assert len(rows(county.backend, Evidence)) == 2


@pytest.mark.committing
def test_the_same_bytes_sent_at_once_are_one_evidence_that_can_be_read(
    county: County, person: Pensioner
) -> None:
    stored = together([partial(keep, county, person)] * 8)
    assert len({one.id for one in stored}) == 1
    assert len(audited(county.backend, AuditAction.EVIDENCE_STORED)) == 1
    assert evidence.read(county.backend, TEST, stored[0].id)[0] == PHOTO


@pytest.mark.parametrize("claimed", ["text/html", "image/svg+xml", "application/x-sh", ""])
def test_no_evidence_is_ever_served_as_something_a_browser_runs(
    county: County, person: Pensioner, claimed: str
) -> None:
    stored = keep(county, person, media_type=claimed)
    assert evidence.read(county.backend, TEST, stored.id)[1] == "application/octet-stream"


def test_whoever_does_not_see_the_person_neither_stores_nor_reads(
    county: County, person: Pensioner
) -> None:
    stored = keep(county, person)
    for path, sees in ((TOWNSHIP, True), (OTHER_TOWNSHIP, False)):
        member = StaffMember(
            id=uuid7(), login="x", display_name="x", role="township_clerk", division_path=path
        )
        clerk = Caller(actor=TEST.actor, scope=scope_of(member))
        if sees:
            assert evidence.read(county.backend, clerk, stored.id)[0] == PHOTO
            continue
        read = partial(evidence.read, county.backend, clerk, stored.id)
        assert refusal(read).code == "evidence.not_found"
    stranger = county.person("李守田", household=OTHER_COUNTY_VILLAGE)
    caller = person_caller(stranger.id, stranger.household)
    store = partial(
        evidence.store, county.backend, caller, person.id, content=PHOTO, media_type="image/jpeg"
    )
    assert refusal(store).code == "person.not_found"


def test_after_erasure_evidence_says_that_it_is_gone(county: County, person: Pensioner) -> None:
    stored = keep(county, person)
    with county.backend.unit(TEST.actor, TEST.scope) as unit:
        key = unit.session.get(DataKeyRow, person.id)
        assert key is not None
        key.wrapped, key.destroyed_at = None, unit.now
    read = partial(evidence.read, county.backend, TEST, stored.id)
    assert refusal(read).code == "evidence.erased"
    assert refusal(partial(keep, county, person, PHOTO + b" again")).code == "evidence.erased"


class Store:
    """An object store that fails as it is told, or gives another object than asked for."""

    def __init__(
        self, kept: ObjectStore, *, fails: Exception | None = None, gives: str | None = None
    ) -> None:
        self._kept, self._fails, self._gives = kept, fails, gives

    def put(self, key: ObjectKey, source: BinaryIO) -> None:
        if self._fails is not None:
            raise self._fails
        self._kept.put(key, source)

    def get(self, key: ObjectKey) -> bytes:
        if self._fails is not None:
            raise self._fails
        return self._kept.get(key if self._gives is None else ObjectKey(self._gives))

    def exists(self, key: ObjectKey) -> bool:
        return self._kept.exists(key)

    def delete(self, key: ObjectKey) -> None:
        self._kept.delete(key)

    def keys(self, area: str) -> Iterator[ObjectKey]:
        return self._kept.keys(area)


def test_evidence_swapped_for_other_evidence_of_the_same_person_does_not_open(
    county: County, person: Pensioner
) -> None:
    first, second = keep(county, person), keep(county, person, PHOTO + b" again")
    held = {row.id: row.object_key for row in rows(county.backend, Evidence)}
    swapped = replace(county.backend, objects=Store(county.backend.objects, gives=held[second.id]))
    assert evidence.read(swapped, TEST, second.id)[0] == PHOTO + b" again"
    assert refusal(partial(evidence.read, swapped, TEST, first.id)).code == "evidence.damaged"


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (StoreUnavailable("away"), "evidence.store_unavailable"),
        (StoreFull("full"), "evidence.store_full"),
    ],
)
def test_a_store_that_is_away_or_full_leaves_no_row_and_can_be_tried_again(
    county: County, person: Pensioner, fault: Exception, code: str
) -> None:
    broken = County(
        backend=replace(county.backend, objects=Store(county.backend.objects, fails=fault))
    )
    assert refusal(partial(keep, broken, person)).code == code
    assert rows(county.backend, Evidence) == []
    stored = keep(county, person)
    read = partial(evidence.read, broken.backend, TEST, stored.id)
    assert refusal(read).code == "evidence.store_unavailable"
    assert evidence.read(county.backend, TEST, stored.id)[0] == PHOTO
