"""What a person handed in: an attempt or a visit, whichever a case or an appeal is about."""

from datetime import date
from uuid import UUID

from domain.cycle import Channel
from services.policies import legal_day
from services.unit_of_work import Unit
from services.visit_decisions import visited_on
from storage.db.models.certification import Evidence
from storage.db.repositories import attempts, visits


def parts_of(unit: Unit, *, attempt_id: UUID | None, visit_id: UUID | None) -> dict[str, Evidence]:
    """Return name -> evidence of what was handed in; nothing for neither of the two."""
    if attempt_id is not None:
        return attempts.parts_of(unit.session, attempt_id)
    return {} if visit_id is None else visits.parts_of(unit.session, visit_id)


def shown_alive(
    unit: Unit, *, attempt_id: UUID | None, visit_id: UUID | None
) -> tuple[Channel, date]:
    """Return by which channel and on which legal day an act showed its person."""
    if attempt_id is not None:
        attempt = attempts.get(unit.session, attempt_id)
        assert attempt is not None, "attempts are never removed"
        return Channel(attempt.channel), legal_day(attempt.received_at)
    assert visit_id is not None, "an act is one of the two"
    visit = visits.get(unit.session, visit_id)
    assert visit is not None, "visits are never removed"
    return Channel.HOME_VISIT, visited_on(visit.visited_at, visit.received_at)
