"""From one setting to a store."""

from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qs, urlsplit

from domain.ports import ObjectStore
from storage.objects.local_store import LocalStore
from storage.objects.s3_store import S3Place, S3Store


class PreparedStore(ObjectStore, Protocol):
    def prepare(self) -> None:
        """Make the folder or bucket; called once by whoever sets the installation up."""
        ...


def open_store(address: str, *, access_key: str = "", secret_key: str = "") -> PreparedStore:
    """`file:///var/lib/jianzai/objects`, `s3://host[:port]/bucket` (TLS) or `s3+http://…`.

    Keys are settings of their own: an address is printed and logged. `?region=` may be added.
    Nothing is contacted yet. ValueError for an address that is none of these.
    """
    parts = urlsplit(address)
    if parts.username is not None or parts.password is not None:
        raise ValueError("the object store's keys do not belong in its address")
    match parts.scheme:
        case "file" if not parts.netloc and parts.path.startswith("/"):
            return LocalStore(Path(parts.path))
        case "s3" | "s3+http":
            bucket = parts.path.strip("/")
            if not (parts.netloc and bucket and access_key and secret_key):
                raise ValueError("an S3 store needs a host, a bucket, an access and a secret key")
            return S3Store(
                S3Place(
                    endpoint=parts.netloc,
                    bucket=bucket,
                    access_key=access_key,
                    secret_key=secret_key,
                    secure=parts.scheme == "s3",
                    region=parse_qs(parts.query).get("region", ["us-east-1"])[0],
                )
            )
        case _:
            raise ValueError("an object store is file:///folder, s3:// or s3+http://host/bucket")
