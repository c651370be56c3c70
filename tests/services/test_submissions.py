"""A submission counts once: accepted whole or refused whole, with one answer for ever."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from domain.attempt import Manifest, Part
from domain.audit import AuditAction
from services import certification, submissions
from services.certification import ConsentGiven, OwnSession, SessionWanted
from services.eligibility import Claimed
from services.submissions import Submission
from storage.db.models.certification import Attempt, AttemptPart, Promise, VideoDigest
from tests.acts import refusal, together
from tests.certification_world import County, Pensioner, audited, rows, waiting_attempts
from tests.clock import FixedClock
from tests.phone_world import broken_clip, broken_photo, digest

KEY = "phone-try-0001"


def pensioner(county: County, name: str = "周桂香") -> Pensioner:
    person = county.person(name)
    county.enrol_nobody(person)
    return person


def session_for(county: County, person: Pensioner) -> OwnSession:
    notice = county.backend.notice
    wanted = SessionWanted(
        claimed=Claimed(id_number=person.id_number, name=person.name, address="192.0.2.1"),
        address="192.0.2.1",
        device_id="phone-00000001",
        needs=(),
        consent=ConsentGiven(text_version=notice.version, text_digest=notice.digest),
    )
    opened = certification.open_session(county.backend, wanted)
    return certification.session_of(county.backend, opened.token)


def given(county: County, client_id: str = KEY, serial: int = 0) -> Submission:
    files = (
        ("selfie", broken_photo(serial), "image/jpeg"),
        ("video", broken_clip(serial), "video/webm"),
    )
    parts = tuple(
        Part(name=name, sha256=digest(content), size=len(content), media_type=kind)
        for name, content, kind in files
    )
    manifest = Manifest(client_id=client_id, parts=parts)
    return Submission(manifest=manifest, captured_at=county.backend.clock.now())


def upload(county: County, session: OwnSession, serial: int = 0) -> None:
    for content, kind in (
        (broken_photo(serial), "image/jpeg"),
        (broken_clip(serial), "video/webm"),
    ):
        certification.store_part(
            county.backend, session, sha256=digest(content), content=content, media_type=kind
        )


def hand_in(county: County, session: OwnSession, client_id: str = KEY, serial: int = 0) -> str:
    upload(county, session, serial)
    return submissions.submit(county.backend, session, given(county, client_id, serial))


@pytest.fixture
def person(county: County) -> Pensioner:
    return pensioner(county)


@pytest.fixture
def session(county: County, person: Pensioner) -> OwnSession:
    return session_for(county, person)


def test_what_is_whole_is_accepted_with_parts_record_and_job(
    county: County, session: OwnSession
) -> None:
    assert hand_in(county, session) == KEY
    (attempt,) = rows(county.backend, Attempt)
    assert (attempt.client_id, attempt.session_id, attempt.channel) == (KEY, session.id, "app_self")
    assert {part.kind for part in rows(county.backend, AttemptPart)} == {"selfie", "video"}
    assert waiting_attempts(county.backend) == [attempt.id]
    (event,) = audited(county.backend, AuditAction.ATTEMPT_SUBMITTED)
    assert (event["attempt"], event["manifest"]) == (str(attempt.id), attempt.manifest_digest)


def test_before_every_part_is_there_nothing_is_accepted_and_the_missing_are_named(
    county: County, session: OwnSession
) -> None:
    content = broken_photo()
    certification.store_part(
        county.backend, session, sha256=digest(content), content=content, media_type="image/jpeg"
    )
    refused = refusal(partial(submissions.submit, county.backend, session, given(county)))
    assert (refused.code, refused.params["missing"]) == ("submission.parts_not_received", ["video"])
    assert rows(county.backend, Attempt) == []
    assert waiting_attempts(county.backend) == []
    assert hand_in(county, session) == KEY


def test_the_parts_of_another_person_are_not_there(county: County, session: OwnSession) -> None:
    upload(county, session)
    other = session_for(county, pensioner(county, "李守田"))
    refused = refusal(partial(submissions.submit, county.backend, other, given(county)))
    assert refused.code == "submission.parts_not_received"


def test_a_manifest_that_does_not_fit_what_arrived_is_refused(
    county: County, session: OwnSession
) -> None:
    upload(county, session)
    whole = given(county)
    selfie, video = whole.manifest.parts
    for parts, code in (
        ((selfie,), "submission.parts_missing"),
        ((selfie, replace(video, size=video.size + 1)), "submission.content_differs"),
        ((selfie, replace(video, sha256=selfie.sha256)), "submission.parts_alike"),
        ((selfie, replace(video, media_type="text/html")), "submission.media_type"),
    ):
        odd = replace(whole, manifest=replace(whole.manifest, parts=parts))
        refused = refusal(partial(submissions.submit, county.backend, session, odd))
        assert refused.code == code
    assert rows(county.backend, Attempt) == []


def test_sent_again_it_gives_the_same_answer_for_ever(
    county: County, session: OwnSession, clock: FixedClock
) -> None:
    hand_in(county, session)
    clock.advance(timedelta(days=400))
    again = replace(given(county), captured_at=clock.now())
    turned = replace(again.manifest, parts=tuple(reversed(again.manifest.parts)))
    for submission in (again, replace(again, manifest=turned)):
        assert submissions.submit(county.backend, session, submission) == KEY
    assert len(rows(county.backend, Attempt)) == len(waiting_attempts(county.backend)) == 1


def test_the_same_key_with_other_content_is_refused_to_everybody(
    county: County, person: Pensioner, session: OwnSession
) -> None:
    hand_in(county, session)
    changed = given(county, KEY, serial=1)
    for who in (
        session,
        session_for(county, person),
        session_for(county, pensioner(county, "李守田")),
    ):
        upload(county, who, serial=1)
        refused = refusal(partial(submissions.submit, county.backend, who, changed))
        assert refused.code == "submission.client_id_taken"
    assert [row.beneficiary_id for row in rows(county.backend, Attempt)] == [person.id]


def test_a_challenge_is_answered_once(county: County, session: OwnSession) -> None:
    hand_in(county, session)
    upload(county, session, serial=1)
    second = given(county, "phone-try-0002", serial=1)
    refused = refusal(partial(submissions.submit, county.backend, session, second))
    assert refused.code == "session.used"


def test_a_challenge_is_answered_in_time(
    county: County, session: OwnSession, clock: FixedClock
) -> None:
    upload(county, session)
    clock.set(session.expires_at)
    late = partial(submissions.submit, county.backend, session, given(county))
    assert refusal(late).code == "challenge.expired"
    clock.set(session.expires_at - timedelta(microseconds=1))
    assert submissions.submit(county.backend, session, given(county)) == KEY


def test_parts_of_a_manifest_that_came_in_time_may_follow_during_the_grace(
    county: County, session: OwnSession, clock: FixedClock
) -> None:
    hand_in_now = partial(submissions.submit, county.backend, session, given(county))
    clock.set(session.expires_at - timedelta(microseconds=1))
    assert refusal(hand_in_now).code == "submission.parts_not_received"
    clock.set(session.upload_until - timedelta(microseconds=1))
    upload(county, session)
    assert submissions.submit(county.backend, session, given(county)) == KEY


def test_no_other_manifest_than_the_promised_one_is_taken_during_the_grace(
    county: County, session: OwnSession, clock: FixedClock
) -> None:
    refusal(partial(submissions.submit, county.backend, session, given(county)))
    clock.set(session.expires_at)
    upload(county, session, serial=1)
    for other in (given(county, KEY, serial=1), given(county, "phone-try-0002", serial=1)):
        refused = refusal(partial(submissions.submit, county.backend, session, other))
        assert refused.code == "challenge.expired"
    assert rows(county.backend, Attempt) == []


def test_a_manifest_that_comes_too_late_is_no_promise(
    county: County, session: OwnSession, clock: FixedClock
) -> None:
    clock.set(session.expires_at)
    hand_in_now = partial(submissions.submit, county.backend, session, given(county))
    assert refusal(hand_in_now).code == "challenge.expired"
    upload(county, session)
    assert refusal(hand_in_now).code == "challenge.expired"


def test_after_the_grace_even_a_promised_manifest_is_too_late(
    county: County, session: OwnSession, clock: FixedClock
) -> None:
    hand_in_now = partial(submissions.submit, county.backend, session, given(county))
    refusal(hand_in_now)
    upload(county, session)
    clock.set(session.upload_until)
    assert refusal(hand_in_now).code == "session.expired"


def test_a_session_promises_only_so_much(county: County, session: OwnSession) -> None:
    for serial in range(submissions.PROMISES_PER_SESSION + 2):
        wanted = given(county, f"phone-try-{serial:04d}", serial=serial)
        refusal(partial(submissions.submit, county.backend, session, wanted))
    assert len(rows(county.backend, Promise)) == submissions.PROMISES_PER_SESSION


def test_a_video_counts_once_for_the_same_person_and_for_any_other(
    county: County, person: Pensioner, session: OwnSession
) -> None:
    hand_in(county, session)
    for whom in (person, pensioner(county, "李守田")):
        another = session_for(county, whom)
        upload(county, another)
        again = given(county, f"again-{another.id}")
        refused = refusal(partial(submissions.submit, county.backend, another, again))
        assert refused.code == "submission.video_seen_before"
    refusals = audited(county.backend, AuditAction.SUBMISSION_REFUSED)
    assert [event["code"] for event in refusals] == ["submission.video_seen_before"] * 2
    assert len(rows(county.backend, Attempt)) == len(rows(county.backend, VideoDigest)) == 1


@pytest.mark.committing
def test_one_manifest_sent_sixteen_times_at_once_is_one_attempt_with_one_answer(
    county: County, session: OwnSession
) -> None:
    upload(county, session)
    send = partial(submissions.submit, county.backend, session, given(county))
    assert together([send] * 16) == [KEY] * 16
    assert len(rows(county.backend, Attempt)) == len(waiting_attempts(county.backend)) == 1


@pytest.mark.committing
def test_of_sixteen_manifests_for_one_challenge_one_is_accepted(
    county: County, session: OwnSession
) -> None:
    upload(county, session)
    sends = [
        partial(submissions.submit, county.backend, session, given(county, f"phone-try-{n:04d}"))
        for n in range(16)
    ]
    answers = together(sends)
    assert sorted(answers)[1:] == ["session.used"] * 15
    assert len(rows(county.backend, Attempt)) == 1


@pytest.mark.committing
def test_of_eight_persons_with_one_video_at_once_one_is_accepted(county: County) -> None:
    sends = []
    for number, char in enumerate("甲乙丙丁戊己庚辛"):
        session = session_for(county, pensioner(county, f"周{char}"))
        upload(county, session)
        sends.append(
            partial(
                submissions.submit,
                county.backend,
                session,
                given(county, f"phone-try-{number:04d}"),
            )
        )
    answers = together(sends)
    assert answers.count("submission.video_seen_before") == 7
    assert len(rows(county.backend, Attempt)) == len(rows(county.backend, VideoDigest)) == 1
