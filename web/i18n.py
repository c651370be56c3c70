"""Words of the pages, from gettext catalogues that are read as they are: nothing is compiled.

A key names a screen and a thing on it (`hello.question`), never a sentence: a sentence may be
changed by whoever edits the catalogue.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from babel.messages.pofile import read_po

LOCALE = Path(__file__).parent / "locale"
DOMAIN = "phone"
FIRST = "zh_CN"
"""The language of who names none, and of whom we have no other for."""


@cache
def languages() -> tuple[str, ...]:
    """List the languages that have a catalogue, the first one first."""
    found = sorted(path.parts[-3] for path in LOCALE.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))
    return (FIRST, *(name for name in found if name != FIRST))


@cache
def words(lang: str) -> Mapping[str, str]:
    """Return key -> text of one language. Raises `LookupError` when there is no catalogue."""
    if lang not in languages():
        raise LookupError(lang)
    with (LOCALE / lang / "LC_MESSAGES" / f"{DOMAIN}.po").open("rb") as file:
        catalogue = read_po(file, locale=lang, abort_invalid=True)
    return MappingProxyType({str(m.id): str(m.string) for m in catalogue if m.id})


def tag(lang: str) -> str:
    """Write a language as HTML does: `zh-CN`."""
    return lang.replace("_", "-")
