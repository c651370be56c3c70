"""Made-up portraits for the tests that measure. They need the models and portraits."""

import pytest

from app.demo.studio import Studio


@pytest.fixture(scope="session")
def studio() -> Studio:
    return Studio.open()
