"""The reader of dlib's file takes that network and nothing else."""

import math
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biometrics.second.network import FILE_BYTES_MAX, read_network
from biometrics.second.serialized import Serialized, WeightsUnreadable

FACES = pytest.mark.faces


def _integer(value: int) -> bytes:
    size = max(1, (abs(value).bit_length() + 7) // 8)
    return bytes([size | (0x80 if value < 0 else 0)]) + abs(value).to_bytes(size, "little")


@given(st.integers(min_value=-(2**63) + 1, max_value=2**63 - 1))
def test_integers_of_any_length_and_sign_are_read(value: int) -> None:
    assert Serialized(_integer(value)).integer() == value


def test_a_number_is_a_mantissa_and_an_exponent_of_two() -> None:
    red = bytes.fromhex("03 62 90 f5 81 11")  # dlib's mean of red, from the file itself
    assert Serialized(red).real() == pytest.approx(122.782, abs=1e-5)


@pytest.mark.parametrize("content", [b"", b"\x00", b"\x09", b"\x04\x01\x02", b"\x0f" * 20])
def test_what_is_no_integer_is_refused(content: bytes) -> None:
    with pytest.raises(WeightsUnreadable):
        Serialized(content).integer()


def test_infinity_is_refused() -> None:
    with pytest.raises(WeightsUnreadable, match="out of range"):
        Serialized(_integer(0) + _integer(32_000)).real()


def _tensor(*values: float, version: int = 2) -> bytes:
    shape = b"".join(_integer(size) for size in (version, len(values), 1, 1, 1))
    return shape + struct.pack(f"<{len(values)}f", *values)


def test_a_tensor_is_read_as_it_was_written() -> None:
    read = Serialized(_tensor(1.5, -2.25, 0.0)).tensor(3)
    assert read.tolist() == [1.5, -2.25, 0.0]


@pytest.mark.parametrize(
    "content",
    [_tensor(1.0, 2.0), _tensor(1.0, 2.0, 3.0, version=1), _tensor(1.0, 2.0, 3.0)[:-1],
     _tensor(1.0, math.nan, 3.0), _tensor(1.0, math.inf, 3.0)],
)  # fmt: skip
def test_another_tensor_is_refused(content: bytes) -> None:
    with pytest.raises(WeightsUnreadable):
        Serialized(content).tensor(3)


@given(st.binary(max_size=2000))
def test_any_other_file_is_refused_in_one_line(content: bytes) -> None:
    with pytest.raises(WeightsUnreadable, match="not the face network of dlib") as refused:
        read_network(content)
    assert "\n" not in str(refused.value)


def test_a_file_that_is_too_large_is_refused() -> None:
    with pytest.raises(WeightsUnreadable, match="too large"):
        read_network(bytes(FILE_BYTES_MAX + 1))


@FACES
def test_the_published_network_is_read_whole(weights: Path) -> None:
    network = read_network(weights.read_bytes())
    assert network.mean_rgb == pytest.approx((122.782, 117.001, 104.298), abs=1e-3)
    assert 1 + 2 * len(network.blocks) == 29
    assert network.matrix.shape == (256, 128)


@FACES
def test_a_truncated_network_is_refused_wherever_it_ends(weights: Path) -> None:
    content = weights.read_bytes()
    needed = len(content) - 33  # only loose settings follow the last layer
    for end in np.linspace(0, needed - 200, 40).astype(int):
        with pytest.raises(WeightsUnreadable):
            read_network(content[:end])


@FACES
@pytest.mark.parametrize(
    ("found", "altered"),
    [(b"\x05con_4", b"\x05con_5"), (b"\x04fc_2", b"\x04fc_3"),
     (b"\x01\x96\x01\x96\x01\x05con_4", b"\x01\x97\x01\x96\x01\x05con_4"),
     (b"affine_\x01\x02\x01\x40", b"affine_\x01\x02\x01\x41")],
    ids=["another layer", "another output", "another picture", "another width"],
)  # fmt: skip
def test_a_network_of_another_shape_is_refused(weights: Path, found: bytes, altered: bytes) -> None:
    content = weights.read_bytes()
    assert found in content
    with pytest.raises(WeightsUnreadable, match="byte"):
        read_network(content.replace(found, altered, 1))
