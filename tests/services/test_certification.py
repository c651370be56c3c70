"""A session: consent, a challenge for what the person can do, limits, and the parts that arrive."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import combinations

import pytest

from domain.audit import AuditAction
from domain.challenge import SLOW, STANDARD, Action, Need, allowed_actions, from_json
from domain.regions import DivisionPath
from services import certification
from services.certification import (
    PARTS_PER_SESSION,
    ConsentGiven,
    HelperGiven,
    OwnSession,
    SessionOpened,
    SessionWanted,
)
from services.eligibility import Claimed
from storage.crypto.tokens import stored_token
from storage.db.models.certification import Consent, Evidence, Session
from tests.acts import refusal, together
from tests.certification_world import County, Pensioner, audited, rows, ruled_by
from tests.clock import FixedClock
from tests.phone_world import broken_clip, broken_photo, digest
from tests.places import OTHER_COUNTY_VILLAGE, VILLAGE

DAUGHTER = HelperGiven(name="周小妹", relation="女儿", declared=True)


def wanted(county: County, person: Pensioner, **changed: object) -> SessionWanted:
    notice = county.backend.notice
    usual = SessionWanted(
        claimed=Claimed(id_number=person.id_number, name=person.name, address="192.0.2.1"),
        address="192.0.2.1",
        device_id="phone-00000001",
        needs=(),
        consent=ConsentGiven(text_version=notice.version, text_digest=notice.digest),
    )
    return replace(usual, **changed)  # type: ignore[arg-type]  # fields by name


def open_for(county: County, person: Pensioner, **changed: object) -> SessionOpened:
    return certification.open_session(county.backend, wanted(county, person, **changed))


def own(county: County, opened: SessionOpened) -> OwnSession:
    return certification.session_of(county.backend, opened.token)


def pensioner(county: County, name: str = "周桂香", village: DivisionPath = VILLAGE) -> Pensioner:
    person = county.person(name, household=village)
    county.enrol_nobody(person)
    return person


def test_a_session_binds_person_phone_and_challenge_and_keeps_no_token(county: County) -> None:
    person = pensioner(county)
    opened = open_for(county, person)
    (row,) = rows(county.backend, Session, beneficiary_id=person.id)
    assert (row.id, row.device_id, row.challenge) == (opened.id, "phone-00000001", opened.challenge)
    assert row.token_digest == stored_token(opened.token)
    assert from_json(opened.challenge).id == opened.id
    assert opened.expires_at - county.backend.clock.now() == timedelta(seconds=120)
    (event,) = audited(county.backend, AuditAction.SESSION_OPENED)
    assert event == {"session": str(row.id), "beneficiary": str(person.id), "helped": False}


def test_the_consent_says_which_text_was_shown_and_who_agreed(county: County) -> None:
    person = pensioner(county)
    open_for(county, person)
    (row,) = rows(county.backend, Consent, beneficiary_id=person.id, purpose="certification")
    notice = county.backend.notice
    assert (row.text_version, row.text_digest) == (notice.version, notice.digest)
    assert row.given_by == f"person:{person.id}"


@pytest.mark.parametrize("field", ["text_version", "text_digest"])
def test_consent_to_another_text_is_asked_for_again(county: County, field: str) -> None:
    person = pensioner(county)
    other = replace(wanted(county, person).consent, **{field: "f" * 64})
    assert refusal(lambda: open_for(county, person, consent=other)).code == "consent.text_outdated"
    assert rows(county.backend, Session, beneficiary_id=person.id) == []


@pytest.mark.parametrize(
    "needs", [*(named for size in range(3) for named in combinations(Need, size)), tuple(Need)]
)
def test_a_challenge_asks_for_nothing_that_a_named_need_rules_out(
    county: County, needs: tuple[Need, ...]
) -> None:
    person = pensioner(county)
    challenge = from_json(open_for(county, person, needs=needs).challenge)
    asked = {step.action for step in challenge.steps}
    assert asked <= set(allowed_actions(needs))
    assert set(challenge.needs) == set(needs)
    unhurried = SLOW.window_ms in {step.window_ms for step in challenge.steps}
    assert unhurried or not {Need.SEATED, Need.TREMOR, Need.BEDRIDDEN, Need.NO_TURN} & set(needs)
    assert not ({Action.TURN_LEFT, Action.TURN_RIGHT} & asked and Need.NO_TURN in needs)


def test_policy_says_how_many_steps_a_challenge_has(county: County) -> None:
    six = ruled_by(county, challenge__steps=6, challenge__session_ttl_s=90)
    person = pensioner(county)
    opened = open_for(six, person)
    challenge = from_json(opened.challenge)
    assert len([s for s in challenge.steps if s.action is not Action.BLINK]) == 6
    assert opened.expires_at - county.backend.clock.now() == timedelta(seconds=90)
    assert {step.window_ms for step in challenge.steps} == {STANDARD.window_ms}


def test_a_helper_declares_and_the_record_says_who_acted(county: County) -> None:
    person = pensioner(county)
    undeclared = replace(DAUGHTER, declared=False)
    refused = refusal(lambda: open_for(county, person, helper=undeclared))
    assert refused.code == "helper.declaration_missing"
    open_for(county, person, helper=DAUGHTER)
    (row,) = rows(county.backend, Session, beneficiary_id=person.id)
    assert (row.helper["relation"], row.helper["declared"]) == ("女儿", True)
    assert DAUGHTER.name not in str(row.helper)
    (consent,) = rows(county.backend, Consent, beneficiary_id=person.id, purpose="certification")
    assert consent.given_by == f"helper:{person.id}"
    assert audited(county.backend, AuditAction.SESSION_OPENED)[0]["helped"] is True


def test_nobody_is_the_own_helper(county: County) -> None:
    person = pensioner(county)
    same = replace(DAUGHTER, name=" 周 桂香 ")
    assert refusal(lambda: open_for(county, person, helper=same)).code == "helper.is_subject"


def test_a_relative_is_bound_to_four_and_a_year_without_helping_unbinds(
    county: County, clock: FixedClock
) -> None:
    people = [pensioner(county, f"周{char}") for char in "甲乙丙丁戊"]
    for person in people[:4]:
        open_for(county, person, helper=DAUGHTER)
        clock.advance(timedelta(days=2))
    refused = refusal(lambda: open_for(county, people[4], helper=DAUGHTER))
    assert refused.code == "helper.too_many"
    open_for(county, people[0], helper=DAUGHTER)  # one already bound may come again
    open_for(county, people[4])  # who holds the own phone needs no helper
    clock.advance(timedelta(days=364))
    open_for(county, people[4], helper=DAUGHTER)


def test_a_relative_helps_so_many_a_day(county: County, clock: FixedClock) -> None:
    two = ruled_by(county, helper__subjects_per_day=2)
    people = [pensioner(county, f"周{char}") for char in "甲乙丙"]
    for person in people[:2]:
        open_for(two, person, helper=DAUGHTER)
    refused = refusal(lambda: open_for(two, people[2], helper=DAUGHTER))
    assert (refused.code, refused.params["retry_after_s"]) == ("helper.too_many", 86400)
    clock.advance(timedelta(days=1))
    open_for(two, people[2], helper=DAUGHTER)


@pytest.mark.parametrize(
    ("rule", "code", "wait", "another"),
    [
        ("attempt__per_person_per_day", "rate.person", timedelta(days=1), {}),
        (
            "attempt__per_device_per_day",
            "rate.device",
            timedelta(days=1),
            {"device_id": "phone-00000002"},
        ),
        ("attempt__per_address_per_hour", "rate.address", timedelta(hours=1), {}),
    ],
)
def test_a_limit_is_counted_and_named_and_passes_with_time(
    county: County,
    clock: FixedClock,
    rule: str,
    code: str,
    wait: timedelta,
    another: dict[str, str],
) -> None:
    strict = ruled_by(county, **{rule: 2})
    person = pensioner(county)
    for _ in range(2):
        open_for(strict, person)
    refused = refusal(lambda: open_for(strict, person))
    assert (refused.code, refused.params["retry_after_s"]) == (code, wait.total_seconds())
    if another:
        open_for(strict, person, **another)
    (event,) = audited(county.backend, AuditAction.SESSION_REFUSED)
    assert event == {"beneficiary": str(person.id), "code": code}
    clock.advance(wait)
    open_for(strict, person)


def test_a_phone_serves_so_many_persons_a_day_over_all_counties(county: County) -> None:
    strict = ruled_by(county, attempt__subjects_per_device_per_day=2)
    here, neighbour = pensioner(county, "周甲"), pensioner(county, "周乙")
    abroad = pensioner(county, "周丙", OTHER_COUNTY_VILLAGE)
    open_for(strict, here)
    open_for(strict, abroad)
    assert refusal(lambda: open_for(strict, neighbour)).code == "rate.device_subjects"
    open_for(strict, here)  # a second try of the same person is no other person
    open_for(strict, neighbour, device_id="phone-00000002")


@pytest.mark.committing
def test_sessions_opened_at_once_do_not_slip_past_a_limit(county: County) -> None:
    strict = ruled_by(county, attempt__per_person_per_day=3)
    person = pensioner(county)
    answers = together([lambda: open_for(strict, person)] * 8)
    assert answers.count("rate.person") == 5
    assert len(rows(county.backend, Session, beneficiary_id=person.id)) == 3


def test_an_unknown_token_opens_nothing_and_an_old_one_still_reads(
    county: County, clock: FixedClock
) -> None:
    opened = open_for(county, pensioner(county))
    assert refusal(lambda: certification.session_of(county.backend, "x" * 43)).code == (
        "session.token_unknown"
    )
    clock.advance(timedelta(days=400))
    assert own(county, opened).id == opened.id


def put(county: County, session: OwnSession, content: bytes, sha256: str | None = None) -> None:
    certification.store_part(
        county.backend,
        session,
        sha256=sha256 or digest(content),
        content=content,
        media_type="video/webm",
    )


def test_a_part_sent_twice_is_one_part(county: County) -> None:
    person = pensioner(county)
    session = own(county, open_for(county, person))
    put(county, session, broken_clip())
    put(county, session, broken_clip())
    assert (
        len(rows(county.backend, Evidence, beneficiary_id=person.id, media_type="video/webm")) == 1
    )


def test_a_part_is_refused_when_altered_when_no_media_and_when_late(
    county: County, clock: FixedClock
) -> None:
    session = own(county, open_for(county, pensioner(county)))
    altered = refusal(lambda: put(county, session, broken_clip(1), digest(broken_clip(2))))
    assert altered.code == "submission.part_altered"
    assert refusal(lambda: put(county, session, b"")).code == "submission.part_empty"
    for no_media in (b"a text file named .webm\n" * 9, b"<html>"):
        refused = refusal(partial(put, county, session, no_media))
        assert refused.code == "submission.not_media"
    clock.set(session.upload_until - timedelta(microseconds=1))
    put(county, session, broken_photo())
    clock.set(session.upload_until)
    assert refusal(lambda: put(county, session, broken_photo(2))).code == "session.expired"


def test_a_session_does_not_fill_the_store(county: County) -> None:
    session = own(county, open_for(county, pensioner(county)))
    for serial in range(PARTS_PER_SESSION):
        put(county, session, broken_photo(serial))
    refused = refusal(lambda: put(county, session, broken_photo(PARTS_PER_SESSION)))
    assert (refused.code, refused.params["retry_after_s"]) == ("rate.person", 3600)


def test_another_phone_is_told_to_go_back_to_the_first(county: County) -> None:
    session = own(county, open_for(county, pensioner(county)))
    certification.refuse_other_device(session, "phone-00000001")
    refused = refusal(lambda: certification.refuse_other_device(session, "phone-00000002"))
    assert refused.code == "session.device_differs"
