"""The turn, scale and shift by which a face is carried onto a layout."""

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
"""n x 2 pixels."""


def similarity_to(layout: Points, points: Points) -> NDArray[np.float64]:
    """Return the 2x3 matrix that carries `points` nearest to `layout` (Umeyama, 2-D)."""
    centre, goal = points.mean(axis=0), layout.mean(axis=0)
    x, y = (points - centre).T
    u, v = (layout - goal).T
    size = max(1e-9, float((x * x + y * y).sum()))
    a, b = float((x * u + y * v).sum()) / size, float((x * v - y * u).sum()) / size
    turn = np.array([[a, -b], [b, a]])
    return np.column_stack([turn, goal - turn @ centre])
