"""Numbers of one run: series by name, and what two workers get done together."""

import time
from collections import defaultdict
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Any

from benchmarks.speed.child import Child


class Series:
    """Answers by what was asked. `cpu_s` is in every one of them."""

    def __init__(self) -> None:
        self._answers: defaultdict[str, list[dict[str, float]]] = defaultdict(list)

    def add(self, name: str, answer: dict[str, float]) -> None:
        """Keep one answer."""
        self._answers[name].append(answer)

    def clear(self) -> None:
        """Forget all."""
        self._answers.clear()

    def __contains__(self, name: str) -> bool:
        return name in self._answers

    def values(self, name: str, key: str = "cpu_s") -> list[float]:
        """All values of one series."""
        return [answer[key] for answer in self._answers[name]]

    def median(self, name: str, key: str = "cpu_s") -> float:
        """Median of one series."""
        return median(self.values(name, key))

    def spread(self) -> dict[str, Any]:
        """Number, lowest, quartiles and highest of every series, in milliseconds of CPU."""
        return {name: _spread(self.values(name)) for name in self._answers}


def _spread(seconds: list[float]) -> dict[str, float]:
    ms = sorted(1000 * value for value in seconds)
    low, middle, high = quantiles(ms, n=4) if len(ms) > 1 else (ms[0],) * 3
    named = {"lowest": ms[0], "q1": low, "median": middle, "q3": high, "highest": ms[-1]}
    return {"n": len(ms)} | {name: round(value, 2) for name, value in named.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """What several workers at once got done, and how many cores the machine left them."""

    per_second: float
    cores: float


def throughput(workers: tuple[Child, ...], rounds: int) -> Together:
    """Submissions a second of several workers at once: wall time, from first to last."""
    for worker in workers:
        worker.ask("submission")
    began = time.perf_counter()
    for worker in workers:
        for _ in range(rounds):
            worker.say("submission")
    cpu_s = sum(worker.hear()["cpu_s"] for worker in workers for _ in range(rounds))
    wall_s = time.perf_counter() - began
    return Together(per_second=rounds * len(workers) / wall_s, cores=cpu_s / wall_s)
