"""An attempt is decided once, on verified evidence, and what follows is in the same commit."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from threading import Event
from typing import BinaryIO
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from app.demo.script import Behaviour
from app.demo.studio import Studio
from domain.audit import AuditAction
from domain.beneficiary import SuspensionCause
from domain.decision import Outcome
from domain.ports import ObjectKey, ObjectStore
from services.decisions import decide_attempt, give_up
from services.entitlements import drawn_by, suspend
from storage.db.models.cases import Review
from storage.db.models.certification import AttemptDecision, Certification, Evidence
from storage.db.models.registry import DataKeyRow, EntitlementState
from tests.acts import refusal, together
from tests.certification_world import (
    TEST,
    County,
    Pensioner,
    audited,
    decide_waiting,
    rows,
    valid_until,
    wait_for_a_lock,
    waiting_attempts,
)
from tests.clock import FixedClock
from tests.phone_world import Phone, broken_clip, broken_photo

pytestmark = [pytest.mark.faces, pytest.mark.usefixtures("known_challenge")]
OF_THE_PERSON = (
    SuspensionCause.DEATH,
    SuspensionCause.CUSTODY,
    SuspensionCause.IMPERSONATION,
    SuspensionCause.DUAL_HUKOU,
)


@pytest.fixture
def person(county: County, studio: Studio) -> Pensioner:
    """Enrolled, and stopped for want of certification."""
    found = county.person()
    county.enrol(found, studio.reference("p1"))
    county.suspend(found, SuspensionCause.UNCERTIFIED)
    return found


def sound_attempt(person: Pensioner, phone: Phone, studio: Studio, seed: int = 0) -> UUID:
    """The right person answers the challenge; returns the attempt that waits."""
    phone.open(person)
    clip = phone.film(studio, "p1", seed=seed)
    accepted = phone.hand_in(f"phone-try-{seed:04d}", studio.selfie("p1"), clip)
    assert accepted.is_success, accepted.text
    return waiting_attempts(phone.backend)[-1]


def broken_attempt(person: Pensioner, phone: Phone, serial: int = 0) -> UUID:
    """A photo and a clip that no decoder reads: the quickest real decision there is."""
    phone.open(person)
    accepted = phone.hand_in(f"broken-{serial:04d}", broken_photo(serial), broken_clip(serial))
    assert accepted.is_success, accepted.text
    return waiting_attempts(phone.backend)[-1]


def is_held(county: County, person: Pensioner) -> bool:
    states = rows(county.backend, EntitlementState, beneficiary_id=person.id)
    return str(max(states, key=lambda row: (row.recorded_at, row.id)).status) == "suspended"


def assert_nothing_was_decided(county: County, person: Pensioner) -> None:
    assert rows(county.backend, AttemptDecision) == []
    assert rows(county.backend, Certification) == []
    assert rows(county.backend, Review) == []
    assert audited(county.backend, AuditAction.ATTEMPT_DECIDED) == []
    assert valid_until(county.backend, person) == {"resident_pension": None}
    assert is_held(county, person)


def test_a_pass_moves_the_validity_lifts_the_hold_and_says_how_it_came_about(
    county: County, person: Pensioner, phone: Phone, studio: Studio
) -> None:
    attempt = sound_attempt(person, phone, studio)
    assert decide_attempt(county.backend, attempt) is Outcome.PASS
    (decision,) = rows(county.backend, AttemptDecision)
    assert decision.checks
    assert all(check["ok"] for check in decision.checks)
    assert {"detector", "embedder"} <= set(decision.models)
    (certified,) = rows(county.backend, Certification)
    assert (certified.attempt_id, certified.channel) == (attempt, "app_self")
    assert certified.preset_digest == decision.preset_digest
    assert valid_until(county.backend, person)["resident_pension"] == date(2027, 3, 2)
    assert not is_held(county, person)
    (event,) = audited(county.backend, AuditAction.ATTEMPT_DECIDED)
    assert (event["attempt"], event["outcome"]) == (str(attempt), "pass")
    (event,) = audited(county.backend, AuditAction.CERTIFICATION_RECORDED)
    assert event["certificate"] == certified.certificate_number


def test_deciding_again_decides_nothing(county: County, person: Pensioner, phone: Phone) -> None:
    attempt = broken_attempt(person, phone)
    assert decide_attempt(county.backend, attempt) is Outcome.RETRY
    assert decide_attempt(county.backend, attempt) is None
    give_up(county.backend, attempt)
    assert [row.outcome for row in rows(county.backend, AttemptDecision)] == ["retry"]
    assert rows(county.backend, Review) == []


@pytest.mark.committing
def test_two_workers_on_one_attempt_make_one_decision_and_one_certification(
    county: County, person: Pensioner, phone: Phone, studio: Studio
) -> None:
    attempt = sound_attempt(person, phone, studio)
    outcomes = together([partial(decide_attempt, county.backend, attempt)] * 2)
    assert set(outcomes) == {Outcome.PASS, None}
    assert len(rows(county.backend, AttemptDecision)) == 1
    assert len(rows(county.backend, Certification)) == 1
    assert len(audited(county.backend, AuditAction.ATTEMPT_DECIDED)) == 1


@pytest.mark.committing
def test_a_decision_and_a_worker_that_gives_up_make_one_decision(
    county: County, person: Pensioner, phone: Phone
) -> None:
    attempt = broken_attempt(person, phone)
    together(
        [
            partial(decide_attempt, county.backend, attempt),
            partial(give_up, county.backend, attempt),
        ]
    )
    assert len(rows(county.backend, AttemptDecision)) == 1
    assert len(audited(county.backend, AuditAction.ATTEMPT_DECIDED)) == 1


@pytest.mark.parametrize("cause", OF_THE_PERSON)
def test_a_stop_recorded_after_the_submission_never_passes(
    county: County, person: Pensioner, phone: Phone, studio: Studio, cause: SuspensionCause
) -> None:
    attempt = sound_attempt(person, phone, studio)
    county.suspend(person, cause)
    assert decide_attempt(county.backend, attempt) is Outcome.REVIEW
    (decision,) = rows(county.backend, AttemptDecision)
    assert decision.reasons == ["flagged_by_lead"]
    assert rows(county.backend, Certification) == []
    assert is_held(county, person)


class Interrupted:
    """A store during whose first reading something happens elsewhere."""

    def __init__(self, store: ObjectStore, happens: partial[None]) -> None:
        self._store = store
        self._happens: partial[None] | None = happens

    def get(self, key: ObjectKey) -> bytes:
        if self._happens is not None:
            self._happens()
            self._happens = None
        return self._store.get(key)

    def put(self, key: ObjectKey, source: BinaryIO) -> None:
        self._store.put(key, source)

    def exists(self, key: ObjectKey) -> bool:
        return self._store.exists(key)

    def delete(self, key: ObjectKey) -> None:
        self._store.delete(key)

    def keys(self, area: str) -> Iterator[ObjectKey]:
        return self._store.keys(area)


def test_a_death_recorded_while_the_faces_are_measured_never_passes(
    county: County, person: Pensioner, phone: Phone, studio: Studio
) -> None:
    attempt = sound_attempt(person, phone, studio)
    death = partial(county.suspend, person, SuspensionCause.DEATH)
    backend = replace(county.backend, objects=Interrupted(county.backend.objects, death))
    assert decide_attempt(backend, attempt) is Outcome.REVIEW
    assert rows(county.backend, Certification) == []


@pytest.mark.committing
def test_a_decision_waits_for_a_stop_that_is_being_recorded(
    county: County, person: Pensioner, phone: Phone, studio: Studio
) -> None:
    attempt = sound_attempt(person, phone, studio)
    recorded, go_on = Event(), Event()

    def record_death() -> None:
        with county.backend.unit(TEST.actor, TEST.scope) as unit:
            found = county.backend.people(unit).load(person.id)
            assert found is not None
            for entitlement in drawn_by(county.backend, unit, found):
                suspend(unit, entitlement, SuspensionCause.DEATH)
            unit.session.flush()
            recorded.set()
            assert go_on.wait(60)

    with ThreadPoolExecutor(2) as pool:
        stop = pool.submit(record_death)
        assert recorded.wait(60)
        decision = pool.submit(decide_attempt, county.backend, attempt)
        wait_for_a_lock(county.backend)
        go_on.set()
        stop.result()
        assert decision.result() is Outcome.REVIEW
    assert rows(county.backend, Certification) == []


def test_an_open_lead_sends_a_sound_attempt_to_a_human(
    county: County, person: Pensioner, phone: Phone, studio: Studio
) -> None:
    attempt = sound_attempt(person, phone, studio)
    county.open_lead(person)
    assert decide_attempt(county.backend, attempt) is Outcome.REVIEW
    (review,) = rows(county.backend, Review)
    assert (review.attempt_id, review.reasons) == (attempt, ["flagged_by_lead"])
    assert valid_until(county.backend, person) == {"resident_pension": None}


def test_another_person_goes_to_a_human_with_the_reasons(
    county: County, person: Pensioner, phone: Phone, studio: Studio
) -> None:
    phone.open(person)
    clip = phone.film(studio, "p2", behaviour=Behaviour.ANSWERS)
    phone.hand_in("phone-try-0001", studio.selfie("p2"), clip)
    assert decide_waiting(county.backend) == [Outcome.REVIEW]
    (review,) = rows(county.backend, Review)
    assert "face_differs" in review.reasons
    assert rows(county.backend, Certification) == []
    assert is_held(county, person)


def test_three_failed_tries_lead_to_a_human(
    county: County, person: Pensioner, phone: Phone, clock: FixedClock
) -> None:
    outcomes = []
    for serial in range(5):
        outcomes.append(decide_attempt(county.backend, broken_attempt(person, phone, serial)))
        clock.advance(timedelta(minutes=5))
    again = [Outcome.RETRY, Outcome.RETRY]
    assert outcomes == [*again, Outcome.REVIEW, *again]
    (review,) = rows(county.backend, Review)
    assert review.reasons[-1] == "tries_exhausted"


@pytest.mark.committing
def test_tries_decided_at_once_are_counted_one_after_the_other(
    county: County, person: Pensioner, phone: Phone
) -> None:
    tries = [broken_attempt(person, phone, serial) for serial in range(3)]
    outcomes = together([partial(decide_attempt, county.backend, attempt) for attempt in tries])
    assert sorted(outcomes) == [Outcome.RETRY, Outcome.RETRY, Outcome.REVIEW]


def stored_file(county: County, tmp_path: Path, kind: str) -> Path:
    (part,) = rows(county.backend, Evidence, media_type=kind)
    area, name = part.object_key.split("/")
    return tmp_path.joinpath("objects", str(area), str(name)[:2], str(name))


@pytest.mark.parametrize("damage", ["a flipped byte", "a lost object"])
def test_damaged_evidence_never_passes_and_ends_with_a_human(
    county: County,
    person: Pensioner,
    phone: Phone,
    studio: Studio,
    tmp_path: Path,
    damage: str,
) -> None:
    attempt = sound_attempt(person, phone, studio)
    file = stored_file(county, tmp_path, "video/webm")
    if damage == "a flipped byte":
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 1
        file.chmod(0o600)
        file.write_bytes(content)
    else:
        file.unlink()
    refused = refusal(partial(decide_attempt, county.backend, attempt))
    assert refused.code == "evidence.damaged"
    assert_nothing_was_decided(county, person)
    give_up(county.backend, attempt)
    give_up(county.backend, attempt)
    (review,) = rows(county.backend, Review)
    assert review.reasons == ["not_measured"]
    assert rows(county.backend, Certification) == []
    assert phone.status("phone-try-0000")["state"] == "review"


def test_a_commit_that_fails_leaves_nothing_behind_and_the_next_run_decides(
    county: County,
    person: Pensioner,
    phone: Phone,
    studio: Studio,
    sessions: sessionmaker[Session],
) -> None:
    attempt = sound_attempt(person, phone, studio)

    def die(session: Session) -> None:
        """The moment before the commit of whoever wrote a decision."""
        if session.scalar(sa.text("select count(*) from attempt_decisions")):
            raise ConnectionError("the power fails")

    sa.event.listen(sessions, "before_commit", die)
    with pytest.raises(ConnectionError):
        decide_attempt(county.backend, attempt)
    sa.event.remove(sessions, "before_commit", die)
    assert_nothing_was_decided(county, person)
    assert audited(county.backend, AuditAction.CERTIFICATION_RECORDED) == []
    assert decide_attempt(county.backend, attempt) is Outcome.PASS
    assert not is_held(county, person)


def test_whoever_was_erased_meanwhile_is_not_decided_on(
    county: County, person: Pensioner, phone: Phone
) -> None:
    attempt = broken_attempt(person, phone)
    with county.backend.unit(TEST.actor, TEST.scope) as unit:
        key = unit.session.get(DataKeyRow, person.id)
        assert key is not None
        key.wrapped, key.destroyed_at = None, unit.now
    assert decide_attempt(county.backend, attempt) is None
    give_up(county.backend, attempt)
    assert rows(county.backend, AttemptDecision) == []
