"""A case carries the mark of its decision: set once, true, and nothing else of a case changes."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from storage.db.embedded import APP_ROLE
from storage.db.models.cases import Review, ReviewDecision
from storage.db.repositories import reviews
from tests.attempt_world import flagged_attempt
from tests.case_world import add_person, add_staff
from tests.certification_world import TEST, County


def decide(session: Session, review: Review, by: Any) -> bool:
    row = {
        "review_id": review.id,
        "beneficiary_id": review.beneficiary_id,
        "outcome": "ask_again",
        "findings": "虚构的核实情况",
        "decided_at": review.opened_at + timedelta(hours=1),
        "decided_by": by,
    }
    return reviews.record_decision(session, row)


def test_the_mark_is_set_with_the_decision(county: County) -> None:
    backend = county.backend
    review_id = flagged_attempt(backend, add_person(backend, 1), "attempt-0001")
    clerk = add_staff(backend, "clerk")
    with backend.unit(TEST.actor, TEST.scope) as unit:
        review = unit.session.get_one(Review, review_id)
        assert review.decided_at is None
        assert decide(unit.session, review, clerk.id)
        assert not decide(unit.session, review, clerk.id)
        unit.session.refresh(review)
        decided = unit.session.get_one(ReviewDecision, review_id)
        assert review.decided_at == decided.decided_at


def set_mark(session: Session, review: Review, **values: Any) -> int:
    found = session.execute(
        sa.update(Review)
        .where(Review.id == review.id)
        .values(**values)
        .returning(Review.id)
        .execution_options(synchronize_session=False)
    )
    return len(found.all())


def test_a_mark_without_a_decision_is_refused(county: County) -> None:
    backend = county.backend
    review_id = flagged_attempt(backend, add_person(backend, 1), "attempt-0001")
    with backend.unit(TEST.actor, TEST.scope) as unit:
        review = unit.session.get_one(Review, review_id)
        with (
            pytest.raises(sa.exc.ProgrammingError, match="row-level security policy"),
            unit.session.begin_nested(),
        ):
            set_mark(unit.session, review, decided_at=unit.now)


def test_a_mark_is_never_moved_or_taken_away(county: County) -> None:
    backend = county.backend
    review_id = flagged_attempt(backend, add_person(backend, 1), "attempt-0001")
    clerk = add_staff(backend, "clerk")
    with backend.unit(TEST.actor, TEST.scope) as unit:
        review = unit.session.get_one(Review, review_id)
        assert decide(unit.session, review, clerk.id)
        assert set_mark(unit.session, review, decided_at=None) == 0
        assert set_mark(unit.session, review, decided_at=unit.now) == 0


def test_nothing_else_of_a_case_can_be_changed(
    owner_engine: sa.Engine, sessions: sessionmaker[Session]
) -> None:
    sql = (
        "select attname from pg_attribute where attrelid = 'reviews'::regclass and attnum > 0"
        " and not attisdropped and has_column_privilege(:role, attrelid, attnum, 'update')"
    )
    with owner_engine.connect() as connection:
        assert connection.scalars(sa.text(sql), {"role": APP_ROLE}).all() == ["decided_at"]
