"""Do decisions stay when only the file, the light or the recorder changes?

    python -m benchmarks.metamorphic [CASES] [RESULT.json]

Each case is a synthetic bona fide one: one of three portraits made movable, before a simulated
phone. Those that pass are transformed and decided again; what no longer passes is a flip, and the
checks that say so are named. Needs the models and portraits (`jianzai models fetch`). Transforms of
one case are not independent of each other: read the interval as too narrow.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from multiprocessing import get_context
from os import cpu_count
from pathlib import Path
from typing import Any

import cv2
from rich.console import Console
from rich.table import Table

from app.demo.studio import Studio
from app.evaluation.intervals import Rate
from biometrics.engine import FaceEngine
from domain.biometric import FaceEvidence
from domain.decision import Decision, Outcome
from tests.robustness.cases import Case, case_of, decided, measured
from tests.robustness.transforms import ANOTHER_DEED, SAME_PERSON_SAME_DEED, Transform

CASES = 22
RESULT = Path(__file__).parent / "results" / "metamorphic.json"
SMALL, LARGE = (640, 480, 30), (1920, 1080, 15)


@dataclass(slots=True)
class Tally:
    """What became of one transform."""

    n: int = 0
    passes: int = 0
    largest_change: float = 0.0  # of the selfie's similarity
    causes: list[dict[str, Any]] = field(default_factory=list)

    def add(self, number: int, before: FaceEvidence, after: FaceEvidence) -> Decision:
        decision = decided(after)
        self.n += 1
        self.passes += decision.outcome is Outcome.PASS
        old, new = before.selfie.similarity, after.selfie.similarity
        if old is not None and new is not None:
            self.largest_change = max(self.largest_change, abs(new - old))
        if decision.outcome is not Outcome.PASS:
            self.causes.append(_cause(number, decision))
        return decision

    def take_in(self, other: "Tally") -> None:
        self.n += other.n
        self.passes += other.passes
        self.largest_change = max(self.largest_change, other.largest_change)
        self.causes += other.causes


@dataclass(slots=True)
class Tallies:
    """What became of all transforms of some cases."""

    bases: Tally = field(default_factory=Tally)
    same: dict[str, Tally] = field(
        default_factory=lambda: {transform.name: Tally() for transform in SAME_PERSON_SAME_DEED}
    )
    other: dict[str, Tally] = field(
        default_factory=lambda: {transform.name: Tally() for transform in ANOTHER_DEED}
    )

    def take_in(self, others: "Tallies") -> None:
        self.bases.take_in(others.bases)
        for mine, theirs in ((self.same, others.same), (self.other, others.other)):
            for name, tally in mine.items():
                tally.take_in(theirs[name])

    def report(self, models: dict[str, str]) -> dict[str, Any]:
        tallies = self.same.values()
        total = Rate(errors=sum(t.n - t.passes for t in tallies), n=sum(t.n for t in tallies))
        return {
            "date": datetime.now(UTC).date().isoformat(),  # noqa: TID251
            "media": "synthetic: three portraits made movable, before a simulated phone",
            "models": models,
            "bases": _row(self.bases) | {"not_passing": self.bases.causes},
            "flips": total.as_json(),
            "transforms": {name: _row(tally) | _flips(tally) for name, tally in self.same.items()},
            "must_not_pass": {name: _row(tally) for name, tally in self.other.items()},
        }


class Bench:
    def __init__(self, studio: Studio, engine: FaceEngine) -> None:
        self._studio, self._engine = studio, engine
        self._tallies = Tallies()

    def run(self, number: int) -> Tallies:
        """Transform and decide one case."""
        self._tallies = Tallies()
        small = _split(needs_large=False)
        self._transformed(number, SMALL, (*small, *ANOTHER_DEED))
        self._transformed(number, LARGE, _split(needs_large=True))
        return self._tallies

    def _transformed(
        self, number: int, size: tuple[int, int, int], transforms: tuple[Transform, ...]
    ) -> None:
        width, height, fps = size
        case = case_of(self._studio, number, width=width, height=height, fps=fps)
        before = measured(self._engine, case)
        if self._tallies.bases.add(number, before, before).outcome is not Outcome.PASS:
            print(f"case {number} at {height} lines does not pass: left out", flush=True)
            return
        for transform in transforms:
            self._one(number, case, before, transform)

    def _one(self, number: int, case: Case, before: FaceEvidence, transform: Transform) -> None:
        after = measured(self._engine, transform.of(case))
        same = self._tallies.same
        tallies = same if transform.name in same else self._tallies.other
        decision = tallies[transform.name].add(number, before, after)
        kept = (decision.outcome is Outcome.PASS) is (tallies is same)
        note = "" if kept else f": {', '.join(decision.reasons)}"
        print(f"case {number} {transform.name} {decision.outcome}{note}", flush=True)


def _split(*, needs_large: bool) -> tuple[Transform, ...]:
    return tuple(t for t in SAME_PERSON_SAME_DEED if t.needs_large is needs_large)


def _row(tally: Tally) -> dict[str, Any]:
    return {"n": tally.n, "passes": tally.passes}


def _flips(tally: Tally) -> dict[str, Any]:
    return {
        "flips": tally.n - tally.passes,
        "largest_similarity_change": round(tally.largest_change, 5),
        "causes": tally.causes,
    }


def _cause(number: int, decision: Decision) -> dict[str, Any]:
    checks = [
        {"check": c.name, "value": c.value, "threshold": c.threshold, "at_ms": c.at_ms}
        for c in decision.checks
        if not c.ok
    ]
    return {
        "case": number,
        "outcome": decision.outcome,
        "reasons": list(decision.reasons),
        "checks": checks,
    }


def _printed(report: dict[str, Any]) -> Iterator[Table]:
    table = Table(title="changes that may not change a decision")
    for heading in ("transform", "n", "flips", "similarity moved by", "checks"):
        table.add_column(heading)
    for name, row in report["transforms"].items():
        checks = {one["check"] for cause in row["causes"] for one in cause["checks"]}
        moved = f"{row['largest_similarity_change']:.4f}"
        table.add_row(name, str(row["n"]), str(row["flips"]), moved, ", ".join(sorted(checks)))
    yield table
    table = Table(title="changes after which nothing may pass")
    for heading in ("transform", "n", "passes"):
        table.add_column(heading)
    for name, row in report["must_not_pass"].items():
        table.add_row(name, str(row["n"]), str(row["passes"]))
    yield table


_BENCH: list[Bench] = []  # one in every process


def _start() -> None:
    cv2.setNumThreads(1)
    _BENCH.append(Bench(Studio.open(), FaceEngine()))


def _run(number: int) -> Tallies:
    return _BENCH[0].run(number)


def main() -> None:
    cases = int(sys.argv[1]) if len(sys.argv) > 1 else CASES
    result = Path(sys.argv[2]) if len(sys.argv) > 2 else RESULT
    total = Tallies()
    with get_context("spawn").Pool(cpu_count(), _start) as pool:
        for tallies in pool.imap_unordered(_run, range(cases)):
            total.take_in(tallies)
    with FaceEngine() as engine:
        report = total.report(engine.models())
    result.parent.mkdir(parents=True, exist_ok=True)
    result.write_text(json.dumps(report, indent=2) + "\n", "utf-8")
    console = Console()
    for table in _printed(report):
        console.print(table)
    console.print(report["flips"])


if __name__ == "__main__":
    main()
