"""Would a second opinion pay? What it would stop, and whom it would hold up.

    python -m benchmarks.second_opinion PAIRS.csv

PAIRS.csv has the columns left, right, same (1 or 0) and group; paths are relative to it. Printed by
group and limit, each with n and a Clopper-Pearson 95 % interval: impostor pairs that come near
(SFace cosine 0.30 and up) and are stopped, genuine pairs that SFace accepts (0.45 and up) and are
held up. Needs `jianzai models fetch --with-second`. Pairs that share a photo or a person are not
independent: read the intervals as too narrow.
"""

import csv
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from rich.console import Console
from rich.table import Table
from scipy.stats import beta

from biometrics.embed import Embedding, cosine
from biometrics.models import ModelStore
from biometrics.photo import judge_picture
from biometrics.reading import Nets, read_face
from biometrics.sandbox.decoder import Decoder
from biometrics.second.matcher import Descriptor, SecondMatcher
from domain.biometric import MediaFault
from domain.second_opinion import contradicts

_NEAR, _ACCEPT = 0.30, 0.45
_LIMITS = (0.50, 0.55, 0.60, 0.65, 0.70)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One comparison, to both matchers."""

    group: str
    same: bool
    cosine: float
    distance: float


def main() -> None:
    pairs = list(_measured(Path(sys.argv[1])))
    for group in ("all", *sorted({pair.group for pair in pairs})):
        members = [pair for pair in pairs if group in ("all", pair.group)]
        near = [p.distance for p in members if not p.same and p.cosine >= _NEAR]
        accepted = [p.distance for p in members if p.same and p.cosine >= _ACCEPT]
        wrongly = sum(not p.same and p.cosine >= _ACCEPT for p in members)
        impostors = sum(not pair.same for pair in members)
        table = Table(title=f"{group}: SFace accepts {wrongly} of {impostors} impostor pairs")
        for heading in ("limit", "near impostors stopped", "accepted genuine held up"):
            table.add_column(heading)
        for limit in _LIMITS:
            table.add_row(f"{limit:.2f}", _beyond(near, limit), _beyond(accepted, limit))
        Console().print(table)


def _measured(listed: Path) -> Iterable[Pair]:
    nets, second = Nets(ModelStore()), SecondMatcher(ModelStore())

    with Decoder() as decoder, listed.open(encoding="utf-8") as source:

        @cache
        def read(name: str) -> tuple[Embedding, Descriptor] | None:
            image = decoder.photo((listed.parent / name).read_bytes())
            if isinstance(image, MediaFault):
                return None
            reading, embedding = read_face(nets, image), judge_picture(nets, image).embedding
            if reading is None or embedding is None:
                return None
            return embedding, second.describe(reading.image, reading.face)

        for row in csv.DictReader(source):
            left, right = read(row["left"]), read(row["right"])
            if left is None or right is None:
                continue
            yield Pair(
                group=row["group"],
                same=row["same"] == "1",
                cosine=cosine(left[0], right[0]),
                distance=second.distance(left[1], right[1]),
            )


def _beyond(distances: list[float], limit: float) -> str:
    n, k = len(distances), sum(contradicts([one], limit=limit) for one in distances)
    if n == 0:
        return "none to look at"
    low = 0.0 if k == 0 else float(beta.ppf(0.025, k, n - k + 1))
    high = 1.0 if k == n else float(beta.ppf(0.975, k + 1, n - k))
    return f"{k} of {n} ({100 * low:.1f} to {100 * high:.1f} %)"


if __name__ == "__main__":
    main()
