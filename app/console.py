"""How commands speak: progress and words on standard error, results on standard output."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from app.container import CannotStart, SettingsIncomplete
from app.model_files import FetchFailed
from app.presets import PresetError
from app.settings import Settings
from biometrics.models import ModelError
from domain.errors import AppError
from storage.crypto.errors import CryptoError
from storage.db.readiness import DatabaseUnfit
from storage.objects.errors import StoreError

err = Console(stderr=True)
out = Console(width=None if sys.stdout.isatty() else 120)  # a file wants no narrow columns

EXPECTED = (
    CannotStart,
    CryptoError,
    DatabaseUnfit,
    FetchFailed,
    ModelError,
    PresetError,
    SettingsIncomplete,
    StoreError,
)
"""What an operator can mend; each message is one line that says how."""


@contextmanager
def refuse_politely() -> Iterator[None]:
    """Turn what an operator can mend into one line and exit 1; the rest is our fault, and loud."""
    try:
        yield
    except AppError as error:
        _say("refused", f"{error.code} {dict(error.params) or ''}".rstrip())
    except ValidationError as error:
        if error.title != Settings.__name__:
            raise
        for item in error.errors(include_url=False, include_input=False):
            _say("setting", f"{_setting_name(item['loc'])}{item['msg']}")
    except EXPECTED as error:
        _say("error", str(error))
    else:
        return
    sys.exit(1)


def _say(label: str, words: str) -> None:
    err.print(f"[red]{label}:[/] {escape(words)}", highlight=False, soft_wrap=True)


def _setting_name(place: tuple[int | str, ...]) -> str:
    """Name the variable that an error is about; nothing for one about several."""
    if not place:
        return ""
    name = str(place[0])
    return f"{name if name.isupper() else 'JIANZAI_' + name.upper()}: "


def print_json(content: Any) -> None:
    """Print for a program to read."""
    sys.stdout.write(json.dumps(content, ensure_ascii=False, indent=1, default=str) + "\n")


def misuse(message: str) -> typer.Exit:
    """Say in one line how the command was misused; raise what this returns (exit 2)."""
    err.print(message, markup=False, highlight=False, soft_wrap=True)
    return typer.Exit(2)


def bar() -> Progress:
    """Make a progress bar for work that may take over two seconds."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=err,
        transient=True,
    )
