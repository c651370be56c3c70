"""What happened about a person: attempts, visits, cases, files, contacts; each part for who may.

Whoever reads a case a second time must not learn here what came of the first reading, so a verdict
that is being read again is not shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from domain.audit import AuditAction, staff_behind
from domain.contact import Reachability
from domain.cycle import Channel
from domain.roles import Permission, Role, may
from domain.visit_request import Progress, progress
from services.accounts import StaffMember
from services.contacts import reachability
from services.policies import legal_day
from services.unit_of_work import Unit
from services.visit_requests import SHOWN_FOR, code_of
from storage.crypto.envelope import DataKey
from storage.db.models.registry import Beneficiary
from storage.db.repositories import (
    appeals,
    audit_trail,
    contacts,
    identity,
    person_rows,
    registry,
    staff_lists,
)
from storage.db.repositories.audit_trail import Filter, SearchTooWide

MOST = 50
"""Lines of each list on the page; the newest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActSeen:
    """An attempt or a visit and what it came to. `verdict` is None while it is read again."""

    id: UUID
    channel: Channel
    received_at: datetime
    outcome: str | None
    reasons: tuple[str, ...]
    review_id: UUID | None
    verdict: str | None
    method: str | None
    decided_by: str | None
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSeen:
    """One file. `digest` is the beginning of its SHA-256."""

    id: UUID
    kind: str
    stored_at: datetime
    media_type: str
    size: int
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestSeen:
    """A request for a visit. `code` is what the visitor names at the door."""

    asked_on: date
    reason: str
    state: Progress
    code: str | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactSeen:
    channel: str
    outcome: str
    at: datetime
    by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealSeen:
    id: UUID
    channel: str
    raised_at: datetime
    due_at: datetime
    outcome: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadSeen:
    kind: str
    opened_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentSeen:
    purpose: str
    version: str
    given_at: datetime
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSeen:
    """That something was corrected; never what it was."""

    field: str
    at: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSeen:
    id: UUID
    made_at: datetime
    made_by: str
    expires_at: datetime
    is_live: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DeedSeen:
    """One record of the audit trail about the person."""

    at: datetime
    by: str
    action: AuditAction
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Each part is empty for whom it is not meant; `parts` names those that the reader may see."""

    parts: frozenset[str]
    acts: tuple[ActSeen, ...]
    files: tuple[FileSeen, ...]
    requests: tuple[RequestSeen, ...]
    contacts: tuple[ContactSeen, ...]
    unreachable: bool
    appeals: tuple[AppealSeen, ...]
    leads: tuple[LeadSeen, ...]
    consents: tuple[ConsentSeen, ...]
    changes: tuple[ChangeSeen, ...]
    links: tuple[LinkSeen, ...]
    deeds: tuple[DeedSeen, ...]


PARTS = {
    "acts": Permission.ATTEMPT_READ,
    "files": Permission.EVIDENCE_READ,
    "requests": Permission.VISIT_READ,
    "contacts": Permission.CONTACT_WRITE,
    "appeals": Permission.REVIEW_READ,
    "leads": Permission.REVIEW_READ,
    "consents": Permission.ATTEMPT_READ,
    "changes": Permission.ATTEMPT_READ,
    "links": Permission.LINK_WRITE,
    "deeds": Permission.AUDIT_READ,
}
"""What each part of the page needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    unit: Unit
    person: Beneficiary
    key: DataKey | None


def history_of(
    unit: Unit, reader: StaffMember, person: Beneficiary, key: DataKey | None
) -> History:
    """Return what the reader may know of what happened. `key` is None for somebody erased."""
    parts = frozenset(part for part, needed in PARTS.items() if may(Role(reader.role), needed))
    reading = _Reading(unit=unit, person=person, key=key)
    is_unreachable = (
        "contacts" in parts and reachability(unit, person.id) is Reachability.UNREACHABLE
    )

    def part(name: str, read: Any) -> tuple[Any, ...]:
        return tuple(read(reading)) if name in parts else ()

    return History(
        parts=parts,
        acts=part("acts", _acts),
        files=part("files", _files),
        requests=part("requests", _requests),
        contacts=part("contacts", _contacts),
        unreachable=is_unreachable,
        appeals=part("appeals", _appeals),
        leads=part("leads", _leads),
        consents=part("consents", _consents),
        changes=part("changes", _changes),
        links=part("links", _links),
        deeds=part("deeds", _deeds),
    )


def _acts(reading: _Reading) -> list[ActSeen]:
    session, person = reading.unit.session, reading.person.id
    again = person_rows.reread_now(session, person)
    rows = [
        *((Channel(row[0].channel), row) for row in person_rows.attempts_of(session, person, MOST)),
        *((Channel.HOME_VISIT, row) for row in person_rows.visits_of(session, person, MOST)),
    ]
    names = _names(reading, [row[3].decided_by for _, row in rows if row[3] is not None])
    seen = [_act(channel, row, again, names) for channel, row in rows]
    return sorted(seen, key=lambda act: act.received_at, reverse=True)[:MOST]


