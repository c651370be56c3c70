"""`jianzai speech`: the spoken prompts of the phone page."""

from collections.abc import Mapping
from typing import Annotated

import typer
from rich.markup import escape

from app.console import err
from app.container import NOTICE, read_notice
from app.settings import Settings
from app.speech.failures import NoSynthesizer
from app.speech.making import FOLDER, make
from app.speech.texts import TextsUnusable, read_texts
from app.speech.voices import Voice, voices

app = typer.Typer(help="Spoken prompts of the phone page.", no_args_is_help=True)
QUICK = "zh_CN-espeak"


@app.command("make")
def make_speech(
    *,
    voice: Annotated[
        str, typer.Option(help="Which voice, or `best` for the best that can be had here.")
    ] = QUICK,
    force: Annotated[bool, typer.Option("--force", help="Replace recordings too.")] = False,
    if_possible: Annotated[
        bool, typer.Option("--if-possible", help="Where no voice can be had, only say so.")
    ] = False,
) -> None:
    """Make an audio file for every sentence that has none, or whose text has changed."""
    try:
        texts = {**_notice(), **read_texts()}
        for choice in _choices(voice):
            if _made(choice, texts, force=force):
                return
    except TextsUnusable as error:
        err.print(escape(str(error)))
    raise typer.Exit(0 if if_possible else 1)


def _notice() -> dict[str, str]:
    """Name the notice by its version: it is read aloud too."""
    notice = read_notice(NOTICE)
    return {f"notice.{notice.version}": notice.text}


def _choices(name: str) -> list[Voice]:
    known = voices()
    if name == "best":
        return list(known.values())
    if name not in known:
        raise typer.BadParameter(f"there are {', '.join(known)}", param_hint="--voice")
    return [known[name]]


def _made(voice: Voice, texts: Mapping[str, str], *, force: bool) -> bool:
    home = Settings().folder
    try:
        done = make(voice, texts, home, err.print, force=force)
    except NoSynthesizer as reason:
        err.print(f"without the voice {voice.name}: {escape(str(reason))}")
        err.print("the page stays silent and shows every sentence in writing")
        return False
    where = home / FOLDER / voice.name
    err.print(f"{done.fresh} sentences spoken, {done.kept} stood already, in {where}")
    return True


@app.command("list")
def list_voices() -> None:
    """List the voices that can be made."""
    for voice in voices().values():
        err.print(f"{voice.name}: {voice.says}; {voice.licence}", highlight=False, soft_wrap=True)
