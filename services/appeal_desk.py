"""The desk where appeals are answered: what waits, what was said, and what it is against."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from domain.appeal import AppealChannel, AppealOutcome
from domain.audit import AuditAction, staff_behind
from domain.beneficiary import EntitlementStatus, SuspensionCause
from domain.errors import AppError, Kind
from domain.policy_values import Scheme
from domain.review import Method
from domain.roles import Permission
from services.accounts import StaffMember, actor_of, scope_of
from services.acts import parts_of
from services.appeal_answers import check_answerer, find
from services.appeal_views import Result, newest_result, result_of, visit_of
from services.backend import Backend
from services.evidence import Caller, read
from services.proposal_records import check_acting
from services.shown import masked_name
from services.unit_of_work import Unit
from storage.db.models.cases import Appeal
from storage.db.models.certification import Evidence
from storage.db.repositories import (
    appeals,
    certifications,
    divisions,
    references,
    reviews,
    staff_lists,
)


class Shelf(StrEnum):
    """Which appeals are listed."""

    WAITING = "waiting"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealLine:
    """One line of a list. `masked_name` is None for somebody erased by law.

    `answered_by` is None for a colleague who sits out of the reader's sight.
    """

    id: UUID
    person_id: UUID
    masked_name: str | None = field(repr=False)
    place: str
    channel: AppealChannel
    raised_at: datetime
    due_at: datetime
    is_late: bool
    outcome: AppealOutcome | None
    answered_at: datetime | None
    answered_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealPage:
    """`next_after` is the appeal to go on behind; None on the last page."""

    lines: tuple[AppealLine, ...]
    next_after: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What was said, by which channel. `taken_by` is who wrote it down; None: the own hand."""

    channel: AppealChannel
    statement: str = field(repr=False)
    at: datetime
    taken_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a reviewer had found."""

    outcome: str
    findings: str = field(repr=False)
    at: datetime
    by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo:
    """A file to look at again. `name` is that of the part, or the source of a reference."""

    evidence_id: UUID
    name: str
    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BenefitSeen:
    """How one benefit stands while the appeal is open."""

    scheme: Scheme
    valid_until: date | None
    status: EntitlementStatus
    cause: SuspensionCause | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealFile:
    """One appeal as the one who answers reads it.

    `against` is None for an appeal against how matters stand. `refusal` is the code that an answer
    of the reader would meet now; None when it would count. Files are for who may answer.
    """

    line: AppealLine
    said: tuple[Said, ...]
    against: Result | None
    verdict: Verdict | None
    benefits: tuple[BenefitSeen, ...]
    method: Method | None
    findings: str = field(repr=False)
    refusal: str | None
    handed_in: tuple[Photo, ...]
    references: tuple[Photo, ...]


def appeal_page(
    backend: Backend, reader: StaffMember, shelf: Shelf, *, after: UUID | None, limit: int
) -> AppealPage:
    """List appeals of the own division: the first due first, or the newest answered first.

    Raises `appeal.not_found` for an `after` out of scope.
    """
    listed = appeals.waiting if shelf is Shelf.WAITING else appeals.answered
    with backend.unit(actor_of(reader), scope_of(reader)) as unit:
        behind = None if after is None else find(unit, after)
        rows = listed(unit.session, after=behind, limit=limit + 1)
        lines = _lines(backend, unit, rows[:limit])
    return AppealPage(lines=lines, next_after=lines[-1].id if len(rows) > limit else None)


def _lines(backend: Backend, unit: Unit, rows: Sequence[Any]) -> tuple[AppealLine, ...]:
    places = [row.Beneficiary.residence_path for row in rows]
    names = divisions.names_of(unit.session, places)
    return tuple(_line(backend, unit, row, names=names) for row in rows)


def _line(backend: Backend, unit: Unit, row: Any, *, names: Mapping[str, str]) -> AppealLine:
    answer, residence = row.AppealAnswer, row.Beneficiary.residence_path
    return AppealLine(
        id=row.Appeal.id,
        person_id=row.Appeal.beneficiary_id,
        masked_name=masked_name(backend, unit, row.Appeal.beneficiary_id),
        place=names.get(residence, residence),
        channel=AppealChannel(row.Appeal.channel),
        raised_at=row.Appeal.raised_at,
        due_at=row.Appeal.due_at,
        is_late=(answer.answered_at if answer else unit.now) > row.Appeal.due_at,
        outcome=AppealOutcome(answer.outcome) if answer else None,
        answered_at=answer.answered_at if answer else None,
        answered_by=row.answerer,
    )


def open_appeal(backend: Backend, reader: StaffMember, appeal_id: UUID) -> AppealFile:
    """Show one appeal of the own division; the look is on record. Raises `appeal.not_found`."""
    with backend.unit(actor_of(reader), scope_of(reader)) as unit:
        appeal = find(unit, appeal_id)
        unit.audit(
            AuditAction.APPEAL_VIEWED,
            appeal=str(appeal_id),
            beneficiary=str(appeal.beneficiary_id),
        )
        row = appeals.line_of(unit.session, appeal_id)
        answer = row.AppealAnswer
        refusal = _refusal(backend, unit, reader, appeal=appeal)
        handed_in, known = _files(unit, appeal) if refusal is None else ((), ())
        return AppealFile(
            line=_lines(backend, unit, [row])[0],
            said=_said(unit, appeal),
            against=result_of(unit, appeal),
            verdict=_verdict(unit, appeal),
            benefits=_benefits(backend, unit, appeal.beneficiary_id),
            method=Method(answer.method) if answer and answer.method else None,
            findings=answer.findings if answer else "",
            refusal=refusal,
            handed_in=handed_in,
            references=known,
        )


def _refusal(backend: Backend, unit: Unit, reader: StaffMember, *, appeal: Appeal) -> str | None:
    if appeals.answer_of(unit.session, appeal.id) is not None:
        return "appeal.already_answered"
    try:
        check_acting(unit, reader, Permission.APPEAL_ANSWER)
        check_answerer(backend, unit, reader, appeal=appeal)
    except AppError as refused:
        return refused.code
    return None


def _said(unit: Unit, appeal: Appeal) -> tuple[Said, ...]:
    parts = appeals.parts_of(unit.session, appeal.id)
    takers = [staff_behind(part.raised_by) for part in parts]
    names = staff_lists.names_of(unit.session, [taker for taker in takers if taker is not None])
    return tuple(
        Said(
            channel=AppealChannel(part.channel),
            statement=part.statement,
            at=part.raised_at,
            taken_by=None if taker is None else names.get(taker, ""),
        )
        for part, taker in zip(parts, takers, strict=True)
    )


def _verdict(unit: Unit, appeal: Appeal) -> Verdict | None:
    found = reviews.decision_of(unit.session, appeal.review_id) if appeal.review_id else None
    if found is None:
        return None
    names = staff_lists.names_of(unit.session, [found.decided_by])
    return Verdict(
        outcome=found.outcome,
        findings=found.findings,
        at=found.decided_at,
        by=names.get(found.decided_by),
    )


def _benefits(backend: Backend, unit: Unit, person_id: UUID) -> tuple[BenefitSeen, ...]:
    ends = {end.entitlement_id: end.day for end in certifications.ends_of(unit.session, person_id)}
    return tuple(
        BenefitSeen(
            scheme=Scheme(row.scheme),
            valid_until=ends.get(row.id),
            status=EntitlementStatus(row.status),
            cause=SuspensionCause(row.cause) if row.cause else None,
        )
        for row in backend.people(unit).entitlements_of(person_id)
    )


def _files(unit: Unit, appeal: Appeal) -> tuple[tuple[Photo, ...], tuple[Photo, ...]]:
    handed_in = tuple(
        Photo(evidence_id=row.id, name=name, media_type=row.media_type)
        for name, row in _parts(unit, appeal).items()
    )
    known = tuple(
        Photo(evidence_id=row.evidence_id, name=row.source, media_type="image/jpeg")
        for row in references.usable_of(unit.session, appeal.beneficiary_id)
    )
    return handed_in, known


def _parts(unit: Unit, appeal: Appeal) -> dict[str, Evidence]:
    return parts_of(unit, attempt_id=appeal.attempt_id, visit_id=visit_of(unit, appeal))


def look_at(
    backend: Backend, answerer: StaffMember, appeal_id: UUID, evidence_id: UUID
) -> tuple[bytes, str]:
    """Give one file to who may answer, while the appeal is open; the look is on record first.

    Returns plain bytes and media type. Raises `appeal.not_found`, `appeal.already_answered`,
    `appeal.not_independent`, `permission.denied`, `evidence.not_found` for what does not belong to
    the appeal, and what `evidence.read` raises.
    """
    caller = Caller(actor=actor_of(answerer), scope=scope_of(answerer))
    with backend.unit(caller.actor, caller.scope) as unit:
        appeal = find(unit, appeal_id)
        if appeals.answer_of(unit.session, appeal_id) is not None:
            raise AppError(Kind.CONFLICT, "appeal.already_answered")
        check_acting(unit, answerer, Permission.APPEAL_ANSWER)
        check_answerer(backend, unit, answerer, appeal=appeal)
        handed_in = {row.id for row in _parts(unit, appeal).values()}
        person_id = appeal.beneficiary_id
        if evidence_id not in handed_in and not reviews.is_reference(
            unit.session, person_id, evidence_id
        ):
            raise AppError(Kind.NOT_FOUND, "evidence.not_found")
        unit.audit(
            AuditAction.EVIDENCE_VIEWED,
            appeal=str(appeal_id),
            beneficiary=str(person_id),
            evidence=str(evidence_id),
            reason="appeal",
        )
    return read(backend, caller, evidence_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class BeforeWriting:
    """What somebody sees who takes an appeal down: for whom, against what, and what is open."""

    masked_name: str | None = field(repr=False)
    newest: Result | None
    open_since: datetime | None


def before_writing(backend: Backend, clerk: StaffMember, person_id: UUID) -> BeforeWriting:
    """Look a person up to take an appeal down for. Raises `person.not_found`."""
    with backend.unit(actor_of(clerk), scope_of(clerk)) as unit:
        if not backend.people(unit).is_visible(person_id):
            raise AppError(Kind.NOT_FOUND, "person.not_found")
        running = appeals.open_of(unit.session, person_id)
        return BeforeWriting(
            masked_name=masked_name(backend, unit, person_id),
            newest=newest_result(unit, person_id),
            open_since=running.raised_at if running else None,
        )
