"""The contact log: kept once, proving what it proves, and "unreachable" no sooner than allowed."""

from datetime import timedelta
from uuid import UUID

import pytest

from domain.appeal import AppealChannel
from domain.audit import AuditAction
from domain.contact import ContactOutcome, Reachability
from domain.cycle import Channel
from domain.errors import AppError
from services import appeal_raising, contacts, person_page, validity
from services.accounts import StaffMember
from services.appeal_raising import WrittenDown
from services.contact_worklist import Worklist
from services.validity import Ground
from storage.db.models.cases import Contact, ContactState
from tests import case_world
from tests.acts import code_of, together
from tests.certification_world import TEST, County, Pensioner, audited, rows, ruled_by
from tests.places import OTHER_TOWNSHIP
from tests.services.contacts.trying import (
    CALL,
    NO_ANSWER,
    REACHED,
    SMS,
    log_of,
    people_on,
    record,
    state,
    try_enough,
)

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
    assert code_of(lambda: record(county, officer, person, hours_ago=hours_ago)) == code
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
        assert code_of(act) == "person.not_found"


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
    assert code_of(look) == "person.not_found"


# -- unreachable


def test_unreachable_is_said_when_the_policys_minimum_is_met_and_no_sooner(
    county: County, officer: StaffMember, person: Pensioner
) -> None:
    def mark() -> None:
        contacts.mark_unreachable(county.backend, officer, person.id)

    assert code_of(mark) == "contact.too_few"
    record(county, officer, person, CALL, hours_ago=50)
    record(county, officer, person, CALL, hours_ago=26)
    assert code_of(mark) == "contact.too_few"
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
    assert code_of(mark) == "contact.too_few"


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
    assert code_of(mark) == "contact.too_few"


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
    assert code_of(mark) == "appeal.open"


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
