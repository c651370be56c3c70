"""`jianzai evaluate verification`: from a list of labelled pairs to scores."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.evaluation.crew import Result
from app.evaluation.files import digest_json
from app.evaluation.metrics import Scores
from app.evaluation.photos import (
    Files,
    embedding_of,
    measure_photo,
    open_files,
    photo_key,
    why_undecoded,
)
from app.evaluation.running import Desk, Measured, measure_missing
from app.evaluation.subjects import COLUMNS as SUBJECT_COLUMNS
from app.evaluation.subjects import Attribution, subjects_by_column, subjects_by_photo
from app.evaluation.tables import Row, Table, read_table, truth
from biometrics.embed import cosine

REQUIRED = ("left", "right", "same", "group")
DIED = "the worker died over it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One labelled pair of photos, as the list names them."""

    left: str
    right: str
    same: bool
    row: Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A pair both of whose photos show a face."""

    pair: Pair
    score: float
    quality: float  # of the worse photo; an unknown one counts as 0
    faulty: bool  # the product would have asked for another photo


@dataclass(frozen=True, slots=True, kw_only=True)
class Photos:
    """What came of the files: by name, in the order of the list."""

    results: Mapping[str, Result]
    unreadable: Mapping[str, str]  # name -> why
    faceless: tuple[str, ...]
    digest: str  # of all contents and labels


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """All pairs that could be compared, and what could not."""

    table: Table
    pairs: Sequence[Pair]
    comparisons: Sequence[Comparison]
    subjects: Attribution  # of the comparisons
    photos: Photos
    measured: Measured

    def scores(self) -> Scores:
        """All scores, in the order of the comparisons."""
        return np.array([comparison.score for comparison in self.comparisons], np.float64)

    def same(self) -> NDArray[np.bool_]:
        """Tell which comparisons are genuine."""
        return np.array([comparison.pair.same for comparison in self.comparisons], np.bool_)


def score_pairs(pairs_file: Path, desk: Desk) -> Scored:
    """Measure every photo of the list once and compare its pairs.

    Raises `BadTable`, `Stopped` and `WorkerFailed`.
    """
    table = read_table(pairs_file, REQUIRED)
    pairs = [_pair(table, row) for row in table.rows]
    files = open_files((name for p in pairs for name in (p.left, p.right)), table.path.parent)
    keys = {name: photo_key(content) for name, content in files.digests.items()}
    jobs = {key: table.resolve(name) for name, key in keys.items()}
    measured = measure_missing(desk, jobs, measure_photo, label="photos")
    photos = _photos(files, keys, measured, pairs)
    comparisons = _compared(pairs, photos)
    return Scored(
        table=table,
        pairs=pairs,
        comparisons=comparisons,
        subjects=_subjects(table, comparisons),
        photos=photos,
        measured=measured,
    )


def _pair(table: Table, row: Row) -> Pair:
    if not row.cells["right"]:
        raise table.bad(row, "right is empty")
    return Pair(
        left=row.cells["left"],
        right=row.cells["right"],
        same=truth(table, row, "same"),
        row=row,
    )


def _photos(
    files: Files, keys: Mapping[str, str], measured: Measured, pairs: Sequence[Pair]
) -> Photos:
    unreadable = dict(files.refused)
    faceless: list[str] = []
    results: dict[str, Result] = {}
    for name, key in keys.items():
        result = measured.results.get(key)
        why = DIED if result is None else why_undecoded(result)
        if result is None or why is not None:
            unreadable[name] = str(why)
        elif result["embedding"] is None:
            faceless.append(name)
        else:
            results[name] = result
    labels = [[files.digests.get(n, "") for n in (p.left, p.right)] + [p.same] for p in pairs]
    return Photos(
        results=results,
        unreadable=unreadable,
        faceless=tuple(faceless),
        digest=digest_json(labels),
    )


def _compared(pairs: Sequence[Pair], photos: Photos) -> list[Comparison]:
    embeddings = {name: embedding_of(result) for name, result in photos.results.items()}
    found = []
    for pair in pairs:
        left, right = embeddings.get(pair.left), embeddings.get(pair.right)
        if left is None or right is None:
            continue
        sides = [photos.results[pair.left], photos.results[pair.right]]
        found.append(
            Comparison(
                pair=pair,
                score=cosine(left, right),
                quality=min(side["quality"] or 0.0 for side in sides),
                faulty=any(side["faults"] for side in sides),
            )
        )
    return found


def _subjects(table: Table, comparisons: Sequence[Comparison]) -> Attribution:
    pairs = [comparison.pair for comparison in comparisons]
    same = [pair.same for pair in pairs]
    left, right = SUBJECT_COLUMNS
    if left in table.columns and right in table.columns:
        named = [(pair.row.cells[left], pair.row.cells[right]) for pair in pairs]
        return subjects_by_column(named, same)
    return subjects_by_photo([(pair.left, pair.right) for pair in pairs], same)
