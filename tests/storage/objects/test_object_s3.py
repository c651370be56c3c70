"""What only a network can do: silence, cuts, lost replies, refusals; and other people's writes."""

import io
import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from minio import Minio

from storage.objects import (
    ObjectCorrupt,
    Patience,
    S3Place,
    S3Store,
    StoreError,
    StoreFull,
    StoreUnavailable,
    corrupt_keys,
    key_of,
)
from tests.storage.fault_proxy import FaultProxy, Faults
from tests.storage.seaweed import ACCESS_KEY, SeaweedServer

CONTENT = bytes(range(256)) * 6_000
KEY = key_of("evidence", CONTENT)
HEALTHY = Faults()


@pytest.fixture
def far(seaweed: SeaweedServer, proxy: FaultProxy, s3_store: S3Store, bucket: str) -> S3Store:
    """The store of `s3_store`, seen through the proxy."""
    return S3Store(seaweed.place(bucket, proxy.endpoint))


def put(store: S3Store) -> None:
    store.put(KEY, io.BytesIO(CONTENT))


def seconds_until_refused(act: Callable[[], object]) -> float:
    started = time.monotonic()
    with pytest.raises(StoreUnavailable):
        act()
    return time.monotonic() - started


def test_an_object_overwritten_behind_our_back_is_found_and_not_papered_over(
    s3_store: S3Store, intruder: Minio, bucket: str
) -> None:
    put(s3_store)
    altered = bytearray(CONTENT)
    altered[77] ^= 1
    intruder.put_object(bucket, KEY, io.BytesIO(altered), len(altered))
    with pytest.raises(ObjectCorrupt):
        s3_store.get(KEY)
    with pytest.raises(ObjectCorrupt):  # the PUT is conditional: the proof of tampering stays
        put(s3_store)
    assert list(corrupt_keys(s3_store, "evidence")) == [KEY]
    with intruder.get_object(bucket, KEY) as response:
        assert response.read() == altered


def test_names_of_another_make_are_not_listed(
    s3_store: S3Store, intruder: Minio, bucket: str
) -> None:
    put(s3_store)
    intruder.put_object(bucket, "evidence/readme.txt", io.BytesIO(b"x"), 1)
    assert list(s3_store.keys("evidence")) == [KEY]


def test_more_keys_than_one_page_are_listed(s3_store: S3Store) -> None:
    contents = [number.to_bytes(2, "big") for number in range(1_050)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda c: s3_store.put(key_of("many", c), io.BytesIO(c)), contents))
    assert set(s3_store.keys("many")) == {key_of("many", content) for content in contents}


def test_preparing_twice_is_preparing_once(s3_store: S3Store) -> None:
    s3_store.prepare()
    put(s3_store)
    s3_store.prepare()
    assert s3_store.get(KEY) == CONTENT


@pytest.mark.parametrize("warm", [False, True], ids=["new connection", "pooled connection"])
def test_a_silent_store_is_given_up_within_ten_seconds(
    far: S3Store, proxy: FaultProxy, *, warm: bool
) -> None:
    if warm:
        put(far)
    proxy.faults = Faults(black_hole=True)
    acts: list[Callable[[], object]] = [
        lambda: put(far),
        lambda: far.get(KEY),
        lambda: far.exists(KEY),
        lambda: far.delete(KEY),
        lambda: list(far.keys("evidence")),
        far.prepare,
    ]
    with ThreadPoolExecutor(len(acts)) as pool:
        waits = list(pool.map(seconds_until_refused, acts))
    assert max(waits) <= 10
    proxy.faults = HEALTHY
    put(far)
    assert far.get(KEY) == CONTENT


def test_a_closed_port_is_told_at_once(far: S3Store, proxy: FaultProxy) -> None:
    proxy.faults = Faults(refuse=True)
    assert seconds_until_refused(lambda: put(far)) < 2
    proxy.faults = HEALTHY
    put(far)
    assert far.get(KEY) == CONTENT


@pytest.mark.parametrize("after", [1, 40_000, 1_400_000])
def test_an_upload_cut_half_way_stores_nothing_and_may_be_repeated(
    far: S3Store, s3_store: S3Store, proxy: FaultProxy, after: int
) -> None:
    proxy.faults = Faults(cut_after_bytes=after)
    assert seconds_until_refused(lambda: put(far)) < 10
    assert not s3_store.exists(KEY)
    proxy.faults = HEALTHY
    put(far)
    assert s3_store.get(KEY) == CONTENT


