"""How the installation is doing: queue, workers, chores, keys in use, consents. Numbers only."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from storage.db.models.registry import DataKeyRow
from storage.db.models.running import ChoreRun


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskHealth:
    """Jobs of one task. `stalled` ones are among the `running`: their worker gives no sign."""

    task: str
    waiting: int
    running: int
    stalled: int
    failed: int
    done: int
    oldest_waiting: datetime | None
    last_success: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentCount:
    purpose: str
    text_version: str
    text_digest: str
    given: int
    withdrawn: int
    last_given: datetime


def tasks(session: Session, *, lost_after: timedelta) -> list[TaskHealth]:
    """Say of every task how its jobs are doing."""
    rows = session.execute(sa.text(_TASKS), {"lost_after": lost_after})
    return [TaskHealth(**row) for row in rows.mappings()]


# The moment of a job is that of its newest event; few jobs wait, so that few events are read.
_TASKS = """
with counted as (
  select j.task_name as task,
    count(*) filter (where j.status = 'todo') as waiting,
    count(*) filter (where j.status = 'doing') as running,
    count(*) filter (where j.status = 'doing' and (w.id is null
      or w.last_heartbeat < now() - cast(:lost_after as interval))) as stalled,
    count(*) filter (where j.status = 'failed') as failed,
    count(*) filter (where j.status = 'succeeded') as done,
    max(j.id) filter (where j.status = 'succeeded') as last_done,
    min(j.id) filter (where j.status = 'todo') as first_waiting
  from procrastinate_jobs j left join procrastinate_workers w on w.id = j.worker_id
  group by j.task_name
)
select task, waiting, running, stalled, failed, done,
  (select max(e.at) from procrastinate_events e where e.job_id = first_waiting) as oldest_waiting,
  (select max(e.at) from procrastinate_events e
    where e.job_id = last_done and e.type = 'succeeded') as last_success
from counted order by task
"""


def heartbeats(session: Session) -> list[datetime]:
    """Return when each worker gave its last sign, the newest first."""
    query = sa.text("select last_heartbeat from procrastinate_workers order by 1 desc limit 100")
    return list(session.scalars(query))


def database_now(session: Session) -> datetime:
    """Return the database's own time: what the queue's moments are measured by."""
    moment: datetime = session.execute(sa.text("select now()")).scalar_one()
    return moment


def database_clock(session: Session) -> datetime:
    """Return the moment at which the database reads this, inside a transaction too."""
    moment: datetime = session.execute(sa.text("select clock_timestamp()")).scalar_one()
    return moment


def database_version(session: Session) -> str:
    """Return the server's version."""
    return str(session.scalar(sa.text("show server_version")))


def chore_runs(session: Session) -> list[ChoreRun]:
    """Return how every chore ended last, by name."""
    return list(session.scalars(sa.select(ChoreRun).order_by(ChoreRun.name)))


def note_chore(session: Session, name: str, at: datetime, *, failed_with: str | None) -> None:
    """Remember how a chore ended; of two workers' notes the later one stays."""
    succeeded = at if failed_with is None else None
    statement = insert(ChoreRun).values(
        name=name, ended_at=at, succeeded_at=succeeded, failed_with=failed_with
    )
    new = statement.excluded
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["name"],
            set_={
                "ended_at": new.ended_at,
                "succeeded_at": sa.func.coalesce(new.succeeded_at, ChoreRun.succeeded_at),
                "failed_with": new.failed_with,
            },
            where=ChoreRun.ended_at <= new.ended_at,
        )
    )


def wrapped_under(session: Session) -> dict[int, int]:
    """Count the living data keys by the version of the wrapping key that they lie under."""
    rows = session.execute(
        sa.select(DataKeyRow.kek_version, sa.func.count())
        .where(DataKeyRow.wrapped.is_not(None))
        .group_by(DataKeyRow.kek_version)
    )
    return {row[0]: row[1] for row in rows}


def consents(session: Session, top: str) -> list[ConsentCount]:
    """Count the consents of the people of a division by the text that they were given to."""
    rows = session.execute(
        sa.text(
            "select c.purpose, c.text_version, c.text_digest,"
            " count(*) filter (where c.withdrawn_at is null) as given,"
            " count(*) filter (where c.withdrawn_at is not null) as withdrawn,"
            " max(c.given_at) as last_given"
            " from consents c join beneficiaries b on b.id = c.beneficiary_id"
            ' where b.household_path collate "C" >= :top'
            " and b.household_path collate \"C\" < :top || ':'"
            " group by 1, 2, 3 order by last_given desc"
        ),
        {"top": top},
    )
    return [ConsentCount(**row) for row in rows.mappings()]


def newest_object(session: Session) -> str | None:
    """Return the address of the evidence that was stored last."""
    query = sa.text("select object_key from evidence order by id desc limit 1")
    found: str | None = session.scalar(query)
    return found
