"""What was written down cannot be altered, removed, inserted, reordered or cut without a trace."""

import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from psycopg import errors
from sqlalchemy.orm import Session, sessionmaker

from domain.audit import GENESIS, canonical, linked
from domain.regions import DivisionPath
from services.audit_trail import TrailReport, anchor_heads, verify_chains
from storage.audit import chain
from storage.audit.anchors import read_anchors
from storage.audit.chain import FaultKind
from storage.crypto.digest import sm3
from storage.db.models.audit import AuditRow
from storage.db.scope import ALL, set_scope
from tests.storage.audit.events import an_event

COUNTY = "990101"
RECORDS = int(os.environ.get("JIANZAI_AUDIT_RECORDS", "20000"))
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
Tamper = Callable[[sa.Connection], object]

pytestmark = pytest.mark.committing


def write(sessions: sessionmaker[Session], count: int, name: str = COUNTY) -> None:
    with sessions() as session, session.begin():
        set_scope(session, ALL)
        chain.append(session, name, [an_event(number) for number in range(count)])


def verify(sessions: sessionmaker[Session], anchors: Path) -> TrailReport:
    return verify_chains(sessions, anchors)


def kinds(report: TrailReport) -> set[FaultKind]:
    return {fault.kind for fault in report.faults}


def sql(*statements: str) -> Tamper:
    def tamper(owner: sa.Connection) -> None:
        for statement in statements:
            owner.execute(sa.text(statement))

    return tamper


def rechain(owner: sa.Connection, *, start: int, number: int) -> None:
    """Do as a careful forger would: change record `start` and recompute all that follows."""
    rows = owner.execute(
        sa.select(AuditRow.seq, AuditRow.previous, AuditRow.digest)
        .where(AuditRow.chain == COUNTY, AuditRow.seq >= start)
        .order_by(AuditRow.seq)
    ).all()
    previous = rows[0].previous
    for row in rows:
        event = an_event(number if row.seq == start else row.seq - 1)
        body = canonical(event, chain=COUNTY, seq=row.seq)
        digest = sm3(linked(previous, row.seq, body))
        owner.execute(
            sa.update(AuditRow)
            .where(AuditRow.chain == COUNTY, AuditRow.seq == row.seq)
            .values(previous=previous, body=body, digest=digest, details=dict(event.details))
        )
        previous = digest


def insert_after(owner: sa.Connection, seq: int) -> None:
    """Put a record in, well formed by itself, and renumber those behind it."""
    owner.execute(
        sa.text("update audit_events set seq = seq + 1000 where seq > :seq"), {"seq": seq}
    )
    owner.execute(
        sa.text("update audit_events set seq = seq - 999 where seq > 1000"),
    )
    before = owner.scalar(
        sa.select(AuditRow.digest).where(AuditRow.chain == COUNTY, AuditRow.seq == seq)
    )
    assert before is not None
    event = an_event(77)
    body = canonical(event, chain=COUNTY, seq=seq + 1)
    owner.execute(
        sa.insert(AuditRow).values(
            chain=COUNTY,
            seq=seq + 1,
            previous=before,
            digest=sm3(linked(before, seq + 1, body)),
            body=body,
            at=event.at,
            actor=str(event.actor),
            action=event.action.value,
            details=dict(event.details),
        )
    )


SWAP = (
    "update audit_events set seq = 999 where seq = 4",
    "update audit_events set seq = 4 where seq = 5",
    "update audit_events set seq = 5 where seq = 999",
)


@pytest.mark.parametrize(
    ("tamper", "kind", "at"),
    [
        (
            sql("update audit_events set body = replace(encode(body, 'escape'), 'a-2', 'a-9')"
                "::bytea where seq = 3"),
            FaultKind.ALTERED,
            3,
        ),
        (
            sql("update audit_events set details = details || '{\"count\": 9}' where seq = 3"),
            FaultKind.ALTERED,
            3,
        ),
        (sql("update audit_events set action = 'x' where seq = 3"), FaultKind.ALTERED, 3),
        (sql("update audit_events set actor = 'x' where seq = 3"), FaultKind.ALTERED, 3),
        (
            sql("update audit_events set at = at + interval '1 second' where seq = 3"),
            FaultKind.ALTERED,
            3,
        ),
        (
            sql("update audit_events set digest = sha256(body) where seq = 3"),
            FaultKind.ALTERED,
            3,
        ),
        (sql("delete from audit_events where seq = 3"), FaultKind.GAP, 3),
        (sql("delete from audit_events where seq = 1"), FaultKind.GAP, 1),
        (sql(*SWAP), FaultKind.UNLINKED, 4),
        (lambda owner: insert_after(owner, 5), FaultKind.UNLINKED, 7),
        (lambda owner: rechain(owner, start=3, number=99), FaultKind.REWRITTEN, 10),
        (sql("delete from audit_events where seq > 7"), FaultKind.CUT, 10),
        (sql("delete from audit_events"), FaultKind.CUT, 10),
    ],
    ids=[
        "body", "details column", "action column", "actor column", "time column", "digest",
        "removed", "first removed", "reordered", "inserted", "rewritten to the end", "tail cut",
        "chain removed",
    ],
)  # fmt: skip
def test_tampering_behind_the_applications_back_is_found(
    sessions: sessionmaker[Session],
    owner_engine: sa.Engine,
    tmp_path: Path,
    tamper: Tamper,
    kind: FaultKind,
    at: int,
) -> None:
    anchors = tmp_path / "anchors.jsonl"
    write(sessions, 10)
    anchor_heads(sessions, anchors, NOW)
    assert verify(sessions, anchors).is_intact

    with owner_engine.begin() as owner:
        tamper(owner)

    report = verify(sessions, anchors)
    assert (kind, at) in {(fault.kind, fault.seq) for fault in report.faults}
    assert {fault.chain for fault in report.faults} == {COUNTY}


