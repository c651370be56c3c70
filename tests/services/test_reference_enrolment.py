import hashlib
from dataclasses import replace
from datetime import date
from uuid import UUID

import numpy as np
import pytest
import sqlalchemy as sa

from app.demo.photos import Reference, Selfie
from app.demo.studio import Studio
from biometrics.embed import cosine
from domain.audit import Actor, ActorKind
from domain.enrolment import Basis, BasisKind, Source
from domain.errors import AppError
from domain.regions import DivisionPath, DivisionScope
from services import enrolment, evidence
from services.backend import NoticeText
from services.enrolment import Enrolled, RemovalReason
from services.evidence import Caller
from storage.crypto.errors import SealBroken
from storage.db.models.audit import AuditRow
from storage.db.models.certification import Consent, Evidence, ReferencePhoto
from storage.db.repositories import references
from storage.ids import uuid7
from tests.certification_world import TEST, County, Pensioner

STATUTE = Basis(kind=BasisKind.STATUTE, version="经办条例-26", digest="5a" * 32)
OFFICER = Caller(
    actor=Actor(kind=ActorKind.STAFF, id=str(uuid7())),
    scope=DivisionScope(path=DivisionPath("990101100001")),
)

pytestmark = pytest.mark.faces


def enrol(
    county: County,
    person: Pensioner,
    photo: bytes,
    *,
    source: Source = Source.ID_CARD_CHIP,
    basis: Basis = STATUTE,
    taken_on: date | None = date(2019, 4, 2),
    caller: Caller = OFFICER,
) -> Enrolled:
    return enrolment.enrol_reference(
        county.backend,
        caller,
        person.id,
        photo=photo,
        source=source,
        taken_on=taken_on,
        basis=basis,
    )


def refused(county: County, person: Pensioner, photo: bytes, **how: object) -> AppError:
    with pytest.raises(AppError) as caught:
        enrol(county, person, photo, **how)  # type: ignore[arg-type]
    return caught.value


def rows(county: County, model: type) -> list[object]:
    with county.backend.unit(TEST.actor, TEST.scope) as unit:
        return list(unit.session.scalars(sa.select(model)))


def actions(county: County) -> list[str]:
    with county.backend.unit(TEST.actor, TEST.scope) as unit:
        return list(unit.session.scalars(sa.select(AuditRow.action).order_by(AuditRow.seq)))


def reference(county: County, reference_id: UUID) -> ReferencePhoto:
    with county.backend.unit(TEST.actor, TEST.scope) as unit:
        row = references.get(unit.session, reference_id)
        assert row is not None
        return row


def test_the_chip_photo_of_102_by_126_pixels_becomes_a_reference(
    county: County, studio: Studio
) -> None:
    person = county.person()

    done = enrol(county, person, studio.reference("p1", Reference.CHIP))

    row = reference(county, done.reference_id)
    assert (row.source, row.source_rank, row.taken_on) == ("id_card_chip", 1, date(2019, 4, 2))
    assert row.model.startswith("face_recognition_sface")
    assert 0 < row.quality <= 1


def test_the_ground_is_recorded_with_version_and_digest_before_the_photo(
    county: County, studio: Studio
) -> None:
    person = county.person()
    notice = county.backend.notice
    consent = Basis(kind=BasisKind.CONSENT, version=notice.version, digest=notice.digest)

    enrol(county, person, studio.reference("p1"), basis=consent)

    (row,) = rows(county, Consent)
    assert isinstance(row, Consent)
    assert (row.basis, row.text_version, row.text_digest) == (
        "consent",
        notice.version,
        hashlib.sha256(notice.text.encode()).hexdigest(),
    )
    assert actions(county) == ["consent.recorded", "evidence.stored", "reference.added"]


@pytest.mark.parametrize(
    "basis",
    [
        Basis(kind=BasisKind.CONSENT, version=" ", digest="5a" * 32),
        Basis(kind=BasisKind.CONSENT, version="v1", digest="5a"),
        Basis(kind=BasisKind.STATUTE, version="v1", digest=""),
    ],
)
def test_without_a_complete_ground_nothing_is_kept(
    county: County, studio: Studio, basis: Basis
) -> None:
    person = county.person()

    error = refused(county, person, studio.reference("p1"), basis=basis)

    assert error.code == "enrolment.no_basis"
    assert [rows(county, model) for model in (Consent, Evidence, ReferencePhoto)] == [[], [], []]


def test_a_digest_that_is_not_of_the_notice_it_names_is_refused(
    county: County, studio: Studio
) -> None:
    false = Basis(kind=BasisKind.CONSENT, version=county.backend.notice.version, digest="00" * 32)

    assert refused(county, county.person(), studio.reference("p1"), basis=false).code == (
        "consent.text_outdated"
    )


def test_a_consent_to_an_earlier_notice_still_counts(county: County, studio: Studio) -> None:
    person = county.person()
    earlier = Basis(
        kind=BasisKind.CONSENT,
        version=county.backend.notice.version,
        digest=county.backend.notice.digest,
    )
    newer = replace(
        county.backend, notice=NoticeText(version="test-2", digest="11" * 32, text="新版")
    )

    assert enrol(County(backend=newer), person, studio.reference("p1"), basis=earlier).added


