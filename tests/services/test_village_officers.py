"""A village without a named officer is said, until one sits there."""

import pytest

from domain.regions import DivisionPath
from domain.roles import Role
from services import accounts, village_officers
from services.accounts import StaffMember
from tests.certification_world import County
from tests.places import COUNTY, NAMES, OTHER_COUNTY, OTHER_VILLAGE, TOWNSHIP, VILLAGE

ALL = [path for path in sorted(NAMES) if len(path) == 12 and path.startswith(COUNTY)]


def bureau(county: County, role: Role = Role.COUNTY_BUREAU) -> StaffMember:
    account = county.staff(role, COUNTY)
    token = accounts.sign_in(county.backend, account.login, "not-a-real-password").token
    return accounts.access_of(county.backend, token).member


def unserved(county: County, member: StaffMember) -> list[str]:
    found = village_officers.villages_without_officer(county.backend, member)
    paths = [village.path for village in found.villages]
    assert found.count == len(paths)
    return paths


def test_every_village_without_an_open_account_of_an_officer_is_listed(county: County) -> None:
    member = bureau(county)
    assert unserved(county, member) == ALL
    county.staff(Role.VILLAGE_OFFICER, VILLAGE)
    assert unserved(county, member) == [path for path in ALL if path != VILLAGE]


def test_only_an_officer_of_the_village_itself_counts(county: County) -> None:
    member = bureau(county)
    county.staff(Role.TOWNSHIP_CLERK, TOWNSHIP)
    county.staff(Role.UNIT_OFFICER, TOWNSHIP)
    assert unserved(county, member) == ALL


def test_a_closed_account_leaves_its_village_unserved(county: County) -> None:
    member = bureau(county)
    officer = county.staff(Role.VILLAGE_OFFICER, VILLAGE)
    accounts.disable_staff(county.backend, member, officer.id)
    assert VILLAGE in unserved(county, member)
    county.staff(Role.VILLAGE_OFFICER, VILLAGE)
    assert VILLAGE not in unserved(county, member)


def test_nobody_hears_of_villages_elsewhere(county: County) -> None:
    other = county.staff(Role.COUNTY_BUREAU, OTHER_COUNTY)
    token = accounts.sign_in(county.backend, other.login, "not-a-real-password").token
    member = accounts.access_of(county.backend, token).member
    assert unserved(county, member) == ["990102100001"]


def test_an_officer_asks_about_the_own_village_only(county: County) -> None:
    officer = county.staff(Role.VILLAGE_OFFICER, OTHER_VILLAGE)
    token = accounts.sign_in(county.backend, officer.login, "not-a-real-password").token
    assert unserved(county, accounts.access_of(county.backend, token).member) == []


def test_the_list_goes_on_where_the_page_ended(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(village_officers, "PAGE", 3)
    member = bureau(county)
    first = village_officers.villages_without_officer(county.backend, member)
    assert first.after == DivisionPath(ALL[2])
    rest = village_officers.villages_without_officer(county.backend, member, after=first.after)
    assert [v.path for v in (*first.villages, *rest.villages)] == ALL
    assert (rest.after, rest.count) == (None, len(ALL))
