"""Whom to try next: due and untried first, and nobody whom a certification would not help."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from domain.beneficiary import EntitlementStatus, SuspensionCause
from domain.policy_values import Scheme
from services import contact_worklist, contacts
from services.accounts import StaffMember
from services.contact_worklist import Wanted, Worklist
from tests.acts import code_of
from tests.certification_world import County, Pensioner, set_clock
from tests.clock import FixedClock
from tests.places import OTHER_TOWNSHIP_VILLAGE, OTHER_VILLAGE
from tests.services.contacts.trying import REACHED, people_on, record, try_enough


@pytest.fixture
def today(clock: FixedClock) -> date:
    return clock.now().date()


def test_who_is_due_and_untried_comes_first_due_first(
    county: County, clerk: StaffMember, today: date
) -> None:
    overdue, soon, later = (county.person(f"王{n}") for n in "一二三")
    set_clock(county, soon, today + timedelta(days=9))
    set_clock(county, overdue, today - timedelta(days=40))
    set_clock(county, later, today + timedelta(days=60))
    assert people_on(county, clerk, Worklist.UNTRIED) == [overdue.id, soon.id]
    page = contact_worklist.worklist_page(county.backend, clerk, Wanted(worklist=Worklist.UNTRIED))
    assert [line.is_overdue for line in page.people] == [True, False]
    assert page.people[0].masked_name == "王*"
    assert page.people[0].village == "东街村"


def test_who_was_tried_in_vain_moves_to_the_second_list_and_who_was_reached_leaves(
    county: County, clerk: StaffMember, person: Pensioner, today: date
) -> None:
    set_clock(county, person, today + timedelta(days=9))
    record(county, clerk, person)
    assert people_on(county, clerk, Worklist.UNTRIED) == []
    assert people_on(county, clerk, Worklist.TRIED) == [person.id]
    record(county, clerk, person, outcome=REACHED)
    assert people_on(county, clerk, Worklist.TRIED) == []


def test_what_was_tried_before_the_clock_warned_does_not_count(
    county: County, clerk: StaffMember, person: Pensioner, today: date
) -> None:
    record(county, clerk, person, outcome=REACHED, hours_ago=24 * 40)
    set_clock(county, person, today + timedelta(days=9))
    assert people_on(county, clerk, Worklist.UNTRIED) == [person.id]


def test_who_cannot_be_reached_is_on_the_third_list_only(
    county: County, clerk: StaffMember, person: Pensioner, today: date
) -> None:
    set_clock(county, person, today - timedelta(days=9))
    try_enough(county, clerk, person)
    contacts.mark_unreachable(county.backend, clerk, person.id)
    lists = [people_on(county, clerk, one) for one in Worklist]
    assert lists == [[], [], [person.id]]
    record(county, clerk, person, outcome=REACHED)
    assert [people_on(county, clerk, one) for one in Worklist] == [[], [], []]


def test_a_person_with_two_benefits_is_listed_once_by_the_clock_that_ends_first(
    county: County, clerk: StaffMember, today: date
) -> None:
    both = county.person(schemes=(Scheme.RESIDENT_PENSION, Scheme.WORK_INJURY))
    set_clock(county, both, today)
    assert people_on(county, clerk, Worklist.UNTRIED) == [both.id]


@pytest.mark.parametrize(
    ("status", "cause", "listed"),
    [
        (EntitlementStatus.TERMINATED, None, False),
        (EntitlementStatus.SUSPENDED, SuspensionCause.DEATH, False),
        (EntitlementStatus.SUSPENDED, SuspensionCause.UNCERTIFIED, True),
        (EntitlementStatus.ACTIVE, None, True),
    ],
)
def test_nobody_is_called_whom_a_certification_would_not_help(
    county: County,
    clerk: StaffMember,
    person: Pensioner,
    today: date,
    status: EntitlementStatus,
    cause: SuspensionCause | None,
    listed: bool,  # noqa: FBT001 - a column of the table above
) -> None:
    set_clock(county, person, today)
    county.set_state(person, status, cause)
    assert (people_on(county, clerk, Worklist.UNTRIED) == [person.id]) is listed


def test_a_list_ends_at_the_readers_division_and_can_be_narrowed_to_a_village(
    county: County, clerk: StaffMember, officer: StaffMember, today: date
) -> None:
    here, there = county.person("王一"), county.person("王二", household=OTHER_VILLAGE)
    far = county.person("王三", household=OTHER_TOWNSHIP_VILLAGE)
    for one in (here, there, far):
        set_clock(county, one, today)
    assert set(people_on(county, clerk, Worklist.UNTRIED)) == {here.id, there.id}
    assert people_on(county, officer, Worklist.UNTRIED) == [here.id]
    assert people_on(county, clerk, Worklist.UNTRIED, place=OTHER_VILLAGE) == [there.id]


@pytest.mark.parametrize("worklist", Worklist)
def test_pages_hold_everybody_once(
    county: County, clerk: StaffMember, today: date, worklist: Worklist
) -> None:
    everybody = [county.person(f"王{n}") for n in range(5)]
    for one in everybody:
        set_clock(county, one, today)
        if worklist is Worklist.TRIED:
            record(county, clerk, one)
        if worklist is Worklist.UNREACHABLE:
            try_enough(county, clerk, one)
            contacts.mark_unreachable(county.backend, clerk, one.id)
    found, after = list[UUID](), None
    while True:
        wanted = Wanted(worklist=worklist, after=after, limit=2)
        page = contact_worklist.worklist_page(county.backend, clerk, wanted)
        found += [line.person_id for line in page.people]
        after = page.next_after
        if after is None:
            break
    assert sorted(found) == sorted(one.id for one in everybody)
    lost = Wanted(worklist=worklist, after=everybody[0].id)
    assert (
        code_of(lambda: contact_worklist.worklist_page(county.backend, clerk, lost))
        == "person.not_found"
    )
