"""The contact log: kept once, proving what it proves, and "unreachable" no sooner than allowed."""

from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID

import pytest

from domain.appeal import AppealChannel
from domain.audit import AuditAction
from domain.beneficiary import EntitlementStatus, SuspensionCause
from domain.contact import ContactChannel, ContactOutcome, Reachability
from domain.cycle import Channel
from domain.errors import AppError
from domain.policy_values import Scheme
from services import appeal_raising, contact_worklist, contacts, person_page, validity
from services.accounts import StaffMember
from services.appeal_raising import WrittenDown
from services.contact_worklist import Wanted, Worklist
from services.contacts import ContactLog, NewContact
from services.validity import Ground
from storage.db.models.cases import Contact, ContactState
from storage.db.models.certification import Validity
from tests import case_world
from tests.certification_world import (
    OTHER_TOWNSHIP,
    OTHER_VILLAGE,
    TEST,
    County,
    Pensioner,
    audited,
    rows,
    ruled_by,
    together,
)
from tests.clock import FixedClock

CALL, SMS, LETTER = ContactChannel.CALL, ContactChannel.SMS, ContactChannel.LETTER
NO_ANSWER, REACHED = ContactOutcome.NO_ANSWER, ContactOutcome.REACHED


@pytest.fixture
def person(county: County) -> Pensioner:
    return county.person()


@pytest.fixture
def officer(county: County) -> StaffMember:
    return case_world.officer(county.backend)


@pytest.fixture
def clerk(county: County) -> StaffMember:
    return case_world.add_staff(county.backend, "clerk")


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(AppError) as refused:
        act()
    return refused.value.code


def record(
    county: County,
    by: StaffMember,
    person: Pensioner,
    channel: ContactChannel = CALL,
    outcome: ContactOutcome = NO_ANSWER,
    *,
    hours_ago: float = 0,
) -> UUID:
    at = county.backend.clock.now() - timedelta(hours=hours_ago)
    new = NewContact(channel=channel, outcome=outcome, contacted_at=at, note="铃响很久")
    return contacts.record(county.backend, by, person.id, new)


def try_enough(county: County, by: StaffMember, person: Pensioner) -> None:
    record(county, by, person, CALL, hours_ago=50)
    record(county, by, person, CALL, hours_ago=26)
    record(county, by, person, LETTER, ContactOutcome.MESSAGE_LEFT, hours_ago=2)


def log_of(county: County, reader: StaffMember, person: Pensioner) -> ContactLog:
    return contacts.log_page(county.backend, reader, person.id, after=None, limit=50)


def state(county: County, reader: StaffMember, person: Pensioner) -> Reachability:
    return log_of(county, reader, person).state


# -- writing down


def test_a_try_is_on_record_with_who_when_and_what_came_of_it(
    county: County, officer: StaffMember, person: Pensioner
) -> None:
    made = record(county, officer, person, hours_ago=3)
    (line,) = log_of(county, officer, person).lines
    assert (line.id, line.channel, line.outcome) == (made, CALL, NO_ANSWER)
    assert line.contacted_at == county.backend.clock.now() - timedelta(hours=3)
    assert (line.note, line.recorder) == ("铃响很久", "虚构")
    (event,) = audited(county.backend, AuditAction.CONTACT_RECORDED)
    assert event == {
        "contact": str(made),
        "beneficiary": str(person.id),
        "channel": "call",
        "outcome": "no_answer",
    }


def test_a_form_that_is_sent_twice_is_kept_once(
    county: County, officer: StaffMember, person: Pensioner
) -> None:
    assert record(county, officer, person) == record(county, officer, person)
    assert len(rows(county.backend, Contact)) == 1
    assert len(audited(county.backend, AuditAction.CONTACT_RECORDED)) == 1


@pytest.mark.committing
def test_a_form_that_is_sent_many_times_at_once_is_kept_once(
    county: County, officer: StaffMember, person: Pensioner
) -> None:
    ids = together([lambda: record(county, officer, person)] * 4)
    assert len(set(ids)) == 1
    assert len(rows(county.backend, Contact)) == 1


@pytest.mark.parametrize(
    ("hours_ago", "code"), [(-0.1, "contact.in_future"), (366 * 24, "contact.too_old")]
)
def test_a_contact_that_cannot_be_is_not_kept(
    county: County, officer: StaffMember, person: Pensioner, hours_ago: float, code: str
) -> None:
    assert refusal(lambda: record(county, officer, person, hours_ago=hours_ago)) == code
    assert rows(county.backend, Contact) == []


