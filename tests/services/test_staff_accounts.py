"""Keeping accounts: who is listed, who may change whom, passwords and sessions."""

from datetime import timedelta
from functools import partial

import pytest

from domain.audit import AuditAction
from domain.errors import AppError
from domain.regions import DivisionPath
from domain.roles import Role
from services import accounts, staff_accounts
from services.accounts import CONFIRMED_FOR, LOCK_AFTER, MIN_PASSWORD, Access
from services.staff_accounts import Seating, Wanted
from storage.crypto.passwords import new_password
from storage.db.models.accounts import Staff
from tests.acts import refusal, together
from tests.certification_world import PASSWORD, Account, County, audited, rows
from tests.clock import FixedClock
from tests.places import COUNTY, OTHER_COUNTY, OTHER_VILLAGE, TOWNSHIP, VILLAGE

NEW = "quite-another-one"
BELOW = {"village_officer", "township_clerk", "township_head", "unit_officer"}


@pytest.fixture
def bureau(county: County) -> Account:
    return county.staff(Role.COUNTY_BUREAU, COUNTY, login="bureau", name="县局甲")


@pytest.fixture
def clerk(county: County) -> Account:
    return county.staff(Role.TOWNSHIP_CLERK, TOWNSHIP, login="clerk.wang", name="王经办")


def access(county: County, account: Account, password: str = PASSWORD) -> Access:
    token = accounts.sign_in(county.backend, account.login, password).token
    return accounts.access_of(county.backend, token)


def logins(county: County, account: Account, wanted: Wanted | None = None) -> list[str]:
    member = access(county, account).member
    page = staff_accounts.page_of_staff(county.backend, member, wanted or Wanted())
    return [each.login for each in page.staff]


def seating(login: str = "new.officer", role: Role = Role.VILLAGE_OFFICER) -> Seating:
    place = VILLAGE if role is Role.VILLAGE_OFFICER else DivisionPath(TOWNSHIP)
    return Seating(login=login, display_name="新协办", role=role, division_path=place)


def is_live(county: County, held: Access) -> bool:
    return any(
        each.token_digest == held.token_digest
        for each in staff_accounts.own_sessions(county.backend, held.member)
    )


def test_the_list_holds_the_own_subtree_in_the_order_of_places(
    county: County, bureau: Account, clerk: Account
) -> None:
    county.staff(Role.VILLAGE_OFFICER, VILLAGE, login="officer.b")
    county.staff(Role.VILLAGE_OFFICER, VILLAGE, login="officer.a")
    county.staff(Role.COUNTY_BUREAU, OTHER_COUNTY, login="elsewhere")
    assert logins(county, bureau) == ["bureau", "clerk.wang", "officer.a", "officer.b"]
    assert logins(county, clerk) == ["clerk.wang", "officer.a", "officer.b"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(role="village_officer"), ["officer.a", "closed"]),
        (Wanted(division=OTHER_VILLAGE), ["closed"]),
        (Wanted(login="off"), ["officer.a"]),
        (Wanted(login="_"), []),
        (Wanted(login="%"), []),
        (Wanted(is_disabled=True), ["closed"]),
        (Wanted(is_disabled=False, division=TOWNSHIP), ["officer.a"]),
        (Wanted(division=OTHER_COUNTY), []),
        (Wanted(role="' or true"), []),
    ],
)
def test_a_filter_narrows_and_never_widens(
    county: County, bureau: Account, wanted: Wanted, found: list[str]
) -> None:
    county.staff(Role.VILLAGE_OFFICER, VILLAGE, login="officer.a")
    closed = county.staff(Role.VILLAGE_OFFICER, OTHER_VILLAGE, login="closed")
    county.staff(Role.COUNTY_BUREAU, OTHER_COUNTY, login="elsewhere")
    accounts.disable_staff(county.backend, access(county, bureau).member, closed.id)
    assert logins(county, bureau, wanted) == found


