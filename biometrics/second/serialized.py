"""How dlib writes numbers: integers of variable length, floats as mantissa and exponent, tensors.

After `dlib/serialize.h` and `dlib/cuda/tensor_tools.h` of dlib 19.24 (Boost licence). Only what a
network of plain layers needs.
"""

import math

import numpy as np
from numpy.typing import NDArray

from biometrics.models import ModelError

Floats = NDArray[np.float32]

_NEGATIVE, _LENGTH, _LENGTH_MAX = 0x80, 0x0F, 8
_TENSOR_VERSION = 2
_EXPONENT_MAX = 1000  # dlib writes infinities and NaN as exponents from 32,000 up


class WeightsUnreadable(ModelError):  # noqa: N818  a state, named as it is said
    """The file is not the network that is looked for; the message says at which byte."""


class Serialized:
    """A place in a serialized file. Every read moves it on, or raises `WeightsUnreadable`."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self.at = 0

    def seek(self, name: str, *, within: int) -> None:
        """Go behind the next string `name`, which must begin at most `within` bytes ahead."""
        mark = bytes([1, len(name)]) + name.encode("ascii")
        found = self._content.find(mark, self.at, self.at + within + len(mark))
        if found < 0:
            raise self.refusal(f"no {name} follows")
        self.at = found + len(mark)

    def integer(self) -> int:
        """Read one integer: a byte of sign and length, then its bytes, lowest first."""
        control = self._take(1)[0]
        length = control & _LENGTH
        if not 1 <= length <= _LENGTH_MAX:
            raise self.refusal("no integer stands here")
        size = int.from_bytes(self._take(length), "little")
        return -size if control & _NEGATIVE else size

    def integers(self, count: int) -> tuple[int, ...]:
        """Read several integers."""
        return tuple(self.integer() for _ in range(count))

    def real(self) -> float:
        """Read one finite number: mantissa, then exponent of two."""
        mantissa, exponent = self.integer(), self.integer()
        if abs(exponent) > _EXPONENT_MAX:
            raise self.refusal("a number is out of range")
        return math.ldexp(float(mantissa), exponent)

    def tensor(self, size: int) -> Floats:
        """Read a tensor of exactly `size` numbers, flat; they must be finite."""
        version, *shape = self.integers(5)
        if version != _TENSOR_VERSION or math.prod(shape) != size:
            raise self.refusal(f"a tensor of {size} numbers is not what follows")
        read = np.frombuffer(self._take(4 * size), "<f4").astype(np.float32)
        if not np.isfinite(read).all():
            raise self.refusal("a weight is not a number")
        return read

    def expect(self, *wanted: int) -> None:
        """Read integers that must be these."""
        if self.integers(len(wanted)) != wanted:
            raise self.refusal("a layer has another shape")

    def refusal(self, why: str) -> WeightsUnreadable:
        """Say why, and near which byte."""
        return WeightsUnreadable(f"not the face network of dlib: {why} (byte {self.at})")

    def _take(self, count: int) -> bytes:
        part = self._content[self.at : self.at + count]
        if len(part) < count:
            raise self.refusal("the file ends early")
        self.at += count
        return part