@pytest.mark.parametrize(
    ("variant", "reason"),
    [
        (Selfie.NO_FACE, "reference_no_face"),
        (Selfie.TWO_FACES, "reference_several_faces"),
        (Selfie.DARK, "reference_too_dark"),
        (Selfie.BLURRED, "reference_blurred"),
        (Selfie.DRAWING, "reference_not_a_photo"),
        (Selfie.TURNED_AWAY, "reference_turned_away"),
    ],
)
def test_a_bad_photo_is_refused_by_name_and_not_kept(
    county: County, studio: Studio, variant: Selfie, reason: str
) -> None:
    person = county.person()

    error = refused(county, person, studio.selfie("p1", variant), source=Source.WINDOW_CAPTURE)

    assert error.code == "enrolment.photo_refused"
    reasons = error.params["reasons"]
    assert isinstance(reasons, list)
    assert reason in reasons
    assert rows(county, Evidence) == []
    assert actions(county) == ["consent.recorded", "reference.refused"]


@pytest.mark.parametrize("photo", [b"", b"GIF89a", b"\xff\xd8\xffnot a picture", b"<svg/>"])
def test_what_is_no_photo_is_refused_by_name(county: County, photo: bytes) -> None:
    error = refused(county, county.person(), photo)

    assert error.code == "enrolment.photo_refused"
    assert error.params["reasons"] in (["reference_unreadable"], ["reference_wrong_type"])


def test_the_same_photo_again_is_the_same_reference(county: County, studio: Studio) -> None:
    person = county.person()
    first = enrol(county, person, studio.reference("p1"))

    again = enrol(county, person, studio.reference("p1"))

    assert again == Enrolled(reference_id=first.reference_id, added=False)
    assert [len(rows(county, model)) for model in (Consent, Evidence, ReferencePhoto)] == [1, 1, 1]


def test_a_person_may_have_several_references_on_one_ground(county: County, studio: Studio) -> None:
    person = county.person()

    enrol(county, person, studio.reference("p1", Reference.SCANNED), source=Source.ID_CARD_PHOTO)
    enrol(county, person, studio.reference("p1", Reference.CHIP))

    seen = enrolment.references_of(county.backend, OFFICER, person.id)
    assert [item.source for item in seen] == [Source.ID_CARD_CHIP, Source.ID_CARD_PHOTO]
    assert len(rows(county, Consent)) == 1


def test_photo_and_embedding_are_sealed_with_the_persons_key(
    county: County, studio: Studio
) -> None:
    person, stranger = county.person(), county.person("别的人")
    photo = studio.reference("p1")
    done = enrol(county, person, photo)
    row = reference(county, done.reference_id)

    with county.backend.unit(TEST.actor, TEST.scope) as unit:
        people = county.backend.people(unit)
        vector = references.open_embedding(row, people.load_key(person.id))
        with pytest.raises(SealBroken):
            references.open_embedding(row, people.load_key(stranger.id))
    expected = county.backend.faces.template(photo).embedding
    assert expected is not None
    assert cosine(np.asarray(vector), expected) > 0.999
    assert evidence.read(county.backend, OFFICER, row.evidence_id)[0] == photo


def test_a_removed_reference_is_compared_no_longer_and_may_come_again(
    county: County, studio: Studio
) -> None:
    person = county.person()
    photo = studio.reference("p1")
    first = enrol(county, person, photo)

    enrolment.remove_reference(
        county.backend, OFFICER, first.reference_id, RemovalReason.WRONG_PERSON
    )
    enrolment.remove_reference(county.backend, OFFICER, first.reference_id, RemovalReason.OUTDATED)

    with county.backend.unit(TEST.actor, TEST.scope) as unit:
        assert references.usable_of(unit.session, person.id) == []
    assert actions(county).count("reference.removed") == 1
    again = enrol(county, person, photo)
    assert again.added
    assert again.reference_id != first.reference_id


def test_an_unknown_reference_cannot_be_removed(county: County) -> None:
    with pytest.raises(AppError) as caught:
        enrolment.remove_reference(county.backend, OFFICER, uuid7(), RemovalReason.OUTDATED)

    assert caught.value.code == "enrolment.not_found"


def test_nobody_enrols_a_person_out_of_scope(county: County, studio: Studio) -> None:
    far = county.person(household=DivisionPath("990101101001"))

    assert refused(county, far, studio.reference("p1")).code == "person.not_found"
    with pytest.raises(AppError) as caught:
        enrolment.references_of(county.backend, OFFICER, far.id)
    assert caught.value.code == "person.not_found"


@pytest.mark.parametrize("source", [Source.POLICE_DATABASE, Source.STRONG_SELF_CERTIFICATION])
def test_a_village_officer_cannot_state_a_source_that_is_not_his(
    county: County, studio: Studio, source: Source
) -> None:
    error = refused(county, county.person(), studio.reference("p1"), source=source)

    assert error.code == "permission.denied"


def test_the_county_may_bring_photos_of_the_police(county: County, studio: Studio) -> None:
    bureau = Caller(
        actor=Actor(kind=ActorKind.STAFF, id=str(uuid7())),
        scope=DivisionScope(path=DivisionPath("990101")),
    )
    photo = studio.reference("p1")

    assert enrol(county, county.person(), photo, source=Source.POLICE_DATABASE, caller=bureau).added


@pytest.mark.parametrize(
    ("taken_on", "code"),
    [
        (date(2026, 3, 3), "enrolment.taken_in_future"),
        (date(1949, 1, 1), "enrolment.taken_before_birth"),
    ],
)
def test_an_impossible_date_is_refused(
    county: County, studio: Studio, taken_on: date, code: str
) -> None:
    assert refused(county, county.person(), studio.reference("p1"), taken_on=taken_on).code == code


def test_an_unknown_date_is_kept_as_unknown(county: County, studio: Studio) -> None:
    done = enrol(county, county.person(), studio.reference("p1"), taken_on=None)

    assert reference(county, done.reference_id).taken_on is None
