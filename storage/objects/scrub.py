"""The nightly look at every stored byte: what a reader has not met yet is found here."""

from collections.abc import Iterator

from domain.ports import ObjectKey, ObjectStore
from storage.objects.errors import ObjectCorrupt, ObjectMissing


def corrupt_keys(store: ObjectStore, area: str) -> Iterator[ObjectKey]:
    """Read every object of an area and name those whose bytes are not what their key says."""
    for key in store.keys(area):
        try:
            store.get(key)
        except ObjectCorrupt:
            yield key
        except ObjectMissing:
            continue  # lawfully deleted since it was listed