def test_pages_follow_one_another_without_a_gap_or_a_double(
    county: County, bureau: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staff_accounts, "PAGE", 3)
    for number in range(7):
        county.staff(Role.VILLAGE_OFFICER, VILLAGE, login=f"officer.{number}")
    member = access(county, bureau).member
    seen: list[str] = []
    after = None
    for _ in range(4):
        page = staff_accounts.page_of_staff(county.backend, member, Wanted(), after=after)
        seen += [each.login for each in page.staff]
        after = page.after
        if after is None:
            break
    assert seen == ["bureau", *(f"officer.{number}" for number in range(7))]
    assert after is None


def test_a_cursor_from_out_of_sight_gives_an_empty_page(county: County, bureau: Account) -> None:
    elsewhere = county.staff(Role.COUNTY_BUREAU, OTHER_COUNTY)
    member = access(county, bureau).member
    page = staff_accounts.page_of_staff(county.backend, member, Wanted(), after=elsewhere.id)
    assert (page.staff, page.after) == ((), None)


def test_an_account_out_of_sight_is_not_found(county: County, bureau: Account) -> None:
    elsewhere = county.staff(Role.COUNTY_BUREAU, OTHER_COUNTY)
    member = access(county, bureau).member
    for act in (staff_accounts.account, staff_accounts.end_sessions):
        refused = refusal(partial(act, county.backend, member, elsewhere.id))
        assert refused.code == "staff.not_found"


def test_the_list_tells_factor_last_sight_and_live_sessions(
    county: County, bureau: Account, clerk: Account, clock: FixedClock
) -> None:
    access(county, clerk)
    clock.advance(timedelta(hours=1))
    clerk.token(county.backend)
    found = staff_accounts.account(county.backend, access(county, bureau).member, clerk.id)
    assert (found.live_sessions, found.last_seen_at) == (2, clock.now())
    assert (found.factor_since, found.division_name) == (None, "城关镇")


def test_a_new_account_gets_a_drawn_password_that_opens_it(county: County, bureau: Account) -> None:
    opened = staff_accounts.open_account(
        county.backend, access(county, bureau).member, seating(" New.Officer ")
    )
    assert len(opened.password) >= MIN_PASSWORD
    assert opened.password not in repr(opened)
    token = accounts.sign_in(county.backend, "new.officer", opened.password).token
    assert accounts.access_of(county.backend, token).member.id == opened.id


def test_drawn_passwords_differ_and_hold_nothing_that_reads_like_another() -> None:
    drawn = {new_password() for _ in range(200)}
    assert len(drawn) == 200
    assert not set("".join(drawn)) & set("01loiI")


@pytest.mark.parametrize("login", ["张三", "a b", "a/b", "", "<b>", "a\x00b", "=cmd"])
def test_a_login_is_letters_digits_dots_and_hyphens(
    county: County, bureau: Account, login: str
) -> None:
    act = partial(
        staff_accounts.open_account, county.backend, access(county, bureau).member, seating(login)
    )
    assert refusal(act).code == "staff.login_malformed"


def test_opening_an_account_asks_for_a_password_given_lately(
    county: County, bureau: Account, clock: FixedClock
) -> None:
    member = access(county, bureau).member
    clock.advance(CONFIRMED_FOR + timedelta(seconds=1))
    act = partial(staff_accounts.open_account, county.backend, member, seating())
    assert refusal(act).code == "auth.confirmation_needed"
    assert len(rows(county.backend, Staff)) == 1


@pytest.mark.parametrize(
    ("role", "opens"),
    [
        (Role.COUNTY_BUREAU, BELOW),
        (Role.COUNTY_ADMIN, BELOW | {"county_bureau"}),
        (Role.INSPECTOR, set()),
    ],
)
def test_only_roles_that_one_may_open_are_offered(
    county: County, role: Role, opens: set[str]
) -> None:
    member = access(county, county.staff(role, COUNTY)).member
    assert {each.value for each in staff_accounts.roles_to_open(member)} == opens


def test_ending_the_sessions_of_another_ends_all_of_them_and_only_those(
    county: County, bureau: Account, clerk: Account
) -> None:
    first, second, own = access(county, clerk), access(county, clerk), access(county, bureau)
    assert staff_accounts.end_sessions(county.backend, own.member, clerk.id) == 2
    assert not is_live(county, first)
    assert not is_live(county, second)
    assert is_live(county, own)
    (event,) = audited(county.backend, AuditAction.STAFF_LOGGED_OUT)
    assert event == {"staff": str(clerk.id), "everywhere": True, "ended": 2}


