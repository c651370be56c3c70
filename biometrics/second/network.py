"""dlib's face network (29 convolutions, 128 numbers out), read from the file it is published in.

The file is a C++ template written out layer by layer, input first. What the graph looks like is not
in it as data, so it stands here, after `examples/dnn_face_recognition_ex.cpp` of dlib, and a file
whose layers differ in one number is refused.
"""

from dataclasses import dataclass

import numpy as np

from biometrics.second.serialized import Floats, Serialized

SIDE_PX = 150
DESCRIPTOR = 128
FILE_BYTES_MAX = 32 * 2**20

_GAP_BYTES = 512  # between two layers that carry weights lie 33 to 334 bytes of settings
_LEVELS = ((32, 3, False), (64, 4, True), (128, 3, True), (256, 3, True), (256, 1, True))
"""Width, number of blocks, and whether the first block halves the picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Convolution:
    """Weights: out x in x rows x columns. dlib's per-channel scaling is multiplied in."""

    weights: Floats
    bias: Floats
    stride: int
    pad: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Two convolutions beside a shortcut; `halves`: the shortcut is averaged over 2x2."""

    first: Convolution
    second: Convolution
    halves: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """The whole network: stem, blocks, mean over the picture, and a plain 256x128 matrix."""

    mean_rgb: tuple[float, float, float]
    stem: Convolution
    blocks: tuple[Block, ...]
    matrix: Floats


def read_network(content: bytes) -> Network:
    """Read a serialized network. Raises `WeightsUnreadable` for every other file."""
    source = Serialized(content[: FILE_BYTES_MAX + 1])
    if len(content) > FILE_BYTES_MAX:
        raise source.refusal("the file is too large")
    mean_rgb = _input(source)
    stem = _convolution(source, channels=3, width=32, side=7, halves=True)
    blocks: list[Block] = []
    channels = 32
    for width, count, halving in _LEVELS:
        for number in range(count):
            halves = halving and number == 0
            blocks.append(_block(source, channels=channels, width=width, halves=halves))
            channels = width
    return Network(mean_rgb=mean_rgb, stem=stem, blocks=tuple(blocks), matrix=_matrix(source))


def _input(source: Serialized) -> tuple[float, float, float]:
    source.seek("input_rgb_image_sized", within=_GAP_BYTES)
    mean = source.real(), source.real(), source.real()
    source.expect(SIDE_PX, SIDE_PX)
    return mean


def _block(source: Serialized, *, channels: int, width: int, halves: bool) -> Block:
    return Block(
        first=_convolution(source, channels=channels, width=width, side=3, halves=halves),
        second=_convolution(source, channels=width, width=width, side=3, halves=False),
        halves=halves,
    )


def _convolution(
    source: Serialized, *, channels: int, width: int, side: int, halves: bool
) -> Convolution:
    """Read a `con_` and the `affine_` that scales it. One that halves is not padded."""
    source.seek("con_4", within=_GAP_BYTES)
    kernel = width * channels * side * side
    numbers = source.tensor(kernel + width)
    stride, pad = (2, 0) if halves else (1, side // 2)
    source.expect(width, side, side, stride, stride, pad, pad)
    source.expect(1, width, channels, side, side)
    source.expect(1, 1, width, 1, 1)
    gamma, beta = _affine(source, width)
    weights = numbers[:kernel].reshape(width, channels, side, side)
    return Convolution(
        weights=np.ascontiguousarray(weights * gamma[:, None, None, None]),
        bias=numbers[kernel:] * gamma + beta,
        stride=stride,
        pad=pad,
    )


def _affine(source: Serialized, width: int) -> tuple[Floats, Floats]:
    source.seek("affine_", within=_GAP_BYTES)
    numbers = source.tensor(2 * width)
    source.expect(*(1, 1, width, 1, 1) * 2, 0)
    return numbers[:width], numbers[width:]


def _matrix(source: Serialized) -> Floats:
    source.seek("fc_2", within=_GAP_BYTES)
    source.expect(DESCRIPTOR, 256)
    return source.tensor(256 * DESCRIPTOR).reshape(256, DESCRIPTOR)
