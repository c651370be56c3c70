"""Text that a person typed: anything that can be written, nothing that only a machine can mean.

Every string of a request that is not held to a pattern is one of these; the database keeps no
NUL, and half a surrogate pair can be neither stored nor hashed.
"""

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr

_UNWRITABLE = frozenset({"Cc", "Cs"})  # control characters and lone surrogates
_ONE_LINE = r"^[^\u0000-\u001f\u007f-\u009f]*$"
_LINES = r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]*$"


def written(text: str) -> str:
    """Refuse what the database cannot keep and no screen can show."""
    if any(unicodedata.category(char) in _UNWRITABLE for char in text):
        raise ValueError("holds a character that cannot be written")
    return text


def written_lines(text: str) -> str:
    """Refuse the same, line breaks and tabs aside."""
    written(text.translate({ord(char): " " for char in "\t\r\n"}))
    return text


def _written_secret(secret: SecretStr) -> SecretStr:
    written(secret.get_secret_value())
    return secret


Text = Annotated[str, AfterValidator(written), Field(json_schema_extra={"pattern": _ONE_LINE})]
"""One line."""
Lines = Annotated[str, AfterValidator(written_lines), Field(json_schema_extra={"pattern": _LINES})]
"""One line or several."""
Secret = Annotated[SecretStr, AfterValidator(_written_secret)]
"""A password."""
