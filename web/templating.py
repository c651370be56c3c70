"""HTML from templates: everything is escaped, and a name that is not given is an error."""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

TEMPLATES = Path(__file__).parent / "phone" / "templates"


def environment(folder: Path, **functions: Callable[..., Any]) -> Environment:
    """Read the templates of a folder; `functions` are known to all of them."""
    made = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(functions)
    return made


@cache
def _phone() -> Environment:
    return environment(TEMPLATES)


def render(name: str, words: Mapping[str, str], **given: Any) -> str:
    """Fill in one template; `_('key')` is a text of `words`, and `KeyError` when it has none."""
    return _phone().get_template(name).render(given | {"_": words.__getitem__})
