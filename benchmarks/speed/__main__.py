"""Measure this product beside others, on the same files, in turns, in one run.

    python -m benchmarks.speed [ROUNDS] [--without NAME]

Prints medians and ratios, and writes `benchmarks/results/speed.json`. Needs the models and the
portraits (`jianzai models fetch --with-portraits --with-second`); the others are installed into a
folder that is thrown away, and what cannot be had is left out and said. Times are CPU-seconds with
one thread each: on a shared machine these stray less than wall time, though not little.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Collection
from pathlib import Path

from rich.progress import track

from benchmarks.speed import others
from benchmarks.speed.child import Child, Unmeasured
from benchmarks.speed.files import CHIP, REFERENCE, SELFIE, Made, make_files
from benchmarks.speed.measuring import Series, throughput
from benchmarks.speed.report import Result, print_table, write_json
from biometrics.models import Role

_ROUNDS = 7
_PROBE = "benchmarks.speed.product_probe"


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("rounds", type=int, nargs="?", default=_ROUNDS)
    asked.add_argument("--without", action="append", default=[], choices=list(_OTHERS))
    chosen = asked.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = make_files(folder)
        result = _measure(folder, made, chosen.rounds, without=chosen.without)
    print_table(result)
    write_json(result)


def _product(folder: Path, kind: str = "product") -> Child:
    return Child([sys.executable, "-m", _PROBE, str(folder), kind])


def _second(folder: Path) -> Child:
    return _product(folder, Role.SECOND)


_OTHERS: dict[str, Callable[[Path], Child]] = {
    "second matcher": _second,
    "face_recognition": others.face_recognition,
    "deepface": others.deepface,
}


class _Bench:
    """Everybody who is measured. Who cannot be started, or dies, is left out with the reason."""

    def __init__(self, folder: Path, made: Made) -> None:
        self.series = Series()
        self.missing: dict[str, str] = {}
        self.product = _product(folder)
        self._folder, self._made = folder, made
        self._others: dict[str, Child] = {}

    def start_others(self, without: Collection[str]) -> None:
        """Install and start whom we are compared with; that takes minutes."""
        self.missing = dict.fromkeys(without, "left out as asked")
        for name, start in _OTHERS.items():
            if name in without:
                continue
            try:
                self._others[name] = start(self._folder)
            except Unmeasured as reason:
                self.missing[name] = str(reason)

    def close(self) -> None:
        """End every process."""
        for child in (self.product, *self._others.values()):
            child.close()

    def round(self, number: int) -> None:
        """Ask all once, in turns, so that a slow minute of the machine hits all alike."""
        self.series.add("submission", self.product.ask("submission"))
        self.series.add("pair", self.product.ask("pair"))
        asked = self._questions(number)
        for name, child in list(self._others.items()):
            try:
                for question, words in asked[name].items():
                    self.series.add(question, child.ask(*words))
            except Unmeasured as reason:
                self.missing[name] = str(reason)
                self._others.pop(name).close()

    def _questions(self, number: int) -> dict[str, dict[str, tuple[object, ...]]]:
        at = number % len(self._made.recorded)
        return {
            "second matcher": {"second matcher": ("second",)},
            "face_recognition": {
                "recorded frame": ("frame", self._made.recorded[at]),
                "reduced frame": ("frame", self._made.reduced[at]),
                "dlib wheel": ("chip", self._folder / CHIP),
            },
            "deepface": {
                "deepface pair": ("pair", self._folder / REFERENCE, self._folder / SELFIE)
            },
        }


def _measure(folder: Path, made: Made, rounds: int, *, without: Collection[str]) -> Result:
    bench = _Bench(folder, made)
    try:
        bench.start_others(without)
        bench.round(0)
        bench.series.clear()  # that one warmed up
        for number in track(range(rounds), "rounds", transient=True):
            bench.round(number)
        profile = bench.product.ask("profile")
        with _product(folder) as second:
            together = throughput((bench.product, second), rounds)
    finally:
        bench.close()
    return Result(
        made=made,
        series=bench.series,
        profile=profile,
        together=together,
        missing=bench.missing,
    )


if __name__ == "__main__":
    main()
