"""Write-once evidence under the digest of its bytes, in a folder or in an S3 bucket."""

from storage.objects.errors import (
    ObjectCorrupt,
    ObjectMissing,
    StoreError,
    StoreFull,
    StoreUnavailable,
)
from storage.objects.keys import Address, address_of, key_of, object_key
from storage.objects.local_store import LocalStore
from storage.objects.opening import PreparedStore, open_store
from storage.objects.s3_store import Patience, S3Place, S3Store
from storage.objects.scrub import corrupt_keys

__all__ = [
    "Address",
    "LocalStore",
    "ObjectCorrupt",
    "ObjectMissing",
    "Patience",
    "PreparedStore",
    "S3Place",
    "S3Store",
    "StoreError",
    "StoreFull",
    "StoreUnavailable",
    "address_of",
    "corrupt_keys",
    "key_of",
    "object_key",
    "open_store",
]
