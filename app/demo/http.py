"""The people of the demo as the server meets them: a phone, an officer's phone, an office PC."""

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

import httpx

from app.demo.log_ins import Login

PATIENCE_S = 60.0


class Refused(Exception):  # noqa: N818 - says what happened
    """The server said no, in its own words."""

    def __init__(self, problem: Mapping[str, Any]) -> None:
        super().__init__(problem["code"])
        self.code: str = problem["code"]
        self.say: str = problem["say"]
        self.next_channel: str = problem["next_channel"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """One file to hand in, with the type that its sender claims."""

    name: str
    content: bytes
    media_type: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    def promised(self) -> dict[str, Any]:
        """Return its line of the manifest."""
        return {
            "name": self.name,
            "sha256": self.sha256,
            "size": len(self.content),
            "media_type": self.media_type,
        }


@dataclass(slots=True, kw_only=True)
class Client:
    """Talks to one server; `token` is a pensioner's session or a member of staff's."""

    http: httpx.Client
    token: str = field(default="", repr=False)

    def ask(self, method: str, path: str, **how: Any) -> Any:
        """Send one request and return its JSON. Raises `Refused`."""
        headers = how.pop("headers", {})
        if self.token:
            headers = headers | {"Authorization": f"Bearer {self.token}"}
        answer = self.http.request(method, path, headers=headers, **how)
        if answer.is_error:
            raise Refused(answer.json())
        return answer.json() if answer.content else None

    def raw(self, path: str) -> bytes:
        """Fetch bytes, as a reviewer's screen does."""
        answer = self.http.get(path, headers={"Authorization": f"Bearer {self.token}"})
        if answer.is_error:
            raise Refused(answer.json())
        return answer.content

    def put(self, path: str, upload: Upload) -> None:
        self.ask("PUT", path, content=upload.content, headers={"Content-Type": upload.media_type})

    def wait_for(self, path: str) -> dict[str, Any]:
        """Look again until the worker has decided. Raises TimeoutError."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            status: dict[str, Any] = self.ask("GET", path)
            if status["state"] != "submitted":
                return status
            time.sleep(0.2)
        raise TimeoutError(f"{path} was not decided in {PATIENCE_S:.0f} s")


@dataclass(slots=True, kw_only=True)
class Phone(Client):
    """A pensioner's phone: resolves, consents, records what the challenge asks, hands in."""

    id_number: str = field(repr=False)
    name: str = field(repr=False)
    challenge: dict[str, Any] = field(default_factory=dict)

    @property
    def claim(self) -> dict[str, str]:
        return {"id_number": self.id_number, "name": self.name}

    def open_session(self, *, needs: list[str] | None = None) -> Self:
        """Read the notice, agree, and get a challenge."""
        shown = self.ask("POST", "/v1/eligibility", json=self.claim)["notice"]
        consent = {"text_version": shown["version"], "text_digest": shown["digest"]}
        opened = self.ask(
            "POST",
            "/v1/sessions",
            json={
                "claim": self.claim,
                "device_id": "demo-device-" + hashlib.sha256(self.name.encode()).hexdigest()[:8],
                "consent": consent,
                "needs": needs or [],
            },
        )
        self.token, self.challenge = opened["token"], opened["challenge"]
        return self

    def hand_in(self, client_id: str, captured_at: str, *uploads: Upload) -> dict[str, Any]:
        """Upload the parts, then the manifest, then wait for the decision."""
        for upload in uploads:
            self.put(f"/v1/parts/{upload.sha256}", upload)
        manifest = {
            "client_id": client_id,
            "parts": [upload.promised() for upload in uploads],
            "captured_at": captured_at,
        }
        accepted = self.ask("POST", "/v1/submissions", json=manifest)
        return self.wait_for(accepted["status_link"])


@dataclass(slots=True, kw_only=True)
class Desk(Client):
    """A member of staff, signed in."""

    @classmethod
    def signed_in(cls, http: httpx.Client, account: Login) -> Self:
        """Open a session with the password, and show the second factor where one is asked for."""
        password = {"login": account.login, "password": account.password}
        opened = cls(http=http).ask("POST", "/v1/staff/sessions", json=password)
        desk = cls(http=http, token=opened["token"])
        code = account.code(datetime.now(UTC))  # noqa: TID251 - plays a phone's own clock
        if code is not None:
            desk.ask("POST", "/v1/staff/sessions/current/code", json={"code": code})
        return desk
