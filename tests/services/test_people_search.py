"""Finding people: by name, surname, whole number, whole phone and place; lists by what is open."""

from datetime import date

import pytest
import sqlalchemy as sa

from domain.beneficiary import EntitlementStatus, SuspensionCause
from domain.cycle import Channel
from domain.listing import COUNTED_TO, Due, OpenWork, Order
from domain.policy_values import Scheme
from domain.roles import Role
from services.name_index import index_names
from services.people_search import (
    PeoplePage,
    Wanted,
    count_people,
    list_people,
    places_offered,
    sought,
)
from storage.db.models.registry import Beneficiary
from tests.acts import refusal
from tests.certification_world import TEST, Account, County
from tests.people_world import clock, erase, mark, member
from tests.places import OTHER_COUNTY_VILLAGE, OTHER_TOWNSHIP, OTHER_VILLAGE, TOWNSHIP, VILLAGE


@pytest.fixture
def clerk(county: County) -> Account:
    return county.staff(Role.TOWNSHIP_CLERK, TOWNSHIP)


def search(county: County, by: Account, text: str = "", **narrowed: object) -> PeoplePage:
    reader = member(county.backend, by)
    wanted = Wanted(found=sought(county.backend, text), **narrowed)  # type: ignore[arg-type]
    return list_people(county.backend, reader, wanted)


def names(page: PeoplePage) -> list[str | None]:
    return [person.name for person in page.people]


def test_a_person_is_found_by_name_surname_number_and_phone(county: County, clerk: Account) -> None:
    zhou = county.person("周桂香")
    county.person("李桂香")

    for text in ("周桂香", " 周 桂 香 ", "周", zhou.id_number, zhou.id_number.lower(), zhou.phone):
        assert [found.id for found in search(county, clerk, text).people] == [zhou.id], text


def test_what_is_shown_of_whoever_is_found_is_masked(county: County, clerk: Account) -> None:
    zhou = county.person("周桂香")

    found = search(county, clerk, "周桂香").people[0]

    assert found.name == "周*香"
    for secret in (zhou.id_number, zhou.phone, "周桂香"):
        assert secret not in repr(found)


def test_a_compound_surname_and_a_name_with_a_dot_are_found_by_what_comes_first(
    county: County, clerk: Account
) -> None:
    county.person("欧阳修文")
    county.person("阿依古丽·买买提")

    assert names(search(county, clerk, "欧阳")) == ["欧**文"]
    assert names(search(county, clerk, "欧")) == []
    assert len(search(county, clerk, "阿依古丽").people) == 1
    assert len(search(county, clerk, "阿依古丽•买买提").people) == 1


def test_a_part_of_a_number_is_refused_with_a_word_and_never_searched(
    county: County, clerk: Account
) -> None:
    person = county.person()

    refused = refusal(lambda: search(county, clerk, person.id_number[-4:-1]))

    assert refused.code == "search.part_of_number"
    assert refusal(lambda: search(county, clerk, "110101195001012")).code == (
        "id_number.fifteen_digits"
    )
    assert refusal(lambda: search(county, clerk, "王" * 61)).code == "search.name_too_long"


def test_what_goes_into_an_address_line_tells_no_name_and_no_number(county: County) -> None:
    person = county.person("周桂香")

    for text in (person.name, person.id_number, person.phone):
        assert text not in sought(county.backend, text)
    assert sought(county.backend, " 　") == ""


@pytest.mark.parametrize("found", ["number.", "phone.zz", "name." + "0" * 64, "周桂香", "a" * 9999])
def test_only_what_was_sought_can_be_looked_for(county: County, clerk: Account, found: str) -> None:
    reader = member(county.backend, clerk)

    refused = refusal(lambda: list_people(county.backend, reader, Wanted(found=found)))

    assert refused.code == "request.invalid"


def test_a_part_of_a_given_name_finds_nobody(county: County, clerk: Account) -> None:
    county.person("周桂香")

    assert search(county, clerk, "桂香").people == ()
    assert search(county, clerk, "周桂").people == ()


def test_nobody_out_of_the_own_division_is_found_by_anything(
    county: County, clerk: Account
) -> None:
    away = county.person("周桂香", household=OTHER_COUNTY_VILLAGE)
    beside = county.staff(Role.TOWNSHIP_CLERK, OTHER_TOWNSHIP)
    near = county.person("周桂香")

    for text in ("周桂香", away.id_number, away.phone, near.id_number):
        assert search(county, beside, text).people == ()
    assert [p.id for p in search(county, clerk).people] == [near.id]


