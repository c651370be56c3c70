"""A process under measurement: it is asked in words and answers in JSON, a line each."""

import json
import os
import subprocess
import tempfile
from collections.abc import Mapping
from types import MappingProxyType, TracebackType
from typing import Any, Self

_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class Unmeasured(Exception):  # noqa: N818  a state, named as it is said
    """A comparison cannot be made here; the message says why."""


class Child:
    """One process that loads its models, says `{}`, and then does as it is asked, again and again.

    Every process gets one thread for its arithmetic, so that CPU-seconds compare.
    """

    def __init__(self, command: list[str], more: Mapping[str, str] = MappingProxyType({})) -> None:
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115  `close` closes it
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            env=os.environ | dict.fromkeys(_ONE_THREAD, "1") | dict(more),
        )
        try:
            self.hear()
        except Unmeasured:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        self._errors.close()

    def say(self, *words: object) -> None:
        """Ask, and do not wait."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([str(word) for word in words]) + "\n")
        self._process.stdin.flush()

    def hear(self) -> Any:
        """Wait for the answer. Raises `Unmeasured` with its last words when the process died."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if line:
            try:
                return json.loads(line)
            except ValueError:
                raise Unmeasured(f"it says: {line.strip()}") from None
        self._errors.seek(0)
        said = self._errors.read().strip().splitlines()
        raise Unmeasured(said[-1] if said else f"it ended with {self._process.wait()}")

    def ask(self, *words: object) -> Any:
        """Ask and wait for the answer."""
        self.say(*words)
        return self.hear()
