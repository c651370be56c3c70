"""The shapes of made-up heads, as `tools/export_heads.py` left them."""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

_FILE = Path(__file__).with_name("heads.npz")
_INSIDE = 128

Floats = npt.NDArray[np.float32]
SKIN, RIGHT_EYE, LEFT_EYE, UPPER_TEETH, LOWER_TEETH, MOUTH_INSIDE = range(6)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HeadAsset:
    """K people over the same N points. Millimetres from the middle between the eyes.

    x to the picture's right, y down, z away from the camera.
    """

    people: tuple[str, ...]  # such as "asian-f-85": ancestry, sex, age in years
    shapes: Floats  # K x N x 3
    actions: dict[str, Floats]  # name -> N x 3, displacement at full strength
    triangles: npt.NDArray[np.int32]  # T x 3
    part: npt.NDArray[np.uint8]  # T, one of the parts above
    lips: Floats  # N, 0..1
    lids: Floats  # N, 0..1


@lru_cache(maxsize=1)
def head_asset() -> HeadAsset:
    """Load the shapes that come with the package."""
    with np.load(_FILE) as file:
        names = json.loads(str(file["names"]))
        lips, lids, inside = file["masks"]
        triangles = file["triangles"].astype(np.int32)[
            :, [0, 2, 1]
        ]  # clockwise as seen from outside
        part = file["part"].copy()
        part[(inside[triangles] > _INSIDE).all(axis=1) & (part == SKIN)] = MOUTH_INSIDE
        return HeadAsset(
            people=tuple(names["people"]),
            shapes=file["shapes"].astype(np.float32),
            actions={
                name: moved.astype(np.float32)
                for name, moved in zip(names["actions"], file["actions"], strict=True)
            },
            triangles=triangles,
            part=part,
            lips=lips.astype(np.float32) / 255,
            lids=lids.astype(np.float32) / 255,
        )
