"""The audit trail as a reader searches it: one chain at a time, newest first, behind the wall.

Every condition that has an index is a plain comparison of text, number or time: the database uses
no index for anything else behind row security.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from psycopg.errors import QueryCanceled
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from storage.db.models.audit import AuditRow

SEARCH_MS = 8_000
"""A search that reads for longer has to be narrowed; it must not hold up the office."""


class SearchTooWide(Exception):  # noqa: N818 - a state, named as it is said
    """The records that would have to be read are too many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Conditions that all have to hold; an empty one holds always."""

    chain: str
    actors: tuple[str, ...] = ()
    action: str | None = None
    beneficiary: str | None = None
    mentions: str | None = None  # an id anywhere in the details
    since: datetime | None = None
    before: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    chain: str
    seq: int
    at: datetime
    actor: str
    action: str
    details: dict[str, Any] = field(repr=False)


def head_of(session: Session, name: str) -> int:
    """Return the number of the newest record; 0 for an empty chain."""
    newest = sa.select(sa.func.max(AuditRow.seq)).where(AuditRow.chain == name)
    return session.scalar(newest) or 0


def is_free_to_verify(session: Session, name: str) -> bool:
    """Take the right to walk a chain until the transaction ends; False while another has it."""
    taken = sa.text("select pg_try_advisory_xact_lock(hashtextextended('verify:' || :name, 0))")
    return bool(session.scalar(taken, {"name": name}))


def page(session: Session, wanted: Filter, *, below: int | None, limit: int) -> Sequence[Record]:
    """Return at most `limit` records numbered below `below`, newest first.

    Raises `SearchTooWide`.
    """
    query = (
        sa.select(
            AuditRow.chain,
            AuditRow.seq,
            AuditRow.at,
            AuditRow.actor,
            AuditRow.action,
            AuditRow.details,
        )
        .where(*_conditions(wanted, below))
        .order_by(AuditRow.seq.desc())
        .limit(limit)
    )
    found = _patiently(session, query)
    return [Record(**row._asdict()) for row in found]


def count(session: Session, wanted: Filter, *, below: int, most: int) -> int:
    """Count what `page` would return in all, up to `most`. Raises `SearchTooWide`."""
    some = sa.select(sa.literal(1)).where(*_conditions(wanted, below)).limit(most).subquery()
    return int(_patiently(session, sa.select(sa.func.count()).select_from(some))[0][0])


def newest(session: Session, name: str, action: str) -> Record | None:
    """Return the newest record of one kind. Raises `SearchTooWide`."""
    found = page(session, Filter(chain=name, action=action), below=None, limit=1)
    return found[0] if found else None


def _conditions(wanted: Filter, below: int | None) -> list[sa.ColumnElement[bool]]:
    given: list[tuple[Any, Callable[[Any], sa.ColumnElement[bool]]]] = [
        (wanted.actors or None, AuditRow.actor.in_),
        (wanted.action, AuditRow.action.__eq__),
        (wanted.beneficiary, AuditRow.beneficiary.__eq__),
        (wanted.since, AuditRow.at.__ge__),
        (wanted.before, AuditRow.at.__lt__),
        (below, AuditRow.seq.__lt__),
        (wanted.mentions, _mentions),
    ]
    return [
        AuditRow.chain == wanted.chain,
        *(condition(value) for value, condition in given if value is not None),
    ]


def _mentions(text: str) -> sa.ColumnElement[bool]:
    # No index can help behind row security. Looking for the bytes first leaves few to be parsed;
    # in the lax mode of a path, a list's items are compared one by one.
    written = json.dumps(text, ensure_ascii=False).encode()
    return sa.and_(
        sa.func.position(sa.literal(written).op("in")(AuditRow.body)) > 0,
        sa.func.jsonb_path_exists(
            AuditRow.details,
            sa.cast("$.* ? (@ == $text)", sa.dialects.postgresql.JSONPATH),
            sa.func.jsonb_build_object("text", text),
        ),
    )


def _patiently(session: Session, query: sa.Select[Any]) -> Sequence[sa.Row[Any]]:
    session.execute(sa.text(f"set local statement_timeout = {SEARCH_MS}"))
    try:
        return session.execute(query).all()
    except OperationalError as error:
        if isinstance(error.orig, QueryCanceled):
            raise SearchTooWide from error
        raise