def test_a_lost_reply_is_made_good_by_repeating(
    far: S3Store, s3_store: S3Store, proxy: FaultProxy
) -> None:
    proxy.faults = Faults(drop_reply=True)
    seconds_until_refused(lambda: put(far))
    assert s3_store.get(KEY) == CONTENT  # it was stored, we only did not hear of it
    proxy.faults = HEALTHY
    put(far)
    assert list(s3_store.keys("evidence")) == [KEY]


def test_a_connection_reset_once_is_not_even_noticed(far: S3Store, proxy: FaultProxy) -> None:
    proxy.faults = Faults(refuse=True)
    healing = threading.Timer(0.05, setattr, (proxy, "faults", HEALTHY))
    healing.start()
    put(far)
    healing.join()
    assert far.get(KEY) == CONTENT
    assert proxy.connections >= 2


@pytest.mark.parametrize("direction", ["up", "down"])
def test_a_trickle_is_given_up_too(
    seaweed: SeaweedServer, proxy: FaultProxy, s3_store: S3Store, bucket: str, direction: str
) -> None:
    content = os.urandom(8_000_000)
    key = key_of("evidence", content)
    hasty = S3Store(seaweed.place(bucket, proxy.endpoint), Patience(transfer_s=1))
    proxy.faults = Faults(bytes_per_s=400_000)
    if direction == "up":
        assert seconds_until_refused(lambda: hasty.put(key, io.BytesIO(content))) < 10
        return
    s3_store.put(key, io.BytesIO(content))
    assert seconds_until_refused(lambda: hasty.get(key)) < 10


def test_a_slow_line_is_not_a_broken_one(far: S3Store, proxy: FaultProxy) -> None:
    proxy.faults = Faults(latency_s=0.01)
    put(far)
    assert far.get(KEY) == CONTENT


def test_a_wrong_secret_is_named_and_not_tried_again(seaweed: SeaweedServer, bucket: str) -> None:
    place = S3Place(
        endpoint=seaweed.endpoint,
        bucket=bucket,
        access_key=ACCESS_KEY,
        secret_key="guessed",
        secure=False,
    )
    with pytest.raises(StoreUnavailable, match="SignatureDoesNotMatch"):
        put(S3Store(place))
    assert "guessed" not in repr(place)


def test_an_absent_bucket_is_named(seaweed: SeaweedServer) -> None:
    with pytest.raises(StoreUnavailable, match="NoSuchBucket"):
        put(S3Store(seaweed.place("never-made")))


class Refusing(BaseHTTPRequestHandler):
    status, code = 503, ""
    asked: list[str] = []  # noqa: RUF012 - every test makes a class of its own

    def do_PUT(self) -> None:
        self.asked.append(self.path)
        self.rfile.read(int(self.headers["Content-Length"]))
        body = f"<Error><Code>{self.code}</Code></Error>".encode() if self.code else b"busy"
        self.send_response(self.status)
        self.send_header("Content-Type", "application/xml" if self.code else "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def refusing(request: pytest.FixtureRequest) -> Iterator[tuple[S3Store, list[str]]]:
    status, code = request.param
    asked: list[str] = []
    handler = type("Handler", (Refusing,), {"status": status, "code": code, "asked": asked})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}).start()
        place = S3Place(
            endpoint=f"127.0.0.1:{server.server_port}",
            bucket="evidence",
            access_key="a",
            secret_key="s",
            secure=False,
        )
        yield S3Store(place), asked
        server.shutdown()


@pytest.mark.parametrize(
    ("refusing", "meaning", "tries"),
    [
        ((503, "SlowDown"), StoreUnavailable, 3),
        ((503, ""), StoreUnavailable, 3),
        ((502, ""), StoreUnavailable, 3),
        ((507, "XMinioStorageFull"), StoreFull, 1),
        ((403, "QuotaExceeded"), StoreFull, 1),
        ((403, "AccessDenied"), StoreUnavailable, 1),
    ],
    indirect=["refusing"],
)
def test_a_refusal_is_repeated_only_when_that_may_help(
    refusing: tuple[S3Store, list[str]], meaning: type[StoreError], tries: int
) -> None:
    store, asked = refusing
    with pytest.raises(StoreError) as caught:
        put(store)
    assert type(caught.value) is meaning
    assert len(asked) == tries
