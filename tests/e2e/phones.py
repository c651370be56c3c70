"""A phone that is cut off in the middle, and goes on with the same submission until it is taken."""

import json
import socket
import struct
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.certification_world import Pensioner
from tests.phone_world import digest, part

PATIENCE_S = 90.0
SELFIE, VIDEO = "selfie", "video"
TYPES = {SELFIE: "image/jpeg", VIDEO: "video/mp4"}


def one_of_a_kind(clip: bytes, serial: int) -> bytes:
    """The same film in a file of other bytes: an empty MP4 box at the end."""
    return clip + struct.pack(">I4sQ", 16, b"free", serial)


@dataclass(slots=True, kw_only=True)
class Phone:
    """One submission of one person. `stored` and `accepted` are what the server has said yes to."""

    address: str
    person: Pensioner
    session_id: str
    client_id: str
    headers: Mapping[str, str]
    content: Mapping[str, bytes]
    captured_at: str
    stored: set[str] = field(default_factory=set)
    accepted: bool = False

    def put(self, name: str) -> None:
        """Send one part, and believe it only when the server says so."""
        answer = self.try_put(name)
        assert answer.status_code == HTTPStatus.OK, answer.text
        content = self.content[name]
        assert answer.json() == {"sha256": digest(content), "size": len(content)}
        self.stored.add(name)

    def try_put(self, name: str) -> httpx.Response:
        content = self.content[name]
        return self._ask("PUT", self._place(name), content=content, kind=TYPES[name])

    def submit(self) -> dict[str, Any]:
        """Send the manifest. No part that was acknowledged is ever sent again."""
        answer = self._ask("POST", "/v1/submissions", content=self._manifest())
        assert answer.status_code == HTTPStatus.ACCEPTED, answer.text
        self.accepted = True
        found: dict[str, Any] = answer.json()
        return found

    def hand_in(self) -> None:
        """Do what is still to be done, as often as it takes."""
        end = time.monotonic() + PATIENCE_S
        while not self.accepted:
            try:
                for name in (SELFIE, VIDEO):
                    if name not in self.stored:
                        self.put(name)
                self.submit()
            except httpx.TransportError:
                if time.monotonic() > end:
                    pytest.fail("the server did not come back")
                time.sleep(0.1)

    def status(self) -> dict[str, Any]:
        answer = self._ask("GET", f"/v1/submissions/{self.client_id}")
        assert answer.status_code == HTTPStatus.OK, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def begin(self, request: bytes, share: float = 1.0) -> socket.socket:
        """Send the first bytes of a request, and keep the line open without listening."""
        there = urlsplit(self.address)
        line = socket.create_connection((there.hostname, there.port or 80), timeout=30)
        line.sendall(request[: int(len(request) * share)])
        return line

    def part_request(self, name: str) -> bytes:
        return self._raw("PUT", self._place(name), self.content[name], TYPES[name])

    def manifest_request(self) -> bytes:
        return self._raw("POST", "/v1/submissions", self._manifest(), "application/json")

    def status_request(self) -> bytes:
        return self._raw("GET", f"/v1/submissions/{self.client_id}", b"", "application/json")

    def _place(self, name: str) -> str:
        return f"/v1/parts/{digest(self.content[name])}"

    def _manifest(self) -> bytes:
        parts = [part(name, self.content[name], TYPES[name]) for name in (SELFIE, VIDEO)]
        said = {"client_id": self.client_id, "parts": parts, "captured_at": self.captured_at}
        return json.dumps(said).encode()

    def _ask(
        self, method: str, path: str, *, content: bytes = b"", kind: str = "application/json"
    ) -> httpx.Response:
        headers = {**self.headers, "Content-Type": kind}
        url = self.address + path
        return httpx.request(method, url, content=content, headers=headers, timeout=30)

    def _raw(self, method: str, path: str, body: bytes, kind: str) -> bytes:
        headers = {
            **self.headers,
            "Host": urlsplit(self.address).netloc,
            "Content-Type": kind,
            "Content-Length": str(len(body)),
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body
