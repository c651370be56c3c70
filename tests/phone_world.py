"""What a phone page sends to the real application, and media that need no face.

Fixtures: `http`, `phone`.
"""

import asyncio
from dataclasses import dataclass, field
from hashlib import sha256
from http import HTTPStatus
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient, Response
from starlette.types import ASGIApp

from api.main import create_app
from app.demo.studio import Studio
from domain.challenge import from_json
from services.backend import Backend
from tests.certification_world import County, Pensioner


class Http:
    """Asks an application without a network between.

    An exception that the application did not foresee comes out here, unless `lets_through` is off.
    """

    def __init__(self, app: ASGIApp, *, lets_through: bool = True) -> None:
        self._transport = ASGITransport(app, raise_app_exceptions=lets_through)
        self.addresses: list[str] = []

    def ask(self, method: str, path: str, **how: Any) -> Response:
        """Send one request, and remember which address it named. Safe from many threads."""
        self.addresses.append(path)
        return asyncio.run(self._send(method, path, **how))

    async def _send(self, method: str, path: str, **how: Any) -> Response:
        async with AsyncClient(transport=self._transport, base_url="http://test") as http:
            return await http.request(method, path, **how)


@dataclass(slots=True, kw_only=True)
class Phone:
    """What a phone page sends. Each method returns the answer as it came."""

    http: Http
    backend: Backend
    device_id: str = "phone-00000001"
    token: str = ""
    challenge: dict[str, Any] = field(default_factory=dict)

    def open(self, person: Pensioner, **changed: Any) -> Response:
        """Agree to the notice and ask for a challenge; `changed` are fields to differ in."""
        notice = self.backend.notice
        body = {
            "claim": person.claim,
            "device_id": self.device_id,
            "consent": {"text_version": notice.version, "text_digest": notice.digest},
        }
        answer = self.http.ask("POST", "/v1/sessions", json=body | changed)
        if answer.status_code == HTTPStatus.CREATED:
            self.token, self.challenge = answer.json()["token"], answer.json()["challenge"]
        return answer

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", "Device-Id": self.device_id}

    def put(self, content: bytes, media_type: str, *, sha256: str | None = None) -> Response:
        return self.http.ask(
            "PUT",
            f"/v1/parts/{sha256 or digest(content)}",
            content=content,
            headers=self.headers | {"Content-Type": media_type},
        )

    def submit(self, client_id: str, selfie: bytes, video: bytes, **changed: Any) -> Response:
        body = {
            "client_id": client_id,
            "parts": [part("selfie", selfie, "image/jpeg"), part("video", video, "video/webm")],
            "captured_at": self.backend.clock.now().isoformat(),
        }
        return self.http.ask("POST", "/v1/submissions", json=body | changed, headers=self.headers)

    def hand_in(self, client_id: str, selfie: bytes, video: bytes) -> Response:
        """Upload both parts, then the manifest."""
        for content, kind in ((selfie, "image/jpeg"), (video, "video/webm")):
            stored = self.put(content, kind)
            if stored.status_code != HTTPStatus.OK:
                return stored
        return self.submit(client_id, selfie, video)

    def status(self, client_id: str) -> dict[str, Any]:
        answer = self.http.ask("GET", f"/v1/submissions/{client_id}", headers=self.headers)
        found: dict[str, Any] = answer.json()
        return found

    def film(self, studio: Studio, actor: str, *, seed: int = 0, **how: Any) -> bytes:
        """A clip of `actor` before the challenge of this phone's session."""
        return studio.clip(actor, from_json(self.challenge), seed=seed, **how)


def part(name: str, content: bytes, media_type: str) -> dict[str, Any]:
    """One line of a manifest."""
    return {
        "name": name,
        "sha256": digest(content),
        "size": len(content),
        "media_type": media_type,
    }


def digest(content: bytes) -> str:
    return sha256(content).hexdigest()


def broken_clip(serial: int = 0) -> bytes:
    """Bytes that begin as a WebM clip does, and hold none."""
    return b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm" + bytes(64) + serial.to_bytes(4, "big")


def broken_photo(serial: int = 0) -> bytes:
    """Bytes that begin as a JPEG does, and hold none."""
    return b"\xff\xd8\xff\xe0" + bytes(64) + serial.to_bytes(4, "big")


@pytest.fixture
def http(county: County) -> Http:
    return Http(create_app(county.backend))


@pytest.fixture
def phone(http: Http, county: County) -> Phone:
    return Phone(http=http, backend=county.backend)
