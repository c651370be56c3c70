"""Events to put into chains under test."""

from datetime import UTC, datetime

from domain.audit import Actor, ActorKind, AuditAction, AuditEvent

AT = datetime(2026, 3, 2, 1, 0, 0, 123456, tzinfo=UTC)


def an_event(number: int = 0) -> AuditEvent:
    return AuditEvent(
        action=AuditAction.ATTEMPT_DECIDED,
        actor=Actor(kind=ActorKind.SYSTEM, id="decision_worker"),
        at=AT,
        details={"attempt": f"a-{number}", "count": number, "reasons": ["无匹配"], "done": True},
    )
