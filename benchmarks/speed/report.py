"""The result of one run: what was aimed at, what came out, and where a missed goal's time goes."""

import json
import os
import platform
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.speed.files import Made
from benchmarks.speed.measuring import Series, Together

_RESULTS = Path(__file__).parents[1] / "results" / "speed.json"
_AT_MOST, _AT_LEAST = "≤", "≥"
_REMARKS = {
    "deepface": "timing only, with made-up weights: its own are to be had at run time alone",
    "load_average": "of the last minute, when the run ended; its own share is one process, at the"
    " end two. Processes that share a core take more CPU-seconds each for the same work",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Everything that was measured in one run."""

    made: Made
    series: Series
    profile: dict[str, float]
    together: Together
    missing: dict[str, str]  # whom we could not be compared with, and why


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One number with its goal. `value` is None where it could not be measured."""

    key: str
    says: str
    value: float | None
    sign: str = ""
    goal: float | None = None

    @property
    def verdict(self) -> str:
        """Met, missed or not measured; nothing where there is no goal."""
        if self.value is None:
            return "not measured"
        if self.goal is None:
            return ""
        met = self.value <= self.goal if self.sign == _AT_MOST else self.value >= self.goal
        return "met" if met else "MISSED"


def figures(result: Result) -> list[Figure]:
    """All numbers in the order in which they are printed."""
    series, made = result.series, result.made
    submission_s = series.median("submission")

    def times(name: str, count: float, base: str, key: str = "cpu_s") -> float | None:
        if name not in series or base not in series:
            return None
        return count * series.median(name) / series.median(base, key)

    frames, sampled = made.frames, made.sampled
    second_ms = 1000 * series.median("second matcher") if "second matcher" in series else None
    return [
        Figure(key="submission_cpu_s", says="full submission: selfie and 5 s 720p30 H.264, CPU-s",
               value=submission_s, sign=_AT_MOST, goal=0.70),
        Figure(key="submissions_per_s", says="submissions a second, two workers on two cores",
               value=result.together.per_second, sign=_AT_LEAST, goal=2.5),
        Figure(key="pair_cpu_ms", says="photo pair, CPU-ms",
               value=1000 * series.median("pair"), sign=_AT_MOST, goal=120.0),
        Figure(key="worker_rss_mb", says="highest memory of a worker and its decoder, MB",
               value=max(series.values("submission", "rss_mb")), sign=_AT_MOST, goal=450.0),
        Figure(key="ratio_face_recognition_per_frame",
               says=f"face_recognition on all {frames} frames / our whole submission",
               value=times("recorded frame", frames, "submission"), sign=_AT_LEAST, goal=60.0),
        Figure(key="ratio_face_recognition_equal_frames",
               says=f"face_recognition on the {sampled} frames we sample / our whole submission",
               value=times("recorded frame", sampled, "submission"), sign=_AT_LEAST, goal=25.0),
        Figure(key="ratio_face_recognition_equal_pixels",
               says=f"the same, on those {sampled} frames as small as we make them",
               value=times("reduced frame", sampled, "submission")),
        Figure(key="second_matcher_ms", says="second matcher, CPU-ms a face",
               value=second_ms, sign=_AT_MOST, goal=7.0),
        Figure(key="ratio_dlib_wheel", says="dlib wheel on the same chip / second matcher",
               value=times("dlib wheel", 1, "second matcher", "chip_s"), sign=_AT_LEAST, goal=15.0),
        Figure(key="ratio_deepface_pair",
               says="deepface verify on the same photo pair / our photo pair",
               value=times("deepface pair", 1, "pair")),
    ]  # fmt: skip


def print_table(result: Result) -> None:
    """Print figures, goals, the profile where a goal is missed, and what could not be had."""
    console = Console(width=None if Console().is_terminal else 120)
    table = Table(title=f"{machine()}, {today()}; medians of {_rounds(result)} rounds in turns")
    for heading in ("what", "measured", "goal", ""):
        table.add_column(heading)
    for figure in figures(result):
        shown = "-" if figure.value is None else f"{figure.value:.2f}"
        goal = "" if figure.goal is None else f"{figure.sign} {figure.goal:g}"
        table.add_row(figure.says, shown, goal, figure.verdict)
    console.print(table)
    for name, why in result.missing.items():
        console.print(f"{name}: not measured: {why}", markup=False)
    console.print(f"the two workers had {result.together.cores:.1f} cores: others used the rest")
    console.print("where a submission's CPU time goes (shares of one profiled run):")
    for step, share in _shares(result.profile).items():
        console.print(
            f"  {share:5.1f} %  {share / 100 * result.series.median('submission'):.3f} s  {step}"
        )


def write_json(result: Result) -> None:
    """Write `benchmarks/results/speed.json`; its keys are documented in docs/measured.md."""
    content: dict[str, Any] = {
        figure.key: None if figure.value is None else round(figure.value, 3)
        for figure in figures(result)
    }
    content |= {
        "machine": machine(),
        "date": today(),
        "load_average": round(os.getloadavg()[0], 1),
        "cores_had_by_two_workers": round(result.together.cores, 2),
        "frames": result.made.frames,
        "frames_sampled": result.made.sampled,
        "missed": [figure.key for figure in figures(result) if figure.verdict == "MISSED"],
        "not_measured": result.missing,
        "remarks": _REMARKS,
        "steps_percent": _shares(result.profile),
        "cpu_ms": result.series.spread(),
    }
    _RESULTS.parent.mkdir(exist_ok=True)
    text = json.dumps(content, indent=1, ensure_ascii=False)
    _RESULTS.write_text(text + "\n", encoding="utf-8")


def machine() -> str:
    """Processor, cores and Python: no name of a host."""
    python = f"Python {platform.python_version()}"
    return f"{_processor()}, {os.cpu_count()} cores, {python}"


def today() -> str:
    """Date in UTC."""
    return time.strftime("%Y-%m-%d", time.gmtime())


def _processor() -> str:
    try:
        told = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    named = [line.partition(":")[2].strip() for line in told if line.startswith("model name")]
    return named[0] if named else platform.machine()


def _rounds(result: Result) -> int:
    return len(result.series.values("submission"))


def _shares(profile: dict[str, float]) -> dict[str, float]:
    whole = sum(profile.values())
    shares = {step: 100 * spent / whole for step, spent in profile.items()}
    ordered = sorted(shares.items(), key=lambda item: item[1], reverse=True)
    return {step: round(share, 1) for step, share in ordered if share >= 0.1}
