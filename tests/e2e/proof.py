"""What must be true of everything that was ever acknowledged, whatever was killed in between."""

from collections import Counter
from dataclasses import dataclass
from uuid import UUID

from domain.audit import AuditAction
from services import evidence
from services.audit_trail import verify_chains
from storage.db.models.certification import (
    Attempt,
    AttemptDecision,
    AttemptPart,
    Certification,
    Evidence,
)
from tests.certification_world import TEST, audited, rows, valid_until
from tests.e2e.phones import SELFIE, VIDEO, Phone
from tests.e2e.stage import Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Counts to print."""

    submissions: int
    outcomes: Counter[str]
    objects: int
    audit_records: int


def prove(stage: Stage) -> Seen:
    """Fail on anything lost, doubled, half done or unreadable."""
    attempts = _attempts_once(stage)
    outcomes = _decided_once(stage, attempts)
    _certified_once(stage, attempts, outcomes)
    for phone in stage.phones:
        _the_phone_is_told(stage, phone, outcomes[attempts[phone.client_id].id])
    return Seen(
        submissions=len(stage.phones),
        outcomes=Counter(outcomes.values()),
        objects=_every_object_is_there(stage),
        audit_records=_chain_is_whole(stage),
    )


def _attempts_once(stage: Stage) -> dict[str, Attempt]:
    """One attempt for each phone, with both parts, and none besides."""
    found = {row.client_id: row for row in rows(stage.backend, Attempt)}
    assert set(found) == {phone.client_id for phone in stage.phones}
    assert all(phone.accepted for phone in stage.phones)
    parts = Counter(row.attempt_id for row in rows(stage.backend, AttemptPart))
    assert parts == {row.id: len((SELFIE, VIDEO)) for row in found.values()}
    told = Counter(
        said["attempt"] for said in audited(stage.backend, AuditAction.ATTEMPT_SUBMITTED)
    )
    assert told == {str(row.id): 1 for row in found.values()}
    return found


def _decided_once(stage: Stage, attempts: dict[str, Attempt]) -> dict[UUID, str]:
    decisions = rows(stage.backend, AttemptDecision)
    outcomes = {row.attempt_id: row.outcome for row in decisions}
    # The film is good: only a case that was killed three times over goes to a human unmeasured.
    assert all(d.outcome == "pass" or d.reasons == ["not_measured"] for d in decisions)
    assert set(outcomes) == {row.id for row in attempts.values()}
    told = Counter(said["attempt"] for said in audited(stage.backend, AuditAction.ATTEMPT_DECIDED))
    assert told == {str(attempt): 1 for attempt in outcomes}
    open_jobs = "select count(*) from procrastinate_jobs where status in ('todo', 'doing')"
    assert stage.eye.count(open_jobs) == 0
    return outcomes


def _certified_once(stage: Stage, attempts: dict[str, Attempt], outcomes: dict[UUID, str]) -> None:
    """Whoever passed is certified once, and nobody else is."""
    log = Counter(row.attempt_id for row in rows(stage.backend, Certification))
    assert log == {attempt: 1 for attempt, outcome in outcomes.items() if outcome == "pass"}
    for phone in stage.phones:
        passed = outcomes[attempts[phone.client_id].id] == "pass"
        assert bool([d for d in valid_until(stage.backend, phone.person).values() if d]) == passed


def _the_phone_is_told(stage: Stage, phone: Phone, outcome: str) -> None:
    """The same answer as ever to the same submission; a receipt for whoever passed."""
    again = phone.submit()
    assert again == {
        "client_id": phone.client_id,
        "status_link": f"/v1/submissions/{phone.client_id}",
    }
    status = phone.status()
    assert (status["receipt"] is not None) == (outcome == "pass"), status


def _every_object_is_there(stage: Stage) -> int:
    """Every row of evidence has its object, and it is the one that the row names."""
    found = rows(stage.backend, Evidence)
    for row in found:
        content, _ = evidence.read(stage.backend, TEST, row.id)
        assert len(content) == row.size
    return len(found)


def _chain_is_whole(stage: Stage) -> int:
    report = verify_chains(stage.backend.sessions, stage.folder / "audit-anchors.jsonl")
    assert report.is_intact, report.faults
    assert report.anchors > 0
    return report.records
