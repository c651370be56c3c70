"""A clip that was sent before is found, whoever sent it; what belongs to others stays theirs."""

from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from services.earlier_clips import nearest
from storage.crypto.envelope import DataKey
from storage.crypto.errors import KeyDestroyed
from storage.crypto.keyring import FileKeyRing
from storage.db.models.clips import Clip
from storage.db.models.registry import Beneficiary, DataKeyRow
from storage.db.repositories import clips
from storage.ids import uuid7
from tests.certification_world import TEST, County, Pensioner, rows
from tests.services.clip_desk import Desk, Sealing, edited, recorded, worker


@pytest.fixture
def desk(county: County) -> Desk:
    return Desk(county=county)


def erase(county: County, person: Pensioner) -> None:
    with county.backend.unit(TEST.actor, TEST.scope) as unit:
        key = unit.session.get(DataKeyRow, person.id)
        assert key is not None
        key.wrapped, key.destroyed_at = None, unit.now


def give_phone_of(county: County, one: Pensioner, other: Pensioner) -> None:
    with county.backend.unit(TEST.actor, TEST.scope) as unit:
        index = sa.select(Beneficiary.phone_index).where(Beneficiary.id == one.id)
        unit.session.execute(
            sa.update(Beneficiary)
            .where(Beneficiary.id == other.id)
            .values(phone_index=index.scalar_subquery())
        )


def test_the_own_old_clip_is_found_edited_and_from_another_device(
    county: County, desk: Desk
) -> None:
    person = county.person()
    old = desk.take_in(person, recorded(), "phone-1")

    found = desk.nearest(person, desk.sent(person, edited(), "phone-2"))

    assert found is not None
    assert (found.id, found.likeness >= 1.0) == (str(old.id), True)
    assert found.by in {"frames", "motion"}
    assert found.shift_ms == pytest.approx(600, abs=100)


def test_a_fresh_clip_of_the_same_person_is_near_at_most(county: County, desk: Desk) -> None:
    person = county.person()
    desk.take_in(person, recorded(serial=1), "phone-1")

    found = desk.nearest(person, desk.sent(person, recorded(serial=2), "phone-1"))

    assert found is None or found.likeness < 1.0


