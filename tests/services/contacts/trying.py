"""Tries to reach a person, and how the person then stands."""

from datetime import timedelta
from uuid import UUID

from domain.contact import ContactChannel, ContactOutcome, Reachability
from services import contact_worklist, contacts
from services.accounts import StaffMember
from services.contact_worklist import Wanted, Worklist
from services.contacts import ContactLog, NewContact
from tests.certification_world import County, Pensioner

CALL, SMS, LETTER = ContactChannel.CALL, ContactChannel.SMS, ContactChannel.LETTER
NO_ANSWER, REACHED = ContactOutcome.NO_ANSWER, ContactOutcome.REACHED


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


def people_on(county: County, reader: StaffMember, worklist: Worklist, **more: str) -> list[UUID]:
    page = contact_worklist.worklist_page(
        county.backend,
        reader,
        Wanted(worklist=worklist, **more),  # type: ignore[arg-type]
    )
    return [line.person_id for line in page.people]
