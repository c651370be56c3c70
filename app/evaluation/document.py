"""The report as files: `report.json` for programs, `report.md` and plots for people."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from app.evaluation.files import DECIDES, code_digest, digest, measured_by
from app.evaluation.markdown import in_words
from app.evaluation.running import Measured
from app.evaluation.tables import Table
from domain.limits import Limits

SCHEMA = "jianzai.evaluation_report.v1"
STATEMENT = (
    "Measured on the data named here and on nothing else. No certification is claimed; figures from"
    " rendered or generated media are synthetic."
)
INTERVALS = (
    "Each rate has n; low to high is the two-sided 95 % Clopper-Pearson interval, upper the"
    " one-sided 95 % bound, rule_of_three 3/n when no error was seen, by_subject 95 % of 1,000"
    " bootstrap rounds over subjects where subjects repeat and errors occurred."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Which data were measured, and how a reader knows them again."""

    kind: str  # "verification" or "liveness"
    table: Table
    digest: str  # of all contents and labels
    made_at: datetime


def head_of(source: Source, limits: Limits) -> dict[str, Any]:
    """Say what was measured, with what, when and under which limits."""
    return {
        "schema": SCHEMA,
        "kind": source.kind,
        "made_at": source.made_at.isoformat(timespec="seconds"),
        "statement": STATEMENT,
        "intervals": INTERVALS,
        "data": {
            "file": source.table.path.name,
            "rows": len(source.table.rows),
            "digest": source.digest,
        },
        "models": measured_by(),
        "code_digest": code_digest(DECIDES),
        "limits": asdict(limits),
    }


def write_report(folder: Path, report: Mapping[str, Any]) -> str:
    """Write both forms whole or not at all; return the SHA-256 of `report.json`."""
    content = json.dumps(report, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    _place(folder / "report.json", content)
    sealed = digest(content.encode())
    _place(folder / "report.md", in_words(report, sealed))
    return sealed


def write_spent(folder: Path, measured: Measured, *, workers: int) -> dict[str, Any]:
    """Keep what the run took apart from the report, so that the same data give the same report."""
    spent = {
        "measured": measured.fresh,
        "reused": measured.reused,
        "workers": workers,
        "seconds": round(measured.seconds, 2),
        "cpu_seconds": round(measured.cpu_seconds, 2),
    }
    _place(folder / "run.json", json.dumps(spent, indent=1) + "\n")
    return spent


def _place(path: Path, content: str) -> None:
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_text(content, encoding="utf-8")
    fresh.replace(path)
