"""How commands speak: progress and words on standard error, results on standard output."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from app.container import SettingsIncomplete
from app.model_files import FetchFailed
from app.presets import PresetError
from biometrics.models import ModelError
from domain.errors import AppError
from storage.crypto.errors import CryptoError

err = Console(stderr=True)
out = Console()

EXPECTED = (AppError, CryptoError, FetchFailed, ModelError, PresetError, SettingsIncomplete)


@contextmanager
def refuse_politely() -> Iterator[None]:
    """Turn what an operator can mend into one line and exit 1; the rest is our fault, and loud."""
    try:
        yield
    except AppError as error:
        err.print(f"[red]refused:[/] {error.code} {dict(error.params) or ''}")
        sys.exit(1)
    except EXPECTED as error:
        err.print(f"[red]error:[/] {error}")
        sys.exit(1)


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
