"""A home visit as an officer hands it in: photos first, then the manifest that names them.

The same rules as for a phone's submission: accepted only when every part is there and matches, the
same client id gives the same answer for ever, and other content under it is refused.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from domain.attempt import Manifest, MediaLimits, Part, check_received
from domain.audit import AuditAction
from domain.errors import AppError, Kind
from domain.home_visit import (
    VISIT_PARTS,
    Checklist,
    Place,
    VisitManifest,
    VisitOutcome,
    check_visit,
    visit_fingerprint,
)
from domain.policy_values import Scheme
from services import evidence
from services.accounts import StaffMember, actor_of, scope_of
from services.attempt_states import still_standing
from services.attempt_status import Receipt, receipt_from
from services.backend import Backend
from services.evidence import Caller, StoredEvidence
from services.policies import legal_day, resolved_for
from services.unit_of_work import Unit
from storage.crypto.digest import digests_of
from storage.db.models.cases import Visit, VisitPart
from storage.db.models.certification import Certification, Evidence
from storage.db.repositories import certifications, visits
from storage.db.repositories import evidence as evidence_rows
from storage.ids import uuid7

DECIDE_VISIT_TASK = "visit.decide"


class VisitState(StrEnum):
    """Where a visit stands. The state machine is `field_app_spec/state_machines/visit.json`."""

    SUBMITTED = "submitted"
    CERTIFIED = "certified"
    IN_REVIEW = "review"
    ASKED_AGAIN = "ask_again"
    VISIT_SENT = "send_visit"
    REFERRED = "refer_as_lead"


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitStatus:
    """No score, no threshold: those are for the reviewer."""

    client_id: str
    state: VisitState
    reasons: tuple[str, ...]
    receipt: Receipt | None


def _caller(officer: StaffMember) -> Caller:
    return Caller(actor=actor_of(officer), scope=scope_of(officer))


def store_photo(
    backend: Backend,
    officer: StaffMember,
    person_id: UUID,
    *,
    sha256: str,
    content: bytes,
    media_type: str,
) -> StoredEvidence:
    """Keep one photo of a visit to come; sent again it is the same photo.

    Raises `submission.part_altered` when the bytes are not those of `sha256`,
    `submission.not_media`, `visit.not_own_village`, and what `evidence.store` raises.
    """
    if digests_of(content).sha256.hex() != sha256:
        raise AppError(Kind.CONFLICT, "submission.part_altered")
    evidence.refuse_unless_media(content)
    caller = _caller(officer)
    with backend.unit(caller.actor, caller.scope) as unit:
        _refuse_outsider(backend, unit, person_id)
    return evidence.store(backend, caller, person_id, content=content, media_type=media_type)


def _refuse_outsider(backend: Backend, unit: Unit, person_id: UUID) -> None:
    # One answer for somebody of another village and for nobody: an officer cannot tell them apart.
    if not backend.people(unit).is_visible(person_id):
        raise AppError(Kind.FORBIDDEN, "visit.not_own_village")


def submit(backend: Backend, officer: StaffMember, person_id: UUID, visit: VisitManifest) -> str:
    """Accept a visit and return its client id, now or at any repetition.

    Raises `visit.*`, `submission.*`, `person.no_entitlement`, `policy.*`.
    """
    check_visit(visit, MediaLimits(), received_at=backend.clock.now())
    caller = _caller(officer)
    try:
        with backend.unit(caller.actor, caller.scope) as unit:
            _accept_once(backend, unit, officer, person_id=person_id, visit=visit)
    except AppError as refusal:
        _record_refusal(backend, caller, person_id, refusal)
        raise
    return visit.manifest.client_id


def _record_refusal(backend: Backend, caller: Caller, person_id: UUID, refusal: AppError) -> None:
    with backend.unit(caller.actor, caller.scope) as unit:
        unit.audit(AuditAction.SUBMISSION_REFUSED, beneficiary=str(person_id), code=refusal.code)


def _accept_once(
    backend: Backend, unit: Unit, officer: StaffMember, *, person_id: UUID, visit: VisitManifest
) -> None:
    digest = visit_fingerprint(visit)
    row: dict[str, Any] = {
        "id": uuid7(),
        "client_id": visit.manifest.client_id,
        "beneficiary_id": person_id,
        "officer_id": officer.id,
        "manifest": as_json(visit),
        "manifest_digest": digest,
        "visited_at": visit.captured_at,
        "received_at": unit.now,
    }
    if _is_repetition(unit, row):
        return
    _refuse_outsider(backend, unit, person_id)
    _refuse_undecidable(backend, unit, person_id)
    stored = _stored_photos(unit, person_id, visit.manifest)
    if visits.add(unit.session, row, _parts(row["id"], person_id, stored)):
        _announce(unit, row)
    elif not _is_repetition(unit, row):
        # Taken between the look-up and the insert, or by a visit that this officer cannot see.
        raise AppError(Kind.CONFLICT, "submission.client_id_taken")


def _refuse_undecidable(backend: Backend, unit: Unit, person_id: UUID) -> None:
    """Refuse now what neither worker nor reviewer could decide: no benefit, or no rules for it."""
    people = backend.people(unit)
    drawn = people.entitlements_of(person_id)
    household = people.household_of(person_id)
    if not drawn or household is None:
        raise AppError(Kind.NOT_FOUND, "person.no_entitlement")
    resolved_for(backend, household, scheme=Scheme(drawn[0].scheme), on=legal_day(unit.now))


def _is_repetition(unit: Unit, row: Mapping[str, Any]) -> bool:
    """Tell whether this very visit was accepted before; refuse what merely resembles it."""
    known = visits.by_client_id(unit.session, row["client_id"])
    if known is None:
        return False
    if any(getattr(known, name) != row[name] for name in _SAME):
        raise AppError(Kind.CONFLICT, "submission.client_id_taken")
    return True


_SAME = ("manifest_digest", "beneficiary_id", "officer_id")


def _stored_photos(unit: Unit, person_id: UUID, manifest: Manifest) -> dict[str, Evidence]:
    """Return part name -> evidence. Raises `submission.parts_not_received`, naming them."""
    wanted = [part.sha256 for part in manifest.parts]
    stored = evidence_rows.by_digests(unit.session, person_id, wanted)
    missing = sorted(part.name for part in manifest.parts if part.sha256 not in stored)
    if missing:
        raise AppError(Kind.CONFLICT, "submission.parts_not_received", missing=missing)
    for part in manifest.parts:
        check_received(part, sha256=part.sha256, size=stored[part.sha256].size)
    return {part.name: stored[part.sha256] for part in manifest.parts}


def _parts(visit_id: UUID, person_id: UUID, stored: Mapping[str, Evidence]) -> list[VisitPart]:
    named = [name for name in VISIT_PARTS if name in stored]
    return [
        VisitPart(
            visit_id=visit_id,
            position=position,
            kind=name,
            evidence_id=stored[name].id,
            beneficiary_id=person_id,
        )
        for position, name in enumerate(named, start=1)
    ]


def _announce(unit: Unit, row: Mapping[str, Any]) -> None:
    visit_id = str(row["id"])
    unit.audit(
        AuditAction.VISIT_SUBMITTED,
        visit=visit_id,
        beneficiary=str(row["beneficiary_id"]),
        manifest=row["manifest_digest"],
    )
    unit.defer(DECIDE_VISIT_TASK, key=f"visit:{visit_id}", visit_id=visit_id)


def as_json(visit: VisitManifest) -> dict[str, Any]:
    """Write a visit's pack down as it is stored."""
    return {
        "client_id": visit.manifest.client_id,
        "parts": [asdict(part) for part in visit.manifest.parts],
        "captured_at": visit.captured_at.isoformat(),
        "place": asdict(visit.place),
        "device": visit.device,
        "checklist": asdict(visit.checklist),
    }


