"""Make the audio files of one voice, and leave recordings alone.

`made.json` in a voice's folder says which text each file of ours was made from and what it was like
then. A file that is not as we left it is somebody's recording: only `force` replaces it.
"""

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from app.speech.encoding import mp3
from app.speech.voices import Voice, speak

FOLDER = "speech"
_NOTE = "made.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """How many files were made now, and how many stood as they are."""

    fresh: int
    kept: int


def make(
    voice: Voice,
    texts: Mapping[str, str],
    home: Path,
    report: Callable[[str], None],
    *,
    force: bool,
) -> Made:
    """Bring `<home>/speech/<voice>/<key>.mp3` up to `texts`. Raises `NoSynthesizer`."""
    folder = home / FOLDER / voice.name
    notes = _notes(folder)
    wanted = {
        key: text for key, text in texts.items() if force or _is_due(folder, notes, key, text)
    }
    if wanted:
        for key, sound in speak(voice, wanted, home, report):
            content = mp3(sound)
            folder.mkdir(parents=True, exist_ok=True)
            _place(content, folder / f"{key}.mp3")
            notes[key] = {"text": texts[key], "sha256": _digest(content)}
            _place(json.dumps(notes, ensure_ascii=False, indent=1).encode(), folder / _NOTE)
    return Made(fresh=len(wanted), kept=len(texts) - len(wanted))


def _notes(folder: Path) -> dict[str, dict[str, str]]:
    try:
        found: dict[str, dict[str, str]] = json.loads((folder / _NOTE).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found


def _is_due(folder: Path, notes: Mapping[str, Mapping[str, str]], key: str, text: str) -> bool:
    """Whether a file is missing, or is one of ours that says an older text."""
    named = (folder / f"{key}{kind}" for kind in (".mp3", ".m4a", ".ogg"))
    standing = [path for path in named if path.is_file()]
    if not standing:
        return True
    note = notes.get(key)
    if note is None or note["text"] == text:
        return False
    return [_digest(path.read_bytes()) for path in standing] == [note["sha256"]]


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _place(content: bytes, path: Path) -> None:
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_bytes(content)
    fresh.replace(path)
