"""`jianzai audit`: verify the chains, and publish their heads."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from sqlalchemy.orm import Session, sessionmaker

from app import container
from app.clock import SystemClock
from app.console import bar, err, print_json
from app.settings import Settings
from app.shared_use import only_one
from services.audit_trail import TrailReport, anchor_heads, verify_chains
from storage.db.engine import make_engine, make_sessions

app = typer.Typer(help="The audit trail: a hash chain per county.", no_args_is_help=True)


@app.command()
def verify(
    *, as_json: Annotated[bool, typer.Option("--json", help="Print for a program.")] = False
) -> None:
    """Find altered, removed, inserted or reordered records and cut tails. Exits 1 on a finding."""
    settings = Settings()
    with _sessions(settings) as sessions, bar() as progress:
        task = progress.add_task("verifying", total=None)
        report = verify_chains(
            sessions,
            settings.anchors_path,
            lambda done, total: progress.update(task, completed=done, total=total),
        )
    _print(report, as_json=as_json)
    if not report.is_intact:
        raise typer.Exit(1)


@app.command()
def anchor() -> None:
    """Write the newest head of every chain to the anchor file; ship that file elsewhere."""
    settings = Settings()
    with _sessions(settings) as sessions:
        path = settings.anchors_path
        with only_one(path.with_suffix(".lock")):  # workers write this file too
            written = anchor_heads(sessions, path, SystemClock().now())
    err.print(f"{len(written)} heads anchored in {settings.anchors_path}")


@contextmanager
def _sessions(settings: Settings) -> Iterator[sessionmaker[Session]]:
    with container.database(settings) as where:
        engine = make_engine(where.app_url, pool_size=2)
        try:
            yield make_sessions(engine)
        finally:
            engine.dispose()


def _print(report: TrailReport, *, as_json: bool) -> None:
    faults = [{"chain": f.chain, "seq": f.seq, "kind": f.kind.value} for f in report.faults]
    if as_json:
        print_json(
            {
                "intact": report.is_intact,
                "chains": report.chains,
                "records": report.records,
                "anchors": report.anchors,
                "faults": faults,
            }
        )
        return
    err.print(
        f"{report.records} records in {report.chains} chains, held against"
        f" {report.anchors} anchors: {'intact' if report.is_intact else 'NOT INTACT'}"
    )
    for fault in faults:
        err.print(f"  chain {fault['chain']} record {fault['seq']}: {fault['kind']}")
