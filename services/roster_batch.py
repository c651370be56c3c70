"""Write one batch of a roster: compare with what is registered, add what is new, overwrite nothing.

All writing is by arrays: a fixed number of statements, however many rows.
"""

from dataclasses import dataclass
from uuid import UUID

from domain.beneficiary import EntitlementStatus
from domain.regions import county_of
from services.backend import Backend
from services.roster_cells import RowFault
from services.roster_stream import Entry, RosterStream
from services.unit_of_work import Unit
from storage.db.repositories import registry
from storage.db.repositories.people import NewPerson, People
from storage.db.repositories.registry import Registered
from storage.ids import uuid7
from storage.spreadsheets.mapping import RosterField


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchResult:
    """What a batch added."""

    persons: int
    entitlements: int


def write_batch(
    backend: Backend, unit: Unit, stream: RosterStream, entries: list[Entry]
) -> BatchResult:
    """Register what is new in `entries`; the stream hears of every row that stays out."""
    people = backend.people(unit)
    by_number: dict[str, list[Entry]] = {}
    for entry in entries:
        by_number.setdefault(entry.number, []).append(entry)
    known = registry.registered(people, list(by_number))
    new: dict[UUID, list[Entry]] = {}
    wanted: list[tuple[UUID, Entry]] = []
    for number, group in by_number.items():
        there = known.get(number)
        if there is None:
            new[uuid7()] = _of_one_name(stream, group)
        else:
            wanted += [(there.id, entry) for entry in _for_registered(stream, there, group)]
    added = _add_people(people, unit, new)
    wanted += [(person_id, entry) for person_id in added for entry in new[person_id]]
    wanted += _not_added(stream, people, [g for key, g in new.items() if key not in added])
    _add_entitlements(unit, wanted)
    stream.tally.persons_added += len(added)
    stream.tally.entitlements_added += len(wanted)
    return BatchResult(persons=len(added), entitlements=len(wanted))


def _of_one_name(stream: RosterStream, group: list[Entry]) -> list[Entry]:
    """Keep the rows whose name is the first row's: a number belongs to one person."""
    for entry in group[1:]:
        if entry.row.name != group[0].row.name:
            stream.refuse(entry, RosterField.NAME, RowFault.NAME_DIFFERS_IN_FILE)
    return [entry for entry in group if entry.row.name == group[0].row.name]


def _for_registered(stream: RosterStream, there: Registered, group: list[Entry]) -> list[Entry]:
    """Choose the rows that bring a registered person a further entitlement."""
    wanted = []
    for entry in group:
        fault = _conflict(there, entry)
        if fault is not None:
            stream.refuse(entry, _ABOUT[fault], fault)
            continue
        _note_differences(stream, there, entry)
        if entry.row.scheme in there.schemes:
            stream.tally.unchanged += 1
        else:
            wanted.append(entry)
    return wanted


_ABOUT = {
    RowFault.PERSON_ERASED: RosterField.ID_NUMBER,
    RowFault.PERSON_REGISTERED_ELSEWHERE: RosterField.ID_NUMBER,
    RowFault.NAME_DIFFERS: RosterField.NAME,
    RowFault.STARTED_ON_DIFFERS: RosterField.STARTED_ON,
}


def _conflict(there: Registered, entry: Entry) -> RowFault | None:
    row = entry.row
    if there.name is None:
        return RowFault.PERSON_ERASED
    if county_of(row.household) != there.household_path[:6]:
        return RowFault.PERSON_REGISTERED_ELSEWHERE
    if row.name != there.name:
        return RowFault.NAME_DIFFERS
    if there.schemes.get(row.scheme, row.started_on) != row.started_on:
        return RowFault.STARTED_ON_DIFFERS
    return None


def _note_differences(stream: RosterStream, there: Registered, entry: Entry) -> None:
    """Report contact details that differ: an officer may have corrected them since."""
    row = entry.row
    if row.household != there.household_path:
        stream.note(entry, RosterField.HOUSEHOLD, RowFault.HOUSEHOLD_DIFFERS)
    stated = RosterField.RESIDENCE in entry.reader.columns and row.residence != row.household
    if stated and row.residence != there.residence_path:
        stream.note(entry, RosterField.RESIDENCE, RowFault.RESIDENCE_DIFFERS)
    if row.phone is not None and row.phone != there.phone:
        stream.note(entry, RosterField.PHONE, RowFault.PHONE_DIFFERS)


def _not_added(
    stream: RosterStream, people: People, groups: list[list[Entry]]
) -> list[tuple[UUID, Entry]]:
    """Tell who came in beside us just now from who is registered out of our sight."""
    wanted: list[tuple[UUID, Entry]] = []
    beside = registry.registered(people, [group[0].number for group in groups]) if groups else {}
    for group in groups:
        there = beside.get(group[0].number)
        if there is not None:
            wanted += [(there.id, entry) for entry in _for_registered(stream, there, group)]
            continue
        for entry in group:
            fault = RowFault.PERSON_REGISTERED_ELSEWHERE
            stream.refuse(entry, _ABOUT[fault], fault)
    return wanted


def _add_people(people: People, unit: Unit, new: dict[UUID, list[Entry]]) -> set[UUID]:
    rows = []
    for person_id, group in new.items():
        row = group[0].row
        rows.append(
            NewPerson(
                id=person_id,
                id_number=row.id_number.value,
                name=row.name,
                phone=row.phone,
                sex=row.id_number.sex.value,
                birth_date=row.id_number.birth_date,
                household_path=row.household,
                residence_path=row.residence,
                key_groups=tuple(group.value for group in row.key_groups),
            )
        )
    return registry.add_people(people, rows, at=unit.now, by=str(unit.actor))


def _add_entitlements(unit: Unit, wanted: list[tuple[UUID, Entry]]) -> None:
    entitlements, states, validities = [], [], []
    for person_id, entry in wanted:
        keys = {"entitlement_id": entry.entitlement.id, "beneficiary_id": person_id}
        entitlements.append(
            {
                "id": entry.entitlement.id,
                "beneficiary_id": person_id,
                "scheme": entry.row.scheme.value,
                "started_on": entry.row.started_on,
                "created_at": unit.now,
            }
        )
        states.append(
            {
                **keys,
                "id": uuid7(),
                "status": EntitlementStatus.ACTIVE.value,
                "effective_on": entry.row.started_on,
                "recorded_at": unit.now,
                "recorded_by": str(unit.actor),
            }
        )
        validities.append({**keys, "valid_until": entry.valid_until, "projected_at": unit.now})
    registry.add_entitlements(unit.session, entitlements, states, validities)
