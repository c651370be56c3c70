"""What runs the networks: OpenVINO, or OpenCV where that is not installed or not wanted (ADR 0026).

Both give the same numbers to five digits. On one thread OpenVINO takes a third to a half of the
time. A network takes a picture as it is (height x width x 3, BGR, 0-255); how it is fed is said
once, when it is loaded, so that both runtimes feed it alike.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float32]

_TELEMETRY = "openvino_telemetry"
_ONE_THREAD = {
    "INFERENCE_NUM_THREADS": 1,
    "NUM_STREAMS": 1,
    "ENABLE_CPU_PINNING": False,  # workers share the cores as the system sees fit
    "INFERENCE_PRECISION_HINT": "f32",  # where the processor could do less, it would
}


class Runtime(StrEnum):
    """Whose arithmetic."""

    OPENVINO = "openvino"
    OPENCV = "opencv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """How a picture becomes the input of a network."""

    scale: float = 1.0  # every value is multiplied by it
    rgb: bool = True  # in this order of colours, else BGR
    channels_last: bool = False  # the layout that the file was written for; OpenCV turns it itself
    any_size: bool = False  # other sizes than the file names


class Net(Protocol):
    """A network that has been loaded. Not thread-safe."""

    def run(self, picture: NDArray[np.uint8]) -> tuple[Numbers, ...]:
        """Return the outputs that were asked for, in that order, as arrays of one's own."""
        ...


def best_runtime() -> Runtime:
    """OpenVINO where it is installed, else OpenCV."""
    return Runtime.OPENCV if find_spec("openvino") is None else Runtime.OPENVINO


def runtime_id(runtime: Runtime) -> str:
    """Name and version, as it is written beside every decision."""
    if runtime is Runtime.OPENCV:
        return f"opencv-{cv2.__version__}"
    return f"openvino-{_openvino().__version__.split('-')[0]}"


def load_net(
    source: Path | bytes, outputs: Sequence[str], feed: Feed, *, runtime: Runtime | None = None
) -> Net:
    """Load an ONNX or TFLite file, or an ONNX graph in memory, to run on one thread."""
    chosen = best_runtime() if runtime is None else runtime
    made = _OpenVinoNet if chosen is Runtime.OPENVINO else _OpenCvNet
    return made(source, outputs, feed)


class _OpenCvNet:
    def __init__(self, source: Path | bytes, outputs: Sequence[str], feed: Feed) -> None:
        if isinstance(source, bytes):
            self._net = cv2.dnn.readNetFromONNX(np.frombuffer(source, np.uint8))
        elif source.suffix == ".tflite":
            self._net = cv2.dnn.readNetFromTFLite(str(source))
        else:
            self._net = cv2.dnn.readNetFromONNX(str(source))
        self._outputs, self._feed = tuple(outputs), feed

    def run(self, picture: NDArray[np.uint8]) -> tuple[Numbers, ...]:
        feed = self._feed
        self._net.setInput(cv2.dnn.blobFromImage(picture, feed.scale, swapRB=feed.rgb))
        found: Sequence[Any] = self._net.forward(self._outputs)
        return tuple(np.asarray(output, np.float32) for output in found)


class _OpenVinoNet:
    def __init__(self, source: Path | bytes, outputs: Sequence[str], feed: Feed) -> None:
        core = _core()
        model = core.read_model(source if isinstance(source, bytes) else str(source))
        if feed.any_size:
            model.reshape([1, 3, -1, -1])
        self._request = core.compile_model(
            _fed(model, feed), "CPU", _ONE_THREAD
        ).create_infer_request()
        self._outputs, self._any_size = tuple(outputs), feed.any_size

    def run(self, picture: NDArray[np.uint8]) -> tuple[Numbers, ...]:
        if self._any_size:
            taken = np.ascontiguousarray(picture)[None]
            self._request.set_input_tensor(_openvino().Tensor(taken, shared_memory=True))
        else:  # to hand over arrays costs a fifth of a small network's time
            self._request.get_input_tensor().data[0] = picture
        self._request.infer(share_outputs=True)
        return tuple(
            np.array(self._request.get_tensor(name).data, np.float32) for name in self._outputs
        )


def _fed(model: Any, feed: Feed) -> Any:
    """Let the graph take pictures: their conversion becomes a part of its first layer."""
    openvino = _openvino()
    from openvino import preprocess  # noqa: PLC0415

    steps = preprocess.PrePostProcessor(model)
    taken = steps.input()
    taken.tensor().set_element_type(openvino.Type.u8).set_layout(openvino.Layout("NHWC"))
    taken.tensor().set_color_format(preprocess.ColorFormat.BGR)
    done = taken.preprocess().convert_element_type(openvino.Type.f32)
    if feed.rgb:
        done.convert_color(preprocess.ColorFormat.RGB)
    if feed.scale != 1.0:
        done.scale(1.0 / feed.scale)
    taken.model().set_layout(openvino.Layout("NHWC" if feed.channels_last else "NCHW"))
    return steps.build()


@cache
def _core() -> Any:
    return _openvino().Core()


@cache
def _openvino() -> Any:
    """Import it, without the package that would report every import to its makers."""
    sys.modules.setdefault(_TELEMETRY, None)  # type: ignore[arg-type]  # None forbids the import
    import openvino  # noqa: PLC0415

    return openvino
