"""How far apart two faces are to dlib's descriptor, the one of the `face_recognition` package.

Off unless a policy asks for it; what it was found to be good for: `domain.second_opinion`.
"""

import numpy as np
from numpy.typing import NDArray

from biometrics.detector import Face, Image
from biometrics.models import ModelError, ModelStore, Role
from biometrics.runtime import Feed, Net, Runtime, load_net
from biometrics.second.chip import face_chip
from biometrics.second.network import read_network

Descriptor = NDArray[np.float32]
"""128 numbers; what counts is the Euclidean distance of two, 0 to about 1.5."""


class SecondUnavailable(ModelError):  # noqa: N818  a state, named as it is said
    """The packages of the extra `second-opinion` are not installed."""


class SecondMatcher:
    """dlib's network. The graph is built in memory and never stored. Not thread-safe.

    Raises `ModelMissing`, `ModelAltered`, `WeightsUnreadable` or `SecondUnavailable` when made.
    """

    def __init__(self, store: ModelStore, runtime: Runtime | None = None) -> None:
        self._net = _net(store.path(Role.SECOND).read_bytes(), runtime)

    def describe(self, image: Image, face: Face) -> Descriptor:
        """Describe a found face; `image` is the picture in which it was found."""
        return self.describe_chip(face_chip(image, face.points.astype(np.float64)))

    def describe_chip(self, chip: Image) -> Descriptor:
        """Describe an aligned face of 150x150 pixels, BGR."""
        (raw,) = self._net.run(chip)
        return raw.ravel()

    @staticmethod
    def distance(left: Descriptor, right: Descriptor) -> float:
        """Euclidean distance; small is alike."""
        return float(np.linalg.norm(left - right))


def _net(content: bytes, runtime: Runtime | None) -> Net:
    """Build the graph. The extra is imported here, where it is first needed, and nowhere else."""
    try:
        from biometrics.second.graph import build_graph  # noqa: PLC0415
    except ImportError as error:
        raise SecondUnavailable(
            f"the second matcher needs {error.name}: install the extra `second-opinion`"
        ) from error
    graph = build_graph(read_network(content))
    return load_net(graph, ["descriptors"], Feed(), runtime=runtime)
