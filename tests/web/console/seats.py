"""Where each role sits: on the level of places that is its own."""

from domain.roles import Role
from tests.places import COUNTY, TOWNSHIP, VILLAGE

SEATS = {
    Role.VILLAGE_OFFICER: VILLAGE,
    Role.TOWNSHIP_CLERK: TOWNSHIP,
    Role.TOWNSHIP_HEAD: TOWNSHIP,
    Role.COUNTY_BUREAU: COUNTY,
    Role.COUNTY_ADMIN: COUNTY,
    Role.INSPECTOR: COUNTY,
    Role.UNIT_OFFICER: COUNTY,
}