@pytest.fixture
def no_picture_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the search by picture out, so that a test sees the other ways alone."""
    monkeypatch.setattr("storage.db.repositories.clips.BY_PICTURE", 0)


@pytest.mark.usefixtures("no_picture_search")
def test_a_strangers_clip_is_found_by_the_device_that_sent_it(county: County, desk: Desk) -> None:
    one, other = county.person(), county.person()
    old = desk.take_in(one, recorded(), "phone-1")

    same = desk.nearest(other, desk.sent(other, edited(), "phone-1"))
    elsewhere = desk.nearest(other, desk.sent(other, edited(), "phone-2"))

    assert same is not None
    assert (same.id, same.likeness >= 1.0) == (str(old.id), True)
    assert elsewhere is None


@pytest.mark.usefixtures("no_picture_search")
def test_a_relatives_clip_is_found_by_the_telephone_of_the_household(
    county: County, desk: Desk
) -> None:
    one, relative = county.person(), county.person()
    old = desk.take_in(one, recorded(), "phone-1")
    sent = desk.sent(relative, edited(), "phone-2")
    assert desk.nearest(relative, sent) is None

    give_phone_of(county, one, relative)

    found = desk.nearest(relative, sent)
    assert found is not None
    assert (found.id, found.likeness >= 1.0) == (str(old.id), True)


def test_anybodys_clip_is_found_by_what_it_looks_like(county: County, desk: Desk) -> None:
    one, other = county.person(), county.person()
    for serial in range(2, 6):
        desk.take_in(one, recorded(person=serial), "phone-1")
    old = desk.take_in(one, recorded(), "phone-1")

    found = desk.nearest(other, desk.sent(other, edited(), "phone-2"))

    assert found is not None
    assert (found.id, found.likeness >= 1.0) == (str(old.id), True)


def test_a_clip_that_is_decided_again_does_not_find_itself(county: County, desk: Desk) -> None:
    person = county.person()
    sent = desk.take_in(person, recorded(), "phone-1")

    desk.remember(person, sent)

    assert desk.nearest(person, sent) is None
    assert len(rows(county.backend, Clip)) == 1


def test_of_two_clips_on_record_each_finds_the_other(county: County, desk: Desk) -> None:
    one, other = county.person(), county.person()
    first = desk.take_in(one, recorded(), "phone-1")
    second = desk.take_in(other, edited(), "phone-2")

    found = desk.nearest(one, first), desk.nearest(other, second)

    assert [clip and clip.id for clip in found] == [str(second.id), str(first.id)]


def test_clips_of_an_erased_person_are_gone(county: County, desk: Desk) -> None:
    one, other = county.person(), county.person()
    old = desk.take_in(one, recorded(), "phone-1")
    late = desk.sent(one, recorded(), "phone-1")

    erase(county, one)

    assert desk.nearest(other, desk.sent(other, edited(), "phone-1")) is None
    with pytest.raises(KeyDestroyed):
        desk.remember(one, late)
    (kept,) = rows(county.backend, Clip)
    assert kept.id == old.id
    assert recorded().to_bytes()[:200] not in kept.fingerprint_sealed


def altered(key: DataKey, clip: UUID) -> bytes:
    sealed = clips.seal(recorded().to_bytes(), clip, key)
    return sealed[:-1] + bytes([sealed[-1] ^ 1])


def of_another_clip(key: DataKey, _: UUID) -> bytes:
    return clips.seal(recorded().to_bytes(), uuid7(), key)


def never_sealed(_: DataKey, __: UUID) -> bytes:
    return b"damaged"


def no_fingerprint(key: DataKey, clip: UUID) -> bytes:
    return clips.seal(b"something else", clip, key)


DAMAGES = [altered, of_another_clip, never_sealed, no_fingerprint]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_strangers_damaged_clip_is_passed_over_and_reported(
    county: County, desk: Desk, damage: Sealing
) -> None:
    stranger, other, person = county.person(), county.person(), county.person()
    damaged = desk.take_in_sealed(stranger, damage, "phone-1")
    old = desk.take_in(other, recorded(), "phone-1")

    with capture_logs() as logged:
        found = desk.nearest(person, desk.sent(person, edited(), "phone-1"))

    assert found is not None
    assert (found.id, found.likeness >= 1.0) == (str(old.id), True)
    report = {"event": "clip.unreadable", "attempt": str(damaged), "kind": "other"}
    assert logged == [report | {"log_level": "warning"}]


@pytest.mark.parametrize("damage", DAMAGES)
def test_an_own_damaged_clip_is_reported_as_such_and_holds_nobody_up(
    county: County, desk: Desk, damage: Sealing
) -> None:
    person = county.person()
    desk.take_in_sealed(person, damage, "phone-1")

    with capture_logs() as logged:
        found = desk.nearest(person, desk.sent(person, edited(), "phone-1"))

    assert found is None
    assert [(entry["event"], entry["kind"]) for entry in logged] == [("clip.unreadable", "own")]


def test_own_clips_beside_a_damaged_one_are_still_compared(county: County, desk: Desk) -> None:
    person = county.person()
    old = desk.take_in(person, recorded(), "phone-1")
    desk.take_in_sealed(person, altered, "phone-1")

    found = desk.nearest(person, desk.sent(person, edited(), "phone-2"))

    assert found is not None
    assert (found.id, found.likeness >= 1.0) == (str(old.id), True)


def test_clips_under_a_damaged_key_are_passed_over_and_reported(county: County, desk: Desk) -> None:
    stranger, other, person = county.person(), county.person(), county.person()
    damaged = desk.take_in(stranger, recorded(), "phone-1")
    old = desk.take_in(other, recorded(), "phone-1")
    with county.backend.unit(TEST.actor, TEST.scope) as unit:
        key = unit.session.get(DataKeyRow, stranger.id)
        assert key is not None
        assert key.wrapped is not None
        key.wrapped = key.wrapped[::-1]

    with capture_logs() as logged:
        found = desk.nearest(person, desk.sent(person, edited(), "phone-1"))

    assert found is not None
    assert found.id == str(old.id)
    assert [entry["attempt"] for entry in logged] == [str(damaged.id)]


def test_clips_under_a_forgotten_master_key_are_passed_over_and_reported(
    county: County, desk: Desk, tmp_path: Path
) -> None:
    stranger = county.person()
    lost = desk.take_in(stranger, recorded(), "phone-1")
    ring = FileKeyRing(tmp_path / "keyring.json")
    ring.rotate()
    other, person = county.person(), county.person()
    old = desk.take_in(other, recorded(), "phone-1")
    ring.forget(1)

    with capture_logs() as logged:
        found = desk.nearest(person, desk.sent(person, edited(), "phone-1"))

    assert found is not None
    assert found.id == str(old.id)
    assert [entry["attempt"] for entry in logged] == [str(lost.id)]


def test_the_search_leaves_the_transaction_as_narrow_as_it_was(county: County, desk: Desk) -> None:
    one, other = county.person(), county.person()
    desk.take_in(one, recorded(), "phone-1")
    sent = desk.take_in(other, edited(), "phone-1")

    caller = worker(other)
    with county.backend.unit(caller.actor, caller.scope) as unit:
        assert nearest(county.backend, unit, sent) is not None
        seen = set(unit.session.scalars(sa.select(Clip.beneficiary_id)))
        people = set(unit.session.scalars(sa.select(Beneficiary.id)))
        held = {type(row) for row in unit.session.identity_map.values()}

    assert (seen, people) == ({other.id}, {other.id})
    assert Clip not in held


def test_a_search_that_fails_leaves_the_transaction_as_narrow_as_it_was(
    county: County, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = county.person(), county.person()
    desk.take_in(one, recorded(), "phone-1")
    sent = desk.sent(other, edited(), "phone-1")
    monkeypatch.setattr("storage.db.repositories.clips.NEWEST", -1)

    caller = worker(other)
    with county.backend.unit(caller.actor, caller.scope) as unit:
        with pytest.raises(sa.exc.DBAPIError):
            nearest(county.backend, unit, sent)
        people = set(unit.session.scalars(sa.select(Beneficiary.id)))

    assert people == {other.id}
