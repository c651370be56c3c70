"""A certificate that a server signs for itself: encryption on the way, and nobody's word for it.

For trying things out in one's own network, as browsers open a camera for https only. A county's
server has a certificate that phones know.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LIFE = timedelta(days=365)
_SPARE = timedelta(days=7)
_SKEW = timedelta(hours=1)


def self_signed(hosts: Sequence[str], now: datetime) -> tuple[bytes, bytes]:
    """Make a certificate for names and IP addresses; returns it and its key, both PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Jianzai, signed by itself")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _SKEW)  # a phone's clock may be behind
        .not_valid_after(now + LIFE)
        .add_extension(
            x509.SubjectAlternativeName([_named(host) for host in hosts]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return made.public_bytes(Encoding.PEM), secret


def serves(certificate: bytes, hosts: Sequence[str], now: datetime) -> bool:
    """Tell whether a certificate is good for all of `hosts`, and for some days to come."""
    try:
        known = x509.load_pem_x509_certificate(certificate)
        names = known.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, x509.ExtensionNotFound):
        return False
    return set(map(_named, hosts)) <= set(names) and known.not_valid_after_utc > now + _SPARE


def _named(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)
