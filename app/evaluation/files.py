"""Files by what they hold, and the code and models that measure them: keys of what was measured."""

import hashlib
import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from biometrics.models import file_sha256, model_ids
from biometrics.runtime import best_runtime, runtime_id
from biometrics.sandbox.sniff import CLIP_BYTES_MAX

_ROOT = Path(__file__).resolve().parents[2]
MEASURES, DECIDES = ("biometrics",), ("biometrics", "domain")
"""Packages that a template depends on, and those that a decision does."""


def content_of(path: Path) -> bytes:
    """Read a file, but never more than shows that it is too large for a clip. Raises `OSError`."""
    with path.open("rb") as source:
        return source.read(CLIP_BYTES_MAX + 1)


def digest(content: bytes) -> str:
    """SHA-256, in hex."""
    return hashlib.sha256(content).hexdigest()


def digest_json(content: Any) -> str:
    """SHA-256 of canonical JSON."""
    written = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return digest(written.encode())


@cache
def code_digest(packages: tuple[str, ...]) -> str:
    """SHA-256 over the sources and data files of some of our packages."""
    found = _sources(packages)
    return digest_json({str(path.relative_to(_ROOT)): file_sha256(path) for path in found})


def _sources(packages: Iterable[str]) -> Iterable[Path]:
    for package in packages:
        for path in sorted((_ROOT / package).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path


@cache
def measured_by() -> dict[str, str]:
    """Name every model and library that a score depends on."""
    libraries = {"opencv": cv2.__version__, "numpy": np.__version__}
    return model_ids() | libraries | {"runtime": runtime_id(best_runtime())}
