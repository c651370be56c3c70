"""HTML from templates: everything is escaped, and a name that is not given is an error."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

TEMPLATES = Path(__file__).parent / "phone" / "templates"


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(name: str, words: Mapping[str, str], **given: Any) -> str:
    """Fill in one template; `_('key')` is a text of `words`, and `KeyError` when it has none."""
    return _environment().get_template(name).render(given | {"_": words.__getitem__})
