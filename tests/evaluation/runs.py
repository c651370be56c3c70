"""The command as an operator calls it, and its report as a program reads it."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jsonschema
from typer.testing import CliRunner, Result

from app.commands.evaluate import app

SCHEMA = Path(__file__).parents[2] / "docs/evaluation_report.schema.json"


def called(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def evaluated(kind: str, table: Path, out: Path, *, workers: int = 1) -> dict[str, Any]:
    """Run the command, hold its report against the published schema, and return it."""
    option = {"verification": "--pairs", "liveness": "--clips"}[kind]
    done = called(kind, option, table, "--out", out, "--workers", workers)
    assert done.exit_code == 0, done.output
    report: dict[str, Any] = json.loads((out / "report.json").read_text(encoding="utf-8"))
    jsonschema.validate(report, json.loads(SCHEMA.read_text(encoding="utf-8")))
    return report


def spent(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / "run.json").read_text(encoding="utf-8"))
    return found


def listed(path: Path, header: str, rows: Sequence[str]) -> Path:
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path
