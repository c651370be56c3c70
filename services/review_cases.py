"""One case as a reviewer sees it: reasons, checks with their scores, photos, and what came before.

Whoever may read reviews sees the case masked; name, phone and the evidence itself are for the one
who holds it. Every look is on record.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from domain.audit import AuditAction
from domain.cycle import Channel
from domain.errors import AppError, Kind
from domain.id_number import mask
from domain.ids import StaffId
from domain.proposal import check_second
from domain.review import Claim, Method, Verdict, check_claim
from services import evidence
from services.accounts import StaffMember
from services.backend import Backend
from services.policies import legal_day
from services.proposal_records import Settled, pending_of, settled_of
from services.rereads import shift_of, stood_at
from services.review_material import read_material
from services.reviews import ReviewState, caller_of, claim_of, find, parts_of
from services.shown import masked, open_known
from services.unit_of_work import Unit
from storage.db.models.cases import Review, ReviewDecision, VisitDecision
from storage.db.models.certification import AttemptDecision, ReferencePhoto
from storage.db.repositories import attempts, proposals, references, reviews, visits
from storage.db.repositories.people import Person

EARLIER = 10
"""How many earlier acts of each kind are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Whom the case is about. Name and phone are masked unless the reader holds the case."""

    name: str = field(repr=False)
    id_number_masked: str = field(repr=False)
    phone: str | None = field(repr=False)
    sex: str
    birth_year: int
    residence_path: str
    household_path: str
    key_groups: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePart:
    """One file that was handed in."""

    evidence_id: UUID
    name: str
    media_type: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPhoto:
    """One reference photo. `age_days` is None when nobody knows when it was taken."""

    evidence_id: UUID
    source: str
    source_rank: int
    taken_on: date | None
    age_days: int | None
    added_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierAct:
    """An attempt or a visit that came before this case, with what the machine said of it."""

    channel: Channel
    received_at: datetime
    outcome: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictGiven:
    verdict: Verdict
    method: Method | None
    findings: str
    decided_at: datetime
    decided_by: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Awaiting:
    """What waits for a second person. `is_mine`: the reader proposed it."""

    id: UUID
    grounds: str
    proposed_at: datetime
    is_mine: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFile:
    """All that a verdict rests on. `checks` hold scores and thresholds; `pack` is the manifest."""

    id: UUID
    state: ReviewState
    claimed_until: datetime | None
    is_mine: bool
    channel: Channel
    opened_at: datetime
    due_at: datetime
    captured_at: datetime
    received_at: datetime
    subject: Subject
    reasons: tuple[str, ...]
    checks: tuple[Mapping[str, Any], ...]
    models: Mapping[str, str]
    parts: tuple[CasePart, ...]
    references: tuple[KnownPhoto, ...]
    earlier: tuple[EarlierAct, ...]
    pack: Mapping[str, Any]
    proposals: tuple[Settled, ...]  # what a second person sent back, and why
    awaiting: Awaiting | None
    verdict: VerdictGiven | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Act:
    """What attempt and visit have in common."""

    channel: Channel
    captured_at: datetime
    received_at: datetime
    checks: list[dict[str, Any]]
    models: Mapping[str, str]
    pack: Mapping[str, Any]


def open_case(backend: Backend, reader: StaffMember, review_id: UUID) -> CaseFile:
    """Show a case of the own division. Raises `review.not_found`, `evidence.erased`."""
    caller = caller_of(reader)
    with backend.unit(caller.actor, caller.scope) as unit:
        review = find(unit, review_id)
        person = open_known(backend, unit, review.beneficiary_id)
        decided = reviews.decision_of(unit.session, review_id)
        waits = _awaiting(unit, reader, review_id)
        kept = None if decided else _running(claim_of(unit, review_id), unit.now)
        is_mine = kept is not None and kept.by == reader.id
        act = _act_of(unit, review)
        moved = shift_of(unit, review)
        unit.audit(AuditAction.REVIEW_VIEWED, review=str(review_id), unmasked=is_mine)
        return CaseFile(
            id=review.id,
            state=ReviewState.PROPOSED if waits else _state(decided, kept),
            claimed_until=kept.until if kept else None,
            is_mine=is_mine,
            channel=act.channel,
            opened_at=review.opened_at,
            due_at=review.due_at,
            captured_at=act.captured_at + moved,
            received_at=act.received_at + moved,
            subject=_open_subject(person) if is_mine else _masked_subject(person),
            reasons=tuple(review.reasons),
            checks=tuple(act.checks),
            models=act.models,
            parts=_parts(unit, review),
            references=_references(unit, review),
            earlier=_earlier(unit, review, act),
            pack=_moved_pack(act.pack, moved),
            proposals=settled_of(unit, review.id),
            awaiting=waits,
            verdict=_verdict(decided),
        )


def _awaiting(unit: Unit, reader: StaffMember, review_id: UUID) -> Awaiting | None:
    row = proposals.open_of_review(unit.session, review_id)
    if row is None:
        return None
    return Awaiting(
        id=row.id,
        grounds=row.grounds,
        proposed_at=row.proposed_at,
        is_mine=row.proposed_by == reader.id,
    )


def _running(kept: Claim | None, at: datetime) -> Claim | None:
    return kept if kept is not None and kept.holds(at) else None


def _state(decided: ReviewDecision | None, kept: Claim | None) -> ReviewState:
    if decided is not None:
        return ReviewState(decided.outcome)
    return ReviewState.WAITING if kept is None else ReviewState.CLAIMED


def _open_subject(person: Person) -> Subject:
    return _subject(person, name=person.name, phone=person.phone)


def _masked_subject(person: Person) -> Subject:
    known = masked(person)
    return _subject(person, name=known.name, phone=known.phone)


def _subject(person: Person, *, name: str, phone: str | None) -> Subject:
    return Subject(
        name=name,
        id_number_masked=mask(person.id_number),
        phone=phone,
        sex=person.sex,
        birth_year=person.birth_date.year,
        residence_path=person.residence_path,
        household_path=person.household_path,
        key_groups=person.key_groups,
    )


def _act_of(unit: Unit, review: Review) -> _Act:
    if review.attempt_id is None:
        assert review.visit_id is not None, "a review is of one of the two"
        return _visit(unit, review.visit_id)
    attempt = attempts.get(unit.session, review.attempt_id)
    decision = attempts.decision_of(unit.session, review.attempt_id)
    assert attempt is not None, "attempts are never removed"
    assert decision is not None, "a review follows a decision"
    return _Act(
        channel=Channel(attempt.channel),
        captured_at=attempt.captured_at,
        received_at=attempt.received_at,
        checks=decision.checks,
        models=decision.models,
        pack=attempt.manifest,
    )


def _visit(unit: Unit, visit_id: UUID) -> _Act:
    visit = visits.get(unit.session, visit_id)
    decision = visits.decision_of(unit.session, visit_id)
    assert visit is not None, "visits are never removed"
    assert decision is not None, "a review follows a decision"
    return _Act(
        channel=Channel.HOME_VISIT,
        captured_at=visit.visited_at,
        received_at=visit.received_at,
        checks=decision.checks,
        models=decision.models,
        pack=visit.manifest,
    )


def _parts(unit: Unit, review: Review) -> tuple[CasePart, ...]:
    return tuple(
        CasePart(
            evidence_id=row.id,
            name=name,
            media_type=row.media_type,
            size=row.size,
            sha256=row.sha256,
        )
        for name, row in parts_of(unit, review).items()
    )


def _references(unit: Unit, review: Review) -> tuple[KnownPhoto, ...]:
    # What a certification taught since would tell a second reader that there was one.
    known_by, today = stood_at(unit, review), legal_day(unit.now)
    rows = references.usable_of(unit.session, review.beneficiary_id)
    return tuple(_known(row, today=today) for row in rows if row.added_at <= known_by)


def _moved_pack(pack: Mapping[str, Any], by: timedelta) -> Mapping[str, Any]:
    """Move what the device said of its own clock along with the case."""
    said = pack.get("captured_at")
    if said is None or not by:
        return pack
    return {**pack, "captured_at": (datetime.fromisoformat(said) + by).isoformat()}


def _known(row: ReferencePhoto, *, today: date) -> KnownPhoto:
    return KnownPhoto(
        evidence_id=row.evidence_id,
        source=row.source,
        source_rank=row.source_rank,
        taken_on=row.taken_on,
        age_days=None if row.taken_on is None else (today - row.taken_on).days,
        added_on=legal_day(row.added_at),
    )


def _earlier(unit: Unit, review: Review, act: _Act) -> tuple[EarlierAct, ...]:
    """Return what was decided before, newest first, attempts and visits together."""
    acts: list[tuple[Channel, datetime, AttemptDecision | VisitDecision]] = [
        (Channel(attempt.channel), attempt.received_at, decision)
        for attempt, decision in reviews.newest_attempts_of(
            unit.session, review.beneficiary_id, EARLIER
        )
    ]
    acts += [
        (Channel.HOME_VISIT, visit.received_at, decision)
        for visit, decision in visits.newest_of(unit.session, review.beneficiary_id, EARLIER)
    ]
    earlier = [
        EarlierAct(
            channel=channel,
            received_at=received_at,
            outcome=decision.outcome,
            reasons=tuple(decision.reasons),
        )
        for channel, received_at, decision in acts
        if received_at < act.received_at
    ]
    return tuple(sorted(earlier, key=lambda shown: shown.received_at, reverse=True))


def _verdict(decided: ReviewDecision | None) -> VerdictGiven | None:
    if decided is None:
        return None
    return VerdictGiven(
        verdict=Verdict(decided.outcome),
        method=Method(decided.method) if decided.method else None,
        findings=decided.findings,
        decided_at=decided.decided_at,
        decided_by=decided.decided_by,
    )


def look_at(
    backend: Backend, reviewer: StaffMember, review_id: UUID, evidence_id: UUID
) -> tuple[bytes, str]:
    """Give one file of a case, or a reference photo, to the one who holds the case.

    The look is on record before a byte is read. Returns plain bytes and media type. Raises
    `review.not_found`, `review.not_claimed`, `review.claimed_by_other`, `review.claim_expired`,
    `review.already_decided`, `evidence.not_found` for what does not belong to the case, and what
    `evidence.read` raises.
    """
    caller = caller_of(reviewer)
    with backend.unit(caller.actor, caller.scope) as unit:
        review = held_by(unit, reviewer, review_id)
        _check_belongs(unit, review, evidence_id)
        record_look(unit, review, evidence_id)
    return evidence.read(backend, caller, evidence_id)


def material_of(backend: Backend, reviewer: StaffMember, review_id: UUID) -> dict[str, Any]:
    """Give what was prepared for the reviewer's eye to the one who holds the case.

    The document is that of `review_material`. The look is on record. Raises
    `review.no_material` for a visit and for a case that was never measured, and what `look_at`
    raises.
    """
    caller = caller_of(reviewer)
    with backend.unit(caller.actor, caller.scope) as unit:
        review = held_by(unit, reviewer, review_id)
        decision = review.attempt_id and attempts.decision_of(unit.session, review.attempt_id)
        if not decision or decision.material_id is None:
            raise AppError(Kind.NOT_FOUND, "review.no_material")
        material_id = decision.material_id
        record_look(unit, review, material_id)
    return read_material(backend, caller, material_id)


def held_by(unit: Unit, reviewer: StaffMember, review_id: UUID) -> Review:
    """Return a case that is open to the eyes of one: who holds it, or may be the second person."""
    review = find(unit, review_id)
    if reviews.decision_of(unit.session, review_id) is not None:
        raise AppError(Kind.CONFLICT, "review.already_decided")
    proposed = proposals.open_of_review(unit.session, review_id)
    if proposed is not None:
        check_second(pending_of(unit, proposed), StaffId(reviewer.id))
        return review
    check_claim(claim_of(unit, review_id), by=StaffId(reviewer.id), at=unit.now)
    return review


def record_look(unit: Unit, review: Review, evidence_id: UUID, *, of: UUID | None = None) -> None:
    """Put a look on record; `of` is whose file it is, when not of the case's own person."""
    unit.audit(
        AuditAction.EVIDENCE_VIEWED,
        review=str(review.id),
        beneficiary=str(of or review.beneficiary_id),
        evidence=str(evidence_id),
        reason="review",
    )


def _check_belongs(unit: Unit, review: Review, evidence_id: UUID) -> None:
    handed_in = {row.id for row in parts_of(unit, review).values()}
    if evidence_id in handed_in:
        return
    if not reviews.is_reference(unit.session, review.beneficiary_id, evidence_id):
        raise AppError(Kind.NOT_FOUND, "evidence.not_found")
