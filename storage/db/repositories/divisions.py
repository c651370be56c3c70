"""The tree of 省/市/县/乡镇/村."""

from collections.abc import Collection, Iterable

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from storage.db.models.registry import Division


def get(session: Session, path: str) -> Division | None:
    return session.get(Division, path)


def all_paths(session: Session) -> set[str]:
    return set(session.scalars(sa.select(Division.path)))


def names_around(session: Session, path: str) -> list[tuple[str, str]]:
    """Return (path, name) of everything below `path`, of itself and of what lies above it."""
    rows = session.execute(
        sa.select(Division.path, Division.name).where(
            sa.or_(
                sa.func.starts_with(Division.path, path),
                sa.func.starts_with(sa.literal(path), Division.path),
            )
        )
    )
    return [(row.path, row.name) for row in rows]


def names_of(session: Session, paths: Collection[str]) -> dict[str, str]:
    """Return path -> name of those that are registered."""
    rows = session.execute(
        sa.select(Division.path, Division.name).where(Division.path.in_(set(paths)))
    )
    return {row.path: row.name for row in rows}


def below(session: Session, path: str) -> list[Division]:
    """Return `path` and everything in it, each behind the division it lies in."""
    rows = session.scalars(
        sa.select(Division)
        .where(Division.path >= path, Division.path < f"{path}:")
        .order_by(Division.path)
    )
    return list(rows)


def counties(session: Session) -> list[str]:
    """Return the paths of all counties, in order."""
    return list(
        session.scalars(
            sa.select(Division.path)
            .where(sa.func.length(Division.path) == 6)
            .order_by(Division.path)
        )
    )


def put_all(session: Session, rows: Iterable[dict[str, object]]) -> int:
    """Insert or rename divisions, parents first; returns how many rows were given.

    A window's address and hours stay as they are where a row does not state them.
    """
    ordered = sorted(rows, key=lambda row: str(row["path"]))
    if ordered:
        statement = insert(Division)
        new = statement.excluded
        changed = {
            "name": new.name,
            "window_address": sa.func.coalesce(new.window_address, Division.window_address),
            "window_hours": sa.func.coalesce(new.window_hours, Division.window_hours),
        }
        session.execute(
            statement.on_conflict_do_update(index_elements=["path"], set_=changed), ordered
        )
    return len(ordered)
