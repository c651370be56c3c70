"""What the puppet needs to know about the one face in a portrait, and the image types it uses."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]  # H x W x 3 (BGR) or x 4 (BGRA)
Floats = npt.NDArray[np.float32]


def floats(values: npt.ArrayLike) -> Floats:
    """`values` as an array of 32-bit floats."""
    return np.asarray(values, np.float32)


def pixels(values: npt.ArrayLike) -> Image:
    """`values` as an array of bytes; they must fit."""
    return np.asarray(values, np.uint8)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FaceReading:
    """Landmarks in pixels of the image they were read from; x right, y down, z away from the lens.

    `lids` holds the image-left eye, then the image-right eye: 16 points each, of which 0..8 run
    along the lower lid from corner to corner and 9..15 along the upper lid.
    """

    mesh: Floats  # 468 x 3
    lids: tuple[Floats, Floats]  # 16 x 2 each


def moved(reading: FaceReading, affine: Floats, scale: float) -> FaceReading:
    """Return the same reading after `affine` (2 x 3) has moved the image; depth follows `scale`."""

    def move(points: Floats) -> Floats:
        return (points @ affine[:, :2].T + affine[:, 2]).astype(np.float32)

    mesh = np.empty_like(reading.mesh)
    mesh[:, :2] = move(reading.mesh[:, :2])
    mesh[:, 2] = reading.mesh[:, 2] * scale
    return FaceReading(mesh=mesh, lids=(move(reading.lids[0]), move(reading.lids[1])))
