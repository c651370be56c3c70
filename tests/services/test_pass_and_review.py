"""Certified by a human or passed by the machine: the validity moves the same way."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.beneficiary import SuspensionCause
from domain.cycle import Channel
from domain.policy_values import Scheme
from domain.review import Method, Verdict
from services import reviews, validity
from services.accounts import StaffMember
from services.backend import Backend
from services.policies import legal_day
from services.reviews import Ruling
from services.validity import Certified, Ground
from storage.db.repositories import certifications
from tests import attempt_world
from tests import case_world as world
from tests.case_world import SYSTEM

CERTIFY = Ruling(verdict=Verdict.CERTIFIED, method=Method.CALL_BACK, findings="已电话核实本人健在")
_serial = count(1)


@dataclass(frozen=True, slots=True)
class Past:
    """What lies behind a person: what they draw, earlier certifications, a suspension."""

    schemes: tuple[Scheme, ...]
    days_between: tuple[int, ...]
    is_suspended: bool
    days_in_queue: int


pasts = st.builds(
    Past,
    st.lists(st.sampled_from(Scheme), min_size=1, max_size=3, unique=True).map(tuple),
    st.lists(st.integers(1, 400), max_size=3).map(tuple),
    st.booleans(),
    st.integers(0, 5),
)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(past=pasts)
def test_a_review_moves_the_validity_exactly_like_a_pass(backend: Backend, past: Past) -> None:
    serial = next(_serial)
    passed, reviewed = (
        world.add_person(backend, 2 * serial + n, schemes=past.schemes) for n in range(2)
    )
    clerk = world.add_staff(backend, f"clerk-{serial}")
    for days in past.days_between:
        for person in (passed, reviewed):
            certify(backend, person, Ground(channel=Channel.ON_SITE, captured_on=today(backend)))
        backend.clock.advance(timedelta(days=days))  # type: ignore[attr-defined]
    if past.is_suspended:
        for person in (passed, reviewed):
            world.suspend(backend, person, SuspensionCause.UNCERTIFIED)
        backend.clock.advance(timedelta(days=1))  # type: ignore[attr-defined]
    attempt = attempt_world.add_attempt(backend, passed, f"machine-{serial:04d}")
    case = attempt_world.flagged_attempt(backend, reviewed, f"human-{serial:05d}")
    act = Ground(channel=Channel.APP_SELF, captured_on=today(backend), attempt_id=attempt)
    by_machine = certify(backend, passed, act)
    backend.clock.advance(timedelta(days=past.days_in_queue))  # type: ignore[attr-defined]
    by_human = decided(backend, clerk, case)
    assert by_human.valid_until == by_machine.valid_until
    assert world.valid_until(backend, reviewed) == world.valid_until(backend, passed)
    assert states(backend, reviewed) == states(backend, passed)
    assert acts(backend, reviewed) == acts(backend, passed)


def today(backend: Backend) -> date:
    return legal_day(backend.clock.now())


def certify(backend: Backend, person: UUID, ground: Ground) -> Certified:
    """Do what the machine does with a pass."""
    with backend.unit(SYSTEM.actor, SYSTEM.scope) as unit:
        found = backend.people(unit).load(person)
        assert found is not None
        return validity.certify(backend, unit, found, ground)


def decided(backend: Backend, clerk: StaffMember, case: UUID) -> Certified:
    reviews.claim_case(backend, clerk, case)
    ruled = reviews.decide(backend, world.confirmed(backend, clerk), case, CERTIFY)
    assert ruled.certified is not None
    return ruled.certified


def states(backend: Backend, person: UUID) -> list[tuple[str, str, str | None]]:
    with backend.unit(SYSTEM.actor, SYSTEM.scope) as unit:
        rows = backend.people(unit).entitlements_of(person)
    return sorted((row.scheme, row.status, row.cause) for row in rows)


def acts(backend: Backend, person: UUID) -> list[tuple[object, ...]]:
    """What the log says of the newest certification, without who wrote it."""
    with backend.unit(SYSTEM.actor, SYSTEM.scope) as unit:
        ends = certifications.ends_of(unit.session, person)
        logs = {end.scheme: certifications.log_of(unit.session, end.entitlement_id) for end in ends}
    return sorted(
        (scheme, row.channel, row.captured_on, row.kind, row.preset_digest)
        for scheme, log in logs.items()
        for row in log
    )
