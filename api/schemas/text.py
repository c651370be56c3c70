"""Text that a person typed: anything that can be written, nothing that only a machine can mean."""

import unicodedata
from typing import Annotated

from pydantic import AfterValidator

_UNWRITABLE = frozenset({"Cc", "Cs"})  # control characters and lone surrogates


def _written(text: str) -> str:
    """Refuse what the database cannot keep and no screen can show."""
    if any(unicodedata.category(char) in _UNWRITABLE for char in text):
        raise ValueError("holds a character that cannot be written")
    return text


Text = Annotated[str, AfterValidator(_written)]