def test_a_digest_recomputed_for_one_record_breaks_the_link_to_the_next(
    sessions: sessionmaker[Session], owner_engine: sa.Engine, tmp_path: Path
) -> None:
    write(sessions, 10)
    with owner_engine.begin() as owner:
        old = owner.execute(sa.select(AuditRow.previous).where(AuditRow.seq == 3)).scalar_one()
        body = canonical(an_event(99), chain=COUNTY, seq=3)
        owner.execute(
            sa.update(AuditRow)
            .where(AuditRow.seq == 3)
            .values(
                body=body,
                digest=sm3(linked(old, 3, body)),
                details=dict(an_event(99).details),
            )
        )

    report = verify(sessions, tmp_path / "none")

    assert [(fault.kind, fault.seq) for fault in report.faults] == [(FaultKind.UNLINKED, 4)]


def test_an_untouched_trail_of_several_chains_is_intact(
    sessions: sessionmaker[Session], tmp_path: Path
) -> None:
    anchors = tmp_path / "anchors.jsonl"
    heard: list[tuple[int, int]] = []
    for name in (COUNTY, "98", "system"):
        write(sessions, 5, name)
        anchor_heads(sessions, anchors, NOW)
        write(sessions, 2, name)

    report = verify_chains(sessions, anchors, lambda done, of: heard.append((done, of)))

    assert report == TrailReport(chains=3, records=21, anchors=5, faults=())
    assert heard[-1] == (21, 21)


def test_an_anchor_is_written_once_and_never_steps_back(
    sessions: sessionmaker[Session], owner_engine: sa.Engine, tmp_path: Path
) -> None:
    anchors = tmp_path / "anchors.jsonl"
    write(sessions, 10)

    first = anchor_heads(sessions, anchors, NOW)
    again = anchor_heads(sessions, anchors, NOW)
    with owner_engine.begin() as owner:
        owner.execute(sa.text("delete from audit_events where seq > 7"))
    after_cut = anchor_heads(sessions, anchors, NOW)

    assert [anchor.seq for anchor in first] == [10]
    assert again == after_cut == []
    assert read_anchors(anchors) == first


def test_sixteen_writers_make_one_linear_chain(
    sessions: sessionmaker[Session], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def work(_: int) -> None:
        for _ in range(20):
            write(sessions, 2)

    started = time.perf_counter()
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(work, range(16)))
    seconds = time.perf_counter() - started

    with capsys.disabled():
        print(f"\naudit: {320 / seconds:.0f} commits/s of two records, 16 writers on one chain")  # noqa: T201 - the figure is wanted
    assert verify(sessions, tmp_path / "none") == TrailReport(
        chains=1, records=640, anchors=0, faults=()
    )


def test_a_long_chain_is_verified_in_one_pass(
    sessions: sessionmaker[Session], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(RECORDS // 5000):
        write(sessions, 5000)

    started = time.perf_counter()
    report = verify(sessions, tmp_path / "none")
    seconds = time.perf_counter() - started

    with capsys.disabled():
        print(f"\naudit: {report.records} records verified in {seconds:.1f} s")  # noqa: T201 - the figure is wanted
    assert report == TrailReport(chains=1, records=RECORDS, anchors=0, faults=())


def test_a_village_extends_its_countys_chain_without_reading_it(
    sessions: sessionmaker[Session], tmp_path: Path
) -> None:
    write(sessions, 3)
    village = DivisionPath("990101101203")

    with sessions() as session, session.begin():
        set_scope(session, village)
        chain.append(session, COUNTY, [an_event()])
        seen: Sequence[AuditRow] = session.scalars(sa.select(AuditRow)).all()

    assert seen == []
    assert verify(sessions, tmp_path / "none").records == 4


@pytest.mark.parametrize("name", ["990102", "99", "9901", "system", "990101101"])
def test_a_village_extends_no_other_chain(sessions: sessionmaker[Session], name: str) -> None:
    with sessions() as session:
        set_scope(session, "990101101203")

        with pytest.raises(sa.exc.DBAPIError) as caught:
            chain.append(session, name, [an_event()])

        assert isinstance(caught.value.orig, errors.InsufficientPrivilege)


@pytest.mark.parametrize(
    "statement", ["update audit_events set action = 'x'", "delete from audit_events"]
)
def test_the_application_cannot_change_what_was_written(
    sessions: sessionmaker[Session], statement: str
) -> None:
    write(sessions, 1)

    with sessions() as session:
        set_scope(session, ALL)
        with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
            session.execute(sa.text(statement))


def test_the_first_record_follows_the_genesis_bytes(sessions: sessionmaker[Session]) -> None:
    write(sessions, 1)

    with sessions() as session:
        set_scope(session, ALL)
        row = session.scalars(sa.select(AuditRow)).one()

    assert row.previous == GENESIS
    assert row.digest == sm3(GENESIS + (1).to_bytes(8, "big") + row.body)