def test_who_may_not_open_an_account_may_not_end_its_sessions(
    county: County, bureau: Account
) -> None:
    head = county.staff(Role.TOWNSHIP_HEAD, TOWNSHIP)
    colleague = county.staff(Role.COUNTY_BUREAU, COUNTY)
    officer = county.staff(Role.VILLAGE_OFFICER, VILLAGE)
    for by, whom in ((head, officer), (bureau, colleague), (bureau, bureau)):
        member = access(county, by).member
        act = partial(staff_accounts.end_sessions, county.backend, member, whom.id)
        assert refusal(act).code == "permission.denied"


def test_a_changed_password_ends_the_other_sessions_and_the_old_one_is_no_more(
    county: County, clerk: Account
) -> None:
    here, elsewhere = access(county, clerk), access(county, clerk)
    assert staff_accounts.change_password(county.backend, here, PASSWORD, NEW) == 1
    assert is_live(county, here)
    assert not is_live(county, elsewhere)
    assert refusal(partial(access, county, clerk)).code == "auth.failed"
    assert access(county, clerk, NEW).member.id == clerk.id
    (event,) = audited(county.backend, AuditAction.STAFF_PASSWORD_CHANGED)
    assert event == {"staff": str(clerk.id), "ended": 1}


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("wrong-password", NEW, "auth.failed"),
        (PASSWORD, "123456789", "staff.password_too_short"),
        (PASSWORD, "", "staff.password_too_short"),
        (PASSWORD, PASSWORD, "staff.password_same"),
        (PASSWORD, "Clerk.Wang", "staff.password_same"),
    ],
)
def test_a_password_is_changed_by_who_knows_the_old_one_to_one_that_is_new_and_long(
    county: County, clerk: Account, old: str, new: str, code: str
) -> None:
    held = access(county, clerk)
    act = partial(staff_accounts.change_password, county.backend, held, old, new)
    assert refusal(act).code == code
    assert access(county, clerk).member.id == clerk.id
    assert audited(county.backend, AuditAction.STAFF_PASSWORD_CHANGED) == []


def test_guessing_the_old_password_locks_the_account(county: County, clerk: Account) -> None:
    held = access(county, clerk)
    guess = partial(staff_accounts.change_password, county.backend, held, "wrong", NEW)
    for _ in range(LOCK_AFTER):
        assert refusal(guess).code == "auth.failed"
    right = partial(staff_accounts.change_password, county.backend, held, PASSWORD, NEW)
    assert refusal(right).code == "auth.locked"


@pytest.mark.committing
def test_of_two_changes_at_once_one_counts(county: County, clerk: Account) -> None:
    first, second = access(county, clerk), access(county, clerk)
    change = partial(staff_accounts.change_password, county.backend)
    done = together(
        [
            partial(change, first, PASSWORD, f"{NEW}-1"),
            partial(change, second, PASSWORD, f"{NEW}-2"),
        ]
    )
    assert sorted(isinstance(each, int) for each in done) == [False, True]
    assert len(audited(county.backend, AuditAction.STAFF_PASSWORD_CHANGED)) == 1


def test_own_sessions_are_live_ones_and_nobody_elses(
    county: County, clerk: Account, bureau: Account, clock: FixedClock
) -> None:
    old = access(county, clerk)
    clock.advance(timedelta(hours=11))
    accounts.sign_out_everywhere(county.backend, access(county, clerk).member)
    access(county, bureau)
    held = access(county, clerk)
    (only,) = staff_accounts.own_sessions(county.backend, held.member)
    assert only.token_digest == held.token_digest
    assert not is_live(county, old)


def test_a_disabled_account_cannot_change_its_password(
    county: County, clerk: Account, bureau: Account
) -> None:
    held = access(county, clerk)
    accounts.disable_staff(county.backend, access(county, bureau).member, clerk.id)
    with pytest.raises(AppError) as refused:
        staff_accounts.change_password(county.backend, held, PASSWORD, NEW)
    assert refused.value.code == "auth.failed"