def test_a_village_officer_sees_the_own_village_only(county: County) -> None:
    officer = county.staff(Role.VILLAGE_OFFICER, VILLAGE)
    near = county.person("周桂香")
    county.person("周桂香", household=OTHER_VILLAGE)

    assert [p.id for p in search(county, officer, "周").people] == [near.id]
    assert search(county, officer, place=OTHER_VILLAGE).people == ()


def test_a_place_counts_for_who_lives_there_and_for_who_is_registered_there(
    county: County, clerk: Account
) -> None:
    lives = county.person("甲甲", household=OTHER_VILLAGE, residence=VILLAGE)
    county.person("乙乙", household=OTHER_VILLAGE)

    assert [p.id for p in search(county, clerk, place=VILLAGE).people] == [lives.id]
    assert len(search(county, clerk, place=OTHER_VILLAGE).people) == 2
    assert refusal(lambda: search(county, clerk, place="%' or 1=1")).code == "division.malformed"


def test_a_list_goes_by_the_clock_that_ends_first_and_who_has_none_comes_last(
    county: County, clerk: Account
) -> None:
    backend = county.backend
    never = county.person("甲甲")
    late = county.person("乙乙")
    soon = county.person("丙丙", schemes=(Scheme.RESIDENT_PENSION, Scheme.SURVIVOR_ALLOWANCE))
    clock(backend, late, date(2026, 1, 31))
    clock(backend, soon, date(2027, 1, 31), scheme="resident_pension")
    clock(backend, soon, date(2026, 3, 31), scheme="survivor_allowance")

    found = search(county, clerk).people

    assert [p.id for p in found] == [late.id, soon.id, never.id]
    assert [p.due for p in found] == [Due.OVERDUE, Due.DUE_SOON, None]
    assert found[1].valid_until == date(2026, 3, 31)


def test_a_benefit_that_ended_has_no_clock_any_more(county: County, clerk: Account) -> None:
    both = (Scheme.RESIDENT_PENSION, Scheme.SURVIVOR_ALLOWANCE)
    person = county.person(schemes=both)
    clock(county.backend, person, date(2026, 1, 1), scheme="survivor_allowance")
    clock(county.backend, person, date(2026, 12, 1), scheme="resident_pension")
    county.set_state(person, EntitlementStatus.TERMINATED, scheme=Scheme.SURVIVOR_ALLOWANCE)

    found = search(county, clerk).people[0]

    assert found.valid_until == date(2026, 12, 1)
    assert [drawn.scheme for drawn in found.drawn] == ["resident_pension"]
    assert search(county, clerk, due=Due.OVERDUE).people == ()


@pytest.mark.parametrize(
    ("until", "due"),
    [
        (date(2026, 3, 1), Due.OVERDUE),
        (date(2026, 3, 2), Due.DUE_SOON),
        (date(2027, 3, 2), Due.CURRENT),
    ],
)
def test_the_state_on_a_line_and_the_filter_agree(
    county: County, clerk: Account, until: date, due: Due
) -> None:
    person = county.person()
    clock(county.backend, person, until, channel=Channel.APP_SELF)

    for asked in (Due.OVERDUE, Due.DUE_SOON, Due.CURRENT):
        found = search(county, clerk, due=asked).people
        assert [p.id for p in found] == ([person.id] if asked is due else [])
    assert search(county, clerk).people[0].due is due


def test_never_certified_is_whoever_lives_on_the_first_clock(
    county: County, clerk: Account
) -> None:
    never, once = county.person("甲甲"), county.person("乙乙")
    clock(county.backend, never, date(2026, 1, 1))
    clock(county.backend, once, date(2026, 1, 1), channel=Channel.HOME_VISIT)

    assert [p.id for p in search(county, clerk, due=Due.NEVER).people] == [never.id]
    assert [p.id for p in search(county, clerk, channel=Channel.HOME_VISIT).people] == [once.id]
    assert search(county, clerk, channel=Channel.OFFICIAL).people == ()


