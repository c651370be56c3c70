import pytest

from tests.certification_world import County
from tests.contract.ready import Ready, make_ready
from tests.phone_world import Http, Phone


@pytest.fixture
def ready(county: County, http: Http, phone: Phone) -> Ready:
    return make_ready(county, http, phone)
