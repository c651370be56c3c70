"""What an open appeal holds: every later step that harms the person waits for its answer.

Apart from raising and answering, because what is held comes before both.
"""

from uuid import UUID

from domain.errors import AppError, Kind
from services.unit_of_work import Unit
from storage.db.repositories import appeals, certifications


def refuse_open(unit: Unit, person_id: UUID) -> None:
    """Hold a harmful step while the person's appeal has no answer, until this unit's commit.

    Takes the person's turn first: an appeal that is being written down is waited for, and one
    that comes later waits for this step. Raises `appeal.open`.
    """
    certifications.lock_entitlements(unit.session, person_id)
    found = appeals.open_of(unit.session, person_id)
    if found is not None:
        raise AppError(Kind.CONFLICT, "appeal.open", appeal=str(found.id))