def test_a_stranger_to_the_division_neither_reads_nor_writes(
    county: County, officer: StaffMember, person: Pensioner
) -> None:
    record(county, officer, person)
    elsewhere = case_world.add_staff(county.backend, "elsewhere", path=OTHER_TOWNSHIP)
    for act in (
        lambda: record(county, elsewhere, person),
        lambda: log_of(county, elsewhere, person),
        lambda: contacts.mark_unreachable(county.backend, elsewhere, person.id),
        lambda: contacts.mark_reached(county.backend, elsewhere, person.id),
    ):
        assert refusal(act) == "person.not_found"


@pytest.mark.parametrize("limit", [1, 2, 5])
def test_pages_hold_every_try_once_the_newest_first(
    county: County, officer: StaffMember, person: Pensioner, limit: int
) -> None:
    made = [record(county, officer, person, hours_ago=hours) for hours in (1, 1.5, 2, 30, 90)]
    found, after = list[UUID](), None
    while True:
        page = contacts.log_page(county.backend, officer, person.id, after=after, limit=limit)
        found += [line.id for line in page.lines]
        after = page.next_after
        if after is None:
            break
    assert found == made


def test_a_page_does_not_go_on_behind_somebody_elses_contact(
    county: County, officer: StaffMember, person: Pensioner
) -> None:
    other = record(county, officer, county.person("李守田"))
    look = lambda: contacts.log_page(  # noqa: E731
        county.backend, officer, person.id, after=other, limit=5
    )
    assert refusal(look) == "person.not_found"


# -- unreachable


def test_unreachable_is_said_when_the_policys_minimum_is_met_and_no_sooner(
    county: County, officer: StaffMember, person: Pensioner
) -> None:
    def mark() -> None:
        contacts.mark_unreachable(county.backend, officer, person.id)

    assert refusal(mark) == "contact.too_few"
    record(county, officer, person, CALL, hours_ago=50)
    record(county, officer, person, CALL, hours_ago=26)
    assert refusal(mark) == "contact.too_few"
    record(county, officer, person, CALL, hours_ago=20)
    with pytest.raises(AppError) as refused:
        mark()
    assert dict(refused.value.params) == {
        "attempts_missing": 0,
        "channels_missing": 1,
        "days_missing": 0,
    }
    assert rows(county.backend, ContactState) == []
    record(county, officer, person, SMS, ContactOutcome.MESSAGE_LEFT)
    mark()
    assert state(county, officer, person) is Reachability.UNREACHABLE
    (event,) = audited(county.backend, AuditAction.CONTACT_MARKED)
    assert event["state"] == "unreachable"
    assert (event["attempts"], event["channels"], event["days"]) == (4, 2, 3)


def test_a_county_may_ask_for_more(county: County) -> None:
    strict = ruled_by(county, contact__attempts=5, contact__channels=3, contact__days=3)
    officer, person = case_world.officer(strict.backend), strict.person()
    try_enough(strict, officer, person)
    found = log_of(strict, officer, person).proof
    assert (found.attempts_missing, found.channels_missing, found.days_missing) == (2, 1, 0)
    mark = lambda: contacts.mark_unreachable(strict.backend, officer, person.id)  # noqa: E731
    assert refusal(mark) == "contact.too_few"


def test_saying_it_twice_says_it_once(
    county: County, officer: StaffMember, person: Pensioner
) -> None:
    try_enough(county, officer, person)
    contacts.mark_unreachable(county.backend, officer, person.id)
    contacts.mark_unreachable(county.backend, officer, person.id)
    assert len(rows(county.backend, ContactState)) == 1


@pytest.mark.parametrize(
    "outcome", [REACHED, ContactOutcome.PROMISED, ContactOutcome.REFUSED], ids=str
)
def test_being_reached_lifts_it_and_the_count_begins_anew(
    county: County, officer: StaffMember, person: Pensioner, outcome: ContactOutcome
) -> None:
    try_enough(county, officer, person)
    contacts.mark_unreachable(county.backend, officer, person.id)
    record(county, officer, person, outcome=outcome)
    log = log_of(county, officer, person)
    assert (log.state, log.proof.attempts) == (Reachability.REACHED, 0)
    mark = lambda: contacts.mark_unreachable(county.backend, officer, person.id)  # noqa: E731
    assert refusal(mark) == "contact.too_few"


def test_a_contact_that_is_told_late_lifts_it_only_when_too_little_was_tried_since(
    county: County, officer: StaffMember, person: Pensioner
) -> None:
    try_enough(county, officer, person)
    contacts.mark_unreachable(county.backend, officer, person.id)
    record(county, officer, person, outcome=REACHED, hours_ago=300)
    assert state(county, officer, person) is Reachability.UNREACHABLE
    record(county, officer, person, outcome=REACHED, hours_ago=40)
    assert state(county, officer, person) is Reachability.REACHED


