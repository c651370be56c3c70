"""Whose address a request comes from, when the server says that it answers, and how it stops."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from app.listening import Server, address_of, bind

FORWARDED = {"X-Forwarded-For": "203.0.113.7"}


async def who_asks(scope: dict[str, Any], _receive: Any, send: Any) -> None:
    """Answer with the client's address."""
    if scope["type"] != "http":
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": scope["client"][0].encode()})


@contextmanager
def serving(trusted_proxies: str) -> Iterator[str]:
    ready = threading.Event()
    with bind("127.0.0.1", 0) as taken:
        server = Server(who_asks, trusted_proxies=trusted_proxies, on_ready=ready.set)
        thread = threading.Thread(target=server.run, args=([taken],))
        thread.start()
        try:
            assert ready.wait(10)
            yield address_of(taken)
        finally:
            server.stop()
            thread.join(10)
    assert not thread.is_alive()


@pytest.mark.parametrize("trusted", ["127.0.0.1", "10.0.0.0/8,127.0.0.0/8"])
def test_a_trusted_proxy_is_believed_about_who_asks(trusted: str) -> None:
    with serving(trusted) as address:
        assert httpx.get(address, headers=FORWARDED).text == "203.0.113.7"


@pytest.mark.parametrize("trusted", ["none", "192.0.2.1"])
def test_nobody_else_can_claim_another_address(trusted: str) -> None:
    with serving(trusted) as address:
        assert httpx.get(address, headers=FORWARDED).text == "127.0.0.1"


def test_the_server_does_not_say_what_it_is_made_of() -> None:
    with serving("none") as address:
        assert "server" not in httpx.get(address).headers
