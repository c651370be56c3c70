"""Bootstrap by subject: comparisons that share a person are not independent.

Whole subjects are drawn with replacement; a comparison counts as often as both its subjects were
drawn (once the product, for two people; once the number, for one). ISO/IEC 19795-1 annex B.
"""

import numpy as np
from numpy.typing import NDArray

Subjects = NDArray[np.int64]
_ROUNDS = 1000
_SEED = 19795


def subject_interval(
    left: Subjects, right: Subjects, errors: NDArray[np.bool_], *, seed: int = _SEED
) -> tuple[float, float] | None:
    """95 % of the error rates over redrawn subjects.

    None where it would say nothing: no subject takes part twice, or there are no errors (then the
    rule of three holds), or nothing but errors.
    """
    if not subjects_repeat(left, right) or not errors.any() or errors.all():
        return None
    people, cells = np.unique(np.concatenate([left, right]), return_inverse=True)
    first, second = cells[: left.size], cells[left.size :]
    pairs, where = np.unique(first * people.size + second, return_inverse=True)
    trials, missed = np.bincount(where), np.bincount(where, weights=errors)
    one, other = np.divmod(pairs, people.size)
    chance = np.random.default_rng(seed)
    rates = []
    for _ in range(_ROUNDS):
        drawn = np.bincount(chance.integers(people.size, size=people.size), minlength=people.size)
        weight = np.where(one == other, drawn[one], drawn[one] * drawn[other])
        total = weight @ trials
        if total:
            rates.append((weight @ missed) / total)
    if not rates:
        return None
    low, high = np.quantile(rates, [0.025, 0.975])
    return float(low), float(high)


def subjects_repeat(left: Subjects, right: Subjects) -> bool:
    """Tell whether any subject takes part in more than one comparison."""
    seen = np.concatenate([left, right[right != left]])
    return bool(np.unique(seen).size < seen.size)