def test_a_mistake_is_taken_back_on_record(
    county: County, officer: StaffMember, person: Pensioner
) -> None:
    contacts.mark_reached(county.backend, officer, person.id)  # nothing to take back
    assert rows(county.backend, ContactState) == []
    try_enough(county, officer, person)
    contacts.mark_unreachable(county.backend, officer, person.id)
    contacts.mark_reached(county.backend, officer, person.id)
    log = log_of(county, officer, person)
    assert (log.state, log.proof.attempts) == (Reachability.REACHED, 0)
    assert [e["state"] for e in audited(county.backend, AuditAction.CONTACT_MARKED)] == (
        ["unreachable", "reached"]
    )


def certify(county: County, person: Pensioner, channel: Channel) -> None:
    with county.backend.unit(TEST.actor, TEST.scope) as unit:
        unit.record_in(person.household)
        found = county.backend.people(unit).load(person.id)
        assert found is not None
        day = county.backend.clock.now().date()
        validity.certify(county.backend, unit, found, Ground(channel=channel, captured_on=day))


@pytest.mark.parametrize(
    ("channel", "expected"),
    [
        (Channel.APP_SELF, Reachability.REACHED),
        (Channel.DATA_MATCH, Reachability.UNREACHABLE),
    ],
)
def test_whoever_certifies_was_reached_unless_nobody_met_them(
    county: County,
    officer: StaffMember,
    person: Pensioner,
    channel: Channel,
    expected: Reachability,
) -> None:
    try_enough(county, officer, person)
    contacts.mark_unreachable(county.backend, officer, person.id)
    county.backend.clock.advance(timedelta(hours=1))  # type: ignore[attr-defined]
    certify(county, person, channel)
    assert state(county, officer, person) is expected
    listed = people_on(county, officer, Worklist.UNREACHABLE)
    assert listed == ([person.id] if expected is Reachability.UNREACHABLE else [])


def test_the_page_of_a_person_says_unreachable_no_longer_than_the_log_does(
    county: County, officer: StaffMember, person: Pensioner
) -> None:
    try_enough(county, officer, person)
    contacts.mark_unreachable(county.backend, officer, person.id)
    page = person_page.person_page(county.backend, officer, person.id)
    assert page.history.unreachable
    county.backend.clock.advance(timedelta(hours=1))  # type: ignore[attr-defined]
    certify(county, person, Channel.APP_SELF)
    assert state(county, officer, person) is Reachability.REACHED
    page = person_page.person_page(county.backend, officer, person.id)
    assert not page.history.unreachable


def test_nobody_who_waits_for_an_answer_to_an_appeal_is_called_unreachable(
    county: County, officer: StaffMember, person: Pensioner
) -> None:
    try_enough(county, officer, person)
    wish = WrittenDown(
        person_id=person.id, channel=AppealChannel.LETTER, statement="信里说人在外地"
    )
    appeal_raising.write_down(county.backend, officer, wish)
    mark = lambda: contacts.mark_unreachable(county.backend, officer, person.id)  # noqa: E731
    assert refusal(mark) == "appeal.open"


@pytest.mark.committing
def test_being_reached_and_being_called_unreachable_at_once_end_in_reached(
    county: County, officer: StaffMember, person: Pensioner
) -> None:
    try_enough(county, officer, person)
    together(
        [
            lambda: contacts.mark_unreachable(county.backend, officer, person.id),
            lambda: record(county, officer, person, outcome=REACHED),
        ]
    )
    assert state(county, officer, person) is Reachability.REACHED


# -- whom to try next


def set_clock(county: County, person: Pensioner, ends: date | None) -> None:
    """Let every clock of a person end on a day."""
    with county.backend.unit(TEST.actor, TEST.scope) as unit:
        for found in county.backend.people(unit).entitlements_of(person.id):
            unit.session.merge(
                Validity(
                    entitlement_id=found.id,
                    beneficiary_id=person.id,
                    valid_until=ends,
                    certification_id=None,
                    projected_at=unit.now,
                )
            )


def people_on(county: County, reader: StaffMember, worklist: Worklist, **more: str) -> list[UUID]:
    page = contact_worklist.worklist_page(
        county.backend,
        reader,
        Wanted(worklist=worklist, **more),  # type: ignore[arg-type]
    )
    return [line.person_id for line in page.people]


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
    far = county.person("王三", household=case_world.OTHER_TOWNSHIP_VILLAGE)
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
        refusal(lambda: contact_worklist.worklist_page(county.backend, clerk, lost))
        == "person.not_found"
    )
