"""How fast people's data keys are made and their fields sealed: what a bulk import leans on."""

import tempfile
import time
from pathlib import Path
from uuid import UUID

from storage.crypto.envelope import Vault
from storage.crypto.keyring import FileKeyRing
from storage.crypto.suites import SuiteId

PEOPLE = 20_000
PURPOSES = ("beneficiary:name", "beneficiary:id_number", "beneficiary:phone")


def seconds(vault: Vault) -> float:
    """CPU seconds for PEOPLE keys with three sealed fields each."""
    started = time.process_time()
    for number in range(PEOPLE):
        key, _ = vault.new_key(UUID(int=number))
        for purpose in PURPOSES:
            key.seal(b"13900000000", purpose)
    return time.process_time() - started


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        ring = FileKeyRing.open_or_create(Path(folder) / "ring.json")
        for suite in SuiteId:
            spent = seconds(Vault(ring, suite))
            print(f"{suite}: {PEOPLE} people in {spent:.2f} CPU-s, {PEOPLE / spent:,.0f}/s")
