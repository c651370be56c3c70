"""Where phones reach the server: addresses, and a certificate made once and kept to itself."""

import ssl
import stat
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.clock import SystemClock
from app.listening import Server, address_of, bind
from app.reachable import (
    HTTPS_NOTE,
    NO_NETWORK,
    SELF_SIGNED_NOTE,
    Place,
    Tls,
    ensure_certificate,
    lan_addresses,
)
from storage.crypto import certificates
from tests.clock import FixedClock

PHONES = ["192.0.2.7"]


def test_a_certificate_is_made_once_and_its_key_is_the_owners_alone(
    tmp_path: Path, clock: FixedClock
) -> None:
    made = ensure_certificate(tmp_path / "tls", PHONES, clock.now())
    before = made.key.read_bytes()
    assert ensure_certificate(tmp_path / "tls", PHONES, clock.now()) == made
    assert made.key.read_bytes() == before
    for file in (made.key, made.certificate):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(made.key.parent.stat().st_mode) == 0o700
    assert sorted(file.name for file in made.key.parent.iterdir()) == ["certificate.pem", "key.pem"]


@pytest.mark.parametrize("why", ["another address", "nearly over", "no certificate", "key lost"])
def test_a_certificate_that_does_not_fit_any_more_is_made_anew(
    tmp_path: Path, clock: FixedClock, why: str
) -> None:
    made = ensure_certificate(tmp_path, PHONES, clock.now())
    before, hosts = made.certificate.read_bytes(), PHONES
    match why:
        case "another address":
            hosts = ["192.0.2.8"]
        case "nearly over":
            clock.advance(certificates.LIFE - timedelta(days=6))
        case "no certificate":
            made.certificate.write_text("what an editor left")
        case _:
            made.key.unlink()
    ensure_certificate(tmp_path, hosts, clock.now())
    assert made.certificate.read_bytes() != before
    assert certificates.serves(made.certificate.read_bytes(), hosts, clock.now())


async def who_asks(scope: dict[str, Any], _receive: Any, send: Any) -> None:
    """Answer with the scheme that a request came by."""
    if scope["type"] == "lifespan":
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": scope["scheme"].encode()})


def test_a_client_that_knows_the_certificate_is_answered_over_https(tmp_path: Path) -> None:
    now = SystemClock().now()
    tls = ensure_certificate(tmp_path, [], now)
    ready = threading.Event()
    with bind("127.0.0.1", 0) as taken:
        server = Server(who_asks, trusted_proxies="none", on_ready=ready.set, tls=tls)
        thread = threading.Thread(target=server.run, args=([taken],))
        thread.start()
        try:
            assert ready.wait(20)
            trusting = ssl.create_default_context(cafile=str(tls.certificate))
            answer = httpx.get(address_of(taken, scheme="https"), verify=trusting)
            assert answer.text == "https"
        finally:
            server.stop()
            thread.join(20)


def test_addresses_for_phones_are_none_that_only_this_machine_opens() -> None:
    assert not any(text.startswith(("127.", "169.254.", "0.")) for text in lan_addresses())


def test_the_operator_reads_where_a_phone_opens_the_page_and_what_a_camera_needs() -> None:
    address, tls = "http://127.0.0.1:1", Tls(certificate=Path("c"), key=Path("k"))
    here = Place(address=address, pages=(address,), is_lan=False, tls=None)
    assert here.words == [
        f"Jianzai listens on {address}  (its routes: /openapi.json)",
        f"The page for phones:  {address}/m/",
    ]
    pages = ("http://192.0.2.7:1", "http://192.0.2.8:1")
    plain = Place(address="http://0.0.0.0:1", pages=pages, is_lan=True, tls=None)
    assert plain.words[1:] == [*(f"The page for phones:  {page}/m/" for page in pages), HTTPS_NOTE]
    closed = Place(address="https://0.0.0.0:1", pages=pages, is_lan=True, tls=tls)
    assert closed.words[-1] == SELF_SIGNED_NOTE
    nowhere = Place(address=address, pages=(address,), is_lan=True, tls=None)
    assert NO_NETWORK in nowhere.words
