"""A bad line between a phone and the server: slow, cut again and again, much of it lost.

Deterministic by seed. The line of the requirement is 128 kbit/s with 20 % of the requests lost and
20 cuts in 6 MB; a test runs it many times as fast, because the real one takes ten minutes. The
faults stay as many as they are; only the waiting for bytes is shortened.
"""

import re
from dataclasses import dataclass, field

import numpy as np

from tests.storage.fault_proxy import Way

REAL_BYTES_PER_S = 128_000 / 8
_PART = re.compile(rb"^PUT /m/act/parts/")


@dataclass(slots=True, kw_only=True)
class BadLine:
    """A `Judge` for `FaultProxy`. Cuts fall in the middle of parts on their way up."""

    cuts_left: int
    lost_share: float
    seed: int
    cuts: int = 0
    lost: int = 0
    swallowed: int = 0
    _seen: int = 0
    _next_cut: int = 0
    _swallow: bool = False
    _chance: np.random.Generator = field(init=False)

    def __post_init__(self) -> None:
        self._chance = np.random.default_rng(self.seed)
        self._next_cut = self._gap()

    def __call__(self, way: Way, piece: bytes) -> bool:
        if way is Way.DOWN:
            return self._lets_down()
        if _PART.match(piece) and self._chance.uniform() < self.lost_share:
            # Half of what is lost never arrives; of the rest, the answer is lost.
            if self._chance.uniform() < 0.5:
                self.lost += 1
                return False
            self._swallow = True
        self._seen += len(piece)
        if self.cuts_left and self._seen >= self._next_cut:
            self._next_cut = self._seen + self._gap()
            self.cuts_left -= 1
            self.cuts += 1
            return False
        return True

    def _lets_down(self) -> bool:
        if not self._swallow:
            return True
        self._swallow = False
        self.swallowed += 1
        return False

    def _gap(self) -> int:
        return int(self._chance.integers(120_000, 300_000))
