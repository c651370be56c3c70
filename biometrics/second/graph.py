"""The face network as an ONNX graph. Needs the extra `second-opinion`."""

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from biometrics.second.network import DESCRIPTOR, SIDE_PX, Block, Convolution, Network

_OPSET, _IR_VERSION = 17, 8


class _Builder:
    """Nodes and weights of a graph that grows from its input to its output."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []

    def constant(self, values: NDArray[Any]) -> str:
        name = f"w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(values, name))
        return name

    def add(self, kind: str, *inputs: str, **settings: Any) -> str:
        name = f"n{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **settings))
        return name

    def convolution(self, source: str, layer: Convolution) -> str:
        weights, bias = self.constant(layer.weights), self.constant(layer.bias)
        return self.add(
            "Conv", source, weights, bias, strides=[layer.stride] * 2, pads=[layer.pad] * 4
        )


def build_graph(network: Network) -> bytes:
    """Serialize an ONNX model: `chips` to `descriptors`.

    `chips`: 1 x 3 x 150 x 150 numbers 0-255, RGB; `descriptors`: 1 x 128.
    """
    builder = _Builder()
    at = builder.convolution(_normalised(builder, network), network.stem)
    at = builder.add("MaxPool", builder.add("Relu", at), kernel_shape=[3, 3], strides=[2, 2])
    side = ((SIDE_PX - 7) // 2 + 1 - 3) // 2 + 1
    for block in network.blocks:
        at, side = _block(builder, at, block, side)
    at = builder.add("Flatten", builder.add("GlobalAveragePool", at))
    builder.add("MatMul", at, builder.constant(network.matrix))
    builder.nodes[-1].output[0] = "descriptors"
    return bytes(_model(builder).SerializeToString())


def _normalised(builder: _Builder, network: Network) -> str:
    mean = np.array(network.mean_rgb, np.float32).reshape(1, 3, 1, 1)
    centred = builder.add("Sub", "chips", builder.constant(mean))
    return builder.add("Div", centred, builder.constant(np.float32(256.0).reshape(1)))


def _block(builder: _Builder, source: str, block: Block, side: int) -> tuple[str, int]:
    """Two convolutions, the shortcut added; returns the output's name and its side in pixels.

    dlib adds pictures of unlike size as if the smaller one were filled up with zeros at its right,
    its bottom and in the channels that it lacks.
    """
    inner = builder.add("Relu", builder.convolution(source, block.first))
    outer = builder.convolution(inner, block.second)
    if not block.halves:
        return builder.add("Relu", builder.add("Add", outer, source)), side
    shortcut = builder.add("AveragePool", source, kernel_shape=[2, 2], strides=[2, 2])
    outer_side, short_side = (side - 3) // 2 + 1, (side - 2) // 2 + 1
    out, into = block.first.weights.shape[:2]
    shortcut = _filled(builder, shortcut, channels=out - into, pixels=0)
    outer = _filled(builder, outer, channels=0, pixels=short_side - outer_side)
    return builder.add("Relu", builder.add("Add", outer, shortcut)), short_side


def _filled(builder: _Builder, source: str, *, channels: int, pixels: int) -> str:
    if not channels and not pixels:
        return source
    ends = np.array([0, 0, 0, 0, 0, channels, pixels, pixels], np.int64)
    return builder.add("Pad", source, builder.constant(ends))


def _model(builder: _Builder) -> onnx.ModelProto:
    real = onnx.TensorProto.FLOAT
    chips = helper.make_tensor_value_info("chips", real, [1, 3, SIDE_PX, SIDE_PX])
    out = helper.make_tensor_value_info("descriptors", real, [1, DESCRIPTOR])
    graph = helper.make_graph(builder.nodes, "dlib-face", [chips], [out], builder.weights)
    opsets = [helper.make_opsetid("", _OPSET)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=_IR_VERSION)