def test_lists_narrow_to_what_is_open_about_a_person(county: County, clerk: Account) -> None:
    suspended, led, gone, back = (county.person(name) for name in ("甲甲", "乙乙", "丙丙", "丁丁"))
    county.suspend(suspended, SuspensionCause.UNCERTIFIED)
    county.open_lead(led)
    mark(county.backend, gone, "unreachable", clerk)
    mark(county.backend, back, "unreachable", clerk)
    mark(county.backend, back, "reachable", clerk)

    assert [p.id for p in search(county, clerk, suspended=True).people] == [suspended.id]
    assert [p.id for p in search(county, clerk, work=OpenWork.LEAD).people] == [led.id]
    assert [p.id for p in search(county, clerk, unreachable=True).people] == [gone.id]
    assert search(county, clerk, work=OpenWork.REVIEW).people == ()
    assert search(county, clerk, work=OpenWork.APPEAL).people == ()
    assert search(county, clerk, work=OpenWork.LEAD).people[0].work == {OpenWork.LEAD}


def test_a_suspension_that_was_lifted_is_on_no_list(county: County, clerk: Account) -> None:
    person = county.person()
    county.suspend(person, SuspensionCause.UNCERTIFIED)
    county.set_state(person, EntitlementStatus.ACTIVE)

    assert search(county, clerk, suspended=True).people == ()


@pytest.mark.parametrize("order", list(Order))
def test_pages_show_everybody_once(county: County, clerk: Account, order: Order) -> None:
    backend, reader = county.backend, member(county.backend, clerk)
    for number in range(7):
        person = county.person("周桂香")
        if number % 3:  # several end on one day, some have no clock
            clock(backend, person, date(2026, 5, 1 + number % 2))
    seen, after = [], None
    while True:
        page = list_people(backend, reader, Wanted(), order=order, after=after, limit=2)
        seen += [person.id for person in page.people]
        after = page.next_after
        if after is None:
            break

    assert len(seen) == len(set(seen)) == 7


@pytest.mark.parametrize(
    "cursor", ["x", "2026-13-01~" + "0" * 36, "-~zz", "-~" + "-" * 36, "' or 1=1", "~" * 40]
)
def test_a_cursor_of_ones_own_making_is_refused(
    county: County, clerk: Account, cursor: str
) -> None:
    reader = member(county.backend, clerk)

    refused = refusal(lambda: list_people(county.backend, reader, Wanted(), after=cursor))

    assert refused.code == "list.bad_cursor"


@pytest.mark.parametrize("limit", [0, -1, 201, 10**9])
def test_a_page_without_end_is_refused(county: County, clerk: Account, limit: int) -> None:
    reader = member(county.backend, clerk)

    refused = refusal(lambda: list_people(county.backend, reader, Wanted(), limit=limit))

    assert refused.code == "list.page_too_large"


def test_a_count_stops_one_past_what_is_said(county: County, clerk: Account) -> None:
    reader = member(county.backend, clerk)
    for _ in range(3):
        county.person()

    assert count_people(county.backend, reader, Wanted()) == 3 <= COUNTED_TO
    assert count_people(county.backend, reader, Wanted(due=Due.OVERDUE)) == 0


def test_somebody_erased_by_law_is_listed_without_a_name(county: County, clerk: Account) -> None:
    person = county.person()
    erase(county.backend, person)

    found = search(county, clerk).people[0]

    assert (found.id, found.name, found.id_number, found.phone) == (person.id, None, "", None)


def test_names_of_before_are_indexed_once(county: County, clerk: Account) -> None:
    backend = county.backend
    people = [county.person("周桂香") for _ in range(3)]
    erased = county.person("周桂香")
    erase(backend, erased)
    with backend.unit(TEST.actor, TEST.scope) as unit:
        unit.session.execute(sa.update(Beneficiary).values(name_index=None, surname_index=None))
    assert search(county, clerk, "周桂香").people == ()

    assert index_names(backend, batch=2) == 3
    assert index_names(backend) == 0

    assert {p.id for p in search(county, clerk, "周桂香").people} == {p.id for p in people}


def test_a_name_a_surname_and_a_phone_never_share_an_index(county: County) -> None:
    index = county.backend.index

    assert len({index.of(kind, "周") for kind in ("name", "surname", "phone", "id_number")}) == 4


def test_places_are_offered_from_the_own_seat_down(county: County, clerk: Account) -> None:
    offered = [
        place.path for place in places_offered(county.backend, member(county.backend, clerk))
    ]

    assert offered == [TOWNSHIP, VILLAGE, OTHER_VILLAGE]
