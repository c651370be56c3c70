"""Who is on which photo: what the bootstrap by subject redraws.

The rule, in this order: the columns `left_subject` and `right_subject`; else the photo's parent
folder, where that agrees with the labels; else photos joined by genuine pairs are one subject.
A folder that holds both sides of an impostor pair holds several people: there each photo is its
own subject.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

import numpy as np

from app.evaluation.resampling import Subjects

COLUMNS = ("left_subject", "right_subject")
Sides = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """Numbered subjects of every pair, and the rule that named them."""

    left: Subjects
    right: Subjects
    rule: str
    contradictions: int  # pairs whose label speaks against their subjects


def subjects_by_column(named: Sequence[Sides], same: Sequence[bool]) -> Attribution:
    """Take the names as they are stated."""
    return _numbered(named, same, "columns left_subject, right_subject")


def subjects_by_photo(photos: Sequence[Sides], same: Sequence[bool]) -> Attribution:
    """Name subjects by folder where the labels allow it, else by genuine pairs."""
    by_folder = _numbered(_folders(photos, same), same, "parent folder of the photo")
    if not by_folder.contradictions:
        return by_folder
    return _numbered(_joined(photos, same), same, "photos joined by genuine pairs")


def _folders(photos: Sequence[Sides], same: Sequence[bool]) -> list[Sides]:
    mixed = {
        _folder(left)
        for (left, right), one in zip(photos, same, strict=True)
        if not one and _folder(left) == _folder(right)
    }

    def subject(photo: str) -> str:
        return photo if _folder(photo) in mixed else _folder(photo)

    return [(subject(left), subject(right)) for left, right in photos]


def _folder(photo: str) -> str:
    return str(PurePath(photo).parent)


def _joined(photos: Sequence[Sides], same: Sequence[bool]) -> list[Sides]:
    """Name each photo by the first one that genuine pairs join it to (union-find)."""
    above: dict[str, str] = {}

    def top(photo: str) -> str:
        while (parent := above.get(photo, photo)) != photo:
            above[photo] = above.get(parent, parent)
            photo = parent
        return photo

    for (left, right), one in zip(photos, same, strict=True):
        if one:
            above[top(right)] = top(left)
    return [(top(left), top(right)) for left, right in photos]


def _numbered(named: Sequence[Sides], same: Sequence[bool], rule: str) -> Attribution:
    numbers: dict[str, int] = {}
    sides = [[numbers.setdefault(name, len(numbers)) for name in pair] for pair in named]
    left, right = np.array(sides, np.int64).reshape(-1, 2).T
    return Attribution(
        left=left,
        right=right,
        rule=rule,
        contradictions=int(((left == right) != np.array(same, bool)).sum()),
    )
