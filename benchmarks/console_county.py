"""A county as large as it gets, for `benchmarks.console`: sealed people, and rows around them.

People come in through the real roster import, so that every name and number is really sealed and
indexed. What happened to them is written by the owner of the tables in bulk: a million attempts
through the product would take days and measure something else.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

Report = Callable[[str], None]

_SQL = Path(__file__).with_suffix(".sql")
_SCRATCH = ("bench_people", "bench_consents", "bench_attempts", "bench_reviews")


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much of it."""

    per_person: int = 10
    open_reviews: int = 2000


def fill(superuser: sa.Engine, size: Size, report: Report) -> None:
    """Write the rows. The database's own checks of references are off: what is written fits."""
    bound = {"per_person": size.per_person, "open": size.open_reviews}
    for part in _SQL.read_text("utf-8").split("-- part: ")[1:]:
        name, _, statements = part.partition("\n")
        with superuser.begin() as connection:
            connection.exec_driver_sql("set local session_replication_role = replica")
            for statement in statements.strip().rstrip(";").split(";\n"):
                asked = {key: value for key, value in bound.items() if f":{key}" in statement}
                connection.execute(sa.text(statement), asked)
        report(f"  {name}")
    with superuser.begin() as connection:
        connection.exec_driver_sql(f"drop table {', '.join(_SCRATCH)}")
    with superuser.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("vacuum analyze")
