"""Staff accounts: who may open them, how they sign in, and how fast they are shut."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import pytest

from domain.audit import AuditAction
from domain.regions import DivisionPath
from domain.roles import Role
from services import accounts
from services.accounts import LOCK_AFTER, LOCK_WINDOW, SESSION_LIFE, NewStaff, StaffMember
from services.backend import Backend
from storage.db.models.accounts import LoginFailure, Staff, StaffSession
from tests.acts import refusal, together
from tests.certification_world import PASSWORD, Account, County, audited, rows
from tests.clock import FixedClock
from tests.places import COUNTY, OTHER_COUNTY, OTHER_COUNTY_VILLAGE, TOWNSHIP, VILLAGE


@pytest.fixture
def clerk(county: County) -> Account:
    return county.staff(Role.TOWNSHIP_CLERK, TOWNSHIP, login="clerk.wang")


def member_of(backend: Backend, token: str) -> StaffMember:
    return accounts.access_of(backend, token).member


def sign_in(county: County, login: str = "clerk.wang", password: str = PASSWORD) -> str:
    return accounts.sign_in(county.backend, login, password).token


def member(county: County, account: Account) -> StaffMember:
    return member_of(county.backend, sign_in(county, account.login))


def new(role: Role, path: DivisionPath, login: str = "new.officer") -> NewStaff:
    return NewStaff(
        login=login, display_name="虚构", role=role, division_path=path, password=PASSWORD
    )


def fails(county: County, times: int, login: str = "clerk.wang") -> None:
    for _ in range(times):
        assert refusal(partial(sign_in, county, login, "wrong-password")).code == "auth.failed"


def test_the_right_password_opens_a_session_that_names_its_holder(
    county: County, clerk: Account
) -> None:
    token = sign_in(county)
    found = member_of(county.backend, token)
    assert (found.id, found.role, found.division_path) == (clerk.id, clerk.role, clerk.division)
    (session,) = rows(county.backend, StaffSession)
    assert token.encode() not in session.token_digest
    (account,) = rows(county.backend, Staff)
    assert account.password_hash.startswith("$argon2id$")
    assert [e["staff"] for e in audited(county.backend, AuditAction.STAFF_LOGGED_IN)] == [
        str(clerk.id)
    ]


@pytest.mark.parametrize("typed", ["Clerk.Wang", " clerk.wang ", "ｃｌｅｒｋ．ｗａｎｇ"])
def test_a_login_counts_however_a_keyboard_writes_it(
    county: County, clerk: Account, typed: str
) -> None:
    assert member_of(county.backend, sign_in(county, typed)).id == clerk.id


def test_a_wrong_password_and_an_unknown_login_get_one_answer(
    county: County, clerk: Account
) -> None:
    wrong = refusal(partial(sign_in, county, "clerk.wang", "wrong-password"))
    unknown = refusal(partial(sign_in, county, "nobody.here", PASSWORD))
    assert (wrong.kind, wrong.code, wrong.params) == (unknown.kind, unknown.code, unknown.params)
    assert wrong.code == "auth.failed"


def test_after_ten_wrong_passwords_even_the_right_one_waits(
    county: County, clerk: Account, clock: FixedClock
) -> None:
    fails(county, LOCK_AFTER - 1)
    sign_in(county)
    fails(county, 1, "CLERK.wang")
    refused = refusal(partial(sign_in, county))
    assert (refused.code, refused.params["retry_after_s"]) == ("auth.locked", 900)
    assert b"clerk" not in b"".join(row.login_digest for row in rows(county.backend, LoginFailure))
    clock.advance(LOCK_WINDOW)
    sign_in(county)


def test_one_account_locked_leaves_the_others_open(county: County, clerk: Account) -> None:
    other = county.staff(Role.TOWNSHIP_HEAD, TOWNSHIP)
    fails(county, LOCK_AFTER)
    assert member(county, other).id == other.id


@pytest.mark.committing
def test_guesses_sent_at_once_are_all_counted(county: County, clerk: Account) -> None:
    together([partial(sign_in, county, "clerk.wang", f"wrong-password-{n}") for n in range(10)])
    assert refusal(partial(sign_in, county)).code == "auth.locked"


class BusyClock:
    """A clock that lets something happen before it tells the time for the `at`-th time."""

    def __init__(self, clock: FixedClock, at: int, happens: Callable[[], None]) -> None:
        self._clock, self._left, self._happens = clock, at, happens

    def now(self) -> datetime:
        self._left -= 1
        if self._left == 0:
            self._happens()
        return self._clock.now()


def test_the_right_guess_among_many_sent_at_once_does_not_slip_past_the_lock(
    county: County, clerk: Account, clock: FixedClock
) -> None:
    # The first act looks the account up, the second opens the session.
    meanwhile = partial(fails, county, LOCK_AFTER)
    busy = County(backend=replace(county.backend, clock=BusyClock(clock, 2, meanwhile)))
    assert refusal(partial(sign_in, busy)).code == "auth.locked"
    assert rows(county.backend, StaffSession) == []


def test_a_token_ends_with_its_day_and_a_revoked_one_at_once(
    county: County, clerk: Account, clock: FixedClock
) -> None:
    ended, kept, late = sign_in(county), sign_in(county), sign_in(county)
    holder = member_of(county.backend, ended)
    accounts.sign_out(county.backend, holder, ended)
    check = partial(member_of, county.backend)
    assert refusal(partial(check, ended)).code == "auth.session_expired"
    assert check(kept).id == clerk.id
    accounts.sign_out_everywhere(county.backend, holder)
    assert refusal(partial(check, kept)).code == "auth.session_expired"
    assert refusal(partial(check, late)).code == "auth.session_expired"
    last = sign_in(county)
    clock.advance(SESSION_LIFE - timedelta(seconds=1))
    assert check(last).id == clerk.id
    clock.advance(timedelta(seconds=1))
    assert refusal(partial(check, last)).code == "auth.session_expired"


def test_a_disabled_account_is_out_at_once_and_stays_out(county: County, clerk: Account) -> None:
    admin = member(county, county.staff(Role.COUNTY_ADMIN, COUNTY))
    token = sign_in(county)
    accounts.disable_staff(county.backend, admin, clerk.id)
    check = partial(accounts.authenticate, county.backend, token)
    assert refusal(check).code == "auth.session_expired"
    assert refusal(partial(sign_in, county)).code == "auth.failed"
    (event,) = audited(county.backend, AuditAction.STAFF_DISABLED)
    assert event == {"staff": str(clerk.id)}


def test_an_account_is_disabled_only_by_whoever_could_open_it(
    county: County, clerk: Account
) -> None:
    elsewhere = member(county, county.staff(Role.COUNTY_ADMIN, OTHER_COUNTY))
    bureau = member(county, county.staff(Role.COUNTY_BUREAU, COUNTY))
    admin = county.staff(Role.COUNTY_ADMIN, COUNTY)
    disable = partial(accounts.disable_staff, county.backend)
    assert refusal(partial(disable, elsewhere, clerk.id)).code == "staff.not_found"
    assert refusal(partial(disable, bureau, admin.id)).code == "permission.denied"
    assert refusal(partial(disable, bureau, bureau.id)).code == "permission.denied"


@pytest.mark.parametrize(
    ("creator", "role", "path", "may"),
    [
        (Role.COUNTY_BUREAU, Role.VILLAGE_OFFICER, VILLAGE, True),
        (Role.COUNTY_BUREAU, Role.TOWNSHIP_CLERK, TOWNSHIP, True),
        (Role.COUNTY_ADMIN, Role.COUNTY_BUREAU, COUNTY, True),
        (Role.COUNTY_BUREAU, Role.COUNTY_BUREAU, COUNTY, False),
        (Role.COUNTY_BUREAU, Role.INSPECTOR, COUNTY, False),
        (Role.COUNTY_BUREAU, Role.VILLAGE_OFFICER, TOWNSHIP, False),
        (Role.COUNTY_BUREAU, Role.VILLAGE_OFFICER, OTHER_COUNTY_VILLAGE, False),
    ],
)
def test_an_account_is_opened_below_the_own_seat_only(
    county: County, creator: Role, role: Role, path: DivisionPath, *, may: bool
) -> None:
    by = member(county, county.staff(creator, COUNTY))
    act = partial(accounts.create_staff, county.backend, by, new(role, path))
    if not may:
        assert refusal(act).code == "permission.denied"
        return
    staff_id = act()
    assert member_of(county.backend, sign_in(county, "new.officer")).id == staff_id
    (event,) = audited(county.backend, AuditAction.STAFF_CREATED)[-1:]
    assert event == {"staff": str(staff_id), "role": role.value}


def test_township_staff_open_no_accounts(county: County, clerk: Account) -> None:
    by = member(county, clerk)
    act = partial(accounts.create_staff, county.backend, by, new(Role.VILLAGE_OFFICER, VILLAGE))
    assert refusal(act).code == "permission.denied"


def test_a_login_is_unique_over_all_counties(county: County) -> None:
    county.staff(Role.COUNTY_BUREAU, OTHER_COUNTY, login="new.officer")
    by = member(county, county.staff(Role.COUNTY_BUREAU, COUNTY))
    for login in ("new.officer", "New.Officer"):
        account = new(Role.VILLAGE_OFFICER, VILLAGE, login)
        act = partial(accounts.create_staff, county.backend, by, account)
        assert refusal(act).code == "staff.login_taken"


def test_an_account_needs_a_place_and_a_password_of_some_length(county: County) -> None:
    by = member(county, county.staff(Role.COUNTY_BUREAU, COUNTY))
    nowhere = new(Role.VILLAGE_OFFICER, DivisionPath("990101100999"))
    act = partial(accounts.create_staff, county.backend, by, nowhere)
    assert refusal(act).code == "division.unknown"
    short = NewStaff(
        login="short",
        display_name="虚构",
        role=Role.VILLAGE_OFFICER,
        division_path=VILLAGE,
        password="123456789",
    )
    act = partial(accounts.create_staff, county.backend, by, short)
    assert refusal(act).code == "staff.password_too_short"


def test_the_console_opens_any_account_that_fits_its_place(county: County) -> None:
    inspector = new(Role.INSPECTOR, COUNTY, "inspector")
    accounts.create_staff_from_console(county.backend, "operator", inspector)
    assert member_of(county.backend, sign_in(county, "inspector")).role == "inspector"
    misplaced = new(Role.VILLAGE_OFFICER, TOWNSHIP)
    act = partial(accounts.create_staff_from_console, county.backend, "operator", misplaced)
    assert refusal(act).code == "staff.role_misplaced"