def from_json(stored: Mapping[str, Any]) -> VisitManifest:
    """Read a stored pack back."""
    parts = tuple(Part(**part) for part in stored["parts"])
    return VisitManifest(
        manifest=Manifest(client_id=stored["client_id"], parts=parts),
        captured_at=datetime.fromisoformat(stored["captured_at"]),
        place=Place(**stored["place"]),
        device=stored["device"],
        checklist=Checklist(**stored["checklist"]),
    )


def status_of(backend: Backend, reader: StaffMember, client_id: str) -> VisitStatus:
    """Look up a visit in one's own division. Raises `visit.not_found`."""
    caller = _caller(reader)
    with backend.unit(caller.actor, caller.scope) as unit:
        visit = visits.by_client_id(unit.session, client_id)
        if visit is None:
            raise AppError(Kind.NOT_FOUND, "visit.not_found")
        decision = visits.decision_of(unit.session, visit.id)
        rows = _certificate(unit, visit)
        kept = still_standing(unit, rows)
        state = _state(unit, visit.id, decision.outcome if decision else None)
        return VisitStatus(
            client_id=client_id,
            state=VisitState.ASKED_AGAIN if rows and not kept else state,
            reasons=tuple(decision.reasons) if decision else (),
            receipt=receipt_from(unit, kept, visit.beneficiary_id),
        )


def _state(unit: Unit, visit_id: UUID, outcome: str | None) -> VisitState:
    if outcome is None:
        return VisitState.SUBMITTED
    if VisitOutcome(outcome) is VisitOutcome.CERTIFIED:
        return VisitState.CERTIFIED
    _, verdict = visits.review_of(unit.session, visit_id)
    return VisitState.IN_REVIEW if verdict is None else VisitState(verdict.outcome)


def _certificate(unit: Unit, visit: Visit) -> list[Certification]:
    rows = certifications.certificate_of_visit(unit.session, visit.id)
    review, _ = visits.review_of(unit.session, visit.id)
    if review is not None:
        rows += certifications.certificate_of_review(unit.session, review.id)
    return rows
