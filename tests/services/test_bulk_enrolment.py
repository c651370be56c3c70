import io
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.demo.photos import Reference, Selfie
from app.demo.studio import Studio
from domain.enrolment import Basis, BasisKind, Source
from domain.errors import AppError
from services.bulk_enrolment import BulkTally, FileReport, Provenance, enrol_batch
from storage.db.models.certification import ReferencePhoto
from storage.photo_batch import BatchUnreadable, open_batch
from tests.backend_world import console, id_number
from tests.certification_world import TEST, County

GROUND = Basis(kind=BasisKind.STATUTE, version="经办条例-26", digest="5a" * 32)


@dataclass
class Bulk:
    county: County
    lines: list[FileReport] = field(default_factory=list)

    def run(self, path: Path, basis: Basis = GROUND) -> BulkTally:
        self.lines.clear()
        provenance = Provenance(source=Source.ID_CARD_CHIP, taken_on=None, basis=basis)
        with open_batch(path) as batch:
            return enrol_batch(
                self.county.backend,
                console(),
                batch.photos,
                provenance=provenance,
                report=self.lines.append,
            )

    @property
    def reasons(self) -> list[tuple[str, ...]]:
        return [line.reasons for line in self.lines]


@pytest.fixture
def bulk(county: County) -> Bulk:
    return Bulk(county=county)


def put_zip(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


@pytest.mark.faces
def test_a_folder_of_photos_named_by_number_is_enrolled(
    bulk: Bulk, studio: Studio, tmp_path: Path
) -> None:
    person = bulk.county.person()
    village = tmp_path / "photos" / "东街村"
    village.mkdir(parents=True)
    (village / f"{person.id_number}.jpg").write_bytes(studio.reference("p1", Reference.CHIP))
    (village / f"{person.id_number.lower()}_2.JPG").write_bytes(studio.reference("p1"))
    (village / "Thumbs.db").write_bytes(b"litter")

    tally = bulk.run(tmp_path / "photos")

    assert (tally.enrolled, tally.already, tally.refused) == (2, 0, 0)


@pytest.mark.faces
def test_a_second_run_skips_what_the_first_enrolled(
    bulk: Bulk, studio: Studio, tmp_path: Path
) -> None:
    first, second = bulk.county.person(), bulk.county.person()
    members = {f"{first.id_number}.jpg": studio.reference("p1", Reference.CHIP)}
    bulk.run(put_zip(tmp_path / "a.zip", members))
    members[f"{second.id_number}.jpg"] = studio.reference("p2", Reference.CHIP)

    tally = bulk.run(put_zip(tmp_path / "b.zip", members))

    assert (tally.enrolled, tally.already) == (1, 1)
    with bulk.county.backend.unit(TEST.actor, TEST.scope) as unit:
        count = unit.session.scalar(sa.select(sa.func.count()).select_from(ReferencePhoto))
    assert count == 2


@pytest.mark.faces
def test_a_refused_photo_is_named_and_the_next_one_follows(
    bulk: Bulk, studio: Studio, tmp_path: Path
) -> None:
    first, second = bulk.county.person(), bulk.county.person()
    path = put_zip(
        tmp_path / "photos.zip",
        {
            f"{first.id_number}.jpg": studio.selfie("p1", Selfie.NO_FACE),
            f"{second.id_number}.jpg": studio.reference("p1", Reference.CHIP),
        },
    )

    tally = bulk.run(path)

    assert (tally.enrolled, tally.refused) == (1, 1)
    assert "reference_no_face" in bulk.lines[0].reasons


def test_unknown_and_mistyped_numbers_are_reported_masked(bulk: Bulk, tmp_path: Path) -> None:
    unknown = id_number(998)
    mistyped = unknown[:-1] + ("0" if unknown[-1] != "0" else "1")
    path = put_zip(
        tmp_path / "photos.zip",
        {f"{unknown}.jpg": b"x", f"{mistyped}.jpg": b"x", "张三.jpg": b"x"},
    )

    tally = bulk.run(path)

    assert tally.refused == 3
    assert bulk.reasons == [
        ("person.not_found",),
        ("id_number.check_digit",),
        ("name_unreadable",),
    ]
    assert all(unknown[3:-2] not in line.id_number for line in bulk.lines)


def test_without_a_ground_no_photo_is_opened(bulk: Bulk, tmp_path: Path) -> None:
    path = put_zip(tmp_path / "photos.zip", {f"{id_number(1)}.jpg": b"x"})

    with pytest.raises(AppError) as refused:
        bulk.run(path, Basis(kind=BasisKind.CONSENT, version="", digest=""))

    assert refused.value.code == "enrolment.no_basis"
    assert bulk.lines == []


@pytest.mark.parametrize(
    "name", ["../{n}.jpg", "/etc/{n}.jpg", "a/../../{n}.jpg", "C:\\{n}.jpg", "..\\{n}.jpg"]
)
def test_a_name_that_climbs_out_of_the_archive_is_refused(
    bulk: Bulk, tmp_path: Path, name: str
) -> None:
    bulk.run(put_zip(tmp_path / "photos.zip", {name.format(n=id_number(1)): b"x"}))

    assert bulk.reasons == [("path_unsafe",)]


def test_a_member_that_unpacks_to_a_hundredfold_is_left_alone(bulk: Bulk, tmp_path: Path) -> None:
    path = put_zip(
        tmp_path / "photos.zip",
        {f"{id_number(1)}.jpg": bytes(9_000_000), f"{id_number(2)}.jpg": bytes(10_000_001)},
    )

    bulk.run(path)

    assert bulk.reasons == [("file_suspicious_ratio",), ("file_too_large",)]


def test_a_size_that_the_archive_lies_about_is_found_while_reading(
    bulk: Bulk, tmp_path: Path
) -> None:
    name = f"{id_number(1)}.jpg"
    path = put_zip(tmp_path / "photos.zip", {name: bytes(range(256)) * 8})
    raw = path.read_bytes()
    path.write_bytes(raw.replace((2048).to_bytes(4, "little"), (100).to_bytes(4, "little")))

    bulk.run(path)

    assert bulk.reasons == [("file_unreadable",)]


def test_a_broken_archive_is_refused_as_a_whole(bulk: Bulk, tmp_path: Path) -> None:
    path = tmp_path / "photos.zip"
    path.write_bytes(b"PK\x03\x04 torn")

    with pytest.raises(BatchUnreadable, match="not_a_batch"):
        bulk.run(path)


def test_a_damaged_member_does_not_stop_the_others(bulk: Bulk, tmp_path: Path) -> None:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        archive.writestr(f"{id_number(1)}.jpg", b"first photo" * 20)
        archive.writestr(f"{id_number(2)}.jpg", b"second photo" * 20)
    raw = bytearray(memory.getvalue())
    raw[raw.index(b"first photo")] ^= 0xFF
    path = tmp_path / "photos.zip"
    path.write_bytes(raw)

    bulk.run(path)

    assert bulk.reasons == [("file_unreadable",), ("person.not_found",)]
