"""From the ticket to the receipt of every byte, as the page asks for it."""

from base64 import b64decode
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
from httpx import Response

from services.uploads import CHUNK_BYTES
from storage.crypto.upload_seal import OVERHEAD_BYTES, PublicSeal
from storage.db.models.certification import Attempt
from tests.certification_world import County, Pensioner, rows, waiting_attempts
from tests.clock import FixedClock
from tests.phone_seal import phone_seals
from tests.phone_world import broken_clip, broken_photo, digest
from tests.web.page_world import Page, code, link_of
from web.phone import cookies

KEY = "phone-try-0001"


@dataclass(slots=True)
class Uploader(Page):
    """The page of one phone that sends."""

    told: dict[str, Any] = field(default_factory=dict)

    def open(self, **changed: Any) -> Response:
        notice = self.county.backend.notice
        consent = {"text_version": notice.version, "text_digest": notice.digest}
        answer = self.ask("POST", "sessions", json={"consent": consent} | changed)
        if answer.status_code == HTTPStatus.CREATED:
            self.told = answer.json()
        return answer

    def promise(self, *, is_sealed: bool = True) -> tuple[dict[str, Any], dict[str, list[bytes]]]:
        files = {
            "selfie": (broken_photo(), "image/jpeg"),
            "video": (broken_clip() + bytes(CHUNK_BYTES), "video/webm"),
        }
        parts, bodies = [], {}
        for name, (content, kind) in files.items():
            size = CHUNK_BYTES - OVERHEAD_BYTES * is_sealed
            chunks = [content[at : at + size] for at in range(0, len(content), size)]
            seal = None
            if is_sealed:
                told = PublicSeal(
                    key_id=self.told["seal"]["key_id"], public_key=self.told["seal"]["public_key"]
                )
                sealed, chunks = phone_seals(chunks, told, client_id=KEY, part=name)
                seal = {"version": 1, "key_id": sealed.key_id, "ephemeral": sealed.ephemeral}
            bodies[name] = chunks
            parts.append(
                {
                    "name": name,
                    "sha256": digest(content),
                    "size": len(content),
                    "media_type": kind,
                    "chunks": len(chunks),
                    "seal": seal,
                }
            )
        manifest = {
            "client_id": KEY,
            "captured_at": "2026-11-22T01:02:03Z",
            "from_file": False,
            "recorder": {"user_agent": "Mozilla/5.0", "camera_label": "camera2 1, facing front"},
            "parts": parts,
        }
        return manifest, bodies

    def put(self, name: str, index: int, body: bytes, *, said: str | None = None) -> Response:
        headers = {"Chunk-Digest": said or digest(body)}
        return self.ask("PUT", f"parts/{name}/{index}", content=body, headers=headers)


@pytest.fixture
def page(county: County) -> Uploader:
    return entered(county, county.person("周桂香"))


def entered(county: County, person: Pensioner, **jar: str) -> Uploader:
    """A page whose person was proved by a link."""
    county.enrol_nobody(person)
    page = Uploader(county, jar=jar)
    assert page.enter(link_of(county, person)).status_code == HTTPStatus.OK
    return page


@pytest.mark.parametrize("is_sealed", [True, False])
def test_a_certification_is_handed_in_piece_by_piece(page: Uploader, *, is_sealed: bool) -> None:
    opened = page.open()
    assert opened.status_code == HTTPStatus.CREATED
    assert len(b64decode(page.told["seal"]["public_key"])) == 65
    assert page.told["chunk_bytes"] == CHUNK_BYTES
    manifest, bodies = page.promise(is_sealed=is_sealed)
    first = page.ask("POST", "manifest", json=manifest)
    assert (first.status_code, code(first)) == (
        HTTPStatus.CONFLICT,
        "submission.parts_not_received",
    )
    assert first.json()["params"]["missing"] == {"selfie": [0], "video": [0, 1]}
    for name, chunks in bodies.items():
        for index, body in enumerate(chunks):
            kept = page.put(name, index, body)
            assert kept.json() == {"received": index + 1, "of": len(chunks)}
    done = page.ask("POST", "manifest", json=manifest)
    assert done.status_code == HTTPStatus.ACCEPTED
    assert done.json()["digests"] == {p["name"]: p["sha256"] for p in manifest["parts"]}
    assert page.ask("POST", "manifest", json=manifest).json() == done.json()
    (attempt,) = rows(page.county.backend, Attempt)
    assert waiting_attempts(page.county.backend) == [attempt.id]


