"""Rosters and division lists come in by batches: each batch is one act, whole persons or nothing.

A crash in the middle leaves whole persons; the same file again adds what is missing and counts the
rest as unchanged. What is registered is never overwritten by a roster.
"""

from contextlib import suppress

from domain.audit import AuditAction
from domain.errors import AppError, Kind
from domain.policy_values import Scheme
from domain.regions import DivisionPath, DivisionScope, Level, level_of
from services.backend import Backend
from services.evidence import Caller
from services.places import Place, Places
from services.policies import legal_day, resolved_for
from services.roster_batch import write_batch
from services.roster_stream import ImportTally, Roster, RosterStream, Watch
from services.unit_of_work import Unit
from storage.db.repositories import divisions


def import_roster(backend: Backend, caller: Caller, roster: Roster, watch: Watch) -> ImportTally:
    """Register the persons of a roster and start the clocks of their entitlements.

    Raises `permission.denied` outside the caller's county, `division.unknown`,
    `policy.region_unknown`, `import.columns_missing`, and what reading the file raises.
    """
    stream = _open(backend, caller, roster, watch)
    for number, entries in enumerate(stream.batches(), start=1):
        with backend.unit(caller.actor, caller.scope) as unit:
            written = write_batch(backend, unit, stream, entries)
            unit.audit(
                AuditAction.BENEFICIARIES_IMPORTED,
                county=roster.county,
                file_sha256=roster.digest,
                batch=number,
                persons=written.persons,
                entitlements=written.entitlements,
            )
        watch.progress(stream.tally)
    return stream.tally


def rehearse_roster(backend: Backend, caller: Caller, roster: Roster, watch: Watch) -> ImportTally:
    """Do all that `import_roster` does, in one transaction that is taken back at the end."""
    stream = _open(backend, caller, roster, watch)
    with suppress(_Rehearsed), backend.unit(caller.actor, caller.scope) as unit:
        for entries in stream.batches():
            write_batch(backend, unit, stream, entries)
            watch.progress(stream.tally)
        raise _Rehearsed
    return stream.tally


class _Rehearsed(Exception):  # noqa: N818 - ends the transaction of a rehearsal
    pass


def _open(backend: Backend, caller: Caller, roster: Roster, watch: Watch) -> RosterStream:
    scope, county = caller.scope, roster.county
    if level_of(county) is not Level.COUNTY:
        raise AppError(Kind.INVALID, "division.unknown", division=county)
    if not isinstance(scope, DivisionScope) or not county.startswith(scope.path):
        raise AppError(Kind.FORBIDDEN, "permission.denied")
    today = legal_day(backend.clock.now())
    with backend.unit(caller.actor, scope) as unit:
        places = _places(unit, county)
    if not places.knows(county):
        raise AppError(Kind.INVALID, "division.unknown", division=county)
    # A county without rules is refused as a whole, not row by row.
    resolved_for(backend, county, scheme=Scheme.RESIDENT_PENSION, on=today)
    return RosterStream(
        roster=roster, policies=backend.policies.book, places=places, today=today, watch=watch
    )


def _places(unit: Unit, county: DivisionPath) -> Places:
    names = divisions.names_around(unit.session, county)
    named = [Place(path=DivisionPath(path), name=name) for path, name in names]
    return Places(county, named, known=divisions.all_paths(unit.session))
