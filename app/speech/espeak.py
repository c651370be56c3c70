"""eSpeak NG, called as a program: it is under the GPL and is not linked (docs/speech.md).

It is given pinyin: from Chinese characters, Debian's build reads the tone numbers aloud.
"""

import io
import shutil
import subprocess
import wave
from collections.abc import Iterator, Mapping
from importlib.util import find_spec

import numpy as np

from app.speech.encoding import RATE, Sound
from app.speech.failures import NoSynthesizer
from app.speech.pinyin import pinyin

PROGRAM = "espeak-ng"
_WORDS_PER_MINUTE = 125  # its own rate is 175: slow, as one speaks to somebody of eighty
_GAP = 3  # between words, 10 ms each
_TIMEOUT_S = 60


def speak(texts: Mapping[str, str], language: str) -> Iterator[tuple[str, Sound]]:
    """Say every sentence: `(key, sound)`. Raises `NoSynthesizer`."""
    program = shutil.which(PROGRAM)
    if program is None or find_spec("pypinyin") is None:
        raise NoSynthesizer(f"it needs the program {PROGRAM} and the package pypinyin")
    for key, text in texts.items():
        yield key, _say(program, language, pinyin(text))


def _say(program: str, language: str, text: str) -> Sound:
    command = [program, "-v", language, "-s", str(_WORDS_PER_MINUTE), "-g", str(_GAP), "--stdin"]
    try:
        done = subprocess.run(  # noqa: S603  fixed arguments, no shell; the text goes by pipe
            [*command, "--stdout"],
            input=text.encode(),
            capture_output=True,
            timeout=_TIMEOUT_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise NoSynthesizer(f"{PROGRAM} said nothing: {error}") from error
    return _samples(done.stdout)


def _samples(content: bytes) -> Sound:
    """Read what it wrote; its header knows no length when it writes to a pipe."""
    with wave.open(io.BytesIO(content)) as source:
        rate = source.getframerate()
        start = content.index(b"data") + 8
    whole = content[start : start + (len(content) - start) // 2 * 2]
    found = np.frombuffer(whole, "<i2").astype(np.float32) / 32768
    at = np.arange(0, found.size, rate / RATE)
    return np.interp(at, np.arange(found.size), found).astype(np.float32)
