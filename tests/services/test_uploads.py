"""An upload in pieces: what was acknowledged is never asked for again, whatever is cut between."""

import os
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from io import BytesIO

import pytest

from domain.attempt import Manifest, Part
from services import certification, uploads
from services.certification import ConsentGiven, OwnSession, SessionWanted
from services.eligibility import Claimed
from services.submissions import Submission
from services.upload_sweep import Sweep
from services.uploads import CHUNK_BYTES, Progress, Promised, SealOfPart
from storage.crypto.upload_seal import OVERHEAD_BYTES
from storage.db.models.certification import Attempt, Evidence
from storage.objects.keys import object_key
from tests.acts import refusal, together
from tests.certification_world import County, Pensioner, rows, waiting_attempts
from tests.clock import FixedClock
from tests.phone_seal import phone_seals
from tests.phone_world import broken_clip, broken_photo, digest

KEY = "phone-try-0001"
PLAIN = CHUNK_BYTES - OVERHEAD_BYTES


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What a phone keeps until the receipt: the promise, and the bodies of its chunks."""

    promised: Promised
    bodies: dict[str, list[bytes]]


@pytest.fixture
def session(county: County) -> OwnSession:
    person = county.person("周桂香")
    county.enrol_nobody(person)
    return opened(county, person)


def opened(county: County, person: Pensioner) -> OwnSession:
    notice = county.backend.notice
    wanted = SessionWanted(
        claimed=Claimed(id_number=person.id_number, name=person.name, address="192.0.2.1"),
        address="192.0.2.1",
        device_id="phone-00000001",
        needs=(),
        consent=ConsentGiven(text_version=notice.version, text_digest=notice.digest),
    )
    token = certification.open_session(county.backend, wanted).token
    return certification.session_of(county.backend, token)


def sliced(content: bytes, size: int) -> list[bytes]:
    return [content[at : at + size] for at in range(0, len(content), size)]


def kept(county: County, *, client_id: str = KEY, is_sealed: bool = True) -> Kept:
    clip = broken_clip() + os.urandom(2 * CHUNK_BYTES)
    files = {"selfie": (broken_photo(), "image/jpeg"), "video": (clip, "video/webm")}
    parts, seals, bodies = [], {}, {}
    for name, (content, kind) in files.items():
        parts.append(Part(name=name, sha256=digest(content), size=len(content), media_type=kind))
        bodies[name] = sliced(content, CHUNK_BYTES)
        if is_sealed:
            told = county.backend.seals.current()
            sealed, bodies[name] = phone_seals(
                sliced(content, PLAIN), told, client_id=client_id, part=name
            )
            seals[name] = SealOfPart(key_id=sealed.key_id, ephemeral=sealed.ephemeral)
    submission = Submission(
        manifest=Manifest(client_id=client_id, parts=tuple(parts)),
        captured_at=county.backend.clock.now(),
    )
    return Kept(promised=Promised(submission=submission, seals=seals), bodies=bodies)


def send(county: County, session: OwnSession, phone: Kept, part: str, index: int) -> Progress:
    return uploads.put_chunk(
        county.backend, session, part=part, index=index, body=phone.bodies[part][index]
    )


def send_all(county: County, session: OwnSession, phone: Kept) -> None:
    for part, bodies in phone.bodies.items():
        for index in range(len(bodies)):
            send(county, session, phone, part, index)


def promise(county: County, session: OwnSession, phone: Kept) -> None:
    refused = refusal(partial(uploads.hand_in, county.backend, session, phone.promised))
    assert refused.code == "submission.parts_not_received"


@pytest.mark.parametrize("is_sealed", [True, False])
def test_all_chunks_make_one_submission(
    county: County, session: OwnSession, *, is_sealed: bool
) -> None:
    phone = kept(county, is_sealed=is_sealed)
    promise(county, session, phone)
    send_all(county, session, phone)
    assert uploads.hand_in(county.backend, session, phone.promised) == KEY
    assert uploads.hand_in(county.backend, session, phone.promised) == KEY
    (attempt,) = rows(county.backend, Attempt)
    assert waiting_attempts(county.backend) == [attempt.id]
    wanted = {part.sha256 for part in phone.promised.submission.manifest.parts}
    assert {row.sha256 for row in rows(county.backend, Evidence)} >= wanted
    assert list(county.backend.objects.keys(uploads.AREA)) == []


def test_a_phone_that_was_switched_off_goes_on_where_it_was(
    county: County, session: OwnSession
) -> None:
    phone = kept(county)
    assert uploads.under_way(county.backend, session).client_id is None
    promise(county, session, phone)
    assert send(county, session, phone, "video", 1).received == (1,)
    found = uploads.under_way(county.backend, session)
    assert found.client_id == KEY
    assert (found.parts["video"].missing, found.parts["selfie"].missing) == ([0, 2], [0])
    refused = refusal(partial(uploads.hand_in, county.backend, session, phone.promised))
    assert refused.params["missing"] == {"selfie": [0], "video": [0, 2]}


def test_a_chunk_sent_again_is_the_same_chunk_and_no_other(
    county: County, session: OwnSession
) -> None:
    phone = kept(county)
    promise(county, session, phone)
    assert send(county, session, phone, "video", 0) == send(county, session, phone, "video", 0)
    other = os.urandom(CHUNK_BYTES)
    put = partial(uploads.put_chunk, county.backend, session, part="video", index=0)
    assert refusal(partial(put, body=other)).code == "upload.chunk_altered"


@pytest.mark.committing
def test_chunks_sent_at_once_are_all_kept(county: County, session: OwnSession) -> None:
    phone = kept(county)
    promise(county, session, phone)
    places = [(part, i) for part, bodies in phone.bodies.items() for i in range(len(bodies))]
    together([partial(send, county, session, phone, *place) for place in places * 3])
    assert uploads.hand_in(county.backend, session, phone.promised) == KEY


@pytest.mark.parametrize(
    ("part", "index", "size", "code"),
    [
        ("voice", 0, 10, "upload.chunk_unknown"),
        ("video", 3, CHUNK_BYTES, "upload.chunk_unknown"),
        ("video", -1, CHUNK_BYTES, "upload.chunk_unknown"),
        ("video", 0, CHUNK_BYTES - 1, "upload.chunk_malformed"),
        ("video", 2, CHUNK_BYTES, "upload.chunk_malformed"),
        ("video", 0, 0, "upload.chunk_malformed"),
    ],
)
def test_what_was_not_promised_is_refused(
    county: County, session: OwnSession, part: str, index: int, size: int, code: str
) -> None:
    promise(county, session, kept(county))
    put = partial(uploads.put_chunk, county.backend, session, part=part, index=index)
    assert refusal(partial(put, body=bytes(size))).code == code


def test_nothing_is_taken_before_the_promise(county: County, session: OwnSession) -> None:
    put = partial(uploads.put_chunk, county.backend, session, part="video", index=0, body=b"x")
    assert refusal(put).code == "upload.no_manifest"


def test_a_session_promises_one_upload(county: County, session: OwnSession) -> None:
    promise(county, session, kept(county))
    other = kept(county, client_id="phone-try-0002")
    refused = refusal(partial(uploads.hand_in, county.backend, session, other.promised))
    assert refused.code == "session.used"


def test_bytes_that_were_not_sealed_to_this_server_are_refused_in_words(
    county: County, session: OwnSession
) -> None:
    phone = kept(county)
    promise(county, session, phone)
    phone.bodies["selfie"] = [os.urandom(len(phone.bodies["selfie"][0]))]
    send_all(county, session, phone)
    refused = refusal(partial(uploads.hand_in, county.backend, session, phone.promised))
    assert (refused.code, refused.params["part"]) == ("upload.seal_broken", "selfie")
    assert rows(county.backend, Attempt) == []


def test_a_slow_line_has_the_grace_and_no_more(
    county: County, session: OwnSession, clock: FixedClock
) -> None:
    phone = kept(county)
    promise(county, session, phone)
    grace = session.upload_until - session.expires_at
    clock.advance(session.upload_until - session.created_at - timedelta(seconds=1))
    assert grace > timedelta(minutes=10)
    send_all(county, session, phone)
    assert uploads.hand_in(county.backend, session, phone.promised) == KEY


def test_after_the_grace_nothing_more_is_taken(
    county: County, session: OwnSession, clock: FixedClock
) -> None:
    phone = kept(county)
    promise(county, session, phone)
    clock.advance(session.upload_until - session.created_at)
    assert refusal(partial(send, county, session, phone, "video", 0)).code == "session.expired"


def test_what_is_left_over_is_swept_and_what_is_under_way_stays(
    county: County, session: OwnSession, clock: FixedClock
) -> None:
    phone = kept(county)
    promise(county, session, phone)
    send(county, session, phone, "video", 0)
    sweep = Sweep()
    sweep(county.backend)
    sweep(county.backend)
    assert len(list(county.backend.objects.keys(uploads.AREA))) == 1
    clock.advance(session.upload_until - session.created_at)
    sweep(county.backend)
    assert list(county.backend.objects.keys(uploads.AREA)) == []


def test_an_object_of_no_upload_is_taken_at_the_second_sight(county: County) -> None:
    stray = os.urandom(100)
    county.backend.objects.put(object_key(uploads.AREA, digest(stray)), BytesIO(stray))
    sweep = Sweep()
    sweep(county.backend)
    assert len(list(county.backend.objects.keys(uploads.AREA))) == 1
    sweep(county.backend)
    assert list(county.backend.objects.keys(uploads.AREA)) == []
