import pytest

from domain.roles import MARKERS, ROLE_PERMISSIONS, Permission, Role, fits_division, may, may_create

COUNTY, TOWNSHIP, VILLAGE = "990101", "990101101", "990101101203"
READS = {p for p in Permission if p.value.endswith(".read")} | {
    Permission.SIGNED_IN,
    Permission.PERSON_OPEN,
}


def test_every_role_has_permissions() -> None:
    assert set(ROLE_PERMISSIONS) == set(Role)


def test_every_permission_that_is_not_a_marker_is_held_by_some_role() -> None:
    held = frozenset[Permission]().union(*ROLE_PERMISSIONS.values())
    assert held == set(Permission) - MARKERS


@pytest.mark.parametrize("role", Role)
def test_no_role_holds_a_marker(role: Role) -> None:
    assert not any(may(role, marker) for marker in MARKERS)


def test_an_inspector_changes_nothing() -> None:
    assert ROLE_PERMISSIONS[Role.INSPECTOR] <= READS


def test_an_administrator_of_accounts_sees_no_face_and_decides_no_case() -> None:
    assert not may(Role.COUNTY_ADMIN, Permission.EVIDENCE_READ)
    assert not may(Role.COUNTY_ADMIN, Permission.ATTEMPT_REVIEW)


def test_a_village_officer_visits_but_does_not_review() -> None:
    assert may(Role.VILLAGE_OFFICER, Permission.VISIT_SUBMIT)
    assert not may(Role.VILLAGE_OFFICER, Permission.ATTEMPT_REVIEW)


def test_a_township_clerk_reviews() -> None:
    assert may(Role.TOWNSHIP_CLERK, Permission.ATTEMPT_REVIEW)
    assert may(Role.TOWNSHIP_CLERK, Permission.REVIEW_CLAIM)


@pytest.mark.parametrize(
    ("role", "path", "fits"),
    [
        (Role.VILLAGE_OFFICER, VILLAGE, True),
        (Role.VILLAGE_OFFICER, TOWNSHIP, False),
        (Role.TOWNSHIP_CLERK, TOWNSHIP, True),
        (Role.TOWNSHIP_HEAD, COUNTY, False),
        (Role.COUNTY_BUREAU, COUNTY, True),
        (Role.COUNTY_ADMIN, "9901", False),
        (Role.INSPECTOR, "99", True),
        (Role.UNIT_OFFICER, COUNTY, True),
    ],
)
def test_a_seat_lies_at_the_level_of_its_role(role: Role, path: str, *, fits: bool) -> None:
    assert fits_division(role, path) is fits


@pytest.mark.parametrize(
    ("creator", "creator_path", "role", "path", "allowed"),
    [
        (Role.COUNTY_BUREAU, COUNTY, Role.VILLAGE_OFFICER, VILLAGE, True),
        (Role.COUNTY_BUREAU, COUNTY, Role.TOWNSHIP_CLERK, TOWNSHIP, True),
        (Role.COUNTY_BUREAU, COUNTY, Role.TOWNSHIP_HEAD, TOWNSHIP, True),
        (Role.COUNTY_BUREAU, COUNTY, Role.COUNTY_BUREAU, COUNTY, False),
        (Role.COUNTY_BUREAU, COUNTY, Role.INSPECTOR, COUNTY, False),
        (Role.COUNTY_BUREAU, COUNTY, Role.VILLAGE_OFFICER, "990102101203", False),
        (Role.COUNTY_BUREAU, COUNTY, Role.VILLAGE_OFFICER, TOWNSHIP, False),
        (Role.COUNTY_BUREAU, "", Role.VILLAGE_OFFICER, VILLAGE, False),
        (Role.COUNTY_ADMIN, COUNTY, Role.COUNTY_BUREAU, COUNTY, True),
        (Role.COUNTY_ADMIN, COUNTY, Role.INSPECTOR, COUNTY, False),
        (Role.TOWNSHIP_HEAD, TOWNSHIP, Role.VILLAGE_OFFICER, VILLAGE, False),
        (Role.VILLAGE_OFFICER, VILLAGE, Role.VILLAGE_OFFICER, VILLAGE, False),
    ],
)
def test_accounts_are_opened_downwards_inside_the_own_subtree(
    creator: Role, creator_path: str, role: Role, path: str, *, allowed: bool
) -> None:
    assert may_create(creator, creator_path, role=role, division_path=path) is allowed


def test_links_are_made_by_those_who_know_the_people_and_by_nobody_who_only_looks_on() -> None:
    makers = {role for role in Role if may(role, Permission.LINK_WRITE)}
    assert makers == {
        Role.VILLAGE_OFFICER,
        Role.TOWNSHIP_CLERK,
        Role.TOWNSHIP_HEAD,
        Role.COUNTY_BUREAU,
    }
