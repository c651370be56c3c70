"""Verifying a chain from the console: step by step, within one's wall, the verdict on record."""

from datetime import timedelta
from functools import partial

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from domain.audit import AuditAction
from domain.regions import DivisionPath, DivisionScope
from domain.roles import Role
from services import audit_check
from services.accounts import StaffMember
from services.audit_check import Step, Verdict
from services.audit_trail import anchor_heads
from storage.audit import chain as chains
from storage.audit.chain import FaultKind
from tests.acts import refusal
from tests.certification_world import TEST, County, audited, member
from tests.clock import FixedClock
from tests.places import COUNTY, OTHER_COUNTY


def write(county: County, number: int, place: DivisionPath = COUNTY) -> None:
    with county.backend.unit(TEST.actor, DivisionScope(path=place)) as unit:
        for mark in range(number):
            unit.audit(AuditAction.ATTEMPT_DECIDED, mark=mark)


def walk(county: County, by: StaffMember, chain: str = COUNTY) -> tuple[list[Step], Verdict]:
    *steps, verdict = audit_check.verify(county.backend, by, chain)
    assert isinstance(verdict, Verdict)
    assert all(isinstance(step, Step) for step in steps)
    return [step for step in steps if isinstance(step, Step)], verdict


def anchor(county: County) -> None:
    backend = county.backend
    anchor_heads(backend.sessions, backend.installation.anchors, backend.clock.now())


def test_a_sound_chain_is_said_to_be_sound_and_held_against_what_was_published(
    county: County,
) -> None:
    by = member(county)
    write(county, 5)
    anchor(county)
    write(county, 2)
    _, verdict = walk(county, by)
    assert verdict.is_intact
    assert (verdict.chain, verdict.faults, verdict.first) == (COUNTY, 0, None)
    assert verdict.anchors == 1
    assert verdict.records == verdict.anchored_to + 2


def test_steps_tell_how_far_it_is(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chains, "BATCH", 4)
    by = member(county)
    write(county, 10)
    steps, verdict = walk(county, by)
    done = [step.done for step in steps]
    assert done == sorted(done)
    assert len(steps) > 3
    assert done[-1] == steps[-1].total == verdict.records


def test_a_verdict_is_on_record_in_the_chain_and_shown_to_whoever_comes_next(
    county: County, clock: FixedClock
) -> None:
    by = member(county)
    assert audit_check.last_verified(county.backend, by, COUNTY) is None
    _, verdict = walk(county, by)
    (event,) = audited(county.backend, AuditAction.AUDIT_VERIFIED)
    assert event == {
        "chain": COUNTY,
        "records": verdict.records,
        "anchors": 0,
        "faults": 0,
        "first": None,
        "kind": None,
    }
    clock.advance(timedelta(hours=1))
    earlier = audit_check.last_verified(county.backend, member(county), COUNTY)
    assert earlier is not None
    assert (earlier.by, earlier.records) == (f"staff:{by.id}", verdict.records)
    assert earlier.at == clock.now() - timedelta(hours=1)


@pytest.mark.committing
def test_a_record_altered_behind_the_products_back_is_named(
    county: County, owner_engine: sa.Engine
) -> None:
    by = member(county)
    write(county, 6)
    with owner_engine.begin() as owner:
        owner.exec_driver_sql("update audit_events set action = 'x' where seq in (3, 5)")
    _, verdict = walk(county, by)
    assert not verdict.is_intact
    assert verdict.faults == 2
    assert verdict.first is not None
    assert (verdict.first.seq, verdict.first.kind) == (3, FaultKind.ALTERED)
    (event,) = audited(county.backend, AuditAction.AUDIT_VERIFIED)
    assert (event["faults"], event["first"], event["kind"]) == (2, 3, "altered")


@pytest.mark.committing
def test_a_tail_cut_after_it_was_published_is_named(
    county: County, owner_engine: sa.Engine
) -> None:
    by = member(county)
    write(county, 6)
    anchor(county)
    with owner_engine.begin() as owner:
        owner.exec_driver_sql("delete from audit_events where seq > 3")
    _, verdict = walk(county, by)
    assert verdict.first is not None
    assert verdict.first.kind is FaultKind.CUT


@pytest.mark.committing
def test_a_chain_that_vanished_as_a_whole_is_found_by_its_county(
    county: County, owner_engine: sa.Engine
) -> None:
    by = member(county)
    write(county, 6)
    anchor(county)
    with owner_engine.begin() as owner:
        owner.exec_driver_sql("delete from audit_events")
    _, verdict = walk(county, by)
    assert (verdict.records, verdict.is_intact) == (0, False)


@pytest.mark.parametrize("chain", [OTHER_COUNTY, "system", "9901", "", "99", "' or true", "%"])
def test_a_chain_out_of_sight_is_not_there_though_its_heads_are_published(
    county: County, chain: str
) -> None:
    by = member(county)
    write(county, 3, OTHER_COUNTY)
    anchor(county)
    assert refusal(partial(walk, county, by, chain)).code == "audit.chain_unknown"
    assert audited(county.backend, AuditAction.AUDIT_VERIFIED) == []


def test_an_inspector_verifies_the_chains_below(county: County) -> None:
    by = member(county, Role.INSPECTOR, DivisionPath("9901"))
    write(county, 3, OTHER_COUNTY)
    _, verdict = walk(county, by, OTHER_COUNTY)
    assert (verdict.records, verdict.is_intact) == (3, True)
    last = audit_check.last_verified(county.backend, by, OTHER_COUNTY)
    assert last is not None


def test_a_damaged_file_of_published_heads_is_said(county: County) -> None:
    by = member(county)
    write(county, 1)
    county.backend.installation.anchors.write_text("not an anchor\n")
    assert refusal(partial(walk, county, by)).code == "audit.broken"


@pytest.mark.committing
def test_one_walk_at_a_time_and_who_goes_away_gives_the_turn_back(
    county: County, sessions: sessionmaker[Session]
) -> None:
    by = member(county)
    write(county, 3)
    walking = audit_check.verify(county.backend, by, COUNTY)
    next(walking)
    assert refusal(partial(walk, county, by)).code == "audit.verify_running"
    walking.close()  # type: ignore[attr-defined]
    assert walk(county, by)[1].is_intact
