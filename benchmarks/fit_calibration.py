"""Fit the calibration of the matcher's scores to labelled pairs of photos.

    python -m benchmarks.fit_calibration --pairs pairs.csv [--write]

`pairs.csv` as `jianzai evaluate` takes it (left, right, same, group). What is fitted is a logistic
regression of the score, and these choices are on purpose:

- each group of impostor pairs weighs the same, however few it has: where strangers look alike to
  the matcher the map must not promise more than it can keep;
- impostors weigh nine times as much as genuine pairs: the map is to be right where a false match
  costs most, not in the middle;
- outside what so many pairs can bear it is flat (`domain.likelihood`).

Prints Cllr of the fit, cross-validated by subject, beside the least that any monotone map reaches.
"""

import argparse
import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from math import log, log10
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from app.evaluation.likelihood import cllr, min_cllr
from biometrics.calibration import CALIBRATION_FILE, parse
from biometrics.embed import EMBEDDING_SCHEME, Embedding, cosine
from biometrics.models import ModelStore
from biometrics.photo import judge_picture
from biometrics.reading import Nets

_GENUINE_SHARE = 0.1
_ROUNDS, _RIDGE, _LONGEST_STEP = 60, 1e-7, 20.0
_FOLDS = 5

Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Scored pairs; the person of a photo is named by its folder, or by itself when alone."""

    scores: Numbers
    same: Flags
    groups: NDArray[np.str_]
    left: NDArray[np.str_]
    right: NDArray[np.str_]
    digest: str

    def take(self, chosen: Flags) -> "Pairs":
        """Return some of the pairs."""
        return Pairs(
            self.scores[chosen], self.same[chosen], self.groups[chosen],
            self.left[chosen], self.right[chosen], self.digest,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """log10 LR = `slope` (score - `zero`), within what the pairs can bear."""

    zero: float
    slope: float
    least: float
    most: float

    def __call__(self, scores: Numbers) -> Numbers:
        return np.clip(self.slope * (scores - self.zero), self.least, self.most)

    def knots(self) -> list[tuple[float, float]]:
        """Where the line meets its two bounds."""
        return [(self.zero + level / self.slope, level) for level in (self.least, self.most)]


def score_pairs(path: Path) -> Pairs:
    """Embed every photo once and compare as listed; pairs without a usable face are left out."""
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    names = sorted({row[side] for row in rows for side in ("left", "right")})
    faces = {name: face for name in names if (face := _face(path.parent / name)) is not None}
    usable = [row for row in rows if row["left"] in faces and row["right"] in faces]
    shared = {name for row in rows if row["same"] == "1" for name in (row["left"], row["right"])}
    seen = sha256(path.read_bytes())
    for name in names:
        seen.update(sha256((path.parent / name).read_bytes()).digest())
    return Pairs(
        np.array([cosine(faces[row["left"]], faces[row["right"]]) for row in usable], np.float64),
        np.array([row["same"] == "1" for row in usable]),
        np.array([row["group"] for row in usable]),
        np.array([_person(row["left"], shared) for row in usable]),
        np.array([_person(row["right"], shared) for row in usable]),
        seen.hexdigest(),
    )


_LOADED: list[Nets] = []


def _face(path: Path) -> Embedding | None:
    if not _LOADED:
        _LOADED.append(Nets(ModelStore()))
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if picture is None:
        return None
    return judge_picture(_LOADED[0], np.asarray(picture, np.uint8)).embedding


def _person(name: str, shared: set[str]) -> str:
    return str(Path(name).parent) if name in shared else name


def fit(pairs: Pairs) -> Line:
    """Fit the line to pairs of both kinds."""
    weights = _weights(pairs)
    inputs = np.stack([np.ones_like(pairs.scores), pairs.scores], axis=1)
    offset, goal = log(_GENUINE_SHARE / (1 - _GENUINE_SHARE)), pairs.same.astype(np.float64)
    found = np.zeros(2)
    for _ in range(_ROUNDS):
        share = 1 / (1 + np.exp(-np.clip(inputs @ found + offset, -500, 500)))
        slope = inputs.T @ (weights * (share - goal)) + _RIDGE * found
        bend = (inputs * (weights * share * (1 - share))[:, None]).T @ inputs + _RIDGE * np.eye(2)
        found -= np.clip(np.linalg.solve(bend, slope), -_LONGEST_STEP, _LONGEST_STEP)
    genuine = int(pairs.same.sum())
    return Line(
        zero=float(-found[0] / found[1]),
        slope=float(found[1]) / log(10),
        least=-log10(genuine + 1),
        most=log10(len(pairs.same) - genuine + 1),
    )


def _weights(pairs: Pairs) -> Numbers:
    weights = np.zeros_like(pairs.scores)
    for kind, share in ((True, _GENUINE_SHARE), (False, 1 - _GENUINE_SHARE)):
        of_kind = pairs.same == kind
        groups = np.unique(pairs.groups[of_kind])
        for group in groups:
            chosen = of_kind & (pairs.groups == group)
            weights[chosen] = share / len(groups) / chosen.sum()
    return weights


def cross_validated(pairs: Pairs) -> tuple[Numbers, Flags]:
    """Log10 LR of pairs by fits that saw neither person; the flags say which pairs have one."""
    people = np.unique(np.concatenate([pairs.left, pairs.right]))
    ratios = np.full(len(pairs.scores), np.nan)
    for fold in np.array_split(np.random.default_rng(0).permutation(people), _FOLDS):
        left, right = np.isin(pairs.left, fold), np.isin(pairs.right, fold)
        ratios[left & right] = fit(pairs.take(~left & ~right))(pairs.scores[left & right])
    return ratios, np.isfinite(ratios)


def _cllr(ratios: Numbers, same: Flags) -> float:
    return cllr(ratios[same] * log(10), ratios[~same] * log(10))


def report(pairs: Pairs, line: Line) -> Mapping[str, float]:
    """Cllr of the fit, cross-validated and on its own data, and the least possible."""
    ratios, known = cross_validated(pairs)
    return {
        "cllr_cross_validated": _cllr(ratios[known], pairs.same[known]),
        "min_cllr_of_those": min_cllr(
            pairs.scores[known & pairs.same], pairs.scores[known & ~pairs.same]
        ),
        "cllr": _cllr(line(pairs.scores), pairs.same),
        "min_cllr": min_cllr(pairs.scores[pairs.same], pairs.scores[~pairs.same]),
    }


def as_toml(pairs: Pairs, line: Line, on: date) -> str:
    """Write the file that `biometrics.calibration` reads."""
    genuine = int(pairs.same.sum())
    knots = "\n".join(f"  [{score:.4f}, {ratio:.4f}]," for score, ratio in line.knots())
    return (
        "# From a similarity to log10 of the likelihood ratio; straight between the knots, flat\n"
        "# outside. Written by benchmarks/fit_calibration.py, which says how it is fitted.\n"
        f'scheme = "{EMBEDDING_SCHEME}"\n'
        f"genuine_pairs = {genuine}\n"
        f"impostor_pairs = {len(pairs.same) - genuine}\n"
        f'data_digest = "{pairs.digest}"\n'
        f"fitted_on = {on.isoformat()}\n"
        f"knots = [\n{knots}\n]\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--pairs", type=Path, required=True)
    parser.add_argument("--write", action="store_true", help="replace the stored calibration")
    asked = parser.parse_args()
    pairs = score_pairs(asked.pairs)
    line = fit(pairs)
    text = as_toml(pairs, line, datetime.now(UTC).date())  # noqa: TID251 - a script
    parse(text)
    print(text)
    for name, value in report(pairs, line).items():
        print(f"{name} {value:.4f}")
    for group in np.unique(pairs.groups):
        strangers = pairs.scores[(pairs.groups == group) & ~pairs.same]
        worst = float(line(strangers.max(keepdims=True))[0])
        print(f"{group}: {len(strangers)} impostor pairs, most alike {strangers.max():.3f}", end="")
        print(f" (log10 LR {worst:+.2f})")
    if asked.write:
        CALIBRATION_FILE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
