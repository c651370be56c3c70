"""The marks of every test that opens a page in the real browser."""

import pytest

IN_THE_BROWSER = [
    pytest.mark.e2e,
    pytest.mark.faces,
    pytest.mark.slow,
    pytest.mark.timeout(900),  # set-up renders films, and a take lasts as long as it lasts
    pytest.mark.xdist_group("browser"),
]
