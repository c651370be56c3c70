"""The stores under test: a folder, and a bucket on a real S3 server."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.objects import LocalStore, PreparedStore, S3Store
from tests.storage.fault_proxy import FaultProxy
from tests.storage.seaweed import SeaweedServer, seaweed

__all__ = ["seaweed"]

_numbers = itertools.count()


@pytest.fixture
def bucket() -> str:
    return f"evidence-{next(_numbers)}"


@pytest.fixture
def local_store(tmp_path: Path) -> LocalStore:
    store = LocalStore(tmp_path / "objects")
    store.prepare()
    return store


@pytest.fixture
def s3_store(seaweed: SeaweedServer, bucket: str) -> S3Store:
    store = S3Store(seaweed.place(bucket))
    store.prepare()
    return store


@pytest.fixture(params=["local", "s3"])
def store(request: pytest.FixtureRequest) -> PreparedStore:
    found: PreparedStore = request.getfixturevalue(f"{request.param}_store")
    return found


@pytest.fixture
def proxy(seaweed: SeaweedServer) -> Iterator[FaultProxy]:
    with FaultProxy(seaweed.port) as running:
        yield running
