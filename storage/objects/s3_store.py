"""The same store on any S3 server, through the `minio` SDK with an HTTP client of our own.

The SDK's own client waits 300 s, six times. Ours gives up in `give_up_s`: what failed fast
(refused, reset, 503) is repeated while another full wait still fits, what was silent is not.
"""

import hashlib
import io
import shutil
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, TypeVar

import urllib3
from minio import Minio
from minio.error import MinioException, S3Error
from minio.helpers import MIN_PART_SIZE, check_bucket_name
from urllib3.exceptions import HTTPError, NewConnectionError
from urllib3.exceptions import TimeoutError as HttpTimeoutError
from urllib3.response import BaseHTTPResponse

from domain.ports import ObjectKey
from storage.objects.errors import (
    ObjectCorrupt,
    ObjectMissing,
    StoreError,
    StoreFull,
    StoreUnavailable,
)
from storage.objects.keys import address_of, checked_area

Answer = TypeVar("Answer")

_CHUNK_BYTES = 1 << 16
_SPOOL_BYTES = 8 << 20
_PAUSES_S = (0.1, 0.4)
_PASSING = {
    "ConditionalRequestConflict",
    "InternalError",
    "OperationAborted",
    "RequestTimeout",
    "ServiceUnavailable",
    "SlowDown",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Place:
    """Where the bucket is. Only the S3 port of a store may be reachable (see ADR 0008)."""

    endpoint: str
    bucket: str
    access_key: str
    secret_key: str = field(repr=False)
    secure: bool = True
    region: str = "us-east-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Seconds: silence ends a call within `give_up_s`, a trickle within `transfer_s`."""

    connect_s: float = 2
    answer_s: float = 7
    give_up_s: float = 10
    transfer_s: float = 60


class S3Store:
    """Objects in one bucket, each stored by a single conditional PUT: all of it or nothing."""

    def __init__(self, place: S3Place, patience: Patience | None = None) -> None:
        check_bucket_name(place.bucket, strict=True)
        self._bucket = place.bucket
        self._patience = Patience() if patience is None else patience
        self._client = _client(place, _Http(self._patience))
        self._writer = _client(place, _WriteOnceHttp(self._patience))

    def prepare(self) -> None:
        """Make the bucket if it is absent and we may."""
        if not self._call(self._bucket, lambda: self._client.bucket_exists(self._bucket)):
            with suppress(_BucketTakenError):  # by ourselves, in another process
                self._call(self._bucket, lambda: self._client.make_bucket(self._bucket))

    def put(self, key: ObjectKey, source: BinaryIO) -> None:
        with _rewindable(source) as content:
            start = content.tell()
            size, sha256 = _measure(content)
            if sha256 != address_of(key).sha256:
                raise ObjectCorrupt(key)
            try:
                self._call(key, lambda: self._put_once(key, content, start=start, size=size))
            except _AddressTakenError:
                self._call(key, lambda: self._read(key))

    def get(self, key: ObjectKey) -> bytes:
        address_of(key)
        return self._call(key, lambda: self._read(key))

    def exists(self, key: ObjectKey) -> bool:
        address_of(key)
        try:
            self._call(key, lambda: self._client.stat_object(self._bucket, key))
        except ObjectMissing:
            return False
        return True

    def delete(self, key: ObjectKey) -> None:
        address_of(key)
        self._call(key, lambda: self._client.remove_object(self._bucket, key))

    def keys(self, area: str) -> Iterator[ObjectKey]:
        prefix = f"{checked_area(area)}/"
        try:
            for item in self._client.list_objects(self._bucket, prefix=prefix, recursive=True):
                key = ObjectKey(item.object_name or "")
                with suppress(ValueError):  # a name that is none of ours
                    address_of(key)
                    yield key
        except (MinioException, HTTPError) as error:
            raise _translated(area, error) from error

    def _put_once(self, key: ObjectKey, content: BinaryIO, *, start: int, size: int) -> None:
        content.seek(start)
        whole = max(size, MIN_PART_SIZE)
        self._writer.put_object(self._bucket, key, content, size, part_size=whole)

    def _read(self, key: ObjectKey) -> bytes:
        deadline = time.monotonic() + self._patience.transfer_s
        hashing, content = hashlib.sha256(), bytearray()
        with closing(self._client.get_object(self._bucket, key)) as response:
            for chunk in response.stream(_CHUNK_BYTES):
                if time.monotonic() > deadline:
                    raise StoreUnavailable(f"{key}: too slow")
                hashing.update(chunk)
                content += chunk
            response.release_conn()
        if hashing.hexdigest() != address_of(key).sha256:
            raise ObjectCorrupt(key)
        return bytes(content)

    def _call(self, subject: str, act: Callable[[], Answer]) -> Answer:
        patience = self._patience
        last_start = time.monotonic() + patience.give_up_s - patience.connect_s - patience.answer_s
        for pause in _PAUSES_S:
            try:
                return act()
            except (MinioException, HTTPError) as error:
                if not _is_passing(error) or time.monotonic() + pause > last_start:
                    raise _translated(subject, error) from error
            time.sleep(pause)
        try:
            return act()
        except (MinioException, HTTPError) as error:
            raise _translated(subject, error) from error


class _AddressTakenError(StoreError):
    """Somebody stored an object under this key before us."""


class _BucketTakenError(StoreError):
    """The bucket exists already."""


_MEANINGS: dict[str, type[StoreError]] = {
    "NoSuchKey": ObjectMissing,
    "PreconditionFailed": _AddressTakenError,
    "BucketAlreadyExists": _BucketTakenError,
    "BucketAlreadyOwnedByYou": _BucketTakenError,
    "InsufficientStorage": StoreFull,
    "QuotaExceeded": StoreFull,
    "StorageFull": StoreFull,
    "XMinioStorageFull": StoreFull,
}


class _Http(urllib3.PoolManager):
    """Sends bodies in small pieces, so that a time-out means silence and not a large object."""

    def __init__(self, patience: Patience) -> None:
        super().__init__(
            num_pools=2,
            maxsize=32,
            retries=False,
            blocksize=_CHUNK_BYTES,
            timeout=urllib3.Timeout(connect=patience.connect_s, read=patience.answer_s),
            ssl_context=ssl.create_default_context(),
        )
        self._transfer_s = patience.transfer_s

    def urlopen(  # type: ignore[override]  # the overloads of the parent add nothing here
        self,
        method: str,
        url: str,
        redirect: bool = True,  # noqa: FBT001, FBT002 - the parent's signature
        **kw: Any,
    ) -> BaseHTTPResponse:
        if kw.get("body"):
            kw["body"] = _Body(kw["body"], time.monotonic() + self._transfer_s)
        return super().urlopen(method, url, redirect, **kw)


class _WriteOnceHttp(_Http):
    """Adds the condition that the SDK cannot express: it would rename the header to metadata.

    Signature version 4 leaves unsigned headers free, so it may be added after signing.
    """

    def urlopen(  # type: ignore[override]  # as above
        self,
        method: str,
        url: str,
        redirect: bool = True,  # noqa: FBT001, FBT002 - the parent's signature
        **kw: Any,
    ) -> BaseHTTPResponse:
        if method == "PUT":
            kw["headers"]["If-None-Match"] = "*"
        return super().urlopen(method, url, redirect, **kw)


class _Body(io.BytesIO):
    def __init__(self, content: bytes, deadline: float) -> None:
        super().__init__(content)
        self._deadline = deadline

    def read(self, size: int | None = -1, /) -> bytes:
        if time.monotonic() > self._deadline:
            raise TimeoutError("the upload is too slow")
        return super().read(size)


@contextmanager
def _rewindable(source: BinaryIO) -> Iterator[BinaryIO]:
    """Let a source be read again: once for its digest, then for every try to store it."""
    if source.seekable():
        yield source
        return
    with SpooledTemporaryFile(_SPOOL_BYTES) as spool:
        shutil.copyfileobj(source, spool)
        spool.seek(0)
        yield spool  # type: ignore[misc]  # typeshed: a spooled file is no BinaryIO by name


def _measure(source: BinaryIO) -> tuple[int, str]:
    size, hashing = 0, hashlib.sha256()
    while chunk := source.read(_CHUNK_BYTES):
        size += len(chunk)
        hashing.update(chunk)
    return size, hashing.hexdigest()


def _client(place: S3Place, http: urllib3.PoolManager) -> Minio:
    # Naming the region spares the SDK a look-up before the first call.
    return Minio(
        place.endpoint,
        access_key=place.access_key,
        secret_key=place.secret_key,
        secure=place.secure,
        region=place.region,
        http_client=http,
    )


def _is_passing(error: Exception) -> bool:
    if isinstance(error, HTTPError):
        silent = isinstance(error, HttpTimeoutError)
        return not silent or isinstance(error, NewConnectionError)  # urllib3 files it under both
    if isinstance(error, S3Error):
        return error.code in _PASSING
    return True  # no S3 answer at all: a proxy's error page, a bare 502


def _translated(subject: str, error: Exception) -> StoreError:
    if not isinstance(error, S3Error):
        return StoreUnavailable(f"{subject}: {type(error).__name__}")
    kind = _MEANINGS.get(error.code or "", StoreUnavailable)
    return kind(f"{subject}: {error.code}")
