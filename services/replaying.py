"""Making a decision again from stored evidence: the same models, rules and limits, the same result.

An auditor asks why somebody was certified, or was not. The answer is worth something only if the
recorded measurements come out of the recorded evidence again, to the last bit.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any
from uuid import UUID

from domain.audit import AuditAction
from domain.biometric import EarlierClip, FaceEvidence
from domain.decision import Decision
from domain.errors import AppError, Kind
from services.backend import Backend
from services.deciding import EVERYWHERE
from services.decision_record import Inputs, decided
from services.decisions import Case, load_case, measure_case
from services.gallery import faces_by_id
from storage.db.models.certification import AttemptDecision
from storage.db.repositories import attempts


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One recorded value that did not come out again; `at` names it, like `clip.steps.0.at_ms`."""

    at: str
    recorded: Any
    now: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What came out. `models_changed` names what the record was measured with and is no more."""

    attempt_id: UUID
    decision: Decision
    differences: tuple[Difference, ...]
    models_changed: Mapping[str, str]

    @property
    def is_same(self) -> bool:
        """Tell whether every recorded value came out again."""
        return not self.differences


def replay(backend: Backend, attempt_id: UUID) -> Replayed:
    """Measure and decide once more, write nothing but that it was done.

    What was searched for among other people's clips is taken from the record: that search depends
    on the day. Raises `attempt.not_found`, `decision.not_made`, `decision.not_replayable` for
    one that was given up or made before inputs were kept, and what reading evidence raises.
    """
    recorded, case = _load(backend, attempt_id)
    inputs = _inputs(recorded)
    measured = measure_case(backend, case)
    found = _with_search(measured.reading.evidence, recorded.evidence)
    decision = decided(found, inputs)
    with backend.unit(case.subject.caller.actor, case.subject.caller.scope) as unit:
        unit.audit(AuditAction.ATTEMPT_REPLAYED, attempt=str(attempt_id))
    return Replayed(
        attempt_id=attempt_id,
        decision=decision,
        differences=_differences(recorded, found, decision),
        models_changed=_gone(recorded.models, found.models),
    )


def _load(backend: Backend, attempt_id: UUID) -> tuple[AttemptDecision, Case]:
    case = load_case(backend, attempt_id, again=True)
    if case is None:
        raise AppError(Kind.NOT_FOUND, "attempt.not_found")
    with backend.unit(EVERYWHERE.actor, EVERYWHERE.scope) as unit:
        recorded = attempts.decision_of(unit.session, attempt_id)
        if recorded is None:
            raise AppError(Kind.CONFLICT, "decision.not_made")
        faces = faces_by_id(
            unit,
            _inputs(recorded).faces,
            case.subject.person.key,
            model=backend.faces.embedder(),
        )
        unit.session.expunge(recorded)
    asked = _inputs(recorded).limits.second_distance is not None
    subject = replace(case.subject, faces=faces)
    return recorded, replace(case, subject=subject, asks_second=asked)


def _inputs(recorded: AttemptDecision) -> Inputs:
    try:
        return Inputs.from_json(recorded.inputs)
    except KeyError as error:
        raise AppError(Kind.CONFLICT, "decision.not_replayable") from error


def _with_search(found: FaceEvidence, recorded: Mapping[str, Any]) -> FaceEvidence:
    clip = recorded.get("clip")
    if found.clip is None or clip is None or clip["earlier"] is None:
        return found
    return replace(found, clip=replace(found.clip, earlier=EarlierClip(**clip["earlier"])))


def _differences(
    recorded: AttemptDecision, found: FaceEvidence, decision: Decision
) -> tuple[Difference, ...]:
    was = {
        "outcome": recorded.outcome,
        "reasons": recorded.reasons,
        "checks": recorded.checks,
        "evidence": recorded.evidence,
    }
    now = {
        "outcome": decision.outcome.value,
        "reasons": [reason.value for reason in decision.reasons],
        "checks": [asdict(check) for check in decision.checks],
        "evidence": asdict(found),
    }
    return tuple(_compare("", was, json.loads(json.dumps(now))))


def _compare(at: str, was: Any, now: Any) -> list[Difference]:
    """Walk both trees; a leaf or a branch that only one of them has is a difference."""
    if isinstance(was, dict) and isinstance(now, dict):
        keys = sorted({*was, *now})
        pairs = [(key, was.get(key), now.get(key)) for key in keys]
    elif isinstance(was, list) and isinstance(now, list) and len(was) == len(now):
        pairs = [(str(i), a, b) for i, (a, b) in enumerate(zip(was, now, strict=True))]
    else:
        return [] if was == now else [Difference(at=at, recorded=was, now=now)]
    return [d for key, a, b in pairs for d in _compare(f"{at}.{key}".lstrip("."), a, b)]


def _gone(recorded: Mapping[str, str], now: Mapping[str, str]) -> dict[str, str]:
    return {role: name for role, name in recorded.items() if now.get(role) != name}
