"""Where a phone reaches this server: addresses of the network, and a certificate for them."""

import ipaddress
import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psutil

from storage.crypto import certificates

EVERYWHERE = "0.0.0.0"  # noqa: S104 - only on the operator's word: `--lan`
HTTPS_NOTE = (
    "A phone's browser opens the camera on https only: add --self-signed"
    " (the phone warns once, as nobody vouches for the certificate)."
)
SELF_SIGNED_NOTE = "The certificate is signed by this server itself: the phone warns once."
NO_NETWORK = "This machine has no address in a network that a phone could open."


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """Certificate and key, both PEM."""

    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a server answers: its own address, and those that phones can open."""

    address: str
    pages: tuple[str, ...]
    is_lan: bool
    tls: Tls | None

    @property
    def words(self) -> list[str]:
        """What the operator reads once the server answers."""
        lines = [f"Jianzai listens on {self.address}  (its routes: /openapi.json)"]
        if self.is_lan and self.pages == (self.address,):
            lines.append(NO_NETWORK)
        lines += [f"The page for phones:  {page}/m/" for page in self.pages]
        if self.tls is not None:
            lines.append(SELF_SIGNED_NOTE)
        elif self.is_lan:
            lines.append(HTTPS_NOTE)
        return lines


def lan_addresses() -> list[str]:
    """Return this machine's addresses that others in its networks can open, likeliest first."""
    up = {name for name, state in psutil.net_if_stats().items() if state.isup}
    found = {
        address.address
        for name, addresses in psutil.net_if_addrs().items()
        for address in addresses
        if name in up and address.family == socket.AF_INET
    }
    return sorted((text for text in found if _is_reachable(text)), key=_unlikely)


def _is_reachable(text: str) -> bool:
    address = ipaddress.ip_address(text)
    return not (address.is_loopback or address.is_link_local or address.is_unspecified)


def _unlikely(text: str) -> tuple[bool, str]:
    """Put homes and offices first; what containers use comes after."""
    return not text.startswith(("192.168.", "10.")), text


def ensure_certificate(folder: Path, addresses: Sequence[str], now: datetime) -> Tls:
    """Return the installation's own certificate; make it anew when it does not fit any more."""
    hosts = sorted({"localhost", "127.0.0.1", *addresses})
    kept = Tls(certificate=folder / "certificate.pem", key=folder / "key.pem")
    if _is_there(kept) and certificates.serves(kept.certificate.read_bytes(), hosts, now):
        return kept
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    made, secret = certificates.self_signed(hosts, now)
    _put(kept.key, secret)
    _put(kept.certificate, made)
    return kept


def _is_there(tls: Tls) -> bool:
    return tls.certificate.is_file() and tls.key.is_file()


def _put(path: Path, content: bytes) -> None:
    """Replace a file that its owner alone may read, as a whole."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    draft.replace(path)