def test_the_session_cookie_is_for_no_script_and_no_other_site(page: Uploader) -> None:
    set_by = [text for text in page.open().headers.get_list("set-cookie") if "jz_session" in text]
    assert len(set_by) == 1
    assert all(word in set_by[0] for word in ("HttpOnly", "SameSite=strict", "Path=/m"))


def test_a_page_opened_again_learns_what_is_there(page: Uploader) -> None:
    page.open()
    assert page.ask("GET", "parts").json()["client_id"] is None
    manifest, bodies = page.promise()
    page.ask("POST", "manifest", json=manifest)
    page.put("video", 1, bodies["video"][1])
    found = page.ask("GET", "parts").json()
    assert found["client_id"] == KEY
    assert found["parts"]["video"] == {"chunks": 2, "received": [1]}


def test_bytes_that_changed_on_the_way_are_not_kept(page: Uploader) -> None:
    page.open()
    manifest, bodies = page.promise()
    page.ask("POST", "manifest", json=manifest)
    refused = page.put("video", 0, bodies["video"][0], said=digest(b"others"))
    assert code(refused) == "upload.chunk_malformed"
    assert page.ask("GET", "parts").json()["parts"]["video"]["received"] == []


def test_another_phone_with_the_same_cookies_is_refused(page: Uploader) -> None:
    page.open()
    page.jar[cookies.DEVICE] = "device-0000000000000002"
    assert code(page.ask("GET", "parts")) == "identity.needed"


def test_another_persons_session_is_no_use_to_whoever_proved_to_be_somebody(
    county: County, page: Uploader
) -> None:
    page.open()
    same_phone = {cookies.DEVICE: page.jar[cookies.DEVICE]}
    other = entered(county, county.person("吴秀英"), **same_phone)
    other.jar[cookies.SESSION] = page.jar[cookies.SESSION]
    assert code(other.ask("GET", "parts")) == "session.token_unknown"


def test_whoever_brings_no_cookie_is_led_back(page: Uploader) -> None:
    page.open()
    manifest, _ = page.promise()
    page.jar = {cookies.DEVICE: page.jar[cookies.DEVICE]}
    for answer in (page.open(), page.ask("POST", "manifest", json=manifest)):
        assert answer.status_code == HTTPStatus.UNAUTHORIZED
        assert answer.json()["next_channel"] != "none"


@pytest.mark.parametrize(
    "change",
    [
        {"chunks": 9},
        {"size": 0},
        {"sha256": "x"},
        {"name": "voice"},
        {"seal": {"version": 2, "key_id": "1", "ephemeral": "x"}},
    ],
)
def test_a_manifest_that_cannot_be_finished_is_refused_at_once(
    page: Uploader, change: dict[str, Any]
) -> None:
    page.open()
    manifest, _ = page.promise()
    manifest["parts"][1] |= change
    answer = page.ask("POST", "manifest", json=manifest)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY


def test_a_chunk_larger_than_agreed_is_not_even_read(page: Uploader) -> None:
    page.open()
    manifest, _ = page.promise()
    page.ask("POST", "manifest", json=manifest)
    answer = page.put("video", 0, bytes(CHUNK_BYTES + 1))
    assert answer.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE


def test_a_challenge_that_ran_out_is_replaced_without_asking_again(
    page: Uploader, clock: FixedClock
) -> None:
    page.open()
    manifest, _ = page.promise()
    clock.advance(timedelta(minutes=3))
    assert code(page.ask("POST", "manifest", json=manifest)) == "challenge.expired"
    before = page.told["session_id"]
    assert page.open().status_code == HTTPStatus.CREATED
    assert page.told["session_id"] != before


def test_a_clip_from_a_file_says_so_on_record(page: Uploader) -> None:
    page.open()
    manifest, bodies = page.promise()
    manifest["from_file"] = True
    page.ask("POST", "manifest", json=manifest)
    for name, chunks in bodies.items():
        for index, body in enumerate(chunks):
            page.put(name, index, body)
    assert page.ask("POST", "manifest", json=manifest).status_code == HTTPStatus.ACCEPTED
    (attempt,) = rows(page.county.backend, Attempt)
    assert attempt.manifest["recorder"]["from_file"] is True
