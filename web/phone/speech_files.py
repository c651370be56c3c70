"""Spoken prompts: one small audio file for each sentence, of whichever voice stands ready.

A voice is a folder, a sentence a file in it: nothing of a request but two strict names reaches a
path. The page asks at an address that carries a digest of all that stands, and keeps the answer for
ever: new recordings change the address.
"""

import hashlib
import re
from http import HTTPStatus
from pathlib import Path

from fastapi import APIRouter, Request, Response

from domain.errors import AppError, Kind
from edge.deps import public

router = APIRouter(tags=["speech"])
MEDIA_TYPES = {".mp3": "audio/mpeg", ".m4a": "audio/mp4", ".ogg": "audio/ogg"}
"""What a file may be; browsers go by the type that is sent, not by the name they asked for."""
_VOICE = re.compile(r"([A-Za-z0-9][A-Za-z0-9_-]{0,31})(?:@([0-9a-f]{16}))?")
_NAME = re.compile(r"([a-z0-9][a-z0-9_-]*(?:\.[a-z0-9_-]+)*)\.mp3")
_FOR_EVER = "public, max-age=31536000, immutable"


def folder_address(speech: Path | None, lang: str) -> str | None:
    """Tell where the sentences of a language are, below the page's mount; `None` without a voice.

    `/speech/zh_CN@0123456789abcdef/`, to which the page adds `key.mp3`.
    """
    if speech is None or not _folders(speech, lang):
        return None
    return f"/speech/{lang}@{_digest(speech, lang)}/"


@router.get("/speech/{voice}/{name}", dependencies=[public()])
def spoken(request: Request, voice: str, name: str) -> Response:
    """Send one sentence, whole. Raises `request.no_such_route`."""
    speech: Path | None = request.app.state.speech
    chosen, asked = _VOICE.fullmatch(voice), _NAME.fullmatch(name)
    path = _file(speech, chosen[1], asked[1]) if speech and chosen and asked else None
    if speech is None or chosen is None or path is None:
        raise AppError(Kind.NOT_FOUND, "request.no_such_route")
    content = path.read_bytes()
    is_known = chosen[2] is not None and chosen[2] == _digest(speech, chosen[1])
    tag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
    headers = {"Cache-Control": _FOR_EVER if is_known else "no-cache", "ETag": tag}
    if request.headers.get("If-None-Match") == tag:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(content, media_type=MEDIA_TYPES[path.suffix], headers=headers)


def _folders(speech: Path, voice: str) -> list[Path]:
    """List the folders that may speak for `voice`: itself, then variants of it, robots last."""
    if not speech.is_dir():
        return []
    found = [path for path in speech.iterdir() if path.is_dir() and _VOICE.fullmatch(path.name)]
    fit = [path for path in found if path.name == voice or path.name.startswith(f"{voice}-")]
    return sorted(fit, key=lambda p: (p.name != voice, p.name.endswith("-espeak"), p.name))


def _file(speech: Path, voice: str, key: str) -> Path | None:
    """Find a sentence; what the first voice lacks, the next one says."""
    places = (f / f"{key}{kind}" for f in _folders(speech, voice) for kind in MEDIA_TYPES)
    return next((path for path in places if path.is_file()), None)


def _digest(speech: Path, voice: str) -> str:
    """Sum up which files stand and when each was last changed."""
    total = hashlib.sha256()
    for folder in _folders(speech, voice):
        for path in sorted(folder.iterdir()):
            if path.suffix in MEDIA_TYPES:
                known = path.stat()
                total.update(f"{folder.name}/{path.name} {known.st_mtime_ns} ".encode())
                total.update(f"{known.st_size}\n".encode())
    return total.hexdigest()[:16]