def _act(channel: Channel, row: Any, again: set[UUID], names: dict[UUID, str]) -> ActSeen:
    act, decision, review, verdict = row
    shown = verdict if review is not None and review.id not in again else None
    return ActSeen(
        id=act.id,
        channel=channel,
        received_at=act.received_at,
        outcome=decision.outcome if decision else None,
        reasons=tuple(decision.reasons) if decision else (),
        review_id=review.id if review else None,
        verdict=shown.outcome if shown else None,
        method=shown.method if shown else None,
        decided_by=names.get(shown.decided_by) if shown else None,
        is_open=review is not None and verdict is None,
    )


def _names(reading: _Reading, ids: Sequence[UUID]) -> dict[UUID, str]:
    return staff_lists.names_of(reading.unit.session, ids) if ids else {}


def _files(reading: _Reading) -> list[FileSeen]:
    rows = person_rows.evidence_of(reading.unit.session, reading.person.id, MOST)
    kinds = person_rows.kinds_of(reading.unit.session, [row.id for row in rows])
    return [
        FileSeen(
            id=row.id,
            kind=kinds.get(row.id, "other"),
            stored_at=row.stored_at,
            media_type=row.media_type,
            size=row.size,
            digest=row.sha256[:12],
        )
        for row in rows
    ]


def _requests(reading: _Reading) -> list[RequestSeen]:
    unit = reading.unit
    rows = person_rows.requests_of(unit.session, reading.person.id, MOST)
    visited = max(
        (row[0].received_at for row in person_rows.visits_of(unit.session, reading.person.id, 1)),
        default=None,
    )
    seen = []
    for row in rows:
        state = progress(
            is_visited=visited is not None and visited >= row.requested_at,
            by_staff=staff_behind(row.requested_by) is not None,
        )
        waits = state is not Progress.DONE and row.requested_at > unit.now - SHOWN_FOR
        code = code_of(row, reading.key) if waits and reading.key and row.code_sealed else None
        seen.append(
            RequestSeen(
                asked_on=legal_day(row.requested_at), reason=row.reason, state=state, code=code
            )
        )
    return seen


def _contacts(reading: _Reading) -> list[ContactSeen]:
    rows = contacts.of_person(reading.unit.session, reading.person.id, after=None, limit=MOST)
    return [
        ContactSeen(
            channel=row.Contact.channel,
            outcome=row.Contact.outcome,
            at=row.Contact.contacted_at,
            by=row.recorder,
        )
        for row in rows
    ]


def _appeals(reading: _Reading) -> list[AppealSeen]:
    return [
        AppealSeen(
            id=row.Appeal.id,
            channel=row.Appeal.channel,
            raised_at=row.Appeal.raised_at,
            due_at=row.Appeal.due_at,
            outcome=row.AppealAnswer.outcome if row.AppealAnswer else None,
        )
        for row in appeals.of_person(reading.unit.session, reading.person.id, MOST)
    ]


def _leads(reading: _Reading) -> list[LeadSeen]:
    return [
        LeadSeen(kind=row.kind, opened_at=row.opened_at, closed_at=row.closed_at)
        for row in person_rows.leads_of(reading.unit.session, reading.person.id, MOST)
    ]


def _consents(reading: _Reading) -> list[ConsentSeen]:
    return [
        ConsentSeen(
            purpose=row.purpose,
            version=row.text_version,
            given_at=row.given_at,
            withdrawn_at=row.withdrawn_at,
        )
        for row in person_rows.consents_of(reading.unit.session, reading.person.id, MOST)
    ]


def _changes(reading: _Reading) -> list[ChangeSeen]:
    rows = registry.changes_of(reading.unit.session, reading.person.id)[:MOST]
    who = _speakers(reading, [row.changed_by for row in rows])
    return [
        ChangeSeen(field=row.field, at=row.changed_at, by=who[row.changed_by], reason=row.reason)
        for row in rows
    ]


def _links(reading: _Reading) -> list[LinkSeen]:
    rows = identity.links_of(reading.unit.session, reading.person.id)[:MOST]
    who = _speakers(reading, [row.made_by for row in rows])
    return [
        LinkSeen(
            id=row.id,
            made_at=row.made_at,
            made_by=who[row.made_by],
            expires_at=row.expires_at,
            is_live=row.revoked_at is None and row.expires_at > reading.unit.now,
        )
        for row in rows
    ]


def _deeds(reading: _Reading) -> list[DeedSeen]:
    wanted = Filter(chain=reading.person.household_path[:6], beneficiary=str(reading.person.id))
    try:
        rows = audit_trail.page(reading.unit.session, wanted, below=None, limit=MOST)
    except SearchTooWide:
        return []
    who = _speakers(reading, [row.actor for row in rows])
    return [
        DeedSeen(
            at=row.at,
            by=who[row.actor],
            action=AuditAction(row.action),
            reason=row.details.get("reason"),
        )
        for row in rows
    ]


def _speakers(reading: _Reading, actors: Sequence[str]) -> dict[str, str]:
    """Name the staff in sight; everybody else stays the code that was written down."""
    ids = {actor: staff for actor in actors if (staff := staff_behind(actor)) is not None}
    names = _names(reading, list(ids.values()))
    return {actor: names.get(ids[actor], actor) if actor in ids else actor for actor in actors}
