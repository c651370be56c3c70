"""The measured process of this product: one worker's code and models, in a process of its own.

    python -m benchmarks.speed.product_probe FOLDER (product | second)

Reads `["submission"]`, `["pair"]`, `["profile"]` or `["second"]` a line, answers in JSON a line.
CPU time includes the sandboxed decoder's children.
"""

import cProfile
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

import app.container  # noqa: F401  a worker carries the whole product, which counts as its memory
from benchmarks.speed.files import CHALLENGE, CHIP, CLIP, REFERENCE, SELFIE
from benchmarks.speed.steps import by_step
from biometrics.embed import Embedding
from biometrics.engine import FaceEngine
from biometrics.models import ModelStore, Role
from biometrics.reading import Nets, read_face
from biometrics.second.matcher import SecondMatcher
from domain.biometric import FaceEvidence, MediaFault
from domain.challenge import Challenge, from_json

_KB_PER_MB = 1024
_TIMES = 5  # as in the probe of the dlib wheel
_Done = TypeVar("_Done")


class Probe:
    """A worker's engine and the files of one submission."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._engine = FaceEngine()
        self._reference = (folder / REFERENCE).read_bytes()
        self._selfie = (folder / SELFIE).read_bytes()
        self._clip = (folder / CLIP).read_bytes()
        self._challenge: Challenge = from_json(json.loads((folder / CHALLENGE).read_text()))
        kept = self._engine.template(self._reference).embedding
        assert kept is not None
        self._kept: Embedding = kept

    def submission(self) -> dict[str, Any]:
        """Selfie and clip against the embedding kept from the enrolment, as a worker has it."""
        evidence, cpu_s = self._timed(self._measure)
        clip = evidence.clip
        assert clip is not None
        assert not clip.faults, clip.faults
        return {"cpu_s": cpu_s, "frames": clip.frames, "rss_mb": self._peak_mb()}

    def pair(self) -> dict[str, Any]:
        """Two photos, neither of which was seen before."""
        measure, cpu_s = self._timed(
            lambda: self._engine.measure_photo(self._selfie, [self._reference])
        )
        assert measure.similarity is not None
        return {"cpu_s": cpu_s}

    def profile(self) -> dict[str, float]:
        """Seconds a submission's steps take under the profiler, which adds some."""
        before = self._engine.decoder.cpu_seconds
        watch = cProfile.Profile(time.process_time)
        watch.runcall(self._measure)
        steps = by_step(watch)
        return steps | {"decoding (sandbox)": self._engine.decoder.cpu_seconds - before}

    def _measure(self) -> FaceEvidence:
        return self._engine.measure_case(
            [self._kept], self._selfie, self._clip, challenge=self._challenge
        )

    def _timed(self, work: Callable[[], _Done]) -> tuple[_Done, float]:
        decoder = self._engine.decoder
        began = time.process_time() + decoder.cpu_seconds
        done = work()
        return done, time.process_time() + decoder.cpu_seconds - began

    def _peak_mb(self) -> float:
        """Highest memory of this process and of its largest decoder child together."""
        status = Path("/proc/self/status").read_text(encoding="ascii")
        peak = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
        return (int(peak.split()[1]) + self._engine.decoder.peak_kb) / _KB_PER_MB


class SecondProbe:
    """The second matcher on the selfie's face."""

    def __init__(self, folder: Path) -> None:
        engine = FaceEngine()
        image = engine.decoder.photo((folder / SELFIE).read_bytes())
        engine.close()
        assert not isinstance(image, MediaFault)
        reading = read_face(Nets(ModelStore()), image)
        assert reading is not None
        self._image, self._face = reading.image, reading.face
        self._chip = np.ascontiguousarray(np.load(folder / CHIP)[:, :, ::-1])
        self._matcher = SecondMatcher(ModelStore())

    def second(self) -> dict[str, float]:
        """A face of a photo with its alignment, and the same chip that the dlib wheel gets."""
        whole = self._each(lambda: self._matcher.describe(self._image, self._face))
        return {
            "cpu_s": whole,
            "chip_s": self._each(lambda: self._matcher.describe_chip(self._chip)),
        }

    @staticmethod
    def _each(work: Callable[[], object]) -> float:
        began = time.process_time()
        for _ in range(_TIMES):
            work()
        return (time.process_time() - began) / _TIMES


def main() -> None:
    folder, kind = Path(sys.argv[1]), sys.argv[2]
    if kind == Role.SECOND:
        asked: dict[str, Callable[[], dict[str, Any]]] = {"second": SecondProbe(folder).second}
    else:
        probe = Probe(folder)
        asked = {"submission": probe.submission, "pair": probe.pair, "profile": probe.profile}
    sys.stdout.write("{}\n")
    sys.stdout.flush()
    for line in sys.stdin:
        sys.stdout.write(json.dumps(asked[json.loads(line)[0]]()) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
