"""Second looks: drawn in the commit of a decision, and blind until they are decided (rule 7.3).

A second look is a review of its own that points at the first. To whoever reads it, it is a case
like any other: it waits in the same list, opens on the same page, and is shown as the case stood
when it was first flagged, its moments moved along with its opening. Its decision moves nothing.

What cannot be hidden: a person who is called back may tell of an earlier call, the person's own
page shows how things stand now (and who opened it is on record), and after the decision there is
no certificate and no second person.
"""

from datetime import datetime, timedelta

from domain import quality
from domain.audit import ActorKind, AuditAction
from domain.ids import ReviewId
from domain.policy_values import ReviewRules
from domain.quality import WINDOW, Decided, lot_of
from domain.review import Verdict
from domain.roles import ROLE_PERMISSIONS, Permission
from services.backend import Backend
from services.policies import common_rules, legal_day
from services.review_clock import end_of_working_days
from services.unit_of_work import Unit
from storage.db.models.cases import Review
from storage.db.repositories import rereads, reviews
from storage.ids import uuid7_at

REVIEWERS = tuple(
    role.value for role, held in ROLE_PERMISSIONS.items() if Permission.ATTEMPT_REVIEW in held
)
_LOT, _DELAY = "reread:lot", "reread:delay"


def is_reread(review: Review) -> bool:
    """Whether a case is a second look, whose decision moves nothing."""
    return review.reread_of is not None


def is_hidden(unit: Unit, review: Review) -> bool:
    """Whether this reader must not know of a case: a second look to come, or at an own decision.

    Staff only: what the machine itself does to a second look is no reading.
    """
    if review.reread_of is None or unit.actor.kind is not ActorKind.STAFF:
        return False
    if review.opened_at > unit.now:
        return True
    readers = rereads.took_part(unit.session, review.reread_of, but=review.id)
    return unit.actor.id in {str(reader) for reader in readers}


def first_of(unit: Unit, review: Review) -> Review:
    """Return the case that was first flagged; an ordinary one is its own first."""
    if review.reread_of is None:
        return review
    found = reviews.get(unit.session, review.reread_of)
    assert found is not None, "a second look is at a case of the same person"
    return found


def shift_of(unit: Unit, review: Review) -> timedelta:
    """Return by how much the moments of a case are moved when it is shown: nothing, mostly.

    An act that was handed in three weeks before its case was opened would give the case away.
    """
    return review.opened_at - first_of(unit, review).opened_at


def stood_at(unit: Unit, review: Review) -> datetime:
    """Return the moment as of which a case is shown: now, or when it was first flagged."""
    return unit.now if review.reread_of is None else first_of(unit, review).opened_at


def after_decision(backend: Backend, unit: Unit, review: Review) -> None:
    """Draw what is read again now that a case was decided, in the caller's unit."""
    decided = reviews.decision_of(unit.session, review.id)
    assert decided is not None, "called in the commit of the decision"
    office = rereads.seat_of(unit.session, decided.decided_by)
    if office is None:
        return  # decided from above, sealed here: that office's next draw makes up for it
    rereads.take_turns(unit.session, office)
    window = rereads.window_of(unit.session, office, unit.now - WINDOW)
    share = _rules(backend, unit, review).reread_share_percent
    for chosen in quality.draw(_with_lots(backend, window), ReviewId(review.id), share):
        first = reviews.get(unit.session, chosen)
        assert first is not None, "a decision of the window is in sight"
        open_reread(backend, unit, first, expected=None)


def _with_lots(backend: Backend, window: list[rereads.WindowRow]) -> list[Decided]:
    return [
        Decided(
            id=ReviewId(row.review_id),
            lot=_lot(backend, _LOT, str(row.review_id)) if not row.is_drawn else 0,
            is_drawn=row.is_drawn,
        )
        for row in window
    ]


def _lot(backend: Backend, kind: str, of: str) -> int:
    """Return chance that nobody foresees and everybody with the key can check."""
    return lot_of(backend.index.of(kind, of))


def open_reread(backend: Backend, unit: Unit, first: Review, *, expected: Verdict | None) -> Review:
    """Have a decided case read again, later. `expected`: its answer is known."""
    round_of = f"{first.id}:{len(rereads.readings_of(unit.session, first.id))}"
    opened_at = quality.appears_at(
        first.opened_at, now=unit.now, lot=_lot(backend, _DELAY, round_of)
    )
    days = _rules(backend, unit, first).clock_working_days
    row = Review(
        id=uuid7_at(opened_at),
        beneficiary_id=first.beneficiary_id,
        attempt_id=first.attempt_id,
        visit_id=first.visit_id,
        reasons=first.reasons,
        priority=first.priority,
        opened_at=opened_at,
        due_at=end_of_working_days(backend, opened_at, days),
        reread_of=first.id,
        expected=None if expected is None else expected.value,
    )
    reviews.add(unit.session, row)
    unit.audit(
        AuditAction.REVIEW_OPENED,
        review=str(row.id),
        beneficiary=str(row.beneficiary_id),
        reasons=row.reasons,
    )
    return row


def after_reread(backend: Backend, unit: Unit, review: Review) -> None:
    """Hand a known answer on to the next reviewer; a second look that was drawn ends here."""
    if review.expected is None or review.reread_of is None:
        return
    if rereads.is_withdrawn(unit.session, review.reread_of):
        return
    go_round(backend, unit, first_of(unit, review), Verdict(review.expected))


def go_round(backend: Backend, unit: Unit, first: Review, expected: Verdict) -> None:
    """Present a known answer to one more reviewer, while one is left who does not know the case."""
    place = rereads.household_of(unit.session, first.beneficiary_id)
    reviewers = rereads.reviewers(unit.session, REVIEWERS, place)
    if set(reviewers) - rereads.took_part(unit.session, first.id):
        open_reread(backend, unit, first, expected=expected)


def _rules(backend: Backend, unit: Unit, review: Review) -> ReviewRules:
    household = rereads.household_of(unit.session, review.beneficiary_id)
    return common_rules(backend, household, on=legal_day(unit.now)).review
