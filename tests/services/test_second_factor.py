"""The second factor: set up once, shown every time, each code once, taken away by who may."""

from datetime import timedelta
from functools import partial

import pytest

from domain.audit import AuditAction
from domain.regions import DivisionPath
from domain.roles import Role
from services import accounts, second_factor
from services.accounts import Access
from storage.crypto.one_time_codes import STEP_S, code_at
from storage.db.models.accounts import StaffFactor
from tests.acts import refusal, together
from tests.certification_world import PASSWORD, Account, County, audited, rows
from tests.places import COUNTY, TOWNSHIP


@pytest.fixture
def clerk(county: County) -> Account:
    return county.staff(Role.TOWNSHIP_CLERK, TOWNSHIP, login="clerk.wang")


def opened(county: County, account: Account) -> Access:
    token = accounts.sign_in(county.backend, account.login, PASSWORD).token
    return accounts.access_of(county.backend, token)


def code(county: County, secret: str, *, steps: int = 0) -> str:
    return code_at(secret, county.backend.clock.now() + timedelta(seconds=STEP_S * steps))


def set_up(county: County, account: Account) -> str:
    access = opened(county, account)
    secret = second_factor.offer(county.backend, access).secret
    second_factor.show(county.backend, access, code(county, secret))
    return secret


def pass_time(county: County, **by: float) -> None:
    county.backend.clock.advance(timedelta(**by))  # type: ignore[attr-defined]


def test_an_officer_needs_no_second_factor(county: County) -> None:
    officer = county.staff(Role.VILLAGE_OFFICER, DivisionPath("990101100001"))

    assert not accounts.is_half_open(opened(county, officer))


def test_a_session_is_half_open_until_a_code_is_shown(county: County, clerk: Account) -> None:
    access = opened(county, clerk)
    assert accounts.is_half_open(access)

    secret = second_factor.offer(county.backend, access).secret
    second_factor.show(county.backend, access, code(county, secret))

    token_holder = opened(county, clerk)
    assert accounts.is_half_open(token_holder), "each session shows it anew"
    assert audited(county.backend, AuditAction.STAFF_FACTOR_SET) == [{"staff": str(clerk.id)}]


def test_the_secret_stays_the_same_until_it_is_proven_and_is_never_given_after(
    county: County, clerk: Account
) -> None:
    access = opened(county, clerk)
    first = second_factor.offer(county.backend, access)
    again = second_factor.offer(county.backend, access)
    assert first.secret == again.secret
    assert first.secret in first.address

    second_factor.show(county.backend, access, code(county, first.secret))

    refused = refusal(partial(second_factor.offer, county.backend, opened(county, clerk)))
    assert refused.code == "auth.factor_exists"


def test_the_secret_is_sealed_in_the_database(county: County, clerk: Account) -> None:
    secret = set_up(county, clerk)

    (kept,) = rows(county.backend, StaffFactor)
    assert secret.encode() not in kept.secret_sealed


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_phone_whose_clock_is_half_a_minute_off_is_understood(
    county: County, clerk: Account, steps: int
) -> None:
    secret = set_up(county, clerk)
    pass_time(county, minutes=5)
    access = opened(county, clerk)

    second_factor.show(county.backend, access, code(county, secret, steps=steps))


@pytest.mark.parametrize("steps", [-2, 2])
def test_a_code_of_another_minute_is_refused(county: County, clerk: Account, steps: int) -> None:
    secret = set_up(county, clerk)
    pass_time(county, minutes=5)
    wrong = partial(
        second_factor.show,
        county.backend,
        opened(county, clerk),
        code(county, secret, steps=steps),
    )

    assert refusal(wrong).code == "auth.code_wrong"


def test_a_code_counts_once(county: County, clerk: Account) -> None:
    secret = set_up(county, clerk)

    again = partial(second_factor.show, county.backend, opened(county, clerk), code(county, secret))

    assert refusal(again).code == "auth.code_wrong"


@pytest.mark.committing
def test_of_two_sessions_that_show_one_code_at_once_one_opens(
    county: County, clerk: Account
) -> None:
    secret = set_up(county, clerk)
    pass_time(county, minutes=5)
    tries = [
        partial(second_factor.show, county.backend, opened(county, clerk), code(county, secret))
        for _ in range(4)
    ]

    assert sorted(map(str, together(tries))) == ["None", *["auth.code_wrong"] * 3]


def test_who_guesses_codes_is_locked_out_like_who_guesses_passwords(
    county: County, clerk: Account
) -> None:
    secret = set_up(county, clerk)
    pass_time(county, minutes=5)
    access = opened(county, clerk)
    for _ in range(10):
        refusal(partial(second_factor.show, county.backend, access, "000000"))

    right = partial(second_factor.show, county.backend, access, code(county, secret))

    assert refusal(right).code == "auth.locked"


def test_without_a_factor_there_is_no_code(county: County, clerk: Account) -> None:
    shown = partial(second_factor.show, county.backend, opened(county, clerk), "123456")

    assert refusal(shown).code == "auth.factor_missing"


def test_who_may_open_the_account_takes_a_lost_factor_away(county: County, clerk: Account) -> None:
    set_up(county, clerk)
    session = accounts.sign_in(county.backend, clerk.login, PASSWORD).token
    bureau = county.staff(Role.COUNTY_BUREAU, COUNTY)
    by = accounts.access_of(county.backend, bureau.token(county.backend)).member

    second_factor.remove(county.backend, by, clerk.id)

    ended = partial(accounts.access_of, county.backend, session)
    assert refusal(ended).code == "auth.session_expired"
    anew = second_factor.offer(county.backend, opened(county, clerk))
    assert anew.secret


def test_a_colleague_takes_nobodys_factor_away(county: County, clerk: Account) -> None:
    set_up(county, clerk)
    colleague = county.staff(Role.TOWNSHIP_CLERK, TOWNSHIP)
    by = accounts.access_of(county.backend, colleague.token(county.backend)).member

    taken = partial(second_factor.remove, county.backend, by, clerk.id)

    assert refusal(taken).code == "permission.denied"


def test_a_password_counts_for_a_quarter_of_an_hour(county: County, clerk: Account) -> None:
    access = opened(county, clerk)
    now = county.backend.clock.now
    pass_time(county, minutes=15)
    accounts.check_confirmed(access.member, now())
    pass_time(county, seconds=1)

    late = refusal(partial(accounts.check_confirmed, access.member, now()))
    assert late.code == "auth.confirmation_needed"
    wrong = refusal(partial(accounts.confirm, county.backend, access, "wrong-password"))
    assert wrong.code == "auth.failed"
    accounts.confirm(county.backend, access, PASSWORD)
