"""The stores under test: a folder, and a bucket on a real S3 server."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from minio import Minio
from minio.deleteobjects import DeleteObject

from storage.objects import LocalStore, PreparedStore, S3Store
from tests.storage.fault_proxy import FaultProxy
from tests.storage.seaweed import ACCESS_KEY, SECRET_KEY, SeaweedServer, seaweed

__all__ = ["seaweed"]


@pytest.fixture
def local_store(tmp_path: Path) -> LocalStore:
    store = LocalStore(tmp_path / "objects")
    store.prepare()
    return store


@pytest.fixture
def bucket() -> str:
    return "evidence"


@pytest.fixture
def s3_store(seaweed: SeaweedServer, bucket: str, intruder: Minio) -> Iterator[S3Store]:
    """One bucket for all tests, emptied after each: a new bucket costs the server seconds."""
    store = S3Store(seaweed.place(bucket))
    store.prepare()
    yield store
    names = [item.object_name for item in intruder.list_objects(bucket, recursive=True)]
    errors = intruder.remove_objects(bucket, [DeleteObject(name) for name in names if name])
    assert list(errors) == []


@pytest.fixture
def intruder(seaweed: SeaweedServer) -> Minio:
    """Somebody else with the same keys, who goes round the store."""
    return Minio(seaweed.endpoint, ACCESS_KEY, SECRET_KEY, secure=False, region="us-east-1")


@pytest.fixture(params=["local", "s3"])
def store(request: pytest.FixtureRequest) -> PreparedStore:
    found: PreparedStore = request.getfixturevalue(f"{request.param}_store")
    return found


@pytest.fixture
def proxy(seaweed: SeaweedServer) -> Iterator[FaultProxy]:
    with FaultProxy(seaweed.port) as running:
        yield running
