"""How many persons' faces are stored: whoever has evidence, and a data key that still opens it.

Whatever this product keeps as evidence shows a face, or was measured on one.
"""

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class CountyFaces:
    county: str
    name: str
    persons: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What changed on a day of the legal calendar."""

    day: date
    stored: int
    erased: int


def by_county(session: Session) -> list[CountyFaces]:
    """Count the persons whose faces are stored, by the county that keeps their case."""
    rows = session.execute(
        sa.text(
            "select n.county, coalesce(d.name, n.county) as name, n.persons from ("
            " select left(b.household_path, 6) as county, count(*) as persons"
            " from data_keys k join beneficiaries b on b.id = k.beneficiary_id"
            " where k.wrapped is not null"
            " and exists (select from evidence e where e.beneficiary_id = k.beneficiary_id)"
            " group by 1) n left join divisions d on d.path = n.county order by n.county"
        )
    )
    return [CountyFaces(**row) for row in rows.mappings()]


def ever(session: Session, *, most: int) -> int:
    """Count the persons whose faces were ever stored, erased ones included, up to `most`."""
    query = sa.text(
        "select count(*) from (select from data_keys k where exists"
        " (select from evidence e where e.beneficiary_id = k.beneficiary_id) limit :most) n"
    )
    return int(session.scalar(query, {"most": most}) or 0)


def days(session: Session) -> list[Day]:
    """Return for every day how many persons came in first, and how many were erased."""
    rows = session.execute(
        sa.text(
            "with firsts as (select beneficiary_id, min(stored_at) as at from evidence group by 1),"
            " changes as ("
            " select at, 1 as stored, 0 as erased from firsts union all"
            " select greatest(k.destroyed_at, f.at), 0, 1 from firsts f"
            " join data_keys k using (beneficiary_id) where k.destroyed_at is not null)"
            " select (at at time zone 'Asia/Shanghai')::date as day,"
            " sum(stored)::int as stored, sum(erased)::int as erased"
            " from changes group by 1 order by 1"
        )
    )
    return [Day(**row) for row in rows.mappings()]
