"""Plots of a report, drawn from its JSON. Needs Matplotlib, which the extra `evaluation` brings."""

import warnings
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from app.evaluation.metrics import Scores, det_points, error_curve, normal_deviates

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Json = Mapping[str, Any]
MISSING = "no plots: Matplotlib is not installed (pip install 'jianzai[evaluation]')"
_TICKS = (1e-4, 1e-3, 1e-2, 0.05, 0.2, 0.5)
_GROUPS_MAX = 30
_FONTS = ["DejaVu Sans", "Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "SimHei"]


def can_plot() -> bool:
    """Tell whether the plotting library is there."""
    return find_spec("matplotlib") is not None


def plot_verification(folder: Path, report: Json, genuine: Scores, impostor: Scores) -> list[str]:
    """Draw DET curve, score histograms, error versus discard, groups; return the files' names."""
    drawn = {"groups.png": lambda axes: _group_bars(axes, report)}
    if genuine.size and impostor.size:
        drawn["det.png"] = lambda axes: _det(axes, genuine, impostor)
        drawn["scores.png"] = lambda axes: _histograms(axes, report)
    if genuine.size:
        drawn["error_versus_discard.png"] = lambda axes: _discard(axes, report)
    return [_drawn(folder / name, draw) for name, draw in drawn.items()]


def plot_liveness(folder: Path, report: Json) -> list[str]:
    """Draw APCER by species beside BPCER, and what became of each; return the files' names."""
    return [
        _drawn(folder / "errors.png", lambda axes: _error_bars(axes, report)),
        _drawn(folder / "outcomes.png", lambda axes: _outcome_bars(axes, report)),
    ]


def _drawn(path: Path, draw: Any) -> str:
    from matplotlib import rc_context  # noqa: PLC0415  an optional package
    from matplotlib.figure import Figure  # noqa: PLC0415

    with rc_context({"font.family": "sans-serif", "font.sans-serif": _FONTS}):
        figure = Figure(figsize=(7, 5), dpi=120, layout="constrained")
        draw(figure.subplots())
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a glyph that no font has is drawn as a box
            figure.savefig(path, metadata={"Software": None})
    return path.name


def _det(axes: "Axes", genuine: Scores, impostor: Scores) -> None:
    curve = error_curve(genuine, impostor)
    axes.plot(_drawable(curve.fmr, impostor.size), _drawable(curve.fnmr, genuine.size))
    axes.plot(*det_points(curve), ".", label="both errors seen")
    axes.legend()
    ticks, names = normal_deviates(np.array(_TICKS)), [f"{100 * tick:g}" for tick in _TICKS]
    axes.set_xticks(ticks, names)
    axes.set_yticks(ticks, names)
    axes.set_xlim(ticks[0], ticks[-1])
    axes.set_ylim(ticks[0], ticks[-1])
    axes.grid(visible=True, alpha=0.3)
    counts = f"{impostor.size:,} impostor, {genuine.size:,} genuine pairs; no error: half a one"
    _named(axes, f"DET curve ({counts})", "FMR, %", "FNMR, %")


def _drawable(rate: Scores, n: int) -> Scores:
    """Put no error where half an error would be: a normal deviate of 0 does not exist."""
    return normal_deviates(np.clip(rate, 0.5 / n, 1 - 0.5 / n))


def _histograms(axes: "Axes", report: Json) -> None:
    edges = report["histogram"]["edges"]
    for kind in ("impostor", "genuine"):
        counts = np.array(report["histogram"][kind], np.float64)
        axes.stairs(counts / counts.sum(), edges, fill=True, alpha=0.5, label=kind)
    for name, style in (("accept", "-"), ("review", "--")):
        axes.axvline(report["thresholds"][name], color="black", linestyle=style, label=name)
    axes.legend()
    _named(axes, "Scores", "cosine similarity", "share of pairs")


def _discard(axes: "Axes", report: Json) -> None:
    curve = report["error_versus_discard"]
    axes.plot([100 * x for x in curve["discarded"]], [100 * y for y in curve["fnmr"]], marker="o")
    axes.set_ylim(bottom=0)
    axes.grid(visible=True, alpha=0.3)
    title = f"Error versus discard at the threshold {curve['threshold']}"
    _named(axes, title, "worst quality set aside, %", "FNMR, %")


def _group_bars(axes: "Axes", report: Json) -> None:
    groups = report["groups"][:_GROUPS_MAX]
    names = [group["name"] or "-" for group in groups]
    for shift, rate, words in ((-0.2, "fmr_at_accept", "FMR"), (0.2, "fnmr_at_accept", "FNMR")):
        _bars(axes, [group[rate] for group in groups], shift=shift, label=words)
    axes.set_yticks(range(len(names)), names)
    axes.legend()
    _named(axes, "Errors at the accept threshold, by group (95 % intervals)", "%", "")


def _error_bars(axes: "Axes", report: Json) -> None:
    rates = [one["rates"]["apcer"] for one in report["species"]]
    rates.append(report["bona_fide"]["rates"]["bpcer"])
    _bars(axes, rates, shift=0.0, label=None)
    names = [f"APCER {one['name']}" for one in report["species"]]
    axes.set_yticks(range(len(rates)), [*names, "BPCER"])
    _named(axes, "Errors (95 % intervals)", "%", "")


def _outcome_bars(axes: "Axes", report: Json) -> None:
    parts = [*report["species"], {"name": "bona fide", **report["bona_fide"]}]
    start = np.zeros(len(parts))
    for outcome in ("passes", "reviews", "retries"):
        shares = np.array([100 * part[outcome] / max(1, part["n"]) for part in parts])
        axes.barh(range(len(parts)), shares, left=start, label=outcome)
        start += shares
    axes.set_yticks(range(len(parts)), [f"{part['name']} (n={part['n']})" for part in parts])
    axes.legend()
    _named(axes, "Outcomes", "% of presentations", "")


def _bars(axes: "Axes", rates: Sequence[Json], *, shift: float, label: str | None) -> None:
    known = [(place, rate) for place, rate in enumerate(rates) if rate["n"]]
    at = [place + shift for place, _ in known]
    values = [100 * rate["rate"] for _, rate in known]
    ends = [[100 * (r["rate"] - r["low"]) for _, r in known],
            [100 * (r["high"] - r["rate"]) for _, r in known]]  # fmt: skip
    bars = axes.barh(at, values, height=0.35, label=label)
    colour = bars.patches[0].get_facecolor() if bars.patches else None
    axes.errorbar(values, at, xerr=np.maximum(ends, 0.0), fmt="o", color=colour, capsize=3)


def _named(axes: "Axes", title: str, across: str, up: str) -> None:
    axes.set_title(title)
    axes.set_xlabel(across)
    axes.set_ylabel(up)
