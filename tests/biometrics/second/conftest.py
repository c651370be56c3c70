"""The second matcher's file is optional: without it these tests are skipped and say so."""

from pathlib import Path

import pytest

from biometrics.models import ModelStore, Role
from biometrics.second.matcher import SecondMatcher


@pytest.fixture(scope="session")
def weights() -> Path:
    store = ModelStore()
    if not store.has(Role.SECOND):
        pytest.skip("the optional model `second` is missing: jianzai models fetch --with-second")
    return store.path(Role.SECOND)


@pytest.fixture(scope="session")
def matcher(weights: Path) -> SecondMatcher:
    return SecondMatcher(ModelStore(weights.parent))
